"""Public checks of `surrogate_fidelity`."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import close, family, unchanged


def test_a_linear_black_box(student, rng):
    """A linear black box is found again without a penalty, and copied with r2 = 1"""
    model = predictor("linear", weights=[1.5, -2.0, 0.5], intercept=3.0)
    got = student.surrogate_fidelity(model, rng.array(9, 3), rng.array(5, 3) + 2, 0.0)
    close(got, {"coef": model([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) - 3.0, "intercept": 3.0, "r2": 1.0})


@pytest.mark.parametrize(("ridge", "shift"), [(0.0, 0.0), (3.0, 0.5), (3.0, 5.0)])
def test_worked_example(agrees, rng, ridge, shift):
    """A worked example: a curved black box, judged near and far from the rows it was copied on"""
    model = predictor("poly", terms=[[4.0, []], [2.0, [0]], [-1.0, [1]], [0.7, [0, 0]]], columns=2)
    agrees(model, rng.array(12, 2) + 1, 0.5 * rng.array(8, 2) + 1 + shift, ridge)


def test_no_variation(agrees, rng):
    """A worked example: a black box that always answers the same"""
    agrees(predictor("constant", value=1.5), rng.array(6, 2), rng.array(4, 2), 1.0)


def test_negative_ridge(student, rng):
    """A negative ridge raises ValueError"""
    with pytest.raises(ValueError):
        student.surrogate_fidelity(predictor("constant", value=1.5), rng.array(6, 2), rng.array(4, 2), -1.0)


def test_everything_is_as_before(student, rng):
    """X_fit and X_eval are as they were before the call"""
    student.surrogate_fidelity(predictor("linear", weights=[1.0, 2.0]), rng.array(6, 2), rng.array(4, 2), 1.0)
    unchanged(student)


@family
def SMALL(rng, size):
    """A parabola at a few whole numbers."""
    slope, bend = rng.integers(1, 4, 2).tolist()
    curve = predictor("poly", terms=[[2.0, []], [slope, [0]], [bend, [0, 0]]], columns=1)
    return curve, np.arange(size + 2.0)[:, None], np.arange(3.0)[:, None] + 1, 2.0
