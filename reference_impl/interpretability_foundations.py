"""Lesson 01, interpretability foundations: the reference implementations, which are also the solutions.

Signature and docstring of a function become the learner's stub. A function uses only its arguments,
the imports below (the notebook's set-up cell) and coursekit, never another exercise.
"""

from collections.abc import Callable

import numpy as np

from coursekit import watch


def linear_contributions(
    weights: np.ndarray, intercept: float, X: np.ndarray, background: np.ndarray
) -> tuple[float, np.ndarray]:
    """What each feature adds to a linear score, compared with the average row of a background.

    The score of a row x is ``intercept + weights . x``. With mean_j the mean of column j of the background::

        base               = intercept + weights . mean
        contributions[i,j] = weights[j] * (X[i,j] - mean[j])

    Base and contributions of a row add up to its score. Both are in the units of the score: log-odds for
    a logistic regression, not probabilities.

    Args:
        weights: (d,) float64.
        intercept: the score at x = 0.
        X: rows to explain, (n, d) float64.
        background: rows of comparison, (m, d) float64.

    Returns:
        ``(base, contributions)``: one float, and an array (n, d).

    Raises:
        ValueError: background has no row, or weights, X and background differ in their number of features.

    No argument is changed.
    Source: Lundberg, Lee 2017 (arXiv:1705.07874), "Linear SHAP": the Shapley values of a linear model
    whose features are independent.
    """
    if len(background) == 0:
        raise ValueError("background has no row: there is nothing to compare with")
    if not len(weights) == X.shape[1] == background.shape[1]:
        raise ValueError(
            f"weights, X and background have {len(weights)}, {X.shape[1]} and {background.shape[1]} features"
        )
    mean = watch("mean", background.mean(axis=0))
    base = intercept + weights @ mean
    contributions = weights * (X - mean)
    return float(base), contributions


def decision_rule(tree: dict[str, np.ndarray], x: np.ndarray) -> dict:
    """The way of one row through a decision tree, as one rule.

    A row starts at node 0. At an inner node it goes to the left child if ``np.float32(x[f]) <= threshold``
    (f and threshold are the node's; scikit-learn stores rows in float32 and compares in this way), else
    to the right child.

    Args:
        tree: ``children_left`` and ``children_right`` (nodes,) int, -1 at a leaf; ``feature`` (nodes,) int;
            ``threshold`` (nodes,) float64; ``value`` (nodes, classes) float64.
        x: one row, (d,) float64.

    Returns:
        A dict with exactly these keys:

        - ``"path"``: list of node numbers from the root to the leaf, both included;
        - ``"rule"``: list of tuples ``(feature, low, high)``, one for each feature tested on the path,
          meaning ``low < x[feature] <= high`` with the tightest bounds that were met, -inf or inf where there
          is none, in the order in which the features are first tested;
        - ``"prediction"``: the class with the largest value at the leaf, of equal ones the lowest.

        For a tree of a single leaf the path is ``[0]`` and the rule ``[]``.

    Raises:
        ValueError: any entry of x is NaN.

    No argument is changed.
    Source: Breiman, Friedman, Olshen, Stone 1984, Classification and Regression Trees.
    """
    if np.isnan(x).any():
        raise ValueError("x holds NaN, which no threshold can place")
    x = x.astype(np.float32)
    node, path, bounds = 0, [0], {}
    while tree["children_left"][node] != -1:
        feature, threshold = int(tree["feature"][node]), tree["threshold"][node]
        low, high = bounds.get(feature, (-np.inf, np.inf))
        if x[feature] <= threshold:
            node, high = tree["children_left"][node], min(high, threshold)
        else:
            node, low = tree["children_right"][node], max(low, threshold)
        bounds[feature] = (float(low), float(high))
        path.append(int(node))
    watch("leaf", path[-1])
    rule = [(feature, low, high) for feature, (low, high) in bounds.items()]
    prediction = int(np.argmax(tree["value"][node]))
    return {"path": path, "rule": rule, "prediction": prediction}


def knn_explanation(X_train: np.ndarray, y_train: np.ndarray, x: np.ndarray, k: int) -> dict:
    """The k nearest training rows of x, their votes, and what makes each of them near or far.

    All columns are standardised with the mean and the standard deviation (ddof = 0) of X_train; a standard
    deviation of 0 counts as 1. Distances are Euclidean in these units. The neighbours come in the order of
    their distance, and among equal distances the lower row number comes first.

    Args:
        X_train: (n, d) float64.
        y_train: labels, (n,) int, any numbers.
        x: the row to explain, (d,) float64, in the units of X_train.
        k: number of neighbours, from 1 to n.

    Returns:
        A dict with exactly these keys:

        - ``"indices"``: (k,) int, row numbers of the neighbours;
        - ``"distances"``: (k,) float64;
        - ``"vote_shares"``: (C,) float64, for each label of ``np.unique(y_train)`` its share of the k votes,
          every vote counting the same;
        - ``"prediction"``: the label with the largest share, of equal ones the smallest label;
        - ``"feature_shares"``: (k, d) float64, the share of each feature in the *squared* distance to that
          neighbour, all 0 where the distance is 0.

    Raises:
        ValueError: k is below 1 or above n.

    No argument is changed.
    Source: Lipton 2016 (arXiv:1606.03490), explanation by example.
    """
    if not 1 <= k <= len(X_train):
        raise ValueError(f"k must be from 1 to {len(X_train)}, got {k}")
    spread = X_train.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    centre = X_train.mean(axis=0)
    squares = ((X_train - centre) / spread - (x - centre) / spread) ** 2
    distance = watch("distance", np.sqrt(squares.sum(axis=1)))
    indices = np.argsort(distance, kind="stable")[:k]
    distances = distance[indices]
    labels = np.unique(y_train)
    vote_shares = (y_train[indices][:, None] == labels).mean(axis=0)
    prediction = labels[np.argmax(vote_shares)]
    parts, total = squares[indices], (distances**2)[:, None]
    feature_shares = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    return {
        "indices": indices,
        "distances": distances,
        "vote_shares": vote_shares,
        "prediction": int(prediction),
        "feature_shares": feature_shares,
    }


def surrogate_fidelity(
    predict: Callable[[np.ndarray], np.ndarray], X_fit: np.ndarray, X_eval: np.ndarray, ridge: float
) -> dict:
    """A linear stand-in for a black box, and how faithfully it copies the black box on other rows.

    The surrogate ``g(x) = intercept + coef . x`` is fitted to what the black box f answers on X_fit. It
    minimises, over coef and intercept::

        sum over the rows of (f(x) - g(x))**2   +   ridge * (sum of coef**2)

    The first term is a sum, not a mean, and the intercept is not penalised. Its fidelity is measured on
    X_eval, where mean f is the mean of f over X_eval::

        r2 = 1 - sum (f - g)**2 / sum (f - mean f)**2

    Where the denominator is at most 1e-12, r2 is 1.0 if the numerator is at most 1e-12, else 0.0.

    Args:
        predict: the black box, takes rows (n, d) and returns numbers (n,).
        X_fit: (n, d) float64.
        X_eval: (m, d) float64.
        ridge: 0 or more. With 0, the columns of X_fit are independent.

    Returns:
        ``{"coef": (d,), "intercept": float, "r2": float}``, exactly these keys. r2 may be negative.

    Raises:
        ValueError: ridge is negative.

    No argument is changed.
    Source: Molnar, Interpretable Machine Learning, chapter "Global Surrogate".
    """
    if ridge < 0:
        raise ValueError(f"ridge must not be negative, got {ridge}")
    f = watch("f", predict(X_fit))
    mean_x, mean_f = X_fit.mean(axis=0), f.mean()
    away = X_fit - mean_x
    penalty = ridge * np.eye(X_fit.shape[1])
    coef = np.linalg.solve(away.T @ away + penalty, away.T @ (f - mean_f))
    intercept = mean_f - mean_x @ coef
    truth = predict(X_eval)
    copy = X_eval @ coef + intercept
    missed = ((truth - copy) ** 2).sum()
    spread = ((truth - truth.mean()) ** 2).sum()
    if spread <= 1e-12:
        r2 = 1.0 if missed <= 1e-12 else 0.0
    else:
        r2 = 1 - missed / spread
    return {"coef": coef, "intercept": float(intercept), "r2": float(r2)}


def permutation_importance(
    predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray, perms: np.ndarray, loss: str
) -> dict:
    """How much worse a model gets when the values of one column are dealt out anew.

    In repeat r, column j of X is replaced by ``X[perms[r, j], j]``: row i gets the value of row
    ``perms[r, j, i]``. All other columns stay as they are. The importance is what the loss gains::

        importance[r, j] = loss(X with column j replaced) - loss(X)

    Args:
        predict: takes rows (n, d), returns predictions (n,).
        X: (n, d) float64.
        y: what is right, (n,).
        perms: (R, d, n) int, a permutation of 0 .. n-1 for each repeat and column.
        loss: ``"zero_one"`` (share of rows whose prediction is not y) or ``"mse"`` (mean of
            ``(prediction - y)**2``).

    Returns:
        A dict with exactly these keys: ``"mean"`` (d,) and ``"std"`` (d,), over the repeats, with ddof = 0;
        ``"base"``, the loss on X itself. Negative importances stay negative.

    Raises:
        ValueError: loss is neither of the two, or perms has not the shape (R, d, n).

    No argument is changed.
    Source: Breiman 2001, Random Forests, Machine Learning 45, section 10; Fisher, Rudin, Dominici 2019
    (arXiv:1801.01489), model reliance as a difference.
    """
    if loss not in ("zero_one", "mse"):
        raise ValueError(f"loss must be 'zero_one' or 'mse', got {loss!r}")
    n, d = X.shape
    if perms.ndim != 3 or perms.shape[1:] != (d, n):
        raise ValueError(f"perms must have the shape (R, {d}, {n}), got {perms.shape}")

    def measure(prediction):
        wrong = prediction != y if loss == "zero_one" else (prediction - y) ** 2
        return wrong.mean()

    base = watch("base", measure(predict(X)))
    importance = np.empty((len(perms), d))
    for r in range(len(perms)):
        for j in range(d):
            dealt = X.copy()
            dealt[:, j] = X[perms[r, j], j]
            importance[r, j] = measure(predict(dealt)) - base
    return {"mean": importance.mean(axis=0), "std": importance.std(axis=0), "base": float(base)}


def clever_hans_test(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    cue_mask: np.ndarray,
    cue_present: np.ndarray,
    cue_absent: np.ndarray,
    cue_class: int,
) -> dict[str, float]:
    """Does a classifier follow a suspected cue? Its accuracy with the cue put where it should not be.

    Make two copies of X: in ON the columns of cue_mask are those of cue_present, in OFF those of
    cue_absent; all other columns stay as they are. Judge every row in both.

    Args:
        predict: takes rows (n, d), returns labels (n,).
        X: (n, d) float64.
        y: labels, (n,) int.
        cue_mask: (d,) bool, the columns that make up the cue.
        cue_present, cue_absent: (d,) float64; only their entries inside the mask count.
        cue_class: the label that the cue is suspected to stand for.

    Returns:
        A dict of floats with exactly these keys; all are averages over rows, not over classes:

        - ``"accuracy"``: on X as given;
        - ``"accuracy_aligned"``: rows with ``y == cue_class`` judged in ON, all others in OFF;
        - ``"accuracy_reversed"``: rows with ``y == cue_class`` judged in OFF, all others in ON;
        - ``"flip_rate"``: share of rows whose prediction in ON is not that in OFF;
        - ``"worst_group_accuracy"``: the lowest accuracy among the groups {y == cue_class, y != cue_class} x
          {ON, OFF}; groups without rows do not count.

    Raises:
        ValueError: cue_mask names no column.

    No argument is changed.
    Source: Lapuschkin and others 2019 (Clever Hans predictors, Nature Communications 10); Sagawa and others
    2020 (worst-group accuracy, arXiv:1911.08731).
    """
    if not cue_mask.any():
        raise ValueError("cue_mask names no column: there is no cue to test")
    on, off = X.copy(), X.copy()
    on[:, cue_mask] = cue_present[cue_mask]
    off[:, cue_mask] = cue_absent[cue_mask]
    said_on, said_off = watch("said_on", predict(on)), watch("said_off", predict(off))
    has_cue = y == cue_class
    right_on, right_off = said_on == y, said_off == y
    aligned = np.where(has_cue, right_on, right_off)
    turned = np.where(has_cue, right_off, right_on)
    groups = [right[rows] for right in (right_on, right_off) for rows in (has_cue, ~has_cue)]
    return {
        "accuracy": float((predict(X) == y).mean()),
        "accuracy_aligned": float(aligned.mean()),
        "accuracy_reversed": float(turned.mean()),
        "flip_rate": float((said_on != said_off).mean()),
        "worst_group_accuracy": float(min(group.mean() for group in groups if len(group))),
    }


def hinton_geometry(W: np.ndarray, max_weight: float | None = None) -> dict[str, np.ndarray]:
    """Where the squares of a Hinton diagram lie: one for each weight, its area the size of the weight.

    The cell of ``W[i, j]`` is the unit square from x = j to j + 1 and from y = i to i + 1, where y points
    down as in a picture. In its middle lies a square with an *area* proportional to the size of the weight::

        side = sqrt(min(|W[i, j]| / max_weight, 1))

    Args:
        W: (n, m) float64.
        max_weight: the size that fills its cell; None stands for the largest size in W. If that is 0, all
            sides are 0.

    Returns:
        A dict of arrays (n, m) with exactly these keys: ``"left"`` and ``"top"``, x and y of the square's
        upper left corner; ``"side"``; all float64; and ``"sign"``, int: 1 (drawn white), -1 (black), 0.

    Raises:
        ValueError: W has not two axes, or max_weight is not above 0.

    W is not changed.
    """
    if W.ndim != 2:
        raise ValueError(f"W must have two axes, got {W.ndim}")
    if max_weight is not None and max_weight <= 0:
        raise ValueError(f"max_weight must be above 0, got {max_weight}")
    size = np.abs(W)
    full = size.max() if max_weight is None else max_weight
    side = np.sqrt(np.minimum(size / full, 1)) if full > 0 else np.zeros(W.shape)
    row, column = np.indices(W.shape)
    left = column + (1 - side) / 2
    top = row + (1 - side) / 2
    return {"left": left, "top": top, "side": side, "sign": np.sign(W).astype(int)}


def contextualised_weights(
    weights: list[np.ndarray], unit: int, gates: list[np.ndarray] | None = None
) -> np.ndarray:
    """The incoming weights of a unit in a higher layer, expressed in the inputs of the network.

    With W_1 the matrix of the lowest layer and W_L that of the unit's layer::

        W_L[unit] D_(L-1) W_(L-1) ... D_1 W_1

    where D_l is diagonal with ``gates[l - 1]`` on it, or the identity when gates is None. Biases play no
    part. For a ReLU network, with 1 where a hidden unit is on for an input and 0 where it is off, this is
    the gradient of the unit's input at that input.

    Args:
        weights: L matrices, weights[l] of shape (units of that layer, its inputs), from the input upwards;
            the unit lives in the last one.
        unit: number of the unit, 0 to len(weights[-1]) - 1.
        gates: one array (units,) for each hidden layer, L - 1 in all; 0, 1 or any other factor.

    Returns:
        (d,) float64, one number for each input of the network. With a single matrix: a copy of its row.

    Raises:
        ValueError: gates has not L - 1 entries, or there is no such unit.

    No argument is changed.
    Source: Voss and others 2021, Visualizing Weights (Distill), "expanded weights" and "contextualization".
    """
    if not 0 <= unit < len(weights[-1]):
        raise ValueError(f"unit must be from 0 to {len(weights[-1]) - 1}, got {unit}")
    if gates is not None and len(gates) != len(weights) - 1:
        raise ValueError(f"{len(weights) - 1} gates are needed, one for each hidden layer, got {len(gates)}")
    row = weights[-1][unit].copy()
    for layer in reversed(range(len(weights) - 1)):
        if gates is not None:
            row = row * gates[layer]
        row = row @ weights[layer]
    return row
