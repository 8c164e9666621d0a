"""Public checks of `gradient_times_input`."""

import torch

from coursekit import Net, glyph_cnn, mlp
from coursekit.checks import axiom, close, family, unchanged


def test_linear_model(student, rng):
    """On a linear model, each entry is x times the weight of the target class"""
    model, x, target = mlp([5, 3], None, rng), rng.normal(4, 5), torch.tensor([2, 0, 1, 2])
    close(
        student.gradient_times_input(model, x, target), model.get_parameter("0.weight").detach()[target] * x
    )


@axiom("completeness")
def test_adds_up(student, rng):
    """On a ReLU net without biases, the entries of each row add up to its logit"""
    model, x, target = mlp([5, 9, 3], "relu", rng, bias=False), rng.normal(3, 5), torch.tensor([1, 2, 0])
    total = student.gradient_times_input(model, x, target).flatten(1).sum(dim=1)
    close(total, model(x).detach()[torch.arange(3), target])


def test_pictures(agrees, rng):
    """A worked example: two pictures with three channels"""
    agrees(glyph_cnn(rng), rng.uniform(2, 3, 12, 16), torch.tensor([3, 1]))


def test_everything_is_as_before(student, rng):
    """The model, its .grad fields and x are as they were before the call"""
    student.gradient_times_input(mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), torch.tensor([1, 0, 2]))
    unchanged(student)


@family
def SMALL(rng, size):
    """A quadratic score with small whole numbers: its gradient is H x + g."""
    n = size + 1
    half = rng.integers(-2, 3, 2, n, n).double()
    weights = {"score.H": half + half.transpose(1, 2), "score.g": rng.integers(-3, 4, 2, n).double()}
    model = Net([["score", "Quadratic", {"in": n, "out": 2}]], weights=weights)
    return model, rng.integers(-3, 4, size, n).double(), torch.arange(size) % 2
