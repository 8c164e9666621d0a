"""Exercise hinton_geometry: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import math

import numpy as np

PART = {
    "wrong_side_by_size": "side",
    "wrong_not_cut_at_one": "side",
    "wrong_maximum_of_signed": "side",
    "wrong_maximum_per_row": "side",
    "wrong_nan_for_zeros": "side",
    "wrong_power_of_two": "side",
    "wrong_transposed": "position",
    "wrong_centre": "position",
    "wrong_y_upwards": "position",
    "wrong_corner_of_cell": "position",
    "wrong_sign_as_boolean": "sign",
    "wrong_sign_of_zero": "sign",
    "wrong_zero_maximum_allowed": "errors",
    "wrong_vector_allowed": "errors",
    "wrong_negative_maximum_allowed": "errors",
}


def _checked(W, max_weight):
    W = np.asarray(W, float)
    if W.ndim != 2:
        raise ValueError("W must have two axes")
    if max_weight is not None and not max_weight > 0:
        raise ValueError("max_weight must be above 0")
    return W


def _side(W, max_weight):
    top = np.abs(W).max() if max_weight is None else max_weight
    return np.sqrt(np.minimum(np.abs(W) / top, 1)) if top > 0 else np.zeros_like(W)


def _answer(W, side):
    rows, columns = np.indices(W.shape)
    return {
        "left": columns + (1 - side) / 2,
        "top": rows + (1 - side) / 2,
        "side": side,
        "sign": np.sign(W).astype(int),
    }


def right_vectorised(W, max_weight=None):
    """numpy's indices for the cells."""
    W = _checked(W, max_weight)
    return _answer(W, _side(W, max_weight))


def right_by_loops(W, max_weight=None):
    """Cell by cell."""
    W = np.asarray(W)
    if len(W.shape) != 2 or (max_weight is not None and max_weight <= 0):
        raise ValueError("W has two axes and max_weight is above 0")
    top = max_weight if max_weight is not None else max(abs(float(w)) for w in W.flat)
    left, above, side = (np.empty(W.shape) for _ in range(3))
    sign = np.zeros(W.shape, dtype=np.int64)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            w = float(W[i, j])
            side[i, j] = math.sqrt(min(abs(w) / top, 1.0)) if top else 0.0
            left[i, j] = j + 0.5 - side[i, j] / 2
            above[i, j] = i + 0.5 - side[i, j] / 2
            sign[i, j] = (w > 0) - (w < 0)
    return {"left": left, "top": above, "side": side, "sign": sign}


def right_clip_and_broadcast(W, max_weight=None):
    """clip, and broadcast centres."""
    W = _checked(W, max_weight)
    n, m = W.shape
    scale = max_weight or float(np.max(np.abs(W)))
    area = np.clip(np.abs(W) / (scale or 1.0), 0.0, 1.0)
    half = area**0.5 / 2
    sign = np.where(W > 0, 1, np.where(W < 0, -1, 0))
    return {
        "left": (np.arange(m) + 0.5)[None, :] - half,
        "top": (np.arange(n) + 0.5)[:, None] - half,
        "side": 2 * half,
        "sign": sign,
    }


def wrong_side_by_size(W, max_weight=None):
    """The side grows with the weight: the area with its square."""
    W = _checked(W, max_weight)
    return _answer(W, _side(W, max_weight) ** 2)


def wrong_not_cut_at_one(W, max_weight=None):
    """A weight above the maximum fills more than its cell."""
    W = _checked(W, max_weight)
    top = np.abs(W).max() if max_weight is None else max_weight
    return _answer(W, np.sqrt(np.abs(W) / top) if top > 0 else np.zeros_like(W))


def wrong_maximum_of_signed(W, max_weight=None):
    """The largest weight, not the largest size; right where the largest size is positive."""
    W = _checked(W, max_weight)
    top = max(W.max(), 1e-300) if max_weight is None else max_weight
    return _answer(W, np.sqrt(np.minimum(np.abs(W) / top, 1)))


def wrong_maximum_per_row(W, max_weight=None):
    """Each row has its own maximum."""
    W = _checked(W, max_weight)
    if max_weight is not None:
        return right_vectorised(W, max_weight)
    top = np.abs(W).max(axis=1, keepdims=True)
    return _answer(W, np.sqrt(np.abs(W) / np.where(top > 0, top, 1)))


def wrong_nan_for_zeros(W, max_weight=None):
    """0 / 0 for a matrix of zeros."""
    W = _checked(W, max_weight)
    top = np.abs(W).max() if max_weight is None else max_weight
    return _answer(W, np.sqrt(np.minimum(np.abs(W) / top, 1)))


def wrong_power_of_two(W, max_weight=None):
    """The maximum is rounded up to a power of two, as one gallery does."""
    W = _checked(W, max_weight)
    top = np.abs(W).max()
    if max_weight is None and top > 0:
        max_weight = 2 ** np.ceil(np.log2(top))
    return _answer(W, _side(W, max_weight))


def wrong_transposed(W, max_weight=None):
    """Rows go right and columns go down; right for places on the diagonal."""
    W = _checked(W, max_weight)
    answer = right_vectorised(W, max_weight)
    return {**answer, "left": answer["top"], "top": answer["left"]}


def wrong_centre(W, max_weight=None):
    """The centre of each square in place of its corner."""
    W = _checked(W, max_weight)
    rows, columns = np.indices(W.shape)
    return {**right_vectorised(W, max_weight), "left": columns + 0.5, "top": rows + 0.5}


def wrong_y_upwards(W, max_weight=None):
    """Row 0 at the bottom."""
    answer = right_vectorised(W, max_weight)
    return {**answer, "top": len(W) - answer["top"] - answer["side"]}


def wrong_corner_of_cell(W, max_weight=None):
    """The squares sit in the corner of their cells."""
    W = _checked(W, max_weight)
    rows, columns = np.indices(W.shape)
    return {**right_vectorised(W, max_weight), "left": columns.astype(float), "top": rows.astype(float)}


def wrong_sign_as_boolean(W, max_weight=None):
    """1 for positive, 0 for all others."""
    return {**right_vectorised(W, max_weight), "sign": (np.asarray(W) > 0).astype(int)}


def wrong_sign_of_zero(W, max_weight=None):
    """Zeros count as positive."""
    return {**right_vectorised(W, max_weight), "sign": np.where(np.asarray(W) >= 0, 1, -1)}


def wrong_zero_maximum_allowed(W, max_weight=None):
    """A maximum of 0 counts as none given."""
    return right_vectorised(W, None if max_weight == 0 else max_weight)


def wrong_vector_allowed(W, max_weight=None):
    """A vector counts as one row."""
    return right_vectorised(np.atleast_2d(W), max_weight)


def wrong_negative_maximum_allowed(W, max_weight=None):
    """A negative maximum is taken for its size."""
    return right_vectorised(W, -max_weight if max_weight is not None and max_weight < 0 else max_weight)
