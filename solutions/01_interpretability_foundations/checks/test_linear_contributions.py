"""Public checks of `linear_contributions`."""

import numpy as np
import pytest

from coursekit.checks import axiom, close, family, unchanged


@axiom("completeness")
def test_adds_up(student, rng):
    """The base and the contributions of a row add up to its score, intercept + weights . x"""
    weights, X, background = rng.array(4), rng.array(3, 4), rng.array(6, 4) + 1.0
    base, contributions = student.linear_contributions(weights, 0.5, X, background)
    close(base + np.sum(contributions, axis=1), X @ weights + 0.5)


@pytest.mark.parametrize("n", [1, 3])
def test_worked_example(agrees, rng, n):
    """A worked example: rows of five features against a skewed background"""
    agrees(rng.array(5), 1.5, rng.array(n, 5), (rng.array(7, 5) + 1.0) ** 3, tol=1e-10)


def test_no_background(student, rng):
    """A background without rows raises ValueError"""
    with pytest.raises(ValueError):
        student.linear_contributions(rng.array(3), 0.5, rng.array(2, 3), np.empty((0, 3)))


def test_everything_is_as_before(student, rng):
    """Weights, X and background are as they were before the call"""
    student.linear_contributions(rng.array(3), 0.5, rng.array(2, 3), rng.array(4, 3))
    unchanged(student)


@family
def SMALL(rng, size):
    """Small whole numbers; two background rows, whose mean is whole."""
    weights = rng.integers(1, 4, size).numpy().astype(float)
    low = rng.integers(-3, 4, 1, size).numpy().astype(float)
    return weights, 1.0, rng.integers(-4, 5, 1, size).numpy().astype(float), np.vstack([low, low + 2])
