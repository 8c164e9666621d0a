"""Public checks of `clever_hans_test`."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import close, family, unchanged

CUE = (np.array([False, True, False]), np.array([5.0, 2.0, 5.0]), np.array([-5.0, 0.0, -5.0]))


def problem(rng, weights, n=20):
    """Labels 1 and 3, and a model that weighs three columns, the second being the cue of label 3."""
    X, y = rng.array(n, 3), np.where(np.arange(n) % 4 == 0, 3, 1)
    score = predictor("linear", weights=weights)
    return predictor("labels", of=score, cuts=[0.9], labels=[1, 3]), X, y, *CUE, 3


def test_a_model_that_reads_nothing_but_the_cue(student, rng):
    """A model of the cue alone is right on every aligned row, and wrong on every reversed one"""
    got = student.clever_hans_test(*problem(rng, [0.0, 1.0, 0.0]))
    want = {"accuracy_aligned": 1.0, "accuracy_reversed": 0.0, "flip_rate": 1.0, "worst_group_accuracy": 0.0}
    close({key: got[key] for key in want}, want)


def test_a_model_that_ignores_the_cue(student, rng):
    """For a model that ignores the cue, aligned and reversed are equal and nothing flips"""
    got = student.clever_hans_test(*problem(rng, [1.0, 0.0, 0.5]))
    close([got["accuracy_reversed"], got["flip_rate"]], [got["accuracy_aligned"], 0.0])


@pytest.mark.parametrize("n", [20, 41])
def test_worked_example(agrees, rng, n):
    """A worked example: a model that follows the cue and two other columns"""
    agrees(*problem(rng, [1.0, 0.6, -0.8], n), tol=1e-12)


def test_no_cue(student, rng):
    """A mask that names no column raises ValueError"""
    model, X, y, mask, *rest = problem(rng, [1.0, 0.6, -0.8])
    with pytest.raises(ValueError):
        student.clever_hans_test(model, X, y, mask & False, *rest)


def test_everything_is_as_before(student, rng):
    """X, y, the mask and the cue vectors are as they were before the call"""
    student.clever_hans_test(*problem(rng, [1.0, 0.6, -0.8]))
    unchanged(student)


@family
def SMALL(rng, size):
    """A model that reads the cue and nothing else."""
    model = predictor("labels", of=predictor("linear", weights=[0.0, 1.0]), cuts=[0.5], labels=[0, 1])
    n = size + 2
    X = rng.integers(0, 2, n, 2).numpy().astype(float)
    return model, X, np.arange(n) % 2, np.array([False, True]), np.ones(2), np.zeros(2), 1
