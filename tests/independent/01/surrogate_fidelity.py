"""Exercise surrogate_fidelity: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import numpy as np
from sklearn.linear_model import Ridge

PART = {
    "wrong_intercept_penalised": "coef+intercept",
    "wrong_mean_squared_error": "coef+intercept",
    "wrong_no_intercept": "coef+intercept",
    "wrong_penalty_root": "coef+intercept",
    "wrong_rounded_outputs": "coef+intercept",
    "wrong_ridge_ignored": "coef+intercept",
    "wrong_fitted_on_both": "coef+intercept",
    "wrong_r2_on_fit": "r2",
    "wrong_one_minus_r2": "r2",
    "wrong_clipped": "r2",
    "wrong_squared_correlation": "r2",
    "wrong_mean_of_fit": "r2",
    "wrong_constant_nan": "edge+error",
    "wrong_constant_always_one": "edge+error",
    "wrong_negative_ridge_allowed": "edge+error",
}


def _fit(f, X, ridge):
    X = np.asarray(X, float)
    f = np.asarray(f, float)
    centred = X - X.mean(0)
    left = centred.T @ centred + ridge * np.eye(X.shape[1])
    coef = np.linalg.solve(left, centred.T @ (f - f.mean()))
    return coef, float(f.mean() - X.mean(0) @ coef)


def _r2(f, g):
    f, g = np.asarray(f, float), np.asarray(g, float)
    above, below = ((f - g) ** 2).sum(), ((f - f.mean()) ** 2).sum()
    if below <= 1e-12:
        return 1.0 if above <= 1e-12 else 0.0
    return float(1 - above / below)


def _answer(predict, X_eval, coef, intercept):
    X_eval = np.asarray(X_eval, float)
    return {"coef": coef, "intercept": intercept, "r2": _r2(predict(X_eval), X_eval @ coef + intercept)}


def right_centred(predict, X_fit, X_eval, ridge):
    """The normal equations of centred data."""
    if ridge < 0:
        raise ValueError("ridge must not be negative")
    return _answer(predict, X_eval, *_fit(predict(X_fit), X_fit, ridge))


def right_augmented(predict, X_fit, X_eval, ridge):
    """Least squares with rows for the penalty, and a column for the intercept that has none."""
    if ridge < 0:
        raise ValueError("ridge must not be negative")
    n, d = X_fit.shape
    design = np.vstack(
        [np.column_stack([X_fit, np.ones(n)]), np.column_stack([np.sqrt(ridge) * np.eye(d), np.zeros(d)])]
    )
    wanted = np.concatenate([predict(X_fit), np.zeros(d)])
    solution = np.linalg.lstsq(design, wanted, rcond=None)[0]
    return _answer(predict, X_eval, solution[:d], float(solution[d]))


def right_scikit_learn(predict, X_fit, X_eval, ridge):
    """scikit-learn's Ridge, with the exact solver."""
    if not ridge >= 0:
        raise ValueError("ridge must not be negative")
    model = Ridge(alpha=ridge, solver="svd").fit(X_fit, predict(X_fit))
    f, g = predict(X_eval), model.predict(X_eval)
    below = np.sum(np.square(f - np.mean(f)))
    above = np.sum(np.square(f - g))
    r2 = 1 - above / below if below > 1e-12 else float(above <= 1e-12)
    return {"coef": model.coef_, "intercept": float(model.intercept_), "r2": float(r2)}


def _checked(ridge):
    if ridge < 0:
        raise ValueError("ridge must not be negative")


def wrong_intercept_penalised(predict, X_fit, X_eval, ridge):
    """The intercept is penalised like a weight."""
    _checked(ridge)
    design = np.column_stack([X_fit, np.ones(len(X_fit))])
    solution = np.linalg.solve(design.T @ design + ridge * np.eye(design.shape[1]), design.T @ predict(X_fit))
    return _answer(predict, X_eval, solution[:-1], float(solution[-1]))


def wrong_mean_squared_error(predict, X_fit, X_eval, ridge):
    """The mean of the squares in place of the sum: the penalty is n times as strong."""
    _checked(ridge)
    return _answer(predict, X_eval, *_fit(predict(X_fit), X_fit, ridge * len(X_fit)))


def wrong_no_intercept(predict, X_fit, X_eval, ridge):
    """A plane through the origin."""
    _checked(ridge)
    coef = np.linalg.solve(X_fit.T @ X_fit + ridge * np.eye(X_fit.shape[1]), X_fit.T @ predict(X_fit))
    return _answer(predict, X_eval, coef, 0.0)


def wrong_penalty_root(predict, X_fit, X_eval, ridge):
    """ridge squared as penalty."""
    _checked(ridge)
    return _answer(predict, X_eval, *_fit(predict(X_fit), X_fit, ridge**2))


def wrong_rounded_outputs(predict, X_fit, X_eval, ridge):
    """Fitted to rounded outputs."""
    _checked(ridge)
    return _answer(predict, X_eval, *_fit(np.round(predict(X_fit)), X_fit, ridge))


def wrong_ridge_ignored(predict, X_fit, X_eval, ridge):
    """Least squares, whatever ridge is."""
    _checked(ridge)
    return _answer(predict, X_eval, *_fit(predict(X_fit), X_fit, 0.0))


def wrong_fitted_on_both(predict, X_fit, X_eval, ridge):
    """Fitted to both sets of rows."""
    _checked(ridge)
    both = np.vstack([X_fit, X_eval])
    return _answer(predict, X_eval, *_fit(predict(both), both, ridge))


def wrong_r2_on_fit(predict, X_fit, X_eval, ridge):
    """R2 of the rows that were fitted."""
    _checked(ridge)
    return _answer(predict, X_fit, *_fit(predict(X_fit), X_fit, ridge))


def wrong_one_minus_r2(predict, X_fit, X_eval, ridge):
    """The unexplained share."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    f = predict(X_eval)
    spread = ((f - f.mean()) ** 2).sum()
    return {**answer, "r2": 1 - answer["r2"] if spread > 1e-12 else answer["r2"]}


def wrong_clipped(predict, X_fit, X_eval, ridge):
    """A negative R2 becomes 0."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    return {**answer, "r2": max(0.0, answer["r2"])}


def wrong_squared_correlation(predict, X_fit, X_eval, ridge):
    """The squared correlation, blind to offset and scale."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    f, g = predict(X_eval), X_eval @ answer["coef"] + answer["intercept"]
    if ((f - f.mean()) ** 2).sum() <= 1e-12 or ((g - g.mean()) ** 2).sum() <= 1e-12:
        return answer
    return {**answer, "r2": float(np.corrcoef(f, g)[0, 1] ** 2)}


def wrong_mean_of_fit(predict, X_fit, X_eval, ridge):
    """The spread is taken around the mean of the rows that were fitted."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    f, g = predict(X_eval), X_eval @ answer["coef"] + answer["intercept"]
    if ((f - f.mean()) ** 2).sum() <= 1e-12:
        return answer
    return {**answer, "r2": float(1 - ((f - g) ** 2).sum() / ((f - predict(X_fit).mean()) ** 2).sum())}


def wrong_constant_nan(predict, X_fit, X_eval, ridge):
    """0 / 0 for a constant black box."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    f = predict(X_eval)
    below = ((f - f.mean()) ** 2).sum()
    return answer if below > 1e-12 else {**answer, "r2": float("nan")}


def wrong_constant_always_one(predict, X_fit, X_eval, ridge):
    """1 wherever the black box is constant, also where the surrogate misses it."""
    answer = right_centred(predict, X_fit, X_eval, ridge)
    f = predict(X_eval)
    return answer if ((f - f.mean()) ** 2).sum() > 1e-12 else {**answer, "r2": 1.0}


def wrong_negative_ridge_allowed(predict, X_fit, X_eval, ridge):
    """A negative ridge is taken for its size."""
    return right_centred(predict, X_fit, X_eval, abs(ridge))
