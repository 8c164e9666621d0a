"""Public checks of `guided_backprop`."""

import pytest
import torch

from coursekit import Net, glyph_cnn, mlp
from coursekit.checks import close, family, unchanged


def test_linear_model(student, rng):
    """On a model without a ReLU, the map is the gradient: the weights of the target class"""
    model, x, target = mlp([5, 3], None, rng), rng.normal(4, 5), torch.tensor([2, 0, 1, 2])
    close(student.guided_backprop(model, x, target), model.get_parameter("0.weight").detach()[target])


def test_two_relus(agrees, rng):
    """A worked example: three rows of a network with two ReLUs"""
    agrees(mlp([5, 11, 9, 3], "relu", rng), rng.normal(3, 5), torch.tensor([1, 0, 2]))


@pytest.mark.parametrize("variant", ["plain", "shared"])
def test_pictures(agrees, rng, variant):
    """A worked example: pictures, and ReLUs inside a block or used twice"""
    agrees(glyph_cnn(rng, variant), rng.uniform(2, 3, 12, 16), torch.tensor([3, 1]))


def test_everything_is_as_before(student, rng):
    """No hook is left; the model, its .grad fields and x are as they were before the call"""
    student.guided_backprop(mlp([5, 9, 3], "relu", rng), rng.normal(3, 5), torch.tensor([1, 0, 2]))
    unchanged(student)


@family
def SMALL(rng, size):
    """One hidden layer with small whole numbers, and none of its units on the edge."""
    hidden = size + 1
    weights = {
        "first.weight": rng.integers(-3, 4, hidden, 2).double(),
        "first.bias": rng.integers(-2, 3, hidden).double() + 0.5,
        "last.weight": rng.integers(-3, 4, 2, hidden).double(),
        "last.bias": rng.integers(-2, 3, 2).double(),
    }
    layers = [
        ["first", "Linear", {"in": 2, "out": hidden}],
        ["relu", "ReLU"],
        ["last", "Linear", {"in": hidden, "out": 2}],
    ]
    return Net(layers, weights=weights), rng.integers(-3, 4, size, 2).double(), torch.arange(size) % 2
