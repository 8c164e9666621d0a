"""Wrong and odd functions that every grader must see through, whatever its exercise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import coursekit
from autograder.judge.exercise import Answering
from autograder.judge.suite import Grader, load_module
from coursekit import calling, wire
from coursekit.calling import Answer
from coursekit.checks.play import GraderError
from coursekit.checks.student import Cached, Call, InProcess

ROUNDING = {"f8": 2.0**-24, "f4": 1e-3}
"""Errors, relative to the largest value, that no value test may let pass: in float64 the rounding unit of
float32, in float32 ten times its tolerance. Stated here, apart from the tolerances, so that a tolerance
that is loosened by accident is found."""


_UNPLACED = "{path}: PART does not say which part {names} must lose"


class Changed:
    """Answers with what the reference answers, changed: nothing is computed for it that is known already.

    Args:
        reference: answers with the reference and remembers.
        change: applied to every array of an answer.
        on_error: the answer where the reference raises; without it, the error.
    """

    def __init__(self, reference: Cached, change: Callable[[np.ndarray], Any], on_error: Any = None):
        self._reference, self._change, self._on_error = reference, change, on_error

    def call(self, call: Call) -> Answer:
        right = self._reference.call(call)
        if right.error is None:
            value = mapped(right.value, self._change)
        elif self._on_error is not None:
            value = self._on_error
        else:
            return right
        answer = Answer(value=value, kind=type(value).__name__)
        return Answer.from_tree(wire.unpack_bytes(b"".join(calling.packed(answer))))

    def call_many(self, calls: list[Call]) -> list[Answer]:
        return [self.call(call) for call in calls]

    def keep(self, value: Any) -> wire.Handle:
        return self._reference.keep(value)

    def revive(self) -> None:
        """What is remembered is always there."""

    def ask_ahead(self, calls: list[Call]) -> None:
        """Nothing is gained by asking ahead for what is remembered."""


def junk(grader: Grader) -> dict[str, Answering]:
    """Answers without understanding; each must score 0."""
    changes: dict[str, Callable[[np.ndarray], Any]] = {
        "zeros": np.zeros_like,
        "nan": lambda a: np.full_like(a, np.nan) if a.dtype.kind == "f" else np.zeros_like(a),
        "constant": np.ones_like,
        "shuffled": _shuffled,
        "wrong shape": lambda a: a[None],
        "empty": lambda a: a.reshape(-1)[:0],
        "huge": lambda a: a * np.asarray(1e6, a.dtype) if a.dtype.kind == "f" else a + 10**6,
    }

    def raising(*args: Any, **kwargs: Any) -> Any:
        raise ValueError("no")

    functions: dict[str, Callable[..., Any]] = {
        "first argument": lambda *args, **kwargs: args[-1] if args else None,
        "nothing": lambda *args, **kwargs: None,
        "always raises": raising,
    }
    # junk keeps no promise about errors either: where the reference raises, it answers
    answerers = {name: Changed(grader.expected, change, on_error=0.0) for name, change in changes.items()}
    return answerers | {name: InProcess({grader.exercise: f}) for name, f in functions.items()}


def slightly_off(reference: Cached) -> Answering:
    """The reference's answer with every number a little off (:data:`ROUNDING`), up and down in turn."""

    def shifted(array: np.ndarray) -> np.ndarray:
        step = ROUNDING.get(array.dtype.kind + str(array.dtype.itemsize))
        if step is None or not array.size or not np.isfinite(array).any():
            return array
        size = np.abs(array[np.isfinite(array)]).max() or 1.0
        signs = np.where(np.arange(array.size) % 3 == 1, -1.0, 1.0).reshape(array.shape)
        return (array + signs * step * size).astype(array.dtype)

    return Changed(reference, shifted)


def stub(*args: Any, **kwargs: Any) -> Any:
    """What a learner starts from."""
    raise NotImplementedError


def independents(grader: Grader, root: Path) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
    """Solutions by someone who read only the blueprint, and the part that each wrong one must lose.

    A file may declare ``OUT_OF_REACH``: wrong solutions that no input a grader can send tells from a right
    one, with the reason; they are left out.
    """
    number = grader.lesson.partition("_")[0]
    path = root / "tests" / "independent" / number / f"{grader.exercise}.py"
    if not path.is_file():
        return {}, {}
    module = load_module(path, f"independent.{number}.{grader.exercise}")
    functions = {name: value for name, value in vars(module).items() if inspect.isfunction(value)}
    right = {name: function for name, function in functions.items() if name.startswith("right_")}
    parts = dict(module.PART)
    out_of_reach = getattr(module, "OUT_OF_REACH", {})
    unplaced = {n for n in functions if n.startswith("wrong_")} - parts.keys() - out_of_reach.keys()
    if unplaced:
        raise GraderError(_UNPLACED.format(path=path, names=", ".join(sorted(unplaced))))
    return right | {name: functions[name] for name in parts}, parts


def kit_callables(grader: Grader) -> dict[str, Callable[..., Any]]:
    """Every public callable of coursekit that takes as many arguments as the exercise: none holds its answer."""
    count = len(inspect.signature(grader.reference).parameters)
    found = {}
    for name in coursekit.__all__:
        value = getattr(coursekit, name)
        try:
            signature = inspect.signature(value)
            signature.bind(*range(count))
        except (TypeError, ValueError):
            continue
        found[name] = value
    return found


def mapped(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """``value`` with every array in it changed; tensors stay tensors, numbers stay numbers."""
    import torch

    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(item, change) for item in value)
    if isinstance(value, torch.Tensor):
        return torch.as_tensor(np.array(change(value.detach().numpy())))
    if isinstance(value, np.ndarray):
        return np.array(change(value))
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return (
            np.asarray(change(np.asarray(value)))[()]
            if np.asarray(change(np.asarray(value))).ndim == 0
            else None
        )
    return None


def _shuffled(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)
    if flat.size < 2:
        return array + 1 if array.dtype.kind in "fiu" else array
    return np.roll(flat, flat.size // 2 + 1).reshape(array.shape)
