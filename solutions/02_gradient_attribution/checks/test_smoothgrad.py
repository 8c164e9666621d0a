"""Public checks of `smoothgrad`."""

import pytest
import torch

from coursekit import Net, mlp
from coursekit.checks import close, family, unchanged


def test_linear_model(student, rng):
    """On a linear model, the result is the weights of the target class, whatever the noise"""
    model, x, target = mlp([5, 3], None, rng), rng.normal(4, 5), torch.tensor([2, 0, 1, 2])
    got = student.smoothgrad(model, x, target, rng.normal(6, 4, 5), 0.3)
    close(got, model.get_parameter("0.weight").detach()[target])


def test_worked_example(agrees, rng):
    """A worked example: three rows of different range, four samples"""
    x = rng.normal(3, 5) * torch.tensor([[0.5], [1.0], [4.0]]).double()
    agrees(mlp([5, 7, 3], "softplus", rng), x, torch.tensor([1, 0, 2]), rng.normal(4, 3, 5), 0.2)


def test_order_of_the_samples(student, agrees, rng):
    """The samples in another order give the same result; one sample gives another"""
    model, x, noise = mlp([5, 7, 3], "softplus", rng), rng.normal(2, 5), rng.normal(4, 2, 5)
    target = torch.tensor([2, 1])
    agrees(model, x, target, noise[:1], 0.5)
    close(
        student.smoothgrad(model, x, target, noise.flip(0), 0.5),
        student.smoothgrad(model, x, target, noise, 0.5),
    )


def test_errors(student, rng):
    """A negative noise level raises ValueError, and so does noise of another shape"""
    model, x, target = mlp([5, 3], None, rng), rng.normal(2, 5), torch.tensor([1, 0])
    with pytest.raises(ValueError):
        student.smoothgrad(model, x, target, rng.normal(3, 2, 5), -0.2)
    with pytest.raises(ValueError):
        student.smoothgrad(model, x, target, rng.normal(3, 1, 5), 0.2)


def test_everything_is_as_before(student, rng):
    """The model, its .grad fields, x and noise are as they were before the call"""
    model, x, noise = mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), rng.normal(2, 3, 4)
    student.smoothgrad(model, x, torch.tensor([1, 0, 2]), noise, 0.2)
    unchanged(student)


@family
def SMALL(rng, size):
    """One hidden ReLU layer with small whole numbers; biases end in .3, so that no point lies on a kink."""
    hidden = size + 1
    weights = {
        "first.weight": rng.integers(-3, 4, hidden, 2).double(),
        "first.bias": rng.integers(-2, 3, hidden).double() + 0.3,
        "last.weight": rng.integers(-3, 4, 2, hidden).double(),
        "last.bias": rng.integers(-2, 3, 2).double(),
    }
    layers = [
        ["first", "Linear", {"in": 2, "out": hidden}],
        ["relu", "ReLU"],
        ["last", "Linear", {"in": hidden, "out": 2}],
    ]
    x = torch.tensor([1.0, 3.0], dtype=torch.float64) * (1 + torch.arange(size)[:, None])
    noise = rng.integers(-2, 3, size + 1, size, 2).double()
    return Net(layers, weights=weights), x, torch.arange(size) % 2, noise, 0.5
