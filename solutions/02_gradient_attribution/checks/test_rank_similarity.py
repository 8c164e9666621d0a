"""Public checks of `rank_similarity`."""

import pytest
import torch

from coursekit.checks import close, family, unchanged


def test_order_is_all_that_counts(student, rng):
    """An increasing transform gives 1; a negated map gives -1, or 1 if absolute values are compared"""
    a = rng.normal(2, 3, 5)
    b = torch.stack([a[0].exp(), -a[1]])
    close(student.rank_similarity(a, b, absolute=False), torch.tensor([1.0, -1.0]).double(), tol=1e-10)
    close(student.rank_similarity(a, -a, absolute=True), torch.ones(2).double(), tol=1e-10)


@pytest.mark.parametrize("absolute", [False, True])
def test_worked_example(agrees, rng, absolute):
    """A worked example: two stacks of four maps"""
    a = rng.normal(4, 3, 5)
    agrees(a, a.exp() + rng.normal(4, 3, 5), absolute=absolute, tol=1e-10, scale=1)


def test_equal_values(agrees, rng):
    """A worked example with many equal values, and one constant row"""
    a, b = rng.integers(-2, 3, 4, 9).double(), rng.integers(-2, 3, 4, 9).double()
    b[2] = 1.0
    agrees(a, b, tol=1e-10, scale=1)


def test_different_shapes(student, rng):
    """Stacks of different shapes raise ValueError"""
    with pytest.raises(ValueError):
        student.rank_similarity(rng.normal(3, 2, 4), rng.normal(3, 8))


def test_everything_is_as_before(student, rng):
    """Both stacks are as they were before the call"""
    student.rank_similarity(rng.normal(3, 7), rng.normal(3, 7))
    unchanged(student)


@family
def SMALL(rng, size):
    """One row of small whole numbers, some of them equal."""
    return rng.integers(-2, 3, 1, size + 2).double(), rng.integers(-2, 3, 1, size + 2).double()
