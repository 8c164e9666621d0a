"""Public checks of `completeness_gap`."""

import torch

from coursekit import Net, mlp
from coursekit.checks import axiom, close, family


@axiom("completeness")
def test_complete_map(student, rng):
    """weight * (x - baseline) leaves no gap on a linear model; twice as much leaves the change itself"""
    model, x, baseline = mlp([5, 3], None, rng), rng.normal(4, 5), rng.normal(1, 5)
    target = torch.tensor([2, 0, 1, 2])
    complete = model.get_parameter("0.weight").detach()[target] * (x - baseline)
    close(student.completeness_gap(complete, model, x, baseline, target)["gap"], torch.zeros(4).double())
    got = student.completeness_gap(2 * complete, model, x, baseline, target)
    close(got, {"gap": complete.sum(dim=1), "relative": torch.ones(4).double()})


def test_worked_example(agrees, rng):
    """A worked example: four rows, each with its own baseline and target"""
    model, x, baseline = mlp([5, 7, 3], "softplus", rng), rng.normal(4, 5), rng.normal(4, 5)
    agrees(rng.normal(4, 5), model, x, baseline, torch.tensor([2, 0, 1, 2]))


def test_nothing_changes(agrees, rng):
    """A worked example: x equals its baseline, with attributions and without"""
    model, x = mlp([5, 7, 3], "softplus", rng), rng.normal(3, 5)
    attributions = rng.normal(3, 5)
    attributions[1] = 0
    baseline = torch.cat([x[:2], rng.normal(1, 5)])
    agrees(attributions, model, x, baseline, torch.tensor([1, 2, 0]))


@family
def SMALL(rng, size):
    """A linear score with small whole numbers; in the second row nothing changes."""
    n = size + 1
    weights = {
        "score.weight": rng.integers(-3, 4, 2, n).double(),
        "score.bias": rng.integers(-3, 4, 2).double(),
    }
    model = Net([["score", "Linear", {"in": n, "out": 2}]], weights=weights)
    x, baseline, attributions = (rng.integers(-3, 4, size, n).double() for _ in range(3))
    baseline[1:2] = x[1:2]
    return attributions, model, x, baseline, torch.arange(size) % 2
