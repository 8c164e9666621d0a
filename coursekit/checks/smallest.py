"""The smallest counter-example: an input small enough to be worked by hand on which an answer is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.checks.compare import compare, to_numpy
from coursekit.checks.declare import Family
from coursekit.checks.play import case_rng
from coursekit.checks.student import Answerer, Call

DRAWS = 4
"""Small cases of each size that are tried, one after the other."""
MOST_NUMBERS = 40
"""An argument with more numbers than this is no small one: its shape is said instead."""
MOST_TEXT = 2000
"""So many characters of an answer are shown."""


@dataclass(frozen=True)
class SmallCase:
    """An input on which the answer is wrong.

    Attributes:
        size, draw: which of the family's inputs; ``kit.small_case(name, size, draw)`` makes it again.
        arguments: each argument's name and what it holds, in words.
        yours, expected: the two answers, in words.
    """

    size: int
    draw: int
    arguments: list[tuple[str, str]]
    yours: str
    expected: str


def small_arguments(
    family: Family, seed: int, lesson: str, exercise: str, size: int, draw: int
) -> tuple[Any, ...]:
    """The arguments of one small case; the same wherever they are made."""
    return tuple(family.make(case_rng(seed, lesson, exercise, f"small[{size}-{draw}]"), size))


def smallest(
    name: str,
    student: Answerer,
    parameters: Sequence[str],
    make: Callable[[int, int], tuple[Any, ...]],
    answers: Iterable[tuple[int, int, Any]],
) -> SmallCase | None:
    """The first small case, by size, that ``student`` gets wrong; None where it gets all right.

    Args:
        name: of the exercise.
        student: answers the calls.
        parameters: names of the function's arguments.
        make: the arguments for a size and a draw.
        answers: size, draw and the reference's answer of each case, the smallest first.
    """
    for size, draw, expected in answers:
        call = Call(name, make(size, draw), {})
        answer = student.call(call)
        if answer.ok and compare(answer.value, expected, nan_equal=True).ok:
            continue
        yours = described(answer.value) if answer.ok else f"it raised {answer.error}"
        shown = [
            (parameters[i] if i < len(parameters) else f"argument {i + 1}", described(value))
            for i, value in enumerate(call.arguments()[0])
        ]
        return SmallCase(size, draw, shown, yours[:MOST_TEXT], described(expected))
    return None


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments, as far as it tells them."""
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount] if code is not None else ()


def described(value: Any) -> str:
    """A value in the words of a worked example: numbers as they stand, a model by its layers and weights."""
    if value is None or isinstance(value, (bool, str, bytes)):
        return repr(value)
    if isinstance(value, (int, float, np.generic)) or _is_array(value):
        return _numbers(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {described(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(described(one) for one in value)
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    if hasattr(value, "named_parameters"):
        return _model(value)
    return _other(value)


def numbers_in(value: Any) -> int:
    """How many numbers a value holds, those of a model's weights included."""
    if _is_array(value):
        return int(to_numpy(value).size)
    if isinstance(value, dict):
        return sum(map(numbers_in, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(numbers_in, value))
    if hasattr(value, "named_parameters"):
        return sum(values.numel() for values in value.parameters())
    return int(isinstance(value, (int, float)))


def _is_array(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return isinstance(value, np.ndarray) or (torch is not None and isinstance(value, torch.Tensor))


def _numbers(value: Any) -> str:
    array = to_numpy(value) if _is_array(value) else np.asarray(value)
    if array.size > MOST_NUMBERS:
        return f"{array.size} numbers of shape {array.shape}"
    return _nested(array)


def _nested(array: np.ndarray) -> str:
    if array.ndim:
        return "[" + ", ".join(_nested(one) for one in array) + "]"
    value = array.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _model(model: Any) -> str:
    """Its modules in order, then every parameter that is small enough to be read."""
    leaves = [
        f"{label or type(module).__name__} ({type(module).__name__})"
        for label, module in model.named_modules()
        if not list(module.children()) and module is not model
    ]
    weights = [f"{label} = {_numbers(values)}" for label, values in model.named_parameters()]
    return "; ".join([" then ".join(leaves) or type(model).__name__, *weights])


def _other(value: Any) -> str:
    kind = getattr(value, "kind", "")
    named = kind if isinstance(kind, str) and kind else getattr(value, "__name__", "")
    return f"{type(value).__name__} {named}".strip()
