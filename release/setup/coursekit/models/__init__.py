"""Models of the course: one network built from a list of layers, and factories for it."""

from coursekit.models.net import Net
from coursekit.models.zoo import glyph_cnn, mlp

__all__ = ["Net", "glyph_cnn", "mlp"]
