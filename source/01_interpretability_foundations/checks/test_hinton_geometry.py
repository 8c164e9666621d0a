"""Public checks of `hinton_geometry`."""

import numpy as np
import pytest

from coursekit.checks import close, family, unchanged


def test_area(student, rng):
    """Four times the weight has four times the area, and the largest fills its cell"""
    got = student.hinton_geometry(np.array([[1.0, -4.0], [2.0, 0.5]]))
    close(np.square(got["side"]), np.array([[0.25, 1.0], [0.5, 0.125]]))


@pytest.mark.parametrize("max_weight", [None, 0.8])
def test_worked_example(agrees, rng, max_weight):
    """A worked example: three rows of five weights, one of them 0"""
    W = rng.array(3, 5)
    W[1, 3], W[2, 0] = 0.0, -3.3
    agrees(W, max_weight, tol=1e-12)


def test_in_its_cell(student, rng):
    """Every square lies in its own cell: rows go down, columns go right"""
    got = student.hinton_geometry(rng.array(4, 3))
    row, column = np.indices((4, 3))
    for low, start in ((got["left"], column), (got["top"], row)):
        middle = np.asarray(low) + np.asarray(got["side"]) / 2
        close(middle, start + 0.5, tol=1e-10)


def test_bad_arguments(student, rng):
    """One axis, or a max_weight of 0, raises ValueError"""
    with pytest.raises(ValueError):
        student.hinton_geometry(rng.array(4))
    with pytest.raises(ValueError):
        student.hinton_geometry(rng.array(2, 3), 0.0)


def test_everything_is_as_before(student, rng):
    """W is as it was before the call"""
    student.hinton_geometry(rng.array(3, 4))
    unchanged(student)


@family
def SMALL(rng, size):
    """Small square numbers, whose roots are whole or simple."""
    return (rng.integers(-2, 3, size, size + 1).numpy().astype(float) ** 3, 16.0)
