"""Public checks of `cascading_randomisation`."""

import pytest
import torch

from coursekit import map_explainer, mlp
from coursekit.checks import close, family, unchanged


def problem(rng, names=("first", "second", "last")):
    """A model of three layers, the same model with other weights, x and target."""
    model, other = (mlp([5, 7, 6, 3], "softplus", rng, names=list(names)) for _ in range(2))
    return model, other, rng.normal(3, 5), torch.tensor([1, 0, 2])


def values(model):
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


def test_first_and_last_entry(student, rng):
    """Entry 0 is the map of the model as given; after all layers it is that of the other model"""
    model, other, x, target = problem(rng)
    explain = map_explainer("grad_square")
    maps = student.cascading_randomisation(
        model, x, target, ["last", "second", "first"], values(other), explain
    )
    close(maps[0], explain(model, x, target))
    close(maps[3], explain(other, x, target))


def test_worked_example(agrees, rng):
    """A worked example: two of three layers, the output layer first"""
    model, other, x, target = problem(rng)
    agrees(model, x, target, ["last", "first"], values(other), map_explainer("fingerprint"))


def test_names_that_begin_alike(agrees, rng):
    """A worked example: layers called "fc" and "fc2", in an order of their own"""
    model, other, x, target = problem(rng, ("fc", "fc2", "out"))
    agrees(model, x, target, ["fc", "out"], values(other), map_explainer("fingerprint"))


def test_unknown_layer(student, rng):
    """A layer that the model does not have raises ValueError"""
    model, other, x, target = problem(rng)
    with pytest.raises(ValueError):
        student.cascading_randomisation(
            model, x, target, ["lost"], values(other), map_explainer("grad_square")
        )


def test_everything_is_as_before(student, rng):
    """The caller's model, new_params and x are as they were before the call"""
    model, other, x, target = problem(rng)
    student.cascading_randomisation(model, x, target, ["last"], values(other), map_explainer("grad_square"))
    unchanged(student)


@family
def SMALL(rng, size):
    """Linear layers "a", "b", ... without biases and with small whole numbers."""
    names = ["a", "b", "c"][:size]
    model, fresh = (mlp([2] * (size + 1), None, rng, names=names, bias=False) for _ in range(2))
    for values in (*model.parameters(), *fresh.parameters()):
        values.data = rng.integers(-3, 4, *values.shape).double()
    x = rng.integers(-3, 4, 1, 2).double()
    return (
        model,
        x,
        torch.zeros(1, dtype=torch.long),
        names[::-1],
        {name: values.detach() for name, values in fresh.named_parameters()},
        map_explainer("grad_square"),
    )
