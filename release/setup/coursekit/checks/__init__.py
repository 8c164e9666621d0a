"""What hidden graders and public checks are written with, and the comparison both share.

A grader reads like a specification: parts with their points, tests that take everything from their
arguments, the mistakes people make with the sentence that explains each, and legitimate variants.
"""

from coursekit.checks.compare import Comparison, Mismatch, close, compare, detached, same_dtype, unchanged
from coursekit.checks.declare import (
    Convergence,
    Family,
    Forbidden,
    Limits,
    convergence,
    family,
    forbid,
    limits,
)
from coursekit.checks.parts import Mistake, Part, alternative, axiom

__all__ = [
    "Comparison",
    "Convergence",
    "Family",
    "Forbidden",
    "Limits",
    "Mismatch",
    "Mistake",
    "Part",
    "alternative",
    "axiom",
    "close",
    "compare",
    "convergence",
    "detached",
    "family",
    "forbid",
    "limits",
    "same_dtype",
    "unchanged",
]
