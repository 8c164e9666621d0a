"""Public checks of `integrated_gradients`."""

import pytest
import torch

from coursekit import Net, mlp
from coursekit.checks import axiom, close, family, unchanged


@axiom("completeness")
def test_adds_up(student, rng):
    """With 100 steps, the map of each row adds up to the change of its logit, to one part in a thousand"""
    model, x, baseline = mlp([5, 9, 3], "softplus", rng), rng.normal(3, 5), rng.normal(3, 5)
    target = torch.tensor([2, 0, 1])
    change = (model(x) - model(baseline)).detach()[torch.arange(3), target]
    total = student.integrated_gradients(model, x, baseline, target, 100).flatten(1).sum(dim=1)
    close(total, change, tol=1e-3)


@axiom("dummy")
def test_ignored(student, rng):
    """An entry on which the model does not depend gets exactly 0"""
    model, x, baseline = mlp([5, 9, 3], "softplus", rng), rng.normal(2, 5), rng.normal(2, 5)
    model.get_parameter("0.weight").data[:, 3] = 0
    ignored = student.integrated_gradients(model, x, baseline, torch.tensor([0, 2]), 5)[:, 3]
    close(ignored, torch.zeros(2, dtype=torch.float64))


@axiom("linearity")
def test_linear_in_the_model(student, rng):
    """A last layer three times as large makes a map three times as large"""
    model, x, baseline = mlp([4, 6, 3], "softplus", rng), rng.normal(2, 4), rng.normal(2, 4)
    once = student.integrated_gradients(model, x, baseline, torch.tensor([1, 0]), 4)
    for name in ("2.weight", "2.bias"):
        model.get_parameter(name).data *= 3
    close(student.integrated_gradients(model, x, baseline, torch.tensor([1, 0]), 4), 3 * once)


def test_linear_model(student, rng):
    """On a linear model, the map is weight * (x - baseline) for any number of steps"""
    model, x, baseline = mlp([5, 3], None, rng), rng.normal(4, 5), rng.normal(1, 5)
    target = torch.tensor([2, 0, 1, 2])
    want = model.get_parameter("0.weight").detach()[target] * (x - baseline)
    close(student.integrated_gradients(model, x, baseline, target, 2), want)


@pytest.mark.parametrize("steps", [1, 4])
def test_worked_example(agrees, rng, steps):
    """A worked example: three rows, each with its own baseline and target"""
    model, x, baseline = mlp([4, 7, 3], "softplus", rng), rng.normal(3, 4), rng.normal(3, 4)
    agrees(model, x, baseline, torch.tensor([1, 0, 2]), steps)


def test_no_steps(student, rng):
    """steps = 0 raises ValueError"""
    with pytest.raises(ValueError):
        student.integrated_gradients(
            mlp([4, 3], None, rng), rng.normal(2, 4), rng.normal(2, 4), torch.tensor([1, 0]), 0
        )


def test_everything_is_as_before(student, rng):
    """The model, its .grad fields, x and baseline are as they were before the call"""
    model, x, baseline = mlp([4, 6, 3], "softplus", rng), rng.normal(3, 4), rng.normal(3, 4)
    student.integrated_gradients(model, x, baseline, torch.tensor([1, 0, 2]), 3)
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
    x, baseline = (rng.integers(-3, 4, size, 2).double() for _ in range(2))
    return Net(layers, weights=weights), x, baseline, torch.arange(size) % 2, 2
