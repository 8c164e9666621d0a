"""Hidden grader of `knn_explanation`: the nearest rows, their votes, and what makes them near."""

import numpy as np
import pytest

from coursekit.checks import Part, alternative, unchanged

neighbours = Part("indices+distances", 5)
votes = Part("votes+prediction", 3)
shares = Part("feature_shares", 3)
errors = Part("error", 1)

KEYS = {"indices", "distances", "vote_shares", "prediction", "feature_shares"}
NEIGHBOURS, VOTES, SHARES = ("indices", "distances"), ("vote_shares", "prediction"), ("feature_shares",)
UNITS = np.array([1.0, 40.0, 0.02, 7.0])


def table(rng, n=17):
    """Rows in very different units, labels 3, 7 and 12, and a row to explain that is not at the centre."""
    X = (rng.array(n, 4) + np.array([0.0, 5.0, -3.0, 1.0])) * UNITS
    y = np.array([3, 7, 12])[rng.targets(n, 3).numpy()]
    x = (rng.array(4) + np.array([0.7, 4.0, -2.5, 2.0])) * UNITS
    return X, y, x


def by_nearness(X, x):
    """Row numbers, nearest first."""
    Z, z = X / X.std(axis=0), x / X.std(axis=0)
    return np.argsort(np.linalg.norm(Z - z, axis=1))


def apart(rng, n=9):
    """Rows at distances from x so unlike that every way of measuring finds the same neighbours; see `by_nearness`."""
    x = (rng.array(4) + np.array([0.7, 4.0, -2.5, 2.0])) * UNITS
    steps = 0.1 * 1.7 ** rng.permutation(n).numpy()
    signs = np.where(rng.array(n, 4) > 0, 1.0, -1.0)
    X = x + UNITS * signs * rng.uniform(n, 4, low=0.8, high=1.2).numpy() * steps[:, None]
    return X, np.full(n, 7), x


# ------------------------------------------------------------------------------------------- the tests
@neighbours
@pytest.mark.parametrize("k", [1, 5, 17])
def test_neighbours(agrees, rng, k):
    """The k nearest rows in standardised units, nearest first, with their distances"""
    agrees(*table(rng), k, entries=NEIGHBOURS, tol=1e-9)


@neighbours
def test_equal_rows(agrees, rng):
    """Of equal distances the lower row number comes first"""
    X, y, x = table(rng, 12)
    near = by_nearness(X, x)
    copies = X[near[[1, 1, 0, 1]]]  # the second nearest four times, the nearest twice
    X, y = np.vstack([X, copies]), np.concatenate([y, y[near[[1, 1, 0, 1]]]])
    for k in (4, 5, 16):
        agrees(X, y, x, k, entries=NEIGHBOURS, tol=1e-9)


@neighbours
def test_a_constant_column(agrees, rng):
    """A column without spread is not divided by 0: its standard deviation counts as 1"""
    X, y, x = table(rng)
    X[:, 2], x[2] = 2.5, 4.0
    agrees(X, y, x, 6, entries=NEIGHBOURS, tol=1e-9)


@votes
def test_votes(agrees, rng):
    """Every neighbour has one vote; labels without a vote have the share 0"""
    X, y, x = apart(rng)
    near = by_nearness(X, x)
    y[near] = [3, 12, 12, 3, 12, 3, 12, 7, 7]
    for k in (3, 5, 7):
        agrees(X, y, x, k, entries=VOTES, scale=1, tol=1e-9)


@votes
def test_tied_votes(agrees, rng):
    """Of labels with equal shares the smallest is predicted"""
    X, y, x = apart(rng)
    near = by_nearness(X, x)
    y[near] = [7, 12, 3, 12, 7, 3, 12, 12, 12]
    for k in (3, 6):
        agrees(X, y, x, k, entries=VOTES, scale=1, tol=1e-9)


@shares
@pytest.mark.parametrize("k", [1, 6])
def test_feature_shares(agrees, rng, k):
    """The share of each feature in the squared distance to each neighbour"""
    agrees(*apart(rng), k, entries=SHARES, scale=1, tol=1e-9)


@shares
def test_the_row_itself(agrees, rng):
    """Where the distance is 0 all feature shares are 0"""
    X, y, x = apart(rng)
    for k in (2, 5):
        agrees(np.vstack([X, x]), np.append(y, 3), x, k, entries=SHARES, scale=1, tol=1e-9)


@errors
@pytest.mark.parametrize("k", [0, -2, 10])
def test_no_such_k(student, rng, k):
    """k below 1, or above the number of rows, raises ValueError"""
    with pytest.raises(ValueError):
        student.knn_explanation(*table(rng, 9), k)


@errors
def test_keys(student, rng):
    """The result holds the five keys of the docstring, and no others"""
    assert set(student.knn_explanation(*table(rng), 3)) == KEYS, "the keys must be those of the docstring"


@errors
def test_everything_is_as_before(student, rng):
    """X_train, y_train and x are as they were before the call"""
    student.knn_explanation(*table(rng), 3)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
neighbours.mistake(
    "You do not standardise: the feature with the largest unit decides who is near.",
    "spread = np.where(spread == 0, 1.0, spread)",
    "spread = np.ones_like(spread)",
    about="largest unit",
)
neighbours.mistake(
    "You standardise with ddof = 1: all your distances are too small by the factor sqrt((n - 1) / n). Use ddof = 0.",
    "X_train.std(axis=0)",
    "X_train.std(axis=0, ddof=1)",
    about="ddof",
)
neighbours.mistake(
    "You return squared distances: take their square root.",
    "np.sqrt(squares.sum(axis=1))",
    "squares.sum(axis=1)",
    about="squared distances square",
)
neighbours.mistake(
    "You add the differences without squares: the Euclidean distance is the root of the sum of their squares.",
    "np.sqrt(squares.sum(axis=1))",
    "np.sqrt(squares).sum(axis=1)",
    about="without squares",
)
neighbours.mistake(
    "You divide by the variance: standardised means divided by the standard deviation.",
    "X_train.std(axis=0)",
    "X_train.var(axis=0)",
    about="variance",
)
neighbours.mistake(
    "You standardise with x among the rows: mean and deviation come from X_train alone.",
    "X_train.std(axis=0)",
    "np.vstack([X_train, x]).std(axis=0)",
    about="x among the rows",
)
neighbours.mistake(
    "You list the neighbours from far to near: the nearest comes first.",
    'np.argsort(distance, kind="stable")[:k]',
    'np.argsort(distance, kind="stable")[:k][::-1]',
    about="far to near",
)
neighbours.mistake(
    "You leave out the nearest row, as if it were x itself: x is not one of the rows.",
    'np.argsort(distance, kind="stable")[:k]',
    'np.roll(np.argsort(distance, kind="stable"), -1)[:k]',
    about="leave out the nearest row",
)
neighbours.mistake(
    "Of equal distances you take the higher row number first: the lower one comes first (a stable sort).",
    'np.argsort(distance, kind="stable")[:k]',
    "np.lexsort((-np.arange(len(distance)), distance))[:k]",
    about="higher row number",
)
neighbours.mistake(
    "A column without spread makes every distance NaN: let a standard deviation of 0 be 1.",
    "np.where(spread == 0, 1.0, spread)",
    "spread",
    about="without spread",
)
neighbours.mistake(
    "You add a small number to the standard deviation: a constant column then outweighs all others. A deviation of 0 counts as 1.",
    "np.where(spread == 0, 1.0, spread)",
    "spread + 1e-8",
    about="outweighs",
)
neighbours.mistake(
    "You drop constant columns: x may differ from them, and that is a distance.",
    "np.where(spread == 0, 1.0, spread)",
    "np.where(spread == 0, np.inf, spread)",
    about="drop constant columns",
)
neighbours.mistake(
    "With k = 1 you return single numbers: indices and distances have the shape (k,) for k = 1 too.",
    '"distances": distances,',
    '"distances": distances.squeeze(),',
    about="single numbers",
)
votes.mistake(
    "You weight the votes by 1/distance: every vote counts the same.",
    "vote_shares = (y_train[indices][:, None] == labels).mean(axis=0)",
    "near = 1 / (distances + 1e-12); vote_shares = near @ (y_train[indices][:, None] == labels) / near.sum()",
    about="weight the votes",
)
votes.mistake(
    "You return numbers of votes: divide by k.",
    "labels).mean(axis=0)",
    "labels).sum(axis=0).astype(float)",
    about="numbers of votes",
)
votes.mistake(
    "Your prediction is a position: return the label that stands there in np.unique(y_train).",
    "prediction = labels[np.argmax(vote_shares)]",
    "prediction = np.argmax(vote_shares)",
    about="position",
)
votes.mistake(
    "You have shares for the labels of the neighbours only: every label of y_train has one, 0 included.",
    "labels = np.unique(y_train)",
    "labels = np.unique(y_train[indices])",
    about="labels of the neighbours only",
)
votes.mistake(
    "You predict the label of the nearest row: the neighbours vote.",
    "prediction = labels[np.argmax(vote_shares)]",
    "prediction = y_train[indices[0]]",
    about="label of the nearest row",
)
votes.mistake(
    "Between labels with equally many votes you take the largest: take the smallest.",
    "prediction = labels[np.argmax(vote_shares)]",
    "prediction = labels[::-1][np.argmax(vote_shares[::-1])]",
    about="equally many votes",
)
votes.mistake(
    "You let the nearer neighbour break a tied vote: the smallest label wins it.",
    "prediction = labels[np.argmax(vote_shares)]",
    "prediction = next(c for c in y_train[indices] if vote_shares[labels == c][0] == vote_shares.max())",
    about="break a tied vote",
)
shares.mistake(
    "A neighbour at distance 0 gets NaN: its shares are zeros.",
    "feature_shares = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)",
    "feature_shares = parts / total",
    about="distance 0 gets",
)
shares.mistake(
    "You divide by the distance: shares of the SQUARED distance add up to 1.",
    "parts, total = squares[indices], (distances**2)[:, None]",
    "parts, total = squares[indices], distances[:, None]",
    about="add up to 1",
)
shares.mistake(
    "You take shares of the plain differences: square them.",
    "parts, total = squares[indices], (distances**2)[:, None]",
    "parts = np.sqrt(squares[indices]); total = parts.sum(axis=1, keepdims=True)",
    about="plain differences",
)
shares.mistake(
    "You take the shares in the units of the table: use the standardised differences, as in the distance.",
    "parts, total = squares[indices], (distances**2)[:, None]",
    "parts = ((X_train - x) ** 2)[indices]; total = parts.sum(axis=1, keepdims=True)",
    about="units of the table",
)
shares.mistake(
    "You divide by the total over all neighbours: each neighbour has its own distance.",
    "(distances**2)[:, None]",
    "(distances**2).sum() * (distances > 0)[:, None]",
    about="total over all neighbours",
)
shares.mistake(
    "With k = 1 you return a flat array of shares: the shape is (k, d) for k = 1 too.",
    '"feature_shares": feature_shares,',
    '"feature_shares": feature_shares.squeeze(),',
    about="flat array of shares",
)
shares.mistake(
    "You add the shares of all neighbours up: there is one row for each neighbour.",
    '"feature_shares": feature_shares,',
    '"feature_shares": feature_shares.mean(axis=0),',
    about="one row for each neighbour",
)
errors.mistake(
    "k above the number of rows slips through: a slice just ends earlier. Raise ValueError.",
    "if not 1 <= k <= len(X_train):",
    "if not 1 <= k:",
    about="ends earlier",
)
errors.mistake(
    "k = 0, or a negative k, slips through: raise ValueError below 1.",
    "if not 1 <= k <= len(X_train):",
    "if k > len(X_train):",
    about="below 1",
)
errors.mistake(
    "You return more keys than asked: the docstring names five.",
    '"feature_shares": feature_shares,',
    '"feature_shares": feature_shares, "labels": labels,',
    about="more keys",
)
errors.mistake(
    "X_train is standardised in place: the caller's array must stay in its units.",
    "centre = X_train.mean(axis=0)",
    "centre = X_train.mean(axis=0); X_train -= centre; x = x - centre; centre = 0.0",
    about="in place",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def row_by_row(X_train, y_train, x, k):
    n, d = len(X_train), len(x)
    if k < 1 or k > n:
        raise ValueError("k")
    scale = []
    for j in range(d):
        column = [float(v) for v in X_train[:, j]]
        middle = sum(column) / n
        scale.append((sum((v - middle) ** 2 for v in column) / n) ** 0.5 or 1.0)
    found = []
    for i in range(n):
        parts = [((float(x[j]) - float(X_train[i, j])) / scale[j]) ** 2 for j in range(d)]
        found.append((sum(parts) ** 0.5, i, parts))
    found = sorted(found, key=lambda one: one[:2])[:k]
    labels = sorted(set(y_train.tolist()))
    counts = {label: sum(y_train[i] == label for _, i, _ in found) for label in labels}
    best = max(counts.values())
    return {
        "indices": [i for _, i, _ in found],
        "distances": [r for r, _, _ in found],
        "vote_shares": [counts[label] / k for label in labels],
        "prediction": min(label for label in labels if counts[label] == best),
        "feature_shares": [[p / sum(parts) if sum(parts) else 0.0 for p in parts] for _, _, parts in found],
    }


@alternative
def with_scikit_learn(X_train, y_train, x, k):
    from sklearn.preprocessing import StandardScaler

    if k not in range(1, len(X_train) + 1):
        raise ValueError("k")
    scaler = StandardScaler().fit(X_train)
    gaps = np.square(scaler.transform(X_train) - scaler.transform(x[None]))
    r = np.linalg.norm(scaler.transform(X_train) - scaler.transform(x[None]), axis=1)
    order = np.lexsort((np.arange(len(r)), r))[:k]
    classes, position = np.unique(y_train, return_inverse=True)
    share = np.bincount(position[order], minlength=len(classes)) / k
    rows = np.where(gaps[order].sum(1, keepdims=True) > 0, gaps[order], 0)
    rows = rows / np.maximum(rows.sum(1, keepdims=True), 1e-300)
    return {
        "indices": order,
        "distances": r[order],
        "vote_shares": share,
        "prediction": classes[share.argmax()],
        "feature_shares": rows,
    }
