"""The tolerance ruler: how large an error is, measured in multiples of the error that is allowed.

The allowed error always sits in the middle, one step is a factor of ten, so that every ruler of every card and
page reads the same way: left of the middle is inside the tolerance, right of it is outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coursekit.words import number, times

DECADES = 10
"""Powers of ten on either side of the allowed error."""


@dataclass(frozen=True)
class Ruler:
    """One measured error beside what is allowed.

    Attributes:
        error, allowed: in figures.
        at: the error's place on the ruler, 0..100.
        inside: whether the error is allowed.
        beyond: the error lies outside the drawn range (zero counts: it has no place on a scale of powers).
        says: how many times the allowed error it is.
        floor_at: the place of the noise floor, what rounding does to right answers; None where it is not known.
        floor: it in figures, or "".
    """

    error: str
    allowed: str
    at: float
    inside: bool
    beyond: bool
    says: str
    floor_at: float | None = None
    floor: str = ""


def ruler(
    error: float | None, allowed: float | None, failed: bool, floor: float | None = None
) -> Ruler | None:
    """The ruler of one comparison, or None where no error was measured against an allowance.

    A check that ``failed`` although its values agree failed for another reason: no ruler then.
    """
    if error is None or allowed is None or not (math.isfinite(error) and math.isfinite(allowed)):
        return None
    error = abs(error)
    if failed and error <= allowed:
        return None
    if allowed <= 0:
        at = 0.0 if error == 0 else 100.0
        return Ruler(number(error), "0 (exact)", at, error == 0, True, _exact(error))
    at, beyond = _place(error, allowed)
    floored = floor is not None and math.isfinite(floor)
    return Ruler(
        error=number(error),
        allowed=number(allowed),
        at=at,
        inside=error <= allowed,
        beyond=beyond,
        says=_says(error, allowed),
        floor_at=_place(floor, allowed)[0] if floored else None,
        floor=number(floor) if floored else "",
    )


def _place(error: float, allowed: float) -> tuple[float, bool]:
    decades = math.log10(error) - math.log10(allowed) if error > 0 else -math.inf
    held = min(DECADES, max(-DECADES, decades))
    return round(50 * (1 + held / DECADES), 1), held != decades


def _exact(error: float) -> str:
    return "exactly equal, as asked" if error == 0 else f"off by {number(error)} where only equality passes"


def _says(error: float, allowed: float) -> str:
    if error == 0:
        return "exactly the expected values"
    if error > allowed:
        ratio = error / allowed
        return "just outside the tolerance" if ratio < 1.05 else f"{times(ratio)} times the allowed error"
    ratio = allowed / error
    return "just inside the tolerance" if ratio < 1.05 else f"{times(ratio)} times smaller than allowed"
