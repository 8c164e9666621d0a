"""Reads what a plot is given: tensors, arrays and lists become numpy arrays of real numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_NOT_NUMBERS = "{what} cannot be drawn: numbers are needed, and this is {got}."
_RAGGED = "{what} cannot be drawn: its rows have different lengths."
_AXES = "{what} has shape {shape}; {wanted}."
_COUNT = "{what} needs one entry for each of {other}: {want}, not {got}."


def numbers(value: Any, what: str) -> np.ndarray:
    """The value as a float64 array; tensors may be on any device and in a graph. Raises ValueError."""
    if isinstance(value, (list, tuple)):
        value = [plain(one) for one in value]
    else:
        value = plain(value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(_RAGGED.format(what=what)) from None
    if array.dtype == object or array.dtype.kind not in "biuf":
        kind = "text" if array.dtype.kind in "US" else type(value).__name__
        if array.dtype.kind == "c":
            kind = "complex"
        raise ValueError(_NOT_NUMBERS.format(what=what, got=kind))
    return array.astype(np.float64)


def plain(value: Any) -> Any:
    """A tensor as a numpy array, anything else as it is. torch is not imported for it."""
    detach = getattr(value, "detach", None)
    return detach().cpu().numpy() if callable(detach) else value


def line(value: Any, what: str) -> np.ndarray:
    """The value as a row of numbers. Raises ValueError for any other number of axes."""
    array = numbers(value, what)
    if array.ndim != 1:
        raise ValueError(_AXES.format(what=what, shape=array.shape, wanted="one row of numbers is needed"))
    return array


def square(value: Any, what: str) -> np.ndarray:
    """The value as a table of numbers with rows and columns. Raises ValueError otherwise."""
    array = numbers(value, what)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(_AXES.format(what=what, shape=array.shape, wanted="rows and columns are needed"))
    return array


def same_count(value: Sequence[Any], what: str, want: int, other: str) -> None:
    """Raises ValueError unless ``value`` has ``want`` entries, one for each of ``other``."""
    if len(value) != want:
        raise ValueError(_COUNT.format(what=what, got=len(value), other=other, want=want))


def series(value: Any, count: int, other: str) -> dict[str, np.ndarray]:
    """``{label: row}``, one value for each of ``other``; a single row gets the empty label."""
    named = dict(value) if isinstance(value, Mapping) else {"": value}
    if not named:
        raise ValueError("There is nothing to draw: the series are empty.")
    found = {}
    for label, row in named.items():
        what = f"The series {str(label)!r}" if label != "" else "The series"
        found[str(label)] = line(row, what)
        same_count(found[str(label)], what, count, other)
    return found


def texts(value: Any, what: str, want: int, other: str) -> list[str]:
    """The entries as text, one for each of ``other``."""
    if isinstance(value, str):
        raise ValueError(f"{what} is one text; a list of {want} is needed, one for each of {other}.")
    found = [str(one) for one in plain(value)]
    same_count(found, what, want, other)
    return found


def finite_range(array: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite value; 0 and 0 when there is none."""
    good = array[np.isfinite(array)]
    return (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)
