"""The tolerance ruler: how large an error is, measured in multiples of the error that is allowed.

The allowed error always sits in the middle, one step is a factor of ten, so that every ruler of every
page reads the same way: left of the middle is inside the tolerance, right of it is outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograder.records import TestResult
from autograder.reports.words import number, percent, times

DECADES = 10
"""Powers of ten on either side of the allowed error."""


@dataclass(frozen=True)
class Ruler:
    """One measured error beside what is allowed. ``at`` is the place on the ruler, 0..100."""

    error: str
    allowed: str
    at: float
    inside: bool
    beyond: bool
    """The error lies outside the drawn range (zero counts: it has no place on a scale of powers)."""
    says: str


def ruler(test: TestResult) -> Ruler | None:
    """The ruler of one test, or None where no error was measured against an allowance.

    A test that failed although its values agree failed for another reason: no ruler then.
    """
    error, allowed = test.max_abs_error, test.allowed
    if error is None or allowed is None or not (math.isfinite(error) and math.isfinite(allowed)):
        return None
    error = abs(error)
    if test.status != "pass" and error <= allowed:
        return None
    if allowed <= 0:
        at = 0.0 if error == 0 else 100.0
        return Ruler(number(error), "0 (exact)", at, error == 0, True, _exact(error))
    decades = math.log10(error) - math.log10(allowed) if error > 0 else -math.inf
    held = min(DECADES, max(-DECADES, decades))
    at = 50 * (1 + held / DECADES)
    return Ruler(
        error=number(error),
        allowed=number(allowed),
        at=round(at, 1),
        inside=error <= allowed,
        beyond=held != decades,
        says=_says(error, allowed),
    )


def measures(test: TestResult) -> list[str]:
    """What was measured besides the ruler, each as a short phrase; nothing where nothing is out."""
    said = []
    if test.outside:
        said.append(f"{percent(test.outside)} of the values are out of tolerance")
    if test.max_rel_error is not None and math.isfinite(test.max_rel_error) and test.max_rel_error > 0:
        said.append(f"largest relative error {number(test.max_rel_error)}")
    if said and test.worst_index is not None:
        said.append(f"worst at index ({', '.join(str(i) for i in test.worst_index[:8])})")
    return said


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
