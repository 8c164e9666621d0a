"""Exercise permutation_importance: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import numpy as np

PART = {
    "wrong_column_not_put_back": "mean",
    "wrong_sign_turned": "mean",
    "wrong_ratio": "mean",
    "wrong_labels_shuffled": "mean",
    "wrong_scattered": "mean",
    "wrong_first_permutation_for_all_columns": "mean",
    "wrong_negative_cut": "mean",
    "wrong_first_repeat_only": "mean",
    "wrong_median_over_repeats": "mean",
    "wrong_root_of_mse": "mean",
    "wrong_sample_deviation": "std",
    "wrong_standard_error": "std",
    "wrong_base_is_accuracy": "base",
    "wrong_other_loss_taken_for_mse": "errors",
    "wrong_perms_cut": "errors",
}


def _loss(prediction, y, loss):
    if loss == "zero_one":
        return float(np.mean(np.asarray(prediction) != np.asarray(y)))
    if loss == "mse":
        return float(np.mean((np.asarray(prediction, float) - np.asarray(y, float)) ** 2))
    raise ValueError("loss is 'zero_one' or 'mse'")


def _checked(X, perms, loss):
    n, d = X.shape
    if loss not in ("zero_one", "mse"):
        raise ValueError("loss is 'zero_one' or 'mse'")
    if np.ndim(perms) != 3 or np.shape(perms)[1:] != (d, n) or len(perms) == 0:
        raise ValueError("perms needs the shape (R, d, n)")


def _table(predict, X, y, perms, loss, change):
    _checked(X, perms, loss)
    base = _loss(predict(X), y, loss)
    table = np.zeros((len(perms), X.shape[1]))
    for r, repeat in enumerate(perms):
        for j in range(X.shape[1]):
            table[r, j] = _loss(predict(change(X, repeat, j)), y, loss) - base
    return base, table


def _gather(X, repeat, j):
    shuffled = X.copy()
    shuffled[:, j] = X[repeat[j], j]
    return shuffled


def _answer(base, table):
    return {"mean": table.mean(0), "std": table.std(0), "base": base}


def right_loops(predict, X, y, perms, loss):
    """Repeat by repeat, column by column."""
    return _answer(*_table(predict, X, y, perms, loss, _gather))


def right_column_saved_and_restored(predict, X, y, perms, loss):
    """One working copy; each column is put back."""
    _checked(X, perms, loss)
    measure = {
        "zero_one": lambda p: np.count_nonzero(p != y) / len(y),
        "mse": lambda p: float(np.dot(p - y, p - y)) / len(y),
    }[loss]
    work = np.array(X, dtype=float)
    base = measure(np.asarray(predict(work.copy())))
    columns = []
    for j in range(work.shape[1]):
        kept = work[:, j].copy()
        rises = []
        for repeat in np.asarray(perms):
            work[:, j] = kept.take(repeat[j])
            rises.append(measure(np.asarray(predict(work.copy()))) - base)
        work[:, j] = kept
        columns.append(rises)
    rises = np.array(columns)
    mean = rises.sum(1) / len(perms)
    return {"mean": mean, "std": np.sqrt(((rises - mean[:, None]) ** 2).mean(1)), "base": base}


def right_one_big_matrix(predict, X, y, perms, loss):
    """All shuffled tables stacked, one call of the model."""
    _checked(X, perms, loss)
    perms = np.asarray(perms)
    repeats, d, n = perms.shape
    big = np.broadcast_to(X, (repeats, d, n, d)).copy()
    for j in range(d):
        big[:, j, :, j] = X[perms[:, j], j]
    outputs = np.asarray(predict(np.concatenate([X, big.reshape(-1, d)])))
    if loss == "zero_one":
        losses = (outputs.reshape(-1, n) != y).mean(1)
    else:
        losses = ((outputs.reshape(-1, n) - y) ** 2).mean(1)
    table = (losses[1:] - losses[0]).reshape(repeats, d)
    return {"mean": table.mean(axis=0), "std": table.std(axis=0), "base": float(losses[0])}


def wrong_column_not_put_back(predict, X, y, perms, loss):
    """The shuffled columns stay shuffled."""
    _checked(X, perms, loss)
    base = _loss(predict(X), y, loss)
    table = np.zeros((len(perms), X.shape[1]))
    for r, repeat in enumerate(perms):
        work = X.copy()
        for j in range(X.shape[1]):
            work[:, j] = X[repeat[j], j]
            table[r, j] = _loss(predict(work), y, loss) - base
    return _answer(base, table)


def wrong_sign_turned(predict, X, y, perms, loss):
    """The loss before less the loss after."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return _answer(base, -table)


def wrong_ratio(predict, X, y, perms, loss):
    """The ratio of the losses, less 1."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return _answer(base, table / base if base > 0 else table)


def wrong_labels_shuffled(predict, X, y, perms, loss):
    """The labels are shuffled in place of the column."""
    _checked(X, perms, loss)
    base = _loss(predict(X), y, loss)
    table = np.array([[_loss(predict(X), y[p], loss) - base for p in repeat] for repeat in perms])
    return _answer(base, table)


def wrong_scattered(predict, X, y, perms, loss):
    """Puts row i to place perms[i]: the inverse of the permutation."""

    def scatter(table, repeat, j):
        shuffled = table.copy()
        shuffled[repeat[j], j] = table[:, j]
        return shuffled

    return _answer(*_table(predict, X, y, perms, loss, scatter))


def wrong_first_permutation_for_all_columns(predict, X, y, perms, loss):
    """The permutation of the first column for all columns."""

    def first(table, repeat, j):
        shuffled = table.copy()
        shuffled[:, j] = table[repeat[0], j]
        return shuffled

    return _answer(*_table(predict, X, y, perms, loss, first))


def wrong_negative_cut(predict, X, y, perms, loss):
    """A negative importance becomes 0, repeat by repeat."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return {**_answer(base, table), "mean": np.maximum(table, 0).mean(0)}


def wrong_first_repeat_only(predict, X, y, perms, loss):
    """The mean of the first repeat alone; right for one."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return {**_answer(base, table), "mean": table[0]}


def wrong_median_over_repeats(predict, X, y, perms, loss):
    """The median over the repeats; right for one or two."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return {**_answer(base, table), "mean": np.median(table, axis=0)}


def wrong_root_of_mse(predict, X, y, perms, loss):
    """The rise of the root of the mean squared error."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    if loss == "mse":
        table = np.sqrt(table + base) - np.sqrt(base)
    return {"mean": table.mean(0), "std": table.std(0), "base": base}


def wrong_sample_deviation(predict, X, y, perms, loss):
    """Divides by R - 1; 0 for one repeat."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    spread = table.std(0, ddof=1) if len(table) > 1 else np.zeros(table.shape[1])
    return {**_answer(base, table), "std": spread}


def wrong_standard_error(predict, X, y, perms, loss):
    """The deviation divided by the root of R."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return {**_answer(base, table), "std": table.std(0) / np.sqrt(len(table))}


def wrong_base_is_accuracy(predict, X, y, perms, loss):
    """The share of right answers in place of the loss."""
    base, table = _table(predict, X, y, perms, loss, _gather)
    return {**_answer(base, table), "base": 1 - base}


def wrong_other_loss_taken_for_mse(predict, X, y, perms, loss):
    """Anything but zero_one counts as mse."""
    return right_loops(predict, X, y, perms, loss if loss == "zero_one" else "mse")


def wrong_perms_cut(predict, X, y, perms, loss):
    """Does not look at the shape of perms."""
    if loss not in ("zero_one", "mse"):
        raise ValueError("loss is 'zero_one' or 'mse'")
    base = _loss(predict(X), y, loss)
    n, d = X.shape
    perms = np.resize(perms, (max(1, len(perms)), d, n)) % n
    table = np.array([[_loss(predict(_gather(X, p, j)), y, loss) - base for j in range(d)] for p in perms])
    return _answer(base, table)
