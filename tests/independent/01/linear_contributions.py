"""Exercise linear_contributions: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import numpy as np

PART = {
    "wrong_not_centred": "contributions",
    "wrong_median": "contributions",
    "wrong_centred_on_x": "contributions",
    "wrong_sign_turned": "contributions",
    "wrong_divided_by_spread": "contributions",
    "wrong_only_first_row": "contributions",
    "wrong_bare_intercept": "base",
    "wrong_base_of_median": "base",
    "wrong_base_of_x": "base",
    "wrong_base_as_probability": "base",
    "wrong_empty_background_is_zero": "errors",
    "wrong_too_few_columns_broadcast": "errors",
}


def _checked(weights, X, background):
    weights, X, background = (np.asarray(a, float) for a in (weights, X, background))
    if background.ndim != 2 or len(background) == 0:
        raise ValueError("the background needs at least one row")
    if not X.shape[1] == background.shape[1] == weights.shape[0]:
        raise ValueError("the numbers of features differ")
    return weights, X, background


def right_vectorised(weights, intercept, X, background):
    """Centre, multiply."""
    weights, X, background = _checked(weights, X, background)
    mean = background.mean(axis=0)
    return float(intercept + weights @ mean), (X - mean) * weights


def right_by_scores(weights, intercept, X, background):
    """Each contribution as the score with the feature as it is, less the score with its average."""
    weights, X, background = _checked(weights, X, background)
    average = background.sum(0) / len(background)
    base = float(np.dot(weights, average)) + float(intercept)
    result = np.zeros_like(X)
    for i, row in enumerate(X):
        for j in range(len(weights)):
            changed = average.copy()
            changed[j] = row[j]
            result[i, j] = float(weights @ (changed - average))
    return base, result


def right_by_averaging_differences(weights, intercept, X, background):
    """The mean over the background of the differences, and the mean of its scores."""
    weights, X, background = _checked(weights, X, background)
    products = (X[:, None, :] - background[None]) * weights
    return np.mean(background @ weights + intercept).item(), products.mean(axis=1)


def wrong_not_centred(weights, intercept, X, background):
    """w * x, without the mean of the background."""
    base, _ = right_vectorised(weights, intercept, X, background)
    return base, np.asarray(X, float) * np.asarray(weights, float)


def wrong_median(weights, intercept, X, background):
    """The median in place of the mean, in the contributions."""
    base, _ = right_vectorised(weights, intercept, X, background)
    return base, (np.asarray(X, float) - np.median(background, axis=0)) * weights


def wrong_centred_on_x(weights, intercept, X, background):
    """Centred on the mean of X itself."""
    base, _ = right_vectorised(weights, intercept, X, background)
    return base, (np.asarray(X, float) - np.mean(X, axis=0)) * weights


def wrong_sign_turned(weights, intercept, X, background):
    """Mean less value."""
    base, contributions = right_vectorised(weights, intercept, X, background)
    return base, -contributions


def wrong_divided_by_spread(weights, intercept, X, background):
    """Standardised features, where the weights are those of raw ones."""
    base, contributions = right_vectorised(weights, intercept, X, background)
    spread = np.std(background, axis=0)
    return base, contributions / np.where(spread > 0, spread, 1.0)


def wrong_only_first_row(weights, intercept, X, background):
    """The contributions of the first row for all rows; right for one row."""
    base, contributions = right_vectorised(weights, intercept, X, background)
    return base, np.repeat(contributions[:1], len(contributions), axis=0)


def wrong_bare_intercept(weights, intercept, X, background):
    """The intercept as base."""
    _, contributions = right_vectorised(weights, intercept, X, background)
    return float(intercept), contributions


def wrong_base_of_median(weights, intercept, X, background):
    """The score of the median row."""
    _, contributions = right_vectorised(weights, intercept, X, background)
    return float(intercept + np.asarray(weights, float) @ np.median(background, axis=0)), contributions


def wrong_base_of_x(weights, intercept, X, background):
    """The mean score of X."""
    _, contributions = right_vectorised(weights, intercept, X, background)
    return float(intercept + np.asarray(weights, float) @ np.mean(X, axis=0)), contributions


def wrong_base_as_probability(weights, intercept, X, background):
    """The base through a sigmoid."""
    base, contributions = right_vectorised(weights, intercept, X, background)
    return float(1 / (1 + np.exp(-base))), contributions


def wrong_empty_background_is_zero(weights, intercept, X, background):
    """An empty background counts as zeros."""
    weights, X, background = (np.asarray(a, float) for a in (weights, X, background))
    if not X.shape[1] == background.shape[1] == weights.shape[0]:
        raise ValueError("the numbers of features differ")
    mean = background.mean(axis=0) if len(background) else np.zeros(X.shape[1])
    return float(intercept + weights @ mean), (X - mean) * weights


def wrong_too_few_columns_broadcast(weights, intercept, X, background):
    """Checks X against the weights only: a background of one column is broadcast."""
    weights, X, background = (np.asarray(a, float) for a in (weights, X, background))
    if len(background) == 0 or X.shape[1] != len(weights):
        raise ValueError("empty background, or another number of features")
    mean = np.resize(background.mean(axis=0), len(weights))
    return float(intercept + weights @ mean), (X - mean) * weights
