"""Public checks of `decision_rule`."""

import numpy as np
import pytest

from coursekit import TreeArrays
from coursekit.checks import family, unchanged


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_worked_example(agrees, rng, depth):
    """A worked example: a row in a tree of three features, with a feature asked about several times"""
    agrees(TreeArrays.random(rng, depth, 3, values=3, grid=2.0**-8).as_dict(), rng.array(3) / 3)


def test_on_the_threshold(agrees, rng):
    """A worked example: x lies exactly on the first threshold, and the classes are tied"""
    tree = TreeArrays.random(rng, 2, 2, values=3, grid=2.0**-8).as_dict()
    tree["value"][1:] = [1.0, 2.0, 2.0]
    x = rng.array(2) / 3
    x[tree["feature"][0]] = tree["threshold"][0]
    agrees(tree, x)


def test_the_rule_holds(student, rng):
    """low < x[feature] <= high holds for every entry of the rule"""
    tree, x = TreeArrays.random(rng, 6, 4, values=2, grid=2.0**-8).as_dict(), rng.array(4) / 3
    for feature, low, high in student.decision_rule(tree, x)["rule"]:
        assert low < x[feature] <= high, "x does not keep to its own rule"


def test_nan(student, rng):
    """NaN in x raises ValueError"""
    with pytest.raises(ValueError):
        student.decision_rule(TreeArrays.random(rng, 2, 3, values=2).as_dict(), np.array([np.nan] * 3))


def test_everything_is_as_before(student, rng):
    """The tree and x are as they were before the call"""
    student.decision_rule(TreeArrays.random(rng, 3, 3, values=2).as_dict(), rng.array(3) / 3)
    unchanged(student)


@family
def SMALL(rng, size):
    """A tree of few questions with thresholds that are multiples of a quarter."""
    tree = TreeArrays.random(rng, size, 2, values=2, grid=0.25).as_dict()
    return tree, rng.integers(-4, 5, 2).numpy() / 4 + 0.125
