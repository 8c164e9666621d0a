"""Hidden grader of `linear_contributions`: what each feature adds to a linear score."""

import numpy as np
import pytest

from coursekit.checks import Part, alternative, unchanged

contributions = Part("contributions", 5)
base = Part("base", 2)
errors = Part("errors", 1)

BASE, CONTRIBUTIONS = (0,), (1,)  # places in the result


def problem(rng, n, m, d):
    """Weights of both signs, rows to explain, and a skewed background whose mean is far from its median and from 0."""
    weights = (-1.0) ** np.arange(d) * (0.5 + np.abs(rng.array(d)))
    background = (rng.array(m, d) + 1.0) ** 3 * np.linspace(0.3, 2.0, d)
    return weights, 1.7, 3 * rng.array(n, d) - 2, background


# ------------------------------------------------------------------------------------------- the tests
@contributions
@pytest.mark.parametrize(("n", "m", "d"), [(5, 7, 4), (6, 5, 6), (3, 4, 8), (4, 141, 5)])
def test_contributions(agrees, rng, n, m, d):
    """Each contribution is weight * (value - mean of that column in the whole background)"""
    weights, intercept, X, background = problem(rng, n, m, d)
    weights[2] = 0.0
    background[100:] += 4.0
    agrees(weights, intercept, X, background, entries=CONTRIBUTIONS, tol=1e-10)


@contributions
@pytest.mark.parametrize("same", [False, True])
def test_a_single_row(agrees, rng, same):
    """One row against a background of one row; a row that equals it has contributions of 0"""
    weights, intercept, X, background = problem(rng, 1, 1, 5)
    X = background.copy() if same else X
    agrees(weights, intercept, X, background, entries=CONTRIBUTIONS, tol=1e-10, scale=1)


@base
@pytest.mark.parametrize(("n", "m", "d"), [(3, 7, 4), (5, 5, 6), (2, 1, 5)])
def test_base(agrees, rng, n, m, d):
    """The base is one number: the score of the background's average row"""
    agrees(*problem(rng, n, m, d), entries=BASE, tol=1e-10)


@errors
def test_no_background(student, rng):
    """A background without rows raises ValueError"""
    weights, intercept, X, background = problem(rng, 3, 4, 5)
    with pytest.raises(ValueError):
        student.linear_contributions(weights, intercept, X, background[:0])


@errors
@pytest.mark.parametrize(("of_weights", "of_background"), [(5, 1), (1, 1), (4, 4)])
def test_other_numbers_of_features(student, rng, of_weights, of_background):
    """Weights, X and background with different numbers of features raise ValueError"""
    weights, intercept, X, background = problem(rng, 3, 4, 5)
    with pytest.raises(ValueError):
        student.linear_contributions(weights[:of_weights], intercept, X, background[:, :of_background])


@errors
def test_everything_is_as_before(student, rng):
    """Weights, X and background are as they were before the call"""
    student.linear_contributions(*problem(rng, 3, 4, 5))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
contributions.mistake(
    "You do not subtract the mean of the background: a feature at its average must contribute 0.",
    "weights * (X - mean)",
    "weights * X",
    about="average must contribute 0",
)
contributions.mistake(
    "All signs are turned: the contribution is weight * (value - mean), not weight * (mean - value).",
    "weights * (X - mean)",
    "weights * (mean - X)",
    about="signs are turned",
)
contributions.mistake(
    "You push the contributions through a sigmoid: they add up in log-odds, not in probabilities.",
    "contributions = weights * (X - mean)",
    "contributions = 1 / (1 + np.exp(-weights * (X - mean)))",
    about="push",
)
contributions.mistake(
    "You subtract the mean of the rows you explain: the reference point is the mean of the background.",
    "weights * (X - mean)",
    "weights * (X - X.mean(axis=0))",
    about="rows you explain",
)
contributions.mistake(
    "You subtract the median: on a skewed column it is far from the mean, and the sum is no longer the score.",
    "weights * (X - mean)",
    "weights * (X - np.median(background, axis=0))",
    about="median",
)
contributions.mistake(
    "You subtract one mean over all entries of the background: every column has its own (axis=0).",
    "weights * (X - mean)",
    "weights * (X - background.mean())",
    about="all entries",
)
contributions.mistake(
    "You divide by the standard deviation: the weights belong to the features as they are.",
    "weights * (X - mean)",
    "weights * (X - mean) / (background.std(axis=0) + 1e-9)",
    about="standard deviation",
)
contributions.mistake(
    "You use the size of the weight: a negative weight turns the sign of the contribution.",
    "weights * (X - mean)",
    "np.abs(weights) * (X - mean)",
    about="size of the weight",
)
contributions.mistake(
    "You add the contributions of a row up: one number for each row and feature is asked.",
    "contributions = weights * (X - mean)",
    "contributions = (X - mean) @ weights",
    about="add the contributions of a row up",
)
contributions.mistake(
    "For a single row you return a flat array: squeeze() takes its first axis away. The shape is (n, d) for n = 1 too.",
    "return float(base), contributions",
    "return float(base), contributions.squeeze()",
    about="flat array",
)
contributions.mistake(
    "You look at the first 100 rows of the background only (shap's masker does so by default): all of them count.",
    "weights * (X - mean)",
    "weights * (X - background[:100].mean(axis=0))",
    about="100 rows",
)
base.mistake(
    "Your base is the bare intercept: it must be the score of the background's average row, intercept + weights . mean.",
    "base = intercept + weights @ mean",
    "base = intercept",
    about="bare intercept",
)
base.mistake(
    "The intercept is missing in your base: intercept + weights . mean.",
    "base = intercept + weights @ mean",
    "base = weights @ mean",
    about="missing",
)
base.mistake(
    "You return a base for each feature: it is one number, weights @ mean and not weights * mean.",
    "base = intercept + weights @ mean\n    contributions = weights * (X - mean)\n    return float(base), contributions",
    "base = intercept + weights * mean\n    contributions = weights * (X - mean)\n    return base, contributions",
    about="base for each feature",
)
base.mistake(
    "Your base is a probability: keep it in the units of the score, without a sigmoid.",
    "return float(base), contributions",
    "return float(1 / (1 + np.exp(-base))), contributions",
    about="probability without a sigmoid",
)
base.mistake(
    "Your base is the average score of the rows in X: it belongs to the background.",
    "base = intercept + weights @ mean",
    "base = intercept + weights @ X.mean(axis=0)",
    about="rows in X",
)
errors.mistake(
    "An empty background slips through and gives NaN: raise ValueError before you take its mean.",
    "if len(background) == 0:",
    "if False:",
    about="slips through",
)


@errors.mistake(
    "A background with a single column is stretched over all features without a word: compare its number of features too.",
    about="stretched",
)
def background_not_compared(weights, intercept, X, background):
    if not len(background) or len(weights) != X.shape[1]:
        raise ValueError("sizes")
    mean = background.mean(axis=0)
    return float(intercept + (weights * mean).sum()), weights * (X - mean)


errors.mistake(
    "You do not compare X with the weights: one weight is silently used for every column of X.",
    "if not len(weights) == X.shape[1] == background.shape[1]:",
    "if not len(weights) == background.shape[1]:",
    about="silently used for every column",
)
errors.mistake(
    "You stop with another kind of error, such as an assert: raise ValueError.",
    '        raise ValueError(\n            f"weights, X and',
    '        raise AssertionError(\n            f"weights, X and',
    about="another kind of error",
)
errors.mistake(
    "X is changed by the call: X -= mean writes into the caller's array, X - mean does not.",
    "contributions = weights * (X - mean)",
    "X -= mean; contributions = weights * X",
    about="writes into",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def differences_of_scores(weights, intercept, X, background):
    """Each contribution as a difference of two scores: with the feature's value, and with its mean."""
    if not background.size:
        raise ValueError("empty")
    if X.shape[1] != len(weights) or background.shape[1] != len(weights):
        raise ValueError("features")
    average = background.sum(0) / len(background)
    result = np.zeros(X.shape)
    for j in range(len(weights)):
        moved = np.tile(average, (len(X), 1))
        moved[:, j] = X[:, j]
        result[:, j] = moved @ weights - average @ weights
    return intercept + np.dot(average, weights), result


@alternative
def plain_loops(weights, intercept, X, background):
    m, d = len(background), len(weights)
    if m == 0 or len(X[0]) != d or len(background[0]) != d:
        raise ValueError("sizes")
    means = [sum(float(row[j]) for row in background) / m for j in range(d)]
    start = intercept + sum(float(w) * mean for w, mean in zip(weights, means, strict=True))
    return [start, [[float(weights[j]) * (float(row[j]) - means[j]) for j in range(d)] for row in X]]


@alternative
def mean_over_background_rows(weights, intercept, X, background):
    """The mean of the differences to every background row."""
    if len(background) == 0 or not (len(weights) == X.shape[1] == background.shape[1]):
        raise ValueError("sizes")
    gaps = X[:, None, :] - background[None, :, :]
    scores = background @ weights + intercept
    return scores.mean(), (gaps * weights).mean(axis=1)
