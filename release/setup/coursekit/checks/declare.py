"""What an exercise may declare beside its tests; each is assigned to a name in the grader's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Limits of one call that differ from the defaults."""

    wall_s: float | None = None
    memory_mb: int | None = None


@dataclass(frozen=True)
class Forbidden:
    """Dotted names a solution may not use, because one call of them would do the exercise."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Inputs by size, from which the smallest counter-example is chosen; declared in the public checks.

    ``make(rng, size)`` gives the arguments of one call, small whole numbers where possible; size 1 is
    the smallest. The build records the reference's answers to a few draws of each size, so that a
    learner's card can show one that can be worked by hand.
    """

    make: Callable[[Any, int], tuple]
    sizes: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class Convergence:
    """A parameter that makes the answer exact in the limit: error against it is drawn as feedback.

    ``case(rng, value)`` gives the arguments; ``error(args, answer)`` the error of an answer;
    ``slope`` the slope on a log-log plot that a right answer shows.
    """

    parameter: str
    values: tuple[int, ...]
    case: Callable[[Any, int], tuple]
    error: Callable[[tuple, Any], float]
    slope: float


def limits(wall_s: float | None = None, memory_mb: int | None = None) -> Limits:
    """``LIMITS = limits(wall_s=10)``: limits of one call, where the defaults do not fit."""
    return Limits(wall_s, memory_mb)


def forbid(*names: str) -> Forbidden:
    """``FORBIDDEN = forbid("scipy.stats.spearmanr")``: names that would do the exercise."""
    return Forbidden(names)


def family(make: Callable[[Any, int], tuple], sizes: tuple[int, ...] = (1, 2, 3)) -> Family:
    """``FAMILY = family(lambda rng, size: ...)``: small inputs that can be worked by hand."""
    return Family(make, tuple(sizes))


def declared_family(module: ModuleType) -> Family | None:
    """The family that a file of public checks declares, if it does."""
    return next((value for value in vars(module).values() if isinstance(value, Family)), None)


def convergence(
    parameter: str,
    values: list[int] | tuple[int, ...],
    case: Callable[[Any, int], tuple],
    error: Callable[[tuple, Any], float],
    slope: float,
) -> Convergence:
    """``CONVERGENCE = convergence("steps", [...], case=..., error=..., slope=-2)``."""
    return Convergence(parameter, tuple(values), case, error, slope)
