"""The forms of :class:`coursekit.predictors.Predictor`: each checks its options and says how to compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.registry import SpecError

OUTPUTS = ("score", "logit", "label")
MOST_NUMBERS = 1_000_000
MOST_COLUMNS = 10_000
MOST_TABLE_BITS = 16

NOT_NUMBERS = "predictor {form!r}: {name} must hold numbers of shape {shape}, not {got}"
NOT_FINITE = "predictor {form!r}: {name} must be finite"
NOT_A_NUMBER = "predictor {form!r}: {name} must be a finite number, not {got!r}"
NOT_A_COLUMN = "predictor {form!r}: {name} must name columns from 0 to {last}, not {got!r}"
NOT_A_COUNT = "predictor {form!r}: columns must be a whole number from 1 to {most}, not {got!r}"
NOT_A_PREDICTOR = "predictor {form!r}: {name} must be {wanted}, not a {got}"
UNKNOWN_LINK = "predictor {form!r}: link must be {known}, not {got!r}"
BAD_TERMS = "predictor 'poly': terms must be a list of [coefficient, [columns]], not {got!r}"
BAD_TREE = "predictor 'tree': {problem}"
BAD_TABLE = "predictor 'table': values must hold 2**d numbers, d from 1 to {most}; got {got}"
BAD_CUTS = "predictor 'labels': cuts must rise, and labels hold one whole number more than cuts"


@dataclass(frozen=True)
class Form:
    """A checked form.

    Attributes:
        columns: of the rows it takes, or None for any number.
        evaluate: rows ``(n, d)`` float64, a copy of the caller's, to ``(n,)``.
        kept: options as they were read, where that is not how they were given.
    """

    columns: int | None
    evaluate: Callable[[np.ndarray], np.ndarray]
    kept: dict[str, Any] = field(default_factory=dict)


def _linear(weights: Any, intercept: float = 0.0, link: str = "identity") -> Form:
    w, b = _array("linear", "weights", weights, (None,)), _number("linear", "intercept", intercept)
    after = _link("linear", link)
    return Form(len(w), lambda X: after(_scores(X, w) + b), {"weights": w, "intercept": b})


def _poly(terms: Any, columns: int, link: str = "identity") -> Form:
    d, after = _count("poly", columns), _link("poly", link)
    if not isinstance(terms, (list, tuple)) or not all(_is_term(term) for term in terms):
        raise SpecError(BAD_TERMS.format(got=str(terms)[:60]))
    read = [[_number("poly", "a coefficient", c), _columns("poly", "terms", on, d)] for c, on in terms]

    def evaluate(X: np.ndarray) -> np.ndarray:
        total = np.zeros(len(X))
        for coefficient, on in read:
            total += coefficient * np.prod(X[:, on], axis=1)
        return after(total)

    return Form(d, evaluate, {"terms": read})


def _kink(
    weights: Any, directions: Any, offsets: Any, sizes: Any, intercept: float = 0.0, link: str = "identity"
) -> Form:
    w, b = _array("kink", "weights", weights, (None,)), _number("kink", "intercept", intercept)
    on = _array("kink", "directions", directions, (None, len(w)))
    at, by = (_array("kink", n, v, (len(on),)) for n, v in (("offsets", offsets), ("sizes", sizes)))
    after = _link("kink", link)
    kept = {"weights": w, "intercept": b, "directions": on, "offsets": at, "sizes": by}

    def evaluate(X: np.ndarray) -> np.ndarray:
        bends = np.maximum(np.stack([_scores(X, direction) for direction in on], axis=1) - at, 0)
        return after(_scores(X, w) + b + _scores(bends, by))

    return Form(len(w), evaluate, kept)


def _net(net: Any, column: int = 0) -> Form:
    from coursekit.models import Net

    if type(net) is not Net:
        raise SpecError(
            NOT_A_PREDICTOR.format(form="net", name="net", wanted="a Net", got=type(net).__name__)
        )
    (place,) = _columns("net", "column", [column], MOST_COLUMNS)

    def evaluate(X: np.ndarray) -> np.ndarray:
        import torch

        with torch.no_grad():
            out = net(torch.from_numpy(X).to(getattr(torch, net.dtype)))
        return out.reshape(len(X), -1)[:, place].double().numpy().copy()

    return Form(None, evaluate)


def _tree(
    children_left: Any,
    children_right: Any,
    feature: Any,
    threshold: Any,
    value: Any,
    columns: int,
    float32: bool = True,
) -> Form:
    d, values = _count("tree", columns), _array("tree", "value", value, (None,))
    n = len(values)
    left, right, on = (
        _array("tree", name, array, (n,), whole=True)
        for name, array in (
            ("children_left", children_left),
            ("children_right", children_right),
            ("feature", feature),
        )
    )
    cut = _array("tree", "threshold", threshold, (n,))
    inner = left >= 0
    for side in (left[inner], right[inner]):
        if (side <= np.flatnonzero(inner)).any() or (side >= n).any():
            raise SpecError(BAD_TREE.format(problem="a child must stand after its parent"))
    if (on[inner] < 0).any() or (on[inner] >= d).any():
        raise SpecError(BAD_TREE.format(problem=f"features must be columns from 0 to {d - 1}"))
    if not isinstance(float32, bool):
        raise SpecError(BAD_TREE.format(problem="float32 must be true or false"))

    def evaluate(X: np.ndarray) -> np.ndarray:
        X = X.astype(np.float32).astype(np.float64) if float32 else X
        at, rows = np.zeros(len(X), dtype=np.int64), np.arange(len(X))
        while inner[at].any():
            lower = X[rows, np.where(inner[at], on[at], 0)] <= cut[at]
            at = np.where(inner[at], np.where(lower, left[at], right[at]), at)
        return values[at]

    kept = {"children_left": left, "children_right": right, "feature": on, "threshold": cut, "value": values}
    return Form(d, evaluate, kept)


def _table(values: Any, cut: float = 0.5) -> Form:
    v, c = _array("table", "values", values, (None,)), _number("table", "cut", cut)
    d = len(v).bit_length() - 1
    if len(v) != 2**d or not 1 <= d <= MOST_TABLE_BITS:
        raise SpecError(BAD_TABLE.format(most=MOST_TABLE_BITS, got=len(v)))
    bits = 1 << np.arange(d)
    return Form(d, lambda X: v[np.greater(X, c) @ bits], {"values": v, "cut": c})


def _regions(low: Any, high: Any, inside: Any, outside: float = 0.0) -> Form:
    lows = _array("regions", "low", low, (None, None), finite=False)
    highs = _array("regions", "high", high, lows.shape, finite=False)
    values, rest = _array("regions", "inside", inside, (len(lows),)), _number("regions", "outside", outside)

    def evaluate(X: np.ndarray) -> np.ndarray:
        found = np.full(len(X), rest)
        for a, b, value in zip(lows[::-1], highs[::-1], values[::-1], strict=True):  # the first box wins
            found[((a < X) & (b >= X)).all(axis=1)] = value
        return found

    return Form(lows.shape[1], evaluate, {"low": lows, "high": highs, "inside": values, "outside": rest})


def _constant(value: float) -> Form:
    number = _number("constant", "value", value)
    return Form(None, lambda X: np.full(len(X), number), {"value": number})


def _ignore(of: Any, reads: Any, columns: int) -> Form:
    d, inner = _count("ignore", columns), _inner("ignore", of)
    on = _columns("ignore", "reads", reads, d)
    if inner.columns not in (None, len(on)):
        problem = NOT_A_PREDICTOR.format(
            form="ignore", name="of", wanted=f"made for {len(on)} columns", got=repr(inner)
        )
        raise SpecError(problem)
    return Form(d, lambda X: inner._evaluate(np.ascontiguousarray(X[:, on])), {"reads": on})


def _labels(of: Any, cuts: Any, labels: Any) -> Form:
    inner = _inner("labels", of)
    at = _array("labels", "cuts", cuts, (None,))
    names = _array("labels", "labels", labels, (None,), whole=True)
    if (np.diff(at) <= 0).any() or len(names) != len(at) + 1:
        raise SpecError(BAD_CUTS)
    kept = {"cuts": at, "labels": names}
    return Form(inner.columns, lambda X: names[np.searchsorted(at, inner._evaluate(X), side="left")], kept)


FORMS: dict[str, Callable[..., Form]] = {
    "linear": _linear,
    "poly": _poly,
    "kink": _kink,
    "net": _net,
    "tree": _tree,
    "table": _table,
    "regions": _regions,
    "constant": _constant,
    "ignore": _ignore,
    "labels": _labels,
}

_LINKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),  # never overflows
    "tanh": np.tanh,
}


def _scores(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """``X @ w``, but so that a row's last digits do not depend on the rows beside it, as BLAS's do."""
    return (X * w).sum(axis=1)


# ---------------------------------------------------------------------------------------- reading options
def _array(
    form: str, name: str, value: Any, shape: tuple, whole: bool = False, finite: bool = True
) -> np.ndarray:
    """``value`` as a new float64 (or int64) array of that shape; None stands for any size above 0."""
    try:
        array = np.array(value)
    except ValueError:
        array = np.empty(0, dtype=object)
    kinds = "iu" if whole else "iuf"
    fits = array.ndim == len(shape) and all(
        got == want if want is not None else got > 0 for got, want in zip(array.shape, shape, strict=False)
    )
    if array.dtype.kind not in kinds or not fits or array.size > MOST_NUMBERS:
        sizes = ", ".join("any" if n is None else str(n) for n in shape)
        got = f"{array.dtype} of shape {array.shape}"
        raise SpecError(NOT_NUMBERS.format(form=form, name=name, shape=f"({sizes})", got=got))
    array = array.astype(np.int64 if whole else np.float64)
    if np.isnan(array).any() or (finite and not np.isfinite(array).all()):
        raise SpecError(NOT_FINITE.format(form=form, name=name))
    return array


def _number(form: str, name: str, value: Any) -> float:
    good = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not good or not np.isfinite(value):
        raise SpecError(NOT_A_NUMBER.format(form=form, name=name, got=str(value)[:40]))
    return float(value)


def _count(form: str, value: Any) -> int:
    good = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not good or not 1 <= value <= MOST_COLUMNS:
        raise SpecError(NOT_A_COUNT.format(form=form, most=MOST_COLUMNS, got=str(value)[:40]))
    return int(value)


def _columns(form: str, name: str, value: Any, count: int) -> list[int]:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    good = isinstance(value, (list, tuple)) and len(value) <= MOST_COLUMNS
    whole = good and all(
        isinstance(j, (int, np.integer)) and not isinstance(j, bool) and 0 <= j < count for j in value
    )
    if not whole:
        raise SpecError(NOT_A_COLUMN.format(form=form, name=name, last=count - 1, got=str(value)[:40]))
    return [int(j) for j in value]


def _link(form: str, link: Any) -> Callable[[np.ndarray], np.ndarray]:
    if not isinstance(link, str) or link not in _LINKS:
        raise SpecError(UNKNOWN_LINK.format(form=form, known=" or ".join(_LINKS), got=str(link)[:40]))
    return _LINKS[link]


def _inner(form: str, of: Any) -> Any:
    if getattr(type(of), "kind", None) != "predictor":
        wanted = NOT_A_PREDICTOR.format(form=form, name="of", wanted="a predictor", got=type(of).__name__)
        raise SpecError(wanted)
    return of


def _is_term(term: Any) -> bool:
    return isinstance(term, (list, tuple)) and len(term) == 2 and isinstance(term[1], (list, tuple))
