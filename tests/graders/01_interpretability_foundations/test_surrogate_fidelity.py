"""Hidden grader of `surrogate_fidelity`: a ridge surrogate of a black box, and its R2 on other rows."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import Part, alternative, unchanged

fit = Part("coef+intercept", 5)
fidelity = Part("r2", 4)
errors = Part("edge+error", 1)

FITTED, R2 = ("coef", "intercept"), ("r2",)


def black_box():
    """Curved, with an interaction, and a mean far from 0."""
    terms = [[6.0, []], [2.0, [0]], [-1.5, [1]], [0.8, [0, 2]], [0.7, [1, 1]]]
    return predictor("poly", terms=terms, columns=3)


def rows(rng, n, shift=0.0, spread=1.0):
    """Columns of unequal scale, not centred."""
    return (rng.array(n, 3) * spread + 1.0 + shift) * np.array([1.0, 0.6, 1.8])


# ------------------------------------------------------------------------------------------- the tests
@fit
@pytest.mark.parametrize("ridge", [0.0, 2.5, 40.0])
def test_fit(agrees, rng, ridge):
    """The surrogate minimises the sum of squares on X_fit, plus ridge times the squared coefficients"""
    agrees(black_box(), rows(rng, 23), rows(rng, 11, 0.5), ridge, entries=FITTED)


@fidelity
@pytest.mark.parametrize(("shift", "spread"), [(0.3, 1.0), (0.8, 0.7), (6.0, 0.2)])
def test_r2(agrees, rng, shift, spread):
    """R2 is measured on X_eval, against the mean of the black box there, and may be negative"""
    agrees(black_box(), rows(rng, 23), rows(rng, 14, shift, spread), 1.5, entries=R2)


@errors
def test_no_variation(agrees, rng):
    """Where the black box does not vary on X_eval, r2 is 1 if it is copied exactly and else 0"""
    agrees(predictor("constant", value=2.75), rows(rng, 9), rows(rng, 7), 0.5, entries=R2)
    bent = predictor(
        "kink",
        weights=[0.0, 0.0, 0.0],
        intercept=3.0,
        directions=[[1.0, 0.0, 0.0]],
        offsets=[0.5],
        sizes=[2.0],
    )
    agrees(bent, rows(rng, 23), rows(rng, 7, -9.0), 0.5, entries=R2)


@errors
def test_negative_ridge(student, rng):
    """A negative ridge raises ValueError"""
    with pytest.raises(ValueError):
        student.surrogate_fidelity(black_box(), rows(rng, 9), rows(rng, 7), -0.5)


@errors
def test_keys(student, rng):
    """The result holds the keys coef, intercept and r2, and no others"""
    got = student.surrogate_fidelity(black_box(), rows(rng, 9), rows(rng, 7), 0.5)
    assert set(got) == {"coef", "intercept", "r2"}, "the keys must be coef, intercept and r2"


@errors
def test_everything_is_as_before(student, rng):
    """X_fit and X_eval are as they were before the call"""
    student.surrogate_fidelity(black_box(), rows(rng, 9), rows(rng, 7), 0.5)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
fit.mistake(
    "You penalise the intercept: only the coefficients are (centre the columns and f, or leave its entry of the penalty 0).",
    "coef = np.linalg.solve(away.T @ away + penalty, away.T @ (f - mean_f))\n    intercept = mean_f - mean_x @ coef",
    "one = np.column_stack([X_fit, np.ones(len(X_fit))])\n    "
    "*coef, intercept = np.linalg.solve(one.T @ one + ridge * np.eye(one.shape[1]), one.T @ f)\n    coef = np.array(coef)",
    about="penalise the intercept",
)
fit.mistake(
    "You weigh the penalty against the MEAN of the squares: the loss is a sum, so ridge is not multiplied by the number of rows.",
    "penalty = ridge * np.eye",
    "penalty = len(X_fit) * ridge * np.eye",
    about="number of rows",
)
fit.mistake(
    "The penalty is missing: this is ordinary least squares.",
    "penalty = ridge * np.eye",
    "penalty = 0 * np.eye",
    about="ordinary least squares",
)
fit.mistake(
    "You halve the penalty: the loss has no factor 1/2 before either term.",
    "penalty = ridge * np.eye",
    "penalty = ridge / 2 * np.eye",
    about="halve",
)
fit.mistake(
    "You fit rounded answers: fit the numbers that predict returns.",
    'f = watch("f", predict(X_fit))',
    'f = watch("f", np.round(predict(X_fit)))',
    about="rounded",
)
fit.mistake(
    "You fit whether the answer is above 0 or its average: fit the numbers themselves.",
    'f = watch("f", predict(X_fit))',
    'f = watch("f", (predict(X_fit) > predict(X_fit).mean()).astype(float))',
    about="whether",
)
fit.mistake(
    "You fit on X_eval: the surrogate learns from X_fit, and is measured on X_eval.",
    'f = watch("f", predict(X_fit))',
    "X_fit, f = X_eval, predict(X_eval)",
    about="learns from X_fit",
)
fit.mistake(
    "You force the surrogate through the origin: it has an intercept.",
    "mean_x, mean_f = X_fit.mean(axis=0), f.mean()",
    "mean_x, mean_f = np.zeros(X_fit.shape[1]), 0.0",
    about="origin",
)
fit.mistake(
    "Your coefficients belong to standardised columns: give them in the units of X_fit, and penalise them there.",
    "away = X_fit - mean_x",
    "away = (X_fit - mean_x) / X_fit.std(axis=0)",
    about="standardised",
)
fit.mistake(
    "Your intercept is the mean of f: that is right for centred columns only, subtract mean . coef.",
    "intercept = mean_f - mean_x @ coef",
    "intercept = mean_f",
    about="centred columns only",
)
fidelity.mistake(
    "You measure on X_fit: fidelity counts on X_eval, on rows that the surrogate has not been fitted to.",
    "truth = predict(X_eval)\n    copy = X_eval @ coef + intercept",
    "truth = predict(X_fit)\n    copy = X_fit @ coef + intercept",
    about="fidelity counts",
)
fidelity.mistake(
    "You return the unexplained share, which is 1 - r2.",
    "r2 = 1 - missed / spread",
    "r2 = missed / spread",
    about="unexplained",
)
fidelity.mistake(
    "You cut r2 off at 0: a bad surrogate has a negative r2, worse than the constant mean.",
    "r2 = 1 - missed / spread",
    "r2 = max(1 - missed / spread, 0.0)",
    about="cut",
)
fidelity.mistake(
    "You compare with the mean of f on X_fit: the mean belongs to the rows of X_eval.",
    "spread = ((truth - truth.mean()) ** 2).sum()",
    "spread = ((truth - mean_f) ** 2).sum()",
    about="mean of f on X_fit",
)
fidelity.mistake(
    "You square the correlation of f and g: it does not notice a surrogate that is off by a shift or a factor.",
    "r2 = 1 - missed / spread",
    "r2 = np.corrcoef(truth, copy)[0, 1] ** 2",
    about="correlation",
)
fidelity.mistake(
    "You divide the mean of the squares by a variance with ddof = 1: both must be sums, or both plain means.",
    "r2 = 1 - missed / spread",
    "r2 = 1 - missed / len(truth) / truth.var(ddof=1)",
    about="ddof",
)
fidelity.mistake(
    "You compare the surrogate with its own mean: the denominator is the spread of the black box.",
    "spread = ((truth - truth.mean()) ** 2).sum()",
    "spread = ((copy - copy.mean()) ** 2).sum()",
    about="own mean",
)
errors.mistake(
    "You divide by 0 where the black box does not vary: the docstring says what r2 is then.",
    "if spread <= 1e-12:",
    "if False:",
    about="docstring says",
)
errors.mistake(
    "Where the black box does not vary you give full marks: r2 is 0 if the surrogate misses it.",
    "r2 = 1.0 if missed <= 1e-12 else 0.0",
    "r2 = 1.0",
    about="full marks",
)
errors.mistake(
    "Where the black box does not vary you give nothing: r2 is 1 if the surrogate copies it.",
    "r2 = 1.0 if missed <= 1e-12 else 0.0",
    "r2 = 0.0",
    about="nothing",
)
errors.mistake(
    "A negative ridge slips through: raise ValueError.",
    "if ridge < 0:",
    "if False:",
    about="slips through",
)
errors.mistake(
    "You return more keys than asked: coef, intercept and r2.",
    '"r2": float(r2)}',
    '"r2": float(r2), "prediction": copy}',
    about="more keys",
)
errors.mistake(
    "X_fit is centred in place: work on a copy.",
    "away = X_fit - mean_x",
    "away = X_fit; away -= mean_x",
    about="in place",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def least_squares_with_more_rows(predict, X_fit, X_eval, ridge):
    """The penalty as further rows of an ordinary least squares problem, the intercept as a column without one."""
    if ridge < 0:
        raise ValueError("ridge")
    d = X_fit.shape[1]
    design = np.vstack([np.c_[X_fit, np.ones(len(X_fit))], np.c_[np.sqrt(ridge) * np.eye(d), np.zeros(d)]])
    target = np.concatenate([predict(X_fit), np.zeros(d)])
    solution = np.linalg.lstsq(design, target, rcond=None)[0]
    f = predict(X_eval)
    g = np.c_[X_eval, np.ones(len(X_eval))] @ solution
    top, bottom = np.mean((f - g) ** 2), np.mean((f - f.mean()) ** 2)
    if bottom * len(f) <= 1e-12:
        quality = float(top * len(f) <= 1e-12)
    else:
        quality = 1 - top / bottom
    return {"r2": quality, "coef": solution[:d], "intercept": solution[d]}


@alternative
def with_scikit_learn(predict, X_fit, X_eval, ridge):
    from sklearn.linear_model import LinearRegression, Ridge
    from sklearn.metrics import r2_score

    if not ridge >= 0:
        raise ValueError("ridge")
    model = Ridge(alpha=ridge, solver="cholesky") if ridge else LinearRegression()
    model.fit(X_fit, [float(predict(row[None])[0]) for row in X_fit])
    f, g = predict(X_eval), model.predict(X_eval)
    if ((f - f.mean()) ** 2).sum() <= 1e-12:
        return {"coef": model.coef_, "intercept": model.intercept_, "r2": int(((f - g) ** 2).sum() <= 1e-12)}
    return {"coef": model.coef_.tolist(), "intercept": model.intercept_, "r2": r2_score(f, g)}
