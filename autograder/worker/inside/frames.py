"""What both ends of the zygote's control socket must agree on."""

FRAME = 1024
"""Bytes of every message to the zygote: JSON, filled up with spaces."""
