"""Public checks of `permutation_importance`."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import close, family, unchanged


def deals(rng, R, d, n):
    """Permutations (R, d, n)."""
    return np.stack([[rng.permutation(n).numpy() for _ in range(d)] for _ in range(R)])


def problem(rng, R=3, n=9):
    """A score of three columns, the last of which it does not use, and noisy targets."""
    X, model = rng.array(n, 3), predictor("linear", weights=[2.0, -1.0, 0.0])
    return model, X, model(X) + 0.3 * rng.array(n), deals(rng, R, 3, n)


@pytest.mark.parametrize("R", [3, 1])
def test_worked_example(agrees, rng, R):
    """A worked example: the squared error of a linear model"""
    agrees(*problem(rng, R), "mse", tol=1e-10)


def test_labels(agrees, rng):
    """A worked example: the share of wrong labels of a classifier, labels 1, 4 and 8"""
    score, X, _, perms = problem(rng)
    model = predictor("labels", of=score, cuts=[-1.0, 1.0], labels=[1, 4, 8])
    y = model(X)
    y[:3] = [8, 1, 4]
    agrees(model, X, y, perms, "zero_one", tol=1e-10)


def test_a_column_that_is_not_used(student, rng):
    """A column that the model ignores has importance 0, and so has one whose values stay in place"""
    model, X, y, perms = problem(rng)
    perms[:, 0] = np.arange(9)
    close(np.asarray(student.permutation_importance(model, X, y, perms, "mse")["mean"])[[0, 2]], np.zeros(2))


def test_other_losses(student, rng):
    """An unknown loss raises ValueError"""
    with pytest.raises(ValueError):
        student.permutation_importance(*problem(rng), "mae")


def test_everything_is_as_before(student, rng):
    """X, y and perms are as they were before the call"""
    student.permutation_importance(*problem(rng), "mse")
    unchanged(student)


@family
def SMALL(rng, size):
    """A sum of columns, predicted without error, with whole numbers."""
    model = predictor("linear", weights=np.ones(size))
    X = rng.integers(0, 4, 3, size).numpy().astype(float)
    return model, X, X.sum(axis=1), np.stack([[np.array([1, 2, 0])] * size]), "mse"
