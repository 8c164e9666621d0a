"""The tolerance ruler of one test, and what else was measured in it."""

from __future__ import annotations

import math

from autograder.records import TestResult
from coursekit import ruler as drawn
from coursekit.ruler import Ruler
from coursekit.words import number, percent

__all__ = ["Ruler", "measures", "ruler"]


def ruler(test: TestResult) -> Ruler | None:
    """The ruler of one test, or None where no error was measured against an allowance.

    A test that failed although its values agree failed for another reason: no ruler then.
    """
    return drawn.ruler(test.max_abs_error, test.allowed, test.status != "pass", test.floor)


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
