"""What a call left changed: every kind of change is seen, and nothing is seen where nothing changed."""

import copy
import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from coursekit import mlp
from coursekit.probes import Change, Snapshot, reset_generators


def changes(value, action, name="x"):
    snapshot = Snapshot([name], [value])
    action(value)
    return snapshot.changes()


def nothing(value):
    """A function that leaves everything as it was."""


def table():
    return pd.DataFrame({"a": [1.0, np.nan], "b": ["u", "v"]})


def net():
    return mlp([3, 4, 2], "relu", 1)


EVERYTHING = {
    "none": None,
    "number": 3.5,
    "text": "word",
    "array": np.array([1.0, np.nan]),
    "tensor": torch.tensor([1.0, float("nan")]),
    "half": torch.tensor([1.0, float("nan")], dtype=torch.bfloat16),
    "leaf": torch.ones(2, requires_grad=True),
    "empty": torch.empty(0, 3),
    "list": [np.zeros(2), [torch.ones(1)], {"a": 1}],
    "tuple": (1, np.zeros(2)),
    "table": table(),
    "series": table()["a"],
    "model": net(),
    "training": net().train(),
    "frozen": net().requires_grad_(False),
    "norm": nn.BatchNorm1d(3).eval(),
    "function": len,
}


@pytest.mark.parametrize("value", EVERYTHING.values(), ids=EVERYTHING)
def test_where_nothing_changed_nothing_is_said(value):
    assert changes(value, nothing) == []


def test_using_a_model_changes_nothing():
    def use(model):
        x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
        torch.autograd.grad(model(x).sum(), x)
        handle = model.register_forward_hook(lambda *_: None)
        handle.remove()
        model.train().eval()

    assert changes(net(), use) == []


OTHER = "x has other values after the call: work on a copy."


@pytest.mark.parametrize(
    ("value", "action", "says"),
    [
        (np.zeros((2, 2)), lambda x: x.__setitem__((1, 1), 5), OTHER),
        (torch.zeros(2, 2), lambda x: x.add_(1), OTHER),
        (torch.zeros(2, 2), lambda x: x.t_().resize_(2, 1), OTHER),
        (torch.zeros(2), lambda x: setattr(x, "data", torch.zeros(2, dtype=torch.float64)), OTHER),
        ([1, 2], lambda x: x.append(3), OTHER),
        ([1, 2], lambda x: x.reverse(), OTHER),
        ({"a": 1}, lambda x: x.update(b=2), OTHER),
        ({"a": 1}, lambda x: x.update(a=2), OTHER),
        ({"a": 1}, lambda x: x.clear(), OTHER),
        (table(), lambda x: x.insert(0, "c", 1), OTHER),
        (table(), lambda x: x.__setitem__("a", 0.0), OTHER),
        (table()["a"], lambda x: x.__setitem__(0, 9.0), OTHER),
        ([1, [np.zeros(2)]], lambda x: x[1][0].fill(1), OTHER.replace("x", "x[1][0]", 1)),
        ({"k": (np.zeros(2),)}, lambda x: x["k"][0].fill(1), OTHER.replace("x", "x['k'][0]", 1)),
        (
            torch.zeros(2),
            lambda x: x.requires_grad_(True),
            "x.requires_grad is True after the call: ask for gradients of x.detach().clone(), not of x itself.",
        ),
        (
            torch.ones(2, requires_grad=True),
            lambda x: (x * 2).sum().backward(),
            "x.grad is filled after the call: use torch.autograd.grad.",
        ),
        (
            torch.ones(2, requires_grad=True),
            lambda x: x.register_hook(lambda g: g),
            "a hook is left on x: remove it.",
        ),
    ],
)
def test_a_changed_argument_is_named(value, action, says):
    assert changes(copy.deepcopy(value), action) == [Change("argument", says)]


def _backward(model):
    model(torch.ones(2, 3, dtype=torch.float64)).sum().backward()


def _deep_hook(model):
    list(model.children())[1].register_forward_hook(lambda *_: None)


def _data(model):
    with torch.no_grad():
        next(model.parameters()).mul_(2)


def _other_parameter(model):
    layer = next(m for m in model.modules() if isinstance(m, nn.Linear))
    layer.weight = nn.Parameter(layer.weight.detach().clone())


def _other_layer(model):
    name, _ = next((n, m) for n, m in model.named_children() if isinstance(m, nn.ReLU))
    setattr(model, name, nn.Tanh().eval())


def _forward(model):
    model.forward = lambda x: x


@pytest.mark.parametrize(
    ("action", "kind", "words"),
    [
        (_data, "parameters", "the parameters of model have changed"),
        (_backward, "gradients", "grad"),
        (_deep_hook, "hooks", "1 hook is left on model: remove every hook, also after an error."),
        (lambda m: [_deep_hook(m), _deep_hook(m)], "hooks", "2 hooks are left on model"),
        (lambda m: m.register_forward_pre_hook(lambda *_: None), "hooks", "1 hook is left"),
        (lambda m: m.register_full_backward_hook(lambda *_: None), "hooks", "1 hook is left"),
        (lambda m: next(m.parameters()).register_hook(lambda g: g), "hooks", "1 hook is left"),
        (lambda m: m.train(), "mode", "model is in another mode (train or eval) after the call."),
        (lambda m: list(m.children())[1].train(), "mode", "another mode"),
        (lambda m: m.requires_grad_(False), "mode", "requires_grad of the parameters of model has changed."),
        (_other_parameter, "structure", "model holds other parameter objects after the call."),
        (_other_layer, "structure", "model has other layers after the call."),
        (_forward, "structure", "an attribute of model was replaced or added and is still there."),
    ],
)
def test_a_changed_model_is_named(action, kind, words):
    (change,) = changes(net(), action, "model")
    assert change.kind == kind
    assert words in change.says


def test_gradients_that_were_there_before_are_no_change_and_more_of_them_are():
    model = net()
    _backward(model)
    assert changes(model, nothing) == []
    (change,) = changes(model, _backward)
    assert change.kind == "gradients"


def test_a_model_inside_a_list_is_watched_too():
    (change,) = changes([net()], lambda models: models[0].train())
    assert change.says.startswith("x[0] is in another mode")


@pytest.mark.parametrize(
    ("switch", "says"),
    [
        (
            lambda _: torch.set_default_dtype(torch.float64),
            "torch's default dtype was torch.float32 before the call and is torch.float64 after it.",
        ),
        (
            lambda _: torch.set_grad_enabled(False),
            "torch's gradient mode was True before the call and is False after it.",
        ),
    ],
)
def test_global_switches_are_named_and_put_back(switch, says):
    assert changes(None, switch) == [Change("global", says)]
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


def test_every_generator_starts_at_the_same_place():
    def draw():
        reset_generators()
        return random.random(), np.random.standard_normal(), float(torch.randn(()))

    assert draw() == draw()


def test_a_function_may_be_the_first_to_import_torch():
    code = """
import sys
from coursekit import calling
def function(values):
    import torch
    return values
answer = calling.call(function, [[1.0]])
assert "torch" in sys.modules and answer.ok and answer.changed == [], answer
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
