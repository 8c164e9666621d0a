"""Data of the course: small pictures and tables with known truth, and real data from installed packages."""

from coursekit.data.blobs import make_blobs_image
from coursekit.data.digits import digits

__all__ = ["digits", "make_blobs_image"]
