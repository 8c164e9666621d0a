"""Scripts that make the weights of ``coursekit/assets``: ``python -m coursekit.training.<name>``."""
