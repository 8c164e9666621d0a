"""Simple transforms that turn the expected answer into the given one: a difference gets a name.

Each transform is a predicate on two arrays; a sentence is said only when its predicate holds on
further inputs too, so that none is false.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

_FIT = 1e-6
_AXES = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Transform:
    """One explanation of a difference.

    Attributes:
        key: equal keys on several inputs mean the same explanation.
        says: a sentence with the numbers of the input at hand.
    """

    key: str
    says: str


def explanations(got: np.ndarray, want: np.ndarray) -> list[Transform]:
    """Every transform that turns ``want`` into ``got``, the most specific first.

    Args:
        got, want: what was returned and what was expected, numeric; shapes may differ.
    """
    got, want = np.asarray(got), np.asarray(want)
    if got.dtype.kind not in "fiub" or want.dtype.kind not in "fiub" or not got.size or not want.size:
        return []
    g, w = got.astype(np.float64), want.astype(np.float64)
    if not (np.isfinite(g).all() and np.isfinite(w).all()):
        return []
    with np.errstate(all="ignore"):  # squares and exponentials of a wild answer may overflow
        if g.shape != w.shape:
            return list(_other_shapes(g, w))
        if _near(g, w):  # too near for any other explanation
            return list(_rounding(g, w))
        return [t for rule in _RULES for t in rule(g, w)]


def common(pairs: list[tuple[np.ndarray, np.ndarray]]) -> Transform | None:
    """The explanation that holds for every pair of given and expected answer; sentence of the first pair."""
    if not pairs:
        return None
    found = [explanations(got, want) for got, want in pairs]
    for candidate in found[0]:
        if all(any(t.key == candidate.key for t in others) for others in found[1:]):
            return candidate
    return None


# ---------------------------------------------------------------------------------------- same shapes
def _constant(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if not g.any():
        yield Transform("zero", "All your values are 0.")
    elif g.size > 1 and (g == g.reshape(-1)[0]).all():
        yield Transform("constant", "All your values are the same number.")


def _sign(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if _near(g, -w):
        yield Transform("negated", "Your values are the expected ones with the opposite sign.")


def _absolute(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if (w < 0).any() and _near(g, np.abs(w)):
        yield Transform("abs", "Your values are the absolute values of the expected ones: the sign is lost.")
    if (g < 0).any() and _near(np.abs(g), w):
        yield Transform(
            "unabs", "Your values have the right size but keep a sign: absolute values are asked."
        )
    if (w < 0).any() and _near(g, np.maximum(w, 0)):
        yield Transform(
            "clipped", "Where the expected values are negative, yours are 0: nothing is to be cut off."
        )


def _powers(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if _near(g, w * w):
        yield Transform("square", "Your values are the squares of the expected ones.")
    if (g >= 0).all() and (w >= 0).all() and _near(g * g, w):
        yield Transform("root", "Your values are the square roots of the expected ones.")


def _factor(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    norm = float((w * w).sum())
    if not norm:
        return
    factor = float((g * w).sum()) / norm
    if abs(factor) < 1e-12 or not _near(g, factor * w):
        return
    sizes = {
        n: f"the size of the {_AXES[i]} axis" for i, n in reversed(list(enumerate(w.shape[:5]))) if n > 1
    }
    if w.ndim:
        sizes.setdefault(w.size, "the number of values")
    for n, what in sizes.items():
        if _close(factor, n):
            yield Transform(
                f"times {what}",
                f"Your values are the expected ones times {n}; {n} is {what}: a mean became a sum?",
            )
        if _close(factor, 1 / n):
            yield Transform(
                f"over {what}",
                f"Your values are the expected ones divided by {n}; {n} is {what}: a sum became a mean?",
            )
    yield Transform(f"times {factor:.4g}", f"Your values are the expected ones times {factor:.4g}.")
    if w.size > 1 and not _close(factor, -1):  # one number is always a multiple of another
        yield Transform(
            "a factor", f"Your values are the expected ones times one factor (here {factor:.4g})."
        )


def _offset(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if w.size < 2:
        return
    offset = float((g - w).mean())
    if _near(g, w + offset):
        yield Transform("offset", f"Your values are the expected ones plus a constant (here {offset:.4g}).")


def _rows(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if w.ndim < 2 or w.shape[0] < 2:
        return
    if _near(g, np.broadcast_to(w[:1], w.shape)):
        yield Transform(
            "first row", "Every row of your answer is the expected first row: treat each row by itself."
        )
    flat_g, flat_w = g.reshape(len(g), -1), w.reshape(len(w), -1)
    norms = (flat_w * flat_w).sum(1)
    if flat_w.shape[1] < 2 or (norms == 0).any():
        return
    factors = (flat_g * flat_w).sum(1) / norms
    if (factors != 0).all() and _near(flat_g, factors[:, None] * flat_w):
        if np.allclose(np.abs(flat_g).max(1), 1.0, rtol=1e-6):
            yield Transform(
                "max one",
                "Each row of your answer is scaled so that its largest value is 1: no scaling is asked.",
            )
        yield Transform(
            "row factors", "Each row of your answer is the expected row times a factor of its own."
        )


def _order(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    for axis in range(min(w.ndim, 5)):
        if w.shape[axis] > 1 and _near(g, np.flip(w, axis)):
            yield Transform(
                f"reversed {axis}", f"The {_AXES[axis]} axis of your answer is in reversed order."
            )
    if w.ndim == 2 and w.shape[0] == w.shape[1] and _near(g, w.T):
        yield Transform("transposed", "Your answer is the transpose of the expected one.")


def _links(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    several = w.ndim > 0 and w.shape[-1] > 1  # the softmax of one number is 1, whatever it is
    if several and _near(_softmax(g), w):
        yield Transform(
            "softmax missing",
            "A softmax over the last axis of your answer gives the expected values: it is missing.",
        )
    if several and _near(g, _softmax(w)):
        yield Transform(
            "softmax extra", "Your answer is the softmax of the expected values: no softmax is asked."
        )
    if (g > 0).all() and _near(np.log(g), w):
        yield Transform("exp", "The logarithm of your answer gives the expected values.")
    if (w > 0).all() and _near(g, np.log(w)):
        yield Transform("log", "Your answer is the logarithm of the expected values.")


def _rounding(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    scale = np.abs(w).max()
    error = np.abs(g - w).max()
    if scale and 1e-9 * scale < error <= 3e-6 * scale:
        yield Transform(
            "rounding", "The difference has the size of float32 rounding: compute in the dtype of the input."
        )


_RULES: tuple[Callable[[np.ndarray, np.ndarray], Iterator[Transform]], ...] = (
    _constant,
    _rounding,
    _sign,
    _absolute,
    _powers,
    _factor,
    _offset,
    _rows,
    _order,
    _links,
)


# --------------------------------------------------------------------------------------- other shapes
def _other_shapes(g: np.ndarray, w: np.ndarray) -> Iterator[Transform]:
    if g.ndim == w.ndim and sorted(g.shape) == sorted(w.shape) and g.ndim <= 5:
        for axes in itertools.permutations(range(w.ndim)):
            if (
                axes != tuple(range(w.ndim))
                and tuple(w.shape[a] for a in axes) == g.shape
                and _near(g, w.transpose(axes))
            ):
                yield Transform(
                    f"axes {axes}", f"The values are right but the axes are in the order {list(axes)}."
                )
    if w.ndim and g.shape == w[..., :-1].shape and g.size and _near(g, w[..., :-1]):
        yield Transform("last missing", "The last entry is missing; the others are right.")
    if g.size == w.size and _near(g.reshape(-1), w.reshape(-1)):
        yield Transform(
            "reshaped", f"The values are right but the shape is {g.shape} where {w.shape} is asked."
        )
    for axis in range(min(g.ndim, 5)):
        if g.ndim == w.ndim + 1 and g.shape[:axis] + g.shape[axis + 1 :] == w.shape:
            reductions = {
                "sum": g.sum(axis),
                "mean": g.mean(axis),
                "maximum": g.max(axis),
                "largest absolute value": np.abs(g).max(axis),
            }
            for name, value in reductions.items():
                if _near(value, w):
                    yield Transform(
                        f"{name} over {axis}",
                        f"The {name} over your {_AXES[axis]} axis gives the expected values: it is missing.",
                    )
    if not g.ndim and w.ndim:
        for name, value in {"sum": w.sum(), "mean": w.mean()}.items():
            if _near(g, np.asarray(value)):
                yield Transform(
                    f"{name} of all",
                    f"You return the {name} of all expected values: keep one value per entry.",
                )


# -------------------------------------------------------------------------------------------- helpers
def _near(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    scale = float(np.abs(b).max())
    return bool(np.abs(a - b).max() <= _FIT * scale) if np.isfinite(scale) else False


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= _FIT * abs(b)


def _softmax(values: np.ndarray) -> np.ndarray:
    shifted = np.exp(values - values.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)
