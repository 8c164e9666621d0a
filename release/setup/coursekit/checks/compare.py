"""Comparison of an answer with what was expected: type, shape, dtype, finiteness, then values.

The rule for values is ``max |got - want| <= tol * scale`` with ``scale = max |want|``: relative to the
size of the expected answer, never a bare absolute constant. Nothing is broadcast, an empty answer
equals only an empty one, and NaN equals NaN only where a test says so.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

TOLERANCE = {"f8": 1e-8, "f4": 1e-4, "f2": 1e-2, "c16": 1e-8, "c8": 1e-4}
"""Default tolerances by dtype, relative to the scale of the expected answer."""

NOTHING = "nothing was returned: is there a return statement?"
WRONG_TYPE = "{what} was asked, you returned {article} {got}"
WRONG_SHAPE = "the shape is {got}, asked is {want}"
WRONG_KIND = "the values are {got}, asked are {want}"
NOT_FINITE = "{count} of {size} values are not finite (nan or inf), first at {where}"
WRONG_VALUES = (
    "largest error {error:.3g} at {where}, allowed is {allowed:.3g}; {outside:.0%} of the values are out"
)
WRONG_VALUE = "the value is off by {error:.3g}, allowed is {allowed:.3g}"
WRONG_EXACT = "{count} of {size} entries differ, first at {where}"
WRONG_PLAIN = "another value was expected"
WRONG_LENGTH = "{got} entries were returned, asked are {want}"
MISSING_KEYS = "the result lacks the key{s} {keys}"
EXTRA_KEYS = "the result has the key{s} {keys} that {were} not asked for"
SOME_EXTRA_KEYS = "the result has keys that were not asked for"
ATTACHED = "the result still hangs on the gradient's graph (requires_grad is True): return it detached"
WRONG_DTYPE = "the dtype is {got}, asked is {want}"
CONVERTED = "{asked} was asked; what you returned was converted."


@dataclass
class Comparison:
    """What a comparison found.

    Attributes:
        ok: whether the answer passes.
        stage: where it failed: ``type``, ``shape``, ``dtype``, ``finite``, ``values`` (empty when it passes).
        message: one sentence about the failure, without the expected values.
        discreet: the same without any text of the answer's own, where the two differ.
        max_abs_error, max_rel_error, allowed, outside, worst_index, scale: the numbers, where there are any.
        got, want: what was compared, as arrays, for diagnosis and pictures.
        notes: conversions that cost nothing.
    """

    ok: bool = True
    stage: str = ""
    message: str = ""
    discreet: str = ""
    max_abs_error: float | None = None
    max_rel_error: float | None = None
    allowed: float | None = None
    outside: float | None = None
    worst_index: tuple[int, ...] | None = None
    scale: float | None = None
    got: Any = None
    want: Any = None
    where: str = ""
    notes: list[str] = field(default_factory=list)


class Mismatch(AssertionError):
    """A comparison that failed; its numbers are in ``comparison``."""

    def __init__(self, comparison: Comparison):
        where = f"{comparison.where}: " if comparison.where else ""
        super().__init__(where + comparison.message)
        self.comparison = comparison


_ON_CLOSE: ContextVar[Callable[[Comparison], None] | None] = ContextVar("coursekit_on_close", default=None)


@contextmanager
def noting(comparisons: Callable[[Comparison], None]) -> Iterator[None]:
    """Tell ``comparisons`` of every passing :func:`close` inside the ``with`` block."""
    token = _ON_CLOSE.set(comparisons)
    try:
        yield
    finally:
        _ON_CLOSE.reset(token)


def close(
    got: Any, want: Any, tol: float | None = None, scale: float | None = None, nan_equal: bool = False
) -> Comparison:
    """Demand that ``got`` is ``want`` within tolerance.

    Args:
        got: the answer.
        want: what is expected; a dict is compared by its exact keys, lists and tuples entry by entry.
        tol: largest error relative to ``scale``; by default 1e-8 in float64 and 1e-4 in float32.
        scale: size against which errors are judged; by default the largest finite ``|want|`` (1 if that is 0).
            Declare ``scale=1`` for quantities bounded by nature (shares, probabilities).
        nan_equal: whether NaN is expected where ``want`` has NaN.

    Raises:
        Mismatch: with a sentence and the numbers.
    """
    result = compare(got, want, tol, scale, nan_equal)
    if not result.ok:
        raise Mismatch(result)
    note = _ON_CLOSE.get()
    if note is not None:
        note(result)
    return result


def compare(
    got: Any, want: Any, tol: float | None = None, scale: float | None = None, nan_equal: bool = False
) -> Comparison:
    """As :func:`close`, but returns the result instead of raising."""
    if got is None and want is not None:
        return Comparison(False, "type", NOTHING)
    if isinstance(want, dict):
        return _compare_dicts(got, want, tol, scale, nan_equal)
    if isinstance(want, (list, tuple)):
        return _compare_sequences(got, want, tol, scale, nan_equal)
    if want is None or isinstance(want, (str, bytes)):
        return _compare_plain(got, want)
    if _is_array(want):
        return _compare_arrays(got, want, tol, scale, nan_equal)
    if isinstance(want, (bool, int, float, np.generic)):
        return _compare_scalars(got, want, tol, scale, nan_equal)
    if type(want).__module__.partition(".")[0] == "pandas":
        return _compare_tables(got, want, tol, scale, nan_equal)
    raise TypeError(f"no rule to compare with a {type(want).__name__}")


def entry(got: Any, place: Any, like: Any) -> Any:
    """One entry of an answer: the value of a key, or what stands at a place of a tuple.

    Args:
        got: the answer.
        place: key or place.
        like: what is expected in its stead; a tuple must have the length of this one.

    Raises:
        Mismatch: the answer is no dict (no list or tuple), or has no such entry.
    """
    if isinstance(like, dict):
        if not isinstance(got, dict):
            raise Mismatch(Comparison(False, "type", NOTHING) if got is None else _wrong_type("a dict", got))
        if place not in got:
            raise Mismatch(Comparison(False, "type", MISSING_KEYS.format(s="", keys=repr(place))))
        return got[place]
    if not isinstance(got, (list, tuple)):
        nothing = Comparison(False, "type", NOTHING)
        raise Mismatch(nothing if got is None else _wrong_type(f"a tuple of {len(like)}", got))
    if len(got) != len(like):
        raise Mismatch(Comparison(False, "shape", WRONG_LENGTH.format(got=len(got), want=len(like))))
    return got[place]


def name_of(place: Any) -> str:
    """How a sentence names an entry."""
    return f"key {place!r}" if isinstance(place, str) else f"entry {place}"


def same_dtype(got: Any, want: Any) -> None:
    """Demand that ``got`` has the dtype of ``want`` (an array, a tensor, or a dtype)."""
    want = np.dtype(want) if isinstance(want, type) else getattr(want, "dtype", want)
    asked = str(want).removeprefix("torch.")
    found = str(getattr(got, "dtype", type(got).__name__)).removeprefix("torch.")
    if found != asked:
        raise Mismatch(Comparison(False, "dtype", WRONG_DTYPE.format(got=found, want=asked)))


def unchanged(student: Any) -> None:
    """Demand that the student's last call left its arguments, the model and global state as they were."""
    changes = student.changed
    if changes:
        raise AssertionError(" ".join(changes))


def detached(student: Any) -> None:
    """Demand that the student's last call returned a result that asks for no gradient."""
    if student.attached:
        raise AssertionError(ATTACHED)


# ------------------------------------------------------------------------------------------- by type
def _compare_dicts(got: Any, want: dict, tol, scale, nan_equal) -> Comparison:
    if not isinstance(got, dict):
        return _wrong_type("a dict", got)
    missing = [key for key in want if key not in got]
    extra = [key for key in got if key not in want]
    if missing:
        return Comparison(
            False, "type", MISSING_KEYS.format(s="s" * (len(missing) > 1), keys=_listed(missing))
        )
    if extra:
        many = len(extra) > 1
        says = EXTRA_KEYS.format(s="s" * many, keys=_listed(extra), were="were" if many else "was")
        return Comparison(False, "type", says, SOME_EXTRA_KEYS)
    return _worst((name_of(key), compare(got[key], want[key], tol, scale, nan_equal)) for key in want)


def _compare_sequences(got: Any, want: Any, tol, scale, nan_equal) -> Comparison:
    if _is_array(got) and got.ndim:
        got = to_numpy(got).tolist()  # [0, 2, 5] and np.array([0, 2, 5]) say the same
    if not isinstance(got, (list, tuple)):
        return _wrong_type("a list or tuple", got)
    if len(got) != len(want):
        return Comparison(False, "shape", WRONG_LENGTH.format(got=len(got), want=len(want)))
    pairs = zip(got, want, strict=True)
    return _worst((name_of(i), compare(g, w, tol, scale, nan_equal)) for i, (g, w) in enumerate(pairs))


def _worst(results: Any) -> Comparison:
    """The first failure, or else the passing comparison that came nearest to its tolerance."""
    best = Comparison()
    margin = -1.0
    for where, result in results:
        if not result.ok:
            result.where = f"{where}, {result.where}" if result.where else where
            return result
        best.notes += result.notes
        used = (result.max_abs_error or 0.0) / result.allowed if result.allowed else 0.0
        if result.max_abs_error is not None and used > margin:
            margin, notes = used, best.notes
            best = result
            best.notes = notes
    return best


def _compare_plain(got: Any, want: Any) -> Comparison:
    if type(got) is not type(want) and not (isinstance(got, str) and isinstance(want, str)):
        return _wrong_type("None" if want is None else "text" if isinstance(want, str) else "bytes", got)
    return Comparison() if got == want else Comparison(False, "values", WRONG_PLAIN, got=got, want=want)


def _compare_tables(got: Any, want: Any, tol, scale, nan_equal) -> Comparison:
    if type(got) is not type(want):
        return _wrong_type(f"a pandas {type(want).__name__}", got)
    if got.index.tolist() != want.index.tolist():
        return Comparison(False, "shape", "the row labels (index) are not those asked for")
    if want.ndim == 1:
        return compare(got.to_numpy(), want.to_numpy(), tol, scale, nan_equal)
    columns = [dict(zip(map(str, table.columns), table.columns, strict=True)) for table in (got, want)]
    as_arrays = [
        {n: t[c].to_numpy() for n, c in cs.items()} for t, cs in zip((got, want), columns, strict=True)
    ]
    return _compare_dicts(*as_arrays, tol, scale, nan_equal)


def _compare_scalars(got: Any, want: Any, tol, scale, nan_equal) -> Comparison:
    value = _as_scalar(got)
    kind = (
        "truth values"
        if isinstance(want, (bool, np.bool_))
        else ("whole numbers" if isinstance(want, (int, np.integer)) else "real numbers")
    )
    if value is None:
        asked = {
            "truth values": "True or False",
            "whole numbers": "a whole number",
            "real numbers": "a number",
        }[kind]
        return _wrong_type(asked, got)
    if kind == "real numbers":
        value = _widened(value)
    result = _compare_arrays(np.asarray(value), np.asarray(want), tol, scale, nan_equal)
    result.worst_index = None
    if _is_array(got):
        result.notes.append(CONVERTED.format(asked="a number"))
    if result.stage == "values" and result.max_abs_error is not None:
        result.message = WRONG_VALUE.format(error=result.max_abs_error, allowed=result.allowed)
    elif result.stage == "values":
        result.message = WRONG_PLAIN
    return result


def _as_scalar(got: Any) -> Any:
    if isinstance(got, (bool, int, float, np.generic)) and not isinstance(got, (np.str_, np.bytes_)):
        return got
    if _is_array(got) and getattr(got, "ndim", 1) == 0:
        return to_numpy(got)[()]
    return None


def _widened(value: Any) -> Any:
    """A whole number of Python stands for the real number of that value, as ``return 0`` does."""
    return float(value) if type(value) is int else value


def _compare_arrays(got: Any, want: Any, tol, scale, nan_equal) -> Comparison:
    asked = "a tensor" if _is_tensor(want) else "an array"
    notes: list[str] = []
    w = to_numpy(want)
    if isinstance(got, (list, tuple)) and not _is_tensor(want):
        read = _read_list(got, w)
        if read is None:
            return _wrong_type(asked, got)
        got = read
        notes.append(CONVERTED.format(asked=asked))
    if not _is_array(got):
        if w.ndim or not isinstance(got, (bool, int, float, np.generic)):
            return _wrong_type(asked, got)
        got = np.asarray(_widened(got) if _family(w) == "real numbers" else got)
        notes.append(CONVERTED.format(asked=asked))
    elif _is_tensor(got) != _is_tensor(want):
        notes.append(CONVERTED.format(asked=asked))
    g = to_numpy(got)
    if g.shape != w.shape:
        return Comparison(
            False, "shape", WRONG_SHAPE.format(got=g.shape, want=w.shape), got=g, want=w, notes=notes
        )
    if _family(g) != _family(w):
        says = WRONG_KIND.format(got=_family(g), want=_family(w))
        return Comparison(False, "dtype", says, got=g, want=w, notes=notes)
    if _family(w) in ("real numbers", "complex numbers"):
        return _compare_real(g, w, tol, scale, nan_equal, notes)
    wrong = g != w
    if not wrong.any():
        return Comparison(got=g, want=w, notes=notes)
    where = _first(wrong)
    says = WRONG_EXACT.format(count=int(wrong.sum()), size=w.size, where=_place(where))
    return Comparison(
        False, "values", says, outside=float(wrong.mean()), worst_index=where, got=g, want=w, notes=notes
    )


def _compare_real(g: np.ndarray, w: np.ndarray, tol, scale, nan_equal, notes: list[str]) -> Comparison:
    floor = max(TOLERANCE.get(a.dtype.kind + str(a.dtype.itemsize), 1e-8) for a in (g, w))
    if tol is None:
        tol = floor
    elif g.dtype.itemsize < w.dtype.itemsize:
        tol = max(tol, floor)  # a narrower dtype loses the test that names it, not the values
    wide = np.complex128 if "c" in (g.dtype.kind, w.dtype.kind) else np.float64
    g64, w64 = g.astype(wide), w.astype(wide)
    result = Comparison(got=g, want=w, notes=notes, max_abs_error=0.0, max_rel_error=0.0, outside=0.0)
    finite_want = np.isfinite(w64)
    if scale is None:
        scale = float(np.abs(w64[finite_want]).max()) if finite_want.any() else 1.0
        scale = scale or 1.0
    result.scale, result.allowed = scale, tol * scale
    finite_got = np.isfinite(g64)
    agree = finite_got & finite_want
    if nan_equal:
        agree |= np.isnan(g64) & np.isnan(w64)
    agree |= ~finite_got & (g64 == w64)  # the same infinity
    bad = ~finite_got & ~agree
    if bad.any():
        says = NOT_FINITE.format(count=int(bad.sum()), size=w.size, where=_place(_first(bad)))
        result.ok, result.stage, result.message, result.worst_index = False, "finite", says, _first(bad)
        return result
    both = finite_got & finite_want
    with np.errstate(over="ignore"):
        errors = np.abs(
            np.where(both, g64, 0) - np.where(both, w64, 0)
        )  # the same infinity differs by nothing
    errors = np.where(agree, errors, np.inf)
    if errors.size == 0:
        return result
    worst = np.unravel_index(int(errors.argmax()), errors.shape)
    result.max_abs_error = float(errors[worst])
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(errors > 0, errors / np.abs(w64), 0.0)
    result.max_rel_error = float(np.nanmax(relative)) if not np.isnan(relative).all() else math.inf
    out = errors > result.allowed
    result.outside = float(out.mean())
    result.worst_index = tuple(int(i) for i in worst)
    if out.any():
        result.ok, result.stage = False, "values"
        result.message = WRONG_VALUES.format(
            error=result.max_abs_error,
            where=_place(result.worst_index),
            allowed=result.allowed,
            outside=result.outside,
        )
    return result


# ------------------------------------------------------------------------------------------- helpers
def to_numpy(value: Any) -> np.ndarray:
    """A tensor or array as a numpy array (half precision of torch widened to float32)."""
    if not _is_tensor(value):
        return np.asarray(value)
    torch = sys.modules["torch"]
    value = value.detach()
    return (value.float() if value.dtype is torch.bfloat16 else value).cpu().numpy()


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or _is_tensor(value)


def _read_list(got: Any, want: np.ndarray) -> np.ndarray | None:
    """A list of numbers (or of equal rows of them) as an array; None for anything else."""
    try:
        array = np.asarray([to_numpy(one) if _is_tensor(one) else one for one in got])
    except (ValueError, TypeError, OverflowError):
        return None
    if array.dtype.kind not in "biuf":
        return array if not array.size else None
    whole = array.dtype.kind in "iu"
    return array.astype(np.float64) if whole and _family(want) == "real numbers" else array


def _family(array: np.ndarray) -> str:
    names = {
        "b": "truth values",
        "i": "whole numbers",
        "u": "whole numbers",
        "f": "real numbers",
        "c": "complex numbers",
    }
    return names.get(array.dtype.kind, "text")


def _wrong_type(what: str, got: Any) -> Comparison:
    name = "None" if got is None else type(got).__name__
    article = "" if got is None else "an" if name.lower().startswith(("a", "e", "i", "o", "nd")) else "a"
    return Comparison(
        False, "type", WRONG_TYPE.format(what=what, article=article, got=name).replace("  ", " ")
    )


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _place(index: tuple[int, ...]) -> str:
    return f"index [{', '.join(map(str, index))}]" if index else "the value"


def _listed(keys: list[Any]) -> str:
    shown = ", ".join(repr(key) if len(repr(key)) < 40 else repr(key)[:37] + "..." for key in keys[:5])
    return shown + (" ..." if len(keys) > 5 else "")
