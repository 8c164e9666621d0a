"""Hidden grader of `hinton_geometry`: one square for each weight, its area the size of the weight."""

import numpy as np
import pytest

from coursekit.checks import Part, alternative, close, unchanged
from coursekit.checks.compare import entry

side = Part("side", 4)
position = Part("position", 2)
sign = Part("sign", 1)
errors = Part("errors", 1)

RESULT = dict.fromkeys(("left", "top", "side", "sign"))


def matrix(rng, n=3, m=5):
    """Weights of both signs, the largest of them negative, and two exact zeros."""
    W = np.clip(rng.array(n, m), -2, 2) + 0.1
    W[1, 2] = -4.0 - abs(rng.array())
    W[0, 1] = W[n - 1, m - 1] = 0.0
    return W


# ------------------------------------------------------------------------------------------- the tests
@side
@pytest.mark.parametrize(("n", "m"), [(3, 5), (7, 4), (2, 3)])
def test_side(agrees, rng, n, m):
    """The area of a square is proportional to the size of its weight, and the largest fills its cell; 0 has none"""
    agrees(matrix(rng, n, m), entries=("side",), tol=1e-12)
    agrees(np.zeros((n, m)), entries=("side",), tol=1e-12)


@side
@pytest.mark.parametrize("max_weight", [0.9, 20.0])
def test_max_weight(agrees, rng, max_weight):
    """max_weight fills a cell, and larger weights do not leave it"""
    agrees(matrix(rng), max_weight, entries=("side",), tol=1e-12)


@position
@pytest.mark.parametrize(("n", "m"), [(3, 5), (7, 4)])
def test_position(student, rng, n, m):
    """The square lies in the middle of its cell, rows go down, columns go right, left and top are its corner"""
    got = student.hinton_geometry(matrix(rng, n, m))
    row, column = np.indices((n, m))
    size = np.asarray(entry(got, "side", RESULT), dtype=float)
    assert size.shape == (n, m), "there must be one side for each weight"
    close(entry(got, "left", RESULT), column + (1 - size) / 2, tol=1e-12)
    close(entry(got, "top", RESULT), row + (1 - size) / 2, tol=1e-12)


@sign
def test_sign(agrees, rng):
    """The sign is a whole number: 1, -1, or 0 for a weight of 0"""
    agrees(matrix(rng), entries=("sign",))


@errors
@pytest.mark.parametrize("shape", [(6,), (2, 3, 2)])
def test_other_axes(student, rng, shape):
    """W with one axis or three raises ValueError"""
    with pytest.raises(ValueError):
        student.hinton_geometry(rng.array(*shape))


@errors
@pytest.mark.parametrize("max_weight", [0.0, -1.5])
def test_no_size(student, rng, max_weight):
    """max_weight that is not above 0 raises ValueError"""
    with pytest.raises(ValueError):
        student.hinton_geometry(matrix(rng), max_weight)


@errors
def test_keys(student, rng):
    """The result holds the keys left, top, side and sign, and no others"""
    assert set(student.hinton_geometry(matrix(rng))) == set(RESULT), (
        "the keys must be left, top, side and sign"
    )


@errors
def test_everything_is_as_before(student, rng):
    """W is as it was before the call"""
    student.hinton_geometry(matrix(rng))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
side.mistake(
    "Your sides are proportional to the weight, so that areas grow with its square: take the root.",
    "np.sqrt(np.minimum(size / full, 1))",
    "np.minimum(size / full, 1)",
    about="grow",
)
side.mistake(
    "You cut the sides off at 0.9, as some plots do to leave a gap: the largest weight fills its cell.",
    "np.sqrt(np.minimum(size / full, 1))",
    "0.9 * np.sqrt(np.minimum(size / full, 1))",
    about="gap",
)
side.mistake(
    "You divide by the largest weight with its sign: the largest SIZE fills its cell, be it negative.",
    "size.max() if max_weight is None",
    "W.max() if max_weight is None",
    about="be it negative",
)
side.mistake(
    "You raise the largest size to a power of two, as matplotlib's example does: the docstring asks for the size itself.",
    "size.max() if max_weight is None",
    "2 ** np.ceil(np.log2(size.max() or 1)) if max_weight is None",
    about="power of two",
)
side.mistake(
    "You measure each row by its own largest weight: squares must be comparable over the whole matrix.",
    "size.max() if max_weight is None else max_weight\n    side = np.sqrt(np.minimum(size / full, 1)) if full > 0",
    "size.max(axis=1, keepdims=True) if max_weight is None else max_weight\n    side = np.sqrt(np.minimum(size / full, 1)) if np.all(full)",
    about="each row by its own",
)
side.mistake(
    "You ignore max_weight: it is the size that fills a cell.",
    "size.max() if max_weight is None else max_weight",
    "size.max()",
    about="ignore",
)
side.mistake(
    "A weight above max_weight leaves its cell: its side is at most 1.",
    "np.sqrt(np.minimum(size / full, 1))",
    "np.sqrt(size / full)",
    about="leaves its cell",
)
side.mistake(
    "With nothing but zeros you divide by 0: all sides are 0 then.",
    "if full > 0 else np.zeros(W.shape)",
    "if full > -1 else np.zeros(W.shape)",
    about="nothing but zeros",
)
position.mistake(
    "Rows and columns are exchanged: rows go down (top), columns go right (left).",
    "row, column = np.indices(W.shape)",
    "column, row = np.indices(W.shape)",
    about="exchanged",
)
position.mistake(
    "You return the centres: left and top are half a side before them.",
    "left = column + (1 - side) / 2\n    top = row + (1 - side) / 2",
    "left = column + 0.5\n    top = row + 0.5",
    about="centres",
)
position.mistake(
    "You put the squares into the corners of their cells: they lie in the middle.",
    "left = column + (1 - side) / 2\n    top = row + (1 - side) / 2",
    "left = column + 0.0\n    top = row + 0.0",
    about="corners of their cells",
)
position.mistake(
    "Your rows go up: y points down here, row 0 is at the top.",
    "top = row + (1 - side) / 2",
    "top = W.shape[0] - 1 - row + (1 - side) / 2",
    about="rows go up",
)
position.mistake(
    "Your cells have the index at their middle, as in imshow: cell (i, j) begins at x = j and y = i.",
    "left = column + (1 - side) / 2\n    top = row + (1 - side) / 2",
    "left = column - side / 2\n    top = row - side / 2",
    about="imshow",
)
sign.mistake(
    "Your signs are floats, as np.sign returns them: whole numbers are asked.",
    "np.sign(W).astype(int)",
    "np.sign(W)",
    about="floats",
)
sign.mistake(
    "A weight of 0 has the sign 0: it is neither white nor black.",
    "np.sign(W).astype(int)",
    "np.where(W >= 0, 1, -1)",
    about="neither",
)
sign.mistake(
    "Your signs are turned: positive weights are 1 (white), negative ones -1 (black).",
    "np.sign(W).astype(int)",
    "-np.sign(W).astype(int)",
    about="signs are turned",
)
errors.mistake(
    "W with a single axis is taken for one row: raise ValueError unless it has two axes.",
    "if W.ndim != 2:",
    "W = np.atleast_2d(W)\n    if W.ndim != 2:",
    about="taken for one row",
)
errors.mistake(
    "A max_weight of 0 or below slips through: raise ValueError, nothing can be measured by it.",
    "if max_weight is not None and max_weight <= 0:",
    "if False:",
    about="measured by it",
)
errors.mistake(
    "You return more keys than asked: left, top, side and sign.",
    '{"left": left,',
    '{"area": side**2, "left": left,',
    about="more keys",
)
errors.mistake(
    "W holds absolute values after the call: np.abs(W, out=W) and W *= ... write into the caller's array.",
    "size = np.abs(W)",
    "signs = np.sign(W); size = np.abs(W, out=W); W = W * signs",
    about="write into",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def cell_by_cell(W, max_weight=None):
    if np.ndim(W) != 2 or (max_weight is not None and not max_weight > 0):
        raise ValueError("W or max_weight")
    most = max(abs(w) for w in W.flat) if max_weight is None else max_weight
    result = {key: [[0] * W.shape[1] for _ in W] for key in ("top", "left", "sign", "side")}
    for (i, j), w in np.ndenumerate(W):
        edge = min(abs(w) / most, 1.0) ** 0.5 if most else 0.0
        result["side"][i][j], result["sign"][i][j] = float(edge), int(w > 0) - int(w < 0)
        result["left"][i][j], result["top"][i][j] = j + 0.5 - edge / 2, i + 0.5 - edge / 2
    return {key: np.array(rows) for key, rows in result.items()}


@alternative
def by_broadcasting(W, max_weight=None):
    if len(W.shape) != 2:
        raise ValueError("W")
    if max_weight is None:
        max_weight = np.max(np.abs(W)) or 1.0
    elif max_weight <= 0:
        raise ValueError("max_weight")
    edge = np.clip(np.abs(W) / max_weight, 0, 1) ** 0.5
    half = edge / 2
    n, m = W.shape
    return {
        "left": np.arange(m)[None, :] + 0.5 - half,
        "top": np.arange(n)[:, None] + 0.5 - half,
        "side": edge,
        "sign": (W > 0).astype(np.int8) - (W < 0).astype(np.int8),
    }
