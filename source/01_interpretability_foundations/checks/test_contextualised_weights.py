"""Public checks of `contextualised_weights`."""

from itertools import pairwise

import numpy as np
import pytest

from coursekit.checks import close, family, unchanged


def test_by_hand(student, rng):
    """Two layers by hand: the weights of both paths are multiplied along each and added up"""
    weights = [np.array([[1.0, 2.0, 0.0], [0.0, 3.0, -1.0]]), np.array([[2.0, -1.0], [1.0, 1.0]])]
    close(student.contextualised_weights(weights, 0), np.array([2.0, 1.0, 1.0]))
    close(student.contextualised_weights(weights, 0, [np.array([1.0, 0.0])]), np.array([2.0, 4.0, 0.0]))


@pytest.mark.parametrize("widths", [(5, 4, 3), (3, 3, 3, 3)])
def test_worked_example(agrees, rng, widths):
    """A worked example: a unit of the last layer, with and without gates"""
    weights = [rng.array(out, into) for into, out in pairwise(widths)]
    agrees(weights, 2)
    agrees(weights, 2, [np.arange(width) % 2 for width in widths[1:-1]])


def test_wrong_gates(student, rng):
    """One gate too many raises ValueError"""
    with pytest.raises(ValueError):
        student.contextualised_weights([rng.array(3, 3), rng.array(3, 3)], 0, [np.ones(3), np.ones(3)])


def test_no_such_unit(student, rng):
    """A unit that does not exist raises ValueError"""
    with pytest.raises(ValueError):
        student.contextualised_weights([rng.array(3, 4)], 3)


def test_everything_is_as_before(student, rng):
    """Matrices and gates are as they were before the call"""
    student.contextualised_weights([rng.array(3, 4), rng.array(2, 3)], 1, [np.array([1.0, 0.0, 1.0])])
    unchanged(student)


@family
def SMALL(rng, size):
    """Small whole numbers."""
    widths = [2] * (size + 1)
    weights = [rng.integers(-2, 3, 2, 2).numpy().astype(float) for _ in widths[1:]]
    return weights, 1, [np.array([1.0, 0.0])] * (size - 1)
