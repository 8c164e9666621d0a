"""Public checks of `saliency`."""

import torch

from coursekit import Net, glyph_cnn, mlp
from coursekit.checks import axiom, close, family, unchanged


def test_linear_model(student, rng):
    """On a linear model, each row's map is |weights of its target class|, wherever x is"""
    model, x, target = mlp([5, 3], None, rng), 10 * rng.normal(4, 5), torch.tensor([2, 0, 1, 2])
    close(student.saliency(model, x, target), model.get_parameter("0.weight").detach()[target].abs())


def test_vectors(agrees, rng):
    """A worked example: three rows of a small network, one target each"""
    agrees(mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), torch.tensor([1, 0, 2]))


def test_pictures(agrees, rng):
    """A worked example: two pictures with three channels"""
    agrees(glyph_cnn(rng), rng.uniform(2, 3, 12, 16), torch.tensor([3, 1]))


@axiom("homogeneity")
def test_scaled_model(student, agrees, rng):
    """Weights of the last layer three times as large make a map three times as large"""
    model, x, target = mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), torch.tensor([2, 1, 0])
    agrees(model, x, target)
    before = student.saliency(model, x, target)
    for values in (model.get_parameter("2.weight"), model.get_parameter("2.bias")):
        values.data *= 3
    close(student.saliency(model, x, target), 3 * before)


def test_everything_is_as_before(student, rng):
    """The model, its .grad fields and x are as they were before the call"""
    student.saliency(mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), torch.tensor([1, 0, 2]))
    unchanged(student)


@family
def SMALL(rng, size):
    """A quadratic score with small whole numbers: its gradient is H x + g."""
    n = size + 1
    half = rng.integers(-2, 3, 2, n, n).double()
    weights = {"score.H": half + half.transpose(1, 2), "score.g": rng.integers(-3, 4, 2, n).double()}
    model = Net([["score", "Quadratic", {"in": n, "out": 2}]], weights=weights)
    return model, rng.integers(-3, 4, size, n).double(), torch.arange(size) % 2
