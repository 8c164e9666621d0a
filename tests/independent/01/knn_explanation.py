"""Exercise knn_explanation: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.preprocessing import StandardScaler

PART = {
    "wrong_not_standardised": "indices+distances",
    "wrong_sample_deviation": "indices+distances",
    "wrong_mean_and_spread_with_x": "indices+distances",
    "wrong_squared_distances": "indices+distances",
    "wrong_city_block": "indices+distances",
    "wrong_equal_distances_to_higher_row": "indices+distances",
    "wrong_unsorted": "indices+distances",
    "wrong_weighted_votes": "votes+prediction",
    "wrong_class_position": "votes+prediction",
    "wrong_tie_to_largest_label": "votes+prediction",
    "wrong_tie_to_nearest": "votes+prediction",
    "wrong_only_voted_classes": "votes+prediction",
    "wrong_nan_at_distance_zero": "feature_shares",
    "wrong_shares_of_absolute_differences": "feature_shares",
    "wrong_even_shares_at_distance_zero": "feature_shares",
    "wrong_raw_differences_in_shares": "feature_shares",
    "wrong_k_zero_allowed": "error",
    "wrong_k_above_n_cut": "error",
}


def _checked(X_train, k):
    if not 1 <= k <= len(X_train):
        raise ValueError("k must lie between 1 and the number of rows")


def _z(X_train, x, ddof=0):
    X_train, x = np.asarray(X_train, float), np.asarray(x, float)
    spread = X_train.std(axis=0, ddof=ddof)
    spread = np.where(spread == 0, 1.0, spread)
    return (X_train - X_train.mean(0)) / spread, (x - X_train.mean(0)) / spread


def _votes(y_train, indices):
    classes = np.unique(y_train)
    return classes, np.array([np.mean(np.asarray(y_train)[indices] == c) for c in classes])


def _answer(z_train, z, y_train, k, indices=None, distances=None):
    differences = z_train - z
    squared = (differences**2).sum(1)
    away = np.sqrt(squared)
    indices = np.argsort(away, kind="stable")[:k] if indices is None else indices
    classes, votes = _votes(y_train, indices)
    below = squared[indices][:, None]
    shares = np.where(below > 0, differences[indices] ** 2 / np.where(below > 0, below, 1), 0.0)
    return {
        "indices": indices,
        "distances": away[indices] if distances is None else distances[indices],
        "vote_shares": votes,
        "prediction": classes[np.argmax(votes)],
        "feature_shares": shares,
    }


def right_vectorised(X_train, y_train, x, k):
    """numpy, a stable sort."""
    _checked(X_train, k)
    return _answer(*_z(X_train, x), y_train, k)


def right_by_loops(X_train, y_train, x, k):
    """Plain Python: one row at a time, one class at a time."""
    rows = [[float(v) for v in row] for row in np.asarray(X_train, float)]
    n, d = len(rows), len(rows[0])
    if k < 1 or k > n:
        raise ValueError("k must lie between 1 and the number of rows")
    means = [sum(row[j] for row in rows) / n for j in range(d)]
    columns = np.asarray(X_train, float)
    spreads = []
    for j in range(d):
        same = bool(np.all(columns[:, j] == columns[0, j]))
        spreads.append(1.0 if same else (sum((row[j] - means[j]) ** 2 for row in rows) / n) ** 0.5)
    pieces = [[((float(x[j]) - row[j]) / spreads[j]) ** 2 for j in range(d)] for row in rows]
    order = sorted(range(n), key=lambda i: (sum(pieces[i]), i))[:k]
    labels = sorted({int(v) for v in y_train})
    counts = [sum(int(y_train[i]) == label for i in order) for label in labels]
    shares = []
    for i in order:
        total = sum(pieces[i])
        shares.append([piece / total for piece in pieces[i]] if total else [0.0] * d)
    return {
        "indices": order,
        "distances": [sum(pieces[i]) ** 0.5 for i in order],
        "vote_shares": [count / k for count in counts],
        "prediction": labels[counts.index(max(counts))],
        "feature_shares": shares,
    }


def right_with_libraries(X_train, y_train, x, k):
    """scikit-learn's scaler, scipy's distances, numpy's lexsort."""
    n = len(X_train)
    if k not in range(1, n + 1):
        raise ValueError("k must lie between 1 and the number of rows")
    scaler = StandardScaler().fit(X_train)
    train, point = scaler.transform(X_train), scaler.transform(np.asarray(x, float)[None])
    away = cdist(point, train)[0]
    chosen = np.lexsort((np.arange(n), away))[:k]
    labels, codes = np.unique(y_train, return_inverse=True)
    votes = np.bincount(codes[chosen], minlength=len(labels)) / k
    shares = np.zeros((k, train.shape[1]))
    for row, i in enumerate(chosen):
        if away[i] > 0:
            shares[row] = (point[0] - train[i]) ** 2 / away[i] ** 2
    return {
        "indices": chosen,
        "distances": away[chosen],
        "vote_shares": votes,
        "prediction": int(labels[votes.argmax()]),
        "feature_shares": shares,
    }


def wrong_not_standardised(X_train, y_train, x, k):
    """Distances in the raw units."""
    _checked(X_train, k)
    return _answer(np.asarray(X_train, float), np.asarray(x, float), y_train, k)


def wrong_sample_deviation(X_train, y_train, x, k):
    """Divides by n - 1 in the deviation."""
    _checked(X_train, k)
    return _answer(*_z(X_train, x, ddof=1), y_train, k)


def wrong_mean_and_spread_with_x(X_train, y_train, x, k):
    """Standardises with the row that is explained among the rows."""
    _checked(X_train, k)
    every = np.vstack([X_train, x])
    spread = np.where(every.std(0) == 0, 1.0, every.std(0))
    z = (every - every.mean(0)) / spread
    return _answer(z[:-1], z[-1], y_train, k)


def wrong_squared_distances(X_train, y_train, x, k):
    """The root is forgotten."""
    _checked(X_train, k)
    answer = _answer(*_z(X_train, x), y_train, k)
    return {**answer, "distances": answer["distances"] ** 2}


def wrong_city_block(X_train, y_train, x, k):
    """Sums of absolute differences decide who is near."""
    _checked(X_train, k)
    z_train, z = _z(X_train, x)
    away = np.abs(z_train - z).sum(1)
    return _answer(z_train, z, y_train, k, np.argsort(away, kind="stable")[:k], away)


def wrong_equal_distances_to_higher_row(X_train, y_train, x, k):
    """Of equal rows the later ones are taken."""
    _checked(X_train, k)
    z_train, z = _z(X_train, x)
    away = np.sqrt(((z_train - z) ** 2).sum(1))
    return _answer(z_train, z, y_train, k, np.lexsort((-np.arange(len(away)), away))[:k])


def wrong_unsorted(X_train, y_train, x, k):
    """The right neighbours, in the order of their rows."""
    _checked(X_train, k)
    z_train, z = _z(X_train, x)
    away = np.sqrt(((z_train - z) ** 2).sum(1))
    return _answer(z_train, z, y_train, k, np.sort(np.argsort(away, kind="stable")[:k]))


def wrong_weighted_votes(X_train, y_train, x, k):
    """Near neighbours count for more."""
    answer = right_vectorised(X_train, y_train, x, k)
    weights = 1 / (answer["distances"] + 1e-9)
    classes = np.unique(y_train)
    labels = np.asarray(y_train)[answer["indices"]]
    votes = np.array([weights[labels == c].sum() for c in classes]) / weights.sum()
    return {**answer, "vote_shares": votes, "prediction": classes[votes.argmax()]}


def wrong_class_position(X_train, y_train, x, k):
    """The place of the class among the labels in place of the label."""
    answer = right_vectorised(X_train, y_train, x, k)
    return {**answer, "prediction": int(np.argmax(answer["vote_shares"]))}


def wrong_tie_to_largest_label(X_train, y_train, x, k):
    """Of equal shares the largest label wins."""
    answer = right_vectorised(X_train, y_train, x, k)
    votes = answer["vote_shares"]
    return {**answer, "prediction": np.unique(y_train)[np.flatnonzero(votes == votes.max())[-1]]}


def wrong_tie_to_nearest(X_train, y_train, x, k):
    """Of equal shares the label of the nearest neighbour wins."""
    answer = right_vectorised(X_train, y_train, x, k)
    votes, classes = answer["vote_shares"], np.unique(y_train)
    best = set(classes[votes == votes.max()].tolist())
    labels = np.asarray(y_train)[answer["indices"]].tolist()
    return {**answer, "prediction": next(label for label in labels if label in best)}


def wrong_only_voted_classes(X_train, y_train, x, k):
    """Shares only of the classes among the neighbours."""
    answer = right_vectorised(X_train, y_train, x, k)
    return {**answer, "vote_shares": answer["vote_shares"][answer["vote_shares"] > 0]}


def wrong_nan_at_distance_zero(X_train, y_train, x, k):
    """0 / 0 for a neighbour that equals x."""
    answer = right_vectorised(X_train, y_train, x, k)
    z_train, z = _z(X_train, x)
    squared = (z_train[answer["indices"]] - z) ** 2
    return {**answer, "feature_shares": squared / squared.sum(1, keepdims=True)}


def wrong_shares_of_absolute_differences(X_train, y_train, x, k):
    """Absolute differences in place of squared ones."""
    answer = right_vectorised(X_train, y_train, x, k)
    z_train, z = _z(X_train, x)
    sizes = np.abs(z_train[answer["indices"]] - z)
    total = sizes.sum(1, keepdims=True)
    return {**answer, "feature_shares": np.where(total > 0, sizes / np.where(total > 0, total, 1), 0.0)}


def wrong_even_shares_at_distance_zero(X_train, y_train, x, k):
    """Even shares for a neighbour at distance 0."""
    answer = right_vectorised(X_train, y_train, x, k)
    shares = answer["feature_shares"].copy()
    shares[answer["distances"] == 0] = 1 / shares.shape[1]
    return {**answer, "feature_shares": shares}


def wrong_raw_differences_in_shares(X_train, y_train, x, k):
    """The shares are computed from the raw features."""
    answer = right_vectorised(X_train, y_train, x, k)
    squared = (np.asarray(X_train, float)[answer["indices"]] - np.asarray(x, float)) ** 2
    total = squared.sum(1, keepdims=True)
    return {**answer, "feature_shares": np.where(total > 0, squared / np.where(total > 0, total, 1), 0.0)}


def wrong_k_zero_allowed(X_train, y_train, x, k):
    """k below 1 is taken for 1."""
    return right_vectorised(X_train, y_train, x, max(k, 1))


def wrong_k_above_n_cut(X_train, y_train, x, k):
    """k above n is taken for n."""
    return right_vectorised(X_train, y_train, x, min(k, len(X_train)))
