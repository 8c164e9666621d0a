"""Hidden grader of `permutation_importance`: the loss gained when one column is dealt out anew."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import Part, alternative, unchanged

mean = Part("mean", 6)
std = Part("std", 2)
base = Part("base", 1)
errors = Part("errors", 1)


def deals(rng, R, d, n):
    """Permutations (R, d, n); with n of 13 none of them is its own inverse, as the chance goes."""
    return np.stack([[rng.permutation(n).numpy() for _ in range(d)] for _ in range(R)])


def regression(rng, R=3, n=13):
    """A curved model that uses columns 0 to 2, column 2 with the wrong sign, and ignores column 3."""
    X = rng.array(n, 4) + np.array([0.5, -1.0, 2.0, 0.0])
    terms = [[2.0, [0]], [1.5, [0, 1]], [1.2, [2]], [1.0, []]]
    model = predictor("poly", terms=terms, columns=4)
    y = model(X) - 2.4 * (X[:, 2] - 2.0) + 0.4 * rng.array(n)
    return model, X, y, deals(rng, R, 4, n), "mse"


def classes(rng, R=3, n=23):
    """Labels 2, 5 and 9 from a score; about a fifth of them are wrong in y."""
    X = rng.array(n, 4)
    score = predictor("linear", weights=[1.5, -1.0, 0.8, 0.0])
    model = predictor("labels", of=score, cuts=[-0.9, 0.9], labels=[2, 5, 9])
    y = model(X)
    y[:5] = np.array([5, 9, 2])[np.searchsorted([2, 5, 9], y[:5])]
    return model, X, y, deals(rng, R, 4, n), "zero_one"


# ------------------------------------------------------------------------------------------- the tests
@mean
@pytest.mark.parametrize("R", [3, 1])
def test_mse(agrees, rng, R):
    """The mean gain of the squared error, for each column and over all repeats; it may be negative"""
    agrees(*regression(rng, R), entries=("mean",), tol=1e-10)


@mean
@pytest.mark.parametrize("R", [4, 2])
def test_zero_one(agrees, rng, R):
    """The mean gain of the share of wrong labels, whatever numbers the labels are"""
    for _ in range(3):
        agrees(*classes(rng, R), entries=("mean",), tol=1e-10)


@std
@pytest.mark.parametrize("R", [4, 1])
def test_std(agrees, rng, R):
    """The standard deviation over the repeats has ddof = 0, so that of one repeat is 0"""
    agrees(*regression(rng, R), entries=("std",), tol=1e-10, scale=1)


@base
@pytest.mark.parametrize("case", [regression, classes])
def test_base(agrees, rng, case):
    """The base is the loss on X as it is"""
    agrees(*case(rng), entries=("base",), tol=1e-10)


@errors
@pytest.mark.parametrize("loss", ["mae", "accuracy", "MSE", ""])
def test_other_losses(student, rng, loss):
    """A loss that is not zero_one or mse raises ValueError"""
    with pytest.raises(ValueError):
        student.permutation_importance(*regression(rng)[:4], loss)


@errors
@pytest.mark.parametrize("shape", ["one repeat without its axis", "a column too many", "a row too few"])
def test_other_shapes(student, rng, shape):
    """perms of another shape than (R, d, n) raise ValueError"""
    model, X, y, perms, loss = regression(rng)
    if shape == "a column too many":
        perms = np.concatenate([perms, perms[:, :1]], axis=1)
    else:
        perms = perms[0] if "without" in shape else deals(rng, 3, 4, 1)
    with pytest.raises(ValueError):
        student.permutation_importance(model, X, y, perms, loss)


@errors
def test_keys(student, rng):
    """The result holds the keys mean, std and base, and no others"""
    got = student.permutation_importance(*regression(rng))
    assert set(got) == {"mean", "std", "base"}, "the keys must be mean, std and base"


@errors
def test_everything_is_as_before(student, rng):
    """X, y and perms are as they were before the call"""
    student.permutation_importance(*regression(rng))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
mean.mistake(
    "The column is not put back: later columns are tested on rows that are shuffled already.",
    "for j in range(d):\n            dealt = X.copy()",
    "dealt = X.copy()\n        for j in range(d):",
    about="put back",
)
mean.mistake(
    "The sign is turned: importance is what the loss GAINS, so a useful column is positive.",
    "measure(predict(dealt)) - base",
    "base - measure(predict(dealt))",
    about="sign is turned",
)
mean.mistake(
    "You divide by the loss on X: a difference is asked, not a ratio.",
    "measure(predict(dealt)) - base",
    "measure(predict(dealt)) / base",
    about="ratio",
)
mean.mistake(
    "You leave out the subtraction: this is the loss after shuffling, and a useless column gets more than 0.",
    "measure(predict(dealt)) - base",
    "measure(predict(dealt))",
    about="leave out the subtraction",
)
mean.mistake(
    "You shuffle whole rows: only column j is dealt out anew.",
    "dealt[:, j] = X[perms[r, j], j]",
    "dealt = X[perms[r, j]]",
    about="whole rows",
)
mean.mistake(
    "You use the permutation the wrong way round: row i GETS the value of row perms[r, j, i], it does not send its own there.",
    "dealt[:, j] = X[perms[r, j], j]",
    "dealt[perms[r, j], j] = X[:, j]",
    about="wrong way round",
)
mean.mistake(
    "You use the permutation of the first column for all columns: column j has perms[r, j].",
    "dealt[:, j] = X[perms[r, j], j]",
    "dealt[:, j] = X[perms[r, 0], j]",
    about="first column",
)
mean.mistake(
    "You use the first repeat only: average over all of them.",
    "importance.mean(axis=0)",
    "importance[0]",
    about="first repeat",
)
mean.mistake(
    "You add the repeats up: average them.",
    "importance.mean(axis=0)",
    "importance.sum(axis=0)",
    about="add the repeats up",
)
mean.mistake(
    "You average over the columns: there is one number for each column, averaged over the repeats.",
    "importance.mean(axis=0)",
    "importance.mean(axis=1)",
    about="average over the columns",
)
mean.mistake(
    "You cut negative importances off: a column that a model is better off without has one, and chance has them too.",
    "importance.mean(axis=0)",
    "np.maximum(importance.mean(axis=0), 0)",
    about="cut",
)
mean.mistake(
    "You scale the importances so that they add up to 1: they are losses, in the units of the loss.",
    "importance.mean(axis=0)",
    "importance.mean(axis=0) / importance.mean(axis=0).sum()",
    about="scale",
)
mean.mistake(
    "You take the absolute error for mse: square the errors.",
    "(prediction - y) ** 2",
    "np.abs(prediction - y)",
    about="absolute error",
)
mean.mistake(
    "You take the root of the mean squared error in the importances: mse has none.",
    "importance[r, j] = measure(predict(dealt)) - base",
    'importance[r, j] = np.sqrt(measure(predict(dealt))) - np.sqrt(base) if loss == "mse" else measure(predict(dealt)) - base',
    about="mse has none",
)


@mean.mistake(
    "For zero_one you square the differences of the labels: a label is right or wrong, however far off its number is.",
    about="however far off",
)
def labels_as_numbers(predict, X, y, perms, loss):
    if loss not in ("zero_one", "mse") or perms.shape[1:] != X.shape[::-1]:
        raise ValueError("loss or perms")
    exact = np.mean(predict(X) != y) if loss == "zero_one" else np.mean((predict(X) - y) ** 2)
    gains = []
    for deal in perms:
        for j, order in enumerate(deal):
            moved = X.copy()
            moved[:, j] = X[order, j]
            gains.append(np.mean((predict(moved) - y) ** 2) - np.mean((predict(X) - y) ** 2))
    gains = np.reshape(gains, perms.shape[:2])
    return {"mean": gains.mean(0), "std": gains.std(0), "base": exact}


@mean.mistake(
    "You shuffle y instead of a column: then every column gets much the same number.",
    about="shuffle y",
)
def shuffled_targets(predict, X, y, perms, loss):
    if loss not in ("zero_one", "mse") or perms.shape[1:] != X.shape[::-1]:
        raise ValueError("loss or perms")

    def measure(target):
        return np.mean(predict(X) != target if loss == "zero_one" else (predict(X) - target) ** 2)

    gains = np.array([[measure(y[order]) - measure(y) for order in deal] for deal in perms])
    return {"mean": gains.mean(0), "std": gains.std(0), "base": measure(y)}


std.mistake(
    "You take the standard deviation with ddof = 1, which is NaN for a single repeat: use ddof = 0.",
    "importance.std(axis=0)",
    "importance.std(axis=0, ddof=1)",
    about="ddof",
)
std.mistake(
    "You return the standard error: do not divide by the root of R.",
    "importance.std(axis=0)",
    "importance.std(axis=0) / np.sqrt(len(importance))",
    about="standard error",
)
std.mistake(
    "You return the variance over the repeats: take its root.",
    "importance.std(axis=0)",
    "importance.var(axis=0)",
    about="variance",
)
base.mistake(
    "Your base is a share of right answers: it is a loss, the share of wrong ones.",
    '"base": float(base)}',
    '"base": float(1 - base)}',
    about="share of right answers",
)
base.mistake(
    "Your base is the loss after shuffling: it is the loss on X as it is.",
    '"base": float(base)}',
    '"base": float(base + importance.mean())}',
    about="loss on X as it is",
)
base.mistake(
    "Your base is a sum over the rows: the loss is a mean.",
    '"base": float(base)}',
    '"base": float(base) * n}',
    about="sum over the rows",
)
errors.mistake(
    "Any other loss is taken for mse: raise ValueError unless it is one of the two.",
    'if loss not in ("zero_one", "mse"):',
    "if False:",
    about="taken for mse",
)
errors.mistake(
    "perms without the axis of repeats, or with the permutations of other columns, slip through: compare the whole shape with (R, d, n).",
    "if perms.ndim != 3 or perms.shape[1:] != (d, n):",
    "if False:",
    about="slip through",
)
errors.mistake(
    "You compare the length of the permutations only: their number must be that of the columns as well.",
    "if perms.ndim != 3 or perms.shape[1:] != (d, n):",
    "if perms.ndim != 3 or perms.shape[2] != n:",
    about="length of the permutations only",
)
errors.mistake(
    "You return more keys than asked: mean, std and base.",
    '"base": float(base)}',
    '"base": float(base), "all": importance}',
    about="more keys",
)


@errors.mistake(
    "X comes back with its last column shuffled: work on a copy.",
    about="last column shuffled",
)
def shuffled_in_place(predict, X, y, perms, loss):
    if loss not in ("zero_one", "mse") or perms.ndim != 3 or perms.shape[1:] != X.shape[::-1]:
        raise ValueError("loss or perms")

    def measure(rows):
        return np.mean(predict(rows) != y if loss == "zero_one" else (predict(rows) - y) ** 2)

    start, kept, gains = measure(X), X.copy(), np.empty(perms.shape[:2])
    for r, j in np.ndindex(gains.shape):
        X[:] = kept
        X[:, j] = kept[perms[r, j], j]
        gains[r, j] = measure(X) - start
    return {"mean": gains.mean(0), "std": gains.std(0), "base": start}


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def all_rows_at_once(predict, X, y, perms, loss):
    R, d, n = np.shape(perms) if np.ndim(perms) == 3 else (0, 0, 0)
    if (n, d) != X.shape or loss not in {"mse", "zero_one"}:
        raise ValueError("loss or perms")
    many = np.broadcast_to(X, (R, d, n, d)).copy()
    for j in range(d):
        many[:, j, :, j] = X[:, j][perms[:, j]]
    answers = predict(many.reshape(-1, d)).reshape(R, d, n)
    error = (answers != y) if loss == "zero_one" else np.square(answers - y)
    start = np.mean(predict(X) != y) if loss == "zero_one" else np.mean(np.square(predict(X) - y))
    gain = error.mean(axis=2) - start
    return {"base": start, "mean": gain.mean(0), "std": gain.std(0)}


@alternative
def plain_loops(predict, X, y, perms, loss):
    n, d = X.shape
    shapes = {tuple(np.shape(perms))[1:]}
    if shapes != {(d, n)}:
        raise ValueError("perms")

    def measure(rows):
        pairs = list(zip(predict(rows).tolist(), y.tolist(), strict=True))
        if loss == "zero_one":
            return sum(p != t for p, t in pairs) / n
        if loss == "mse":
            return sum((p - t) ** 2 for p, t in pairs) / n
        raise ValueError("loss")

    start, averages, spreads = measure(X), [], []
    for j in range(d):
        gains = []
        for deal in perms:
            rows = [list(row) for row in X]
            for i in range(n):
                rows[i][j] = X[deal[j][i]][j]
            gains.append(measure(rows) - start)
        middle = sum(gains) / len(gains)
        averages.append(middle)
        spreads.append((sum((g - middle) ** 2 for g in gains) / len(gains)) ** 0.5)
    return {"mean": averages, "std": spreads, "base": start}
