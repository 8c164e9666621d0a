"""Wrong and odd functions that every grader must see through, whatever its exercise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import coursekit
from autograder.judge.suite import Grader, load_module
from coursekit.checks.play import GraderError

ROUNDING = {"f8": 2.0**-24, "f4": 1e-3}
"""Errors, relative to the largest value, that no value test may let pass: in float64 the rounding unit of
float32, in float32 ten times its tolerance. Stated here, apart from the tolerances, so that a tolerance
that is loosened by accident is found."""


_UNPLACED = "{path}: PART does not say which part {names} must lose"


def junk(reference: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Answers without understanding; each must score 0."""

    def of(change: Callable[[np.ndarray], Any]) -> Callable[..., Any]:
        def answer(*args: Any, **kwargs: Any) -> Any:
            try:
                value = reference(*args, **kwargs)
            except Exception:
                return 0.0  # junk keeps no promise about errors either
            return mapped(value, change)

        return answer

    def raising(*args: Any, **kwargs: Any) -> Any:
        raise ValueError("no")

    return {
        "zeros": of(np.zeros_like),
        "nan": of(lambda a: np.full_like(a, np.nan) if a.dtype.kind == "f" else np.zeros_like(a)),
        "constant": of(np.ones_like),
        "shuffled": of(_shuffled),
        "wrong shape": of(lambda a: a[None]),
        "empty": of(lambda a: a.reshape(-1)[:0]),
        "huge": of(lambda a: a * np.asarray(1e6, a.dtype) if a.dtype.kind == "f" else a + 10**6),
        "first argument": lambda *args, **kwargs: args[-1] if args else None,
        "nothing": lambda *args, **kwargs: None,
        "always raises": raising,
    }


def slightly_off(reference: Callable[..., Any]) -> Callable[..., Any]:
    """The reference's answer with every number a little off (:data:`ROUNDING`), up and down in turn."""

    def shifted(array: np.ndarray) -> np.ndarray:
        step = ROUNDING.get(array.dtype.kind + str(array.dtype.itemsize))
        if step is None or not array.size or not np.isfinite(array).any():
            return array
        size = np.abs(array[np.isfinite(array)]).max() or 1.0
        signs = np.where(np.arange(array.size) % 3 == 1, -1.0, 1.0).reshape(array.shape)
        return (array + signs * step * size).astype(array.dtype)

    def answer(*args: Any, **kwargs: Any) -> Any:
        return mapped(reference(*args, **kwargs), shifted)

    return answer


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
