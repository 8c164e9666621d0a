"""Predict first: a learner commits to a sign, a shape or a size, and sees it beside the result."""

from __future__ import annotations

import math
from typing import Any

from coursekit.notebook import NotAnswered, facts_of, remembered

_SAME_SIZE = math.log10(math.sqrt(10)) + 1e-9
"""Two numbers are of one order of magnitude when neither is more than this power of ten from the other."""
_NOT_YET = "No prediction for {name} yet: write {form} in the place of ... and run this cell."
_NOTED = "Noted: you expect {said}. You will see it beside the result."
_NOT_READ = "The prediction for {name} cannot be read: it takes {form}."
_AGREE = "You predicted {said}, and it is so: {found}."
_DIFFER = "You predicted {said}; it came out as {found}. What makes the difference?"
_ALONE = "It came out as {found}. (You made no prediction.)"


def predict(exercise: str, value: Any) -> None:
    """Note what you expect, before there is a result. Outside a notebook this does nothing.

    Args:
        exercise: name of the function.
        value: for a sign ``"+"``, ``"-"``, ``"0"`` or ``"both"`` (or a number of that sign); a tuple for a
            shape; a number for a size. ``...`` is no prediction yet.

    Raises:
        NotAnswered: the value has not the form that is asked; shown as one line.
    """
    memory, (kind, form) = remembered("predictions"), _asked(exercise)
    if memory is None or not kind:
        return
    if value is ...:
        memory.pop(exercise, None)
        print(_NOT_YET.format(name=exercise, form=form))
        return
    read = _READ[kind](value)
    if read is None:
        memory.pop(exercise, None)
        raise NotAnswered(_NOT_READ.format(name=exercise, form=form))
    memory[exercise] = read
    print(_NOTED.format(said=_said(kind, read)))


def outcome(exercise: str, value: Any) -> Any:
    """Say what came out beside what was predicted, and return ``value`` as it is.

    Args:
        exercise: name of the function.
        value: a number, array or tensor. Its sign is that of all its entries, its size that of the largest.
    """
    memory, (kind, _) = remembered("predictions"), _asked(exercise)
    if memory is None or not kind:
        return value
    found = _of_result(kind, value)
    if exercise not in memory:
        print(_ALONE.format(found=_said(kind, found)))
        return value
    said, shown = _said(kind, memory[exercise]), _said(kind, found)
    print((_AGREE if _agree(kind, memory[exercise], found) else _DIFFER).format(said=said, found=shown))
    return value


def _asked(exercise: str) -> tuple[str, str]:
    """The kind of prediction that the lesson asks for, and how it is written down; empty where it asks for none."""
    found = next((one for one in facts_of("exercises") if one["name"] == exercise), {})
    asked = found.get("predict") or {}
    return (asked["kind"], asked["form"]) if asked.get("kind") in _READ else ("", "")


def _sign(value: Any) -> str | None:
    if isinstance(value, str):
        word = value.strip().replace("\N{MINUS SIGN}", "-")
        return word if word in ("+", "-", "0", "both") else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None
    return "0" if not value else "+" if value > 0 else "-"


def _shape(value: Any) -> tuple[int, ...] | None:
    sizes = (value,) if isinstance(value, int) else value
    if not isinstance(sizes, (tuple, list)):
        return None
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in sizes)
    return tuple(sizes) if whole else None


def _size(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return abs(float(value)) if math.isfinite(value) else None


_READ = {"sign": _sign, "shape": _shape, "magnitude": _size}


def _of_result(kind: str, value: Any) -> Any:
    import numpy as np

    array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    if kind == "shape":
        return tuple(int(n) for n in array.shape)
    if kind == "magnitude":
        return float(np.abs(array).max()) if array.size else 0.0
    up, down = bool((array > 0).any()), bool((array < 0).any())
    return "both" if up and down else "+" if up else "-" if down else "0"


def _agree(kind: str, predicted: Any, found: Any) -> bool:
    if kind != "magnitude":
        return predicted == found
    if not predicted or not found:
        return predicted == found
    return abs(math.log10(predicted / found)) <= _SAME_SIZE


def _said(kind: str, value: Any) -> str:
    if kind == "sign":
        return {"+": "positive", "-": "negative", "0": "0", "both": "of both signs"}[value]
    return f"the shape {value}" if kind == "shape" else f"about {value:.2g}"
