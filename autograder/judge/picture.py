"""A map-valued answer as a picture small enough for a record."""

from __future__ import annotations

import base64

from autograder.records import Picture
from coursekit.checks.compare import Comparison
from coursekit.pictures import planes_of


def picture_of(comparison: Comparison | None) -> Picture | None:
    """The first map of a failing comparison, or None where the answer is no stack of maps."""
    planes = planes_of(comparison)
    if planes is None:
        return None
    return Picture(
        height=planes.height,
        width=planes.width,
        low=planes.low,
        high=planes.high,
        signed=planes.signed,
        yours=_text(planes.yours),
        expected=_text(planes.expected),
        error=_text(planes.error),
    )


def _text(plane: bytes) -> str:
    return base64.b64encode(plane).decode()
