"""Public checks of `knn_explanation`."""

import numpy as np
import pytest

from coursekit.checks import close, family, unchanged


def rows(rng, n):
    """Rows of three features in unlike units, labels 2 and 5, and a row to explain."""
    units = np.array([1.0, 30.0, 0.1])
    return (rng.array(n, 3) + 1) * units, np.array([5, 2])[np.arange(n) % 2], rng.array(3) * units


@pytest.mark.parametrize("k", [1, 4])
def test_worked_example(agrees, rng, k):
    """A worked example: the k nearest of nine rows"""
    agrees(*rows(rng, 9), k, scale=1, tol=1e-9)


def test_special_columns_and_rows(agrees, rng):
    """A worked example: a constant column, a row twice, and the row itself among the rows"""
    X, y, _ = rows(rng, 8)
    X[:, 1] = 2.0
    X[5] = X[2]
    agrees(X, y, X[2].copy(), 4, scale=1, tol=1e-9)


def test_shares_add_up(student, rng):
    """The votes, and the feature shares of each neighbour, add up to 1"""
    got = student.knn_explanation(*rows(rng, 9), 4)
    close(np.sum(got["vote_shares"]), 1.0)
    close(np.sum(got["feature_shares"], axis=1), np.ones(4))


@pytest.mark.parametrize("k", [0, 7])
def test_no_such_k(student, rng, k):
    """k = 0, and k above the number of rows, raise ValueError"""
    with pytest.raises(ValueError):
        student.knn_explanation(*rows(rng, 6), k)


def test_everything_is_as_before(student, rng):
    """X_train, y_train and x are as they were before the call"""
    student.knn_explanation(*rows(rng, 9), 3)
    unchanged(student)


@family
def SMALL(rng, size):
    """Few rows of small whole numbers."""
    X = rng.integers(-3, 4, size + 2, 2).numpy().astype(float)
    return X, np.arange(size + 2) % 2, rng.integers(-3, 4, 2).numpy().astype(float), size
