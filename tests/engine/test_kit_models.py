"""The one network: what it computes, how it travels, and what it refuses."""

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from coursekit import registry
from coursekit.models import Net, glyph_cnn, mlp
from coursekit.models.layers import LAYERS
from coursekit.registry import Spec, SpecError
from coursekit.rng import Rng

EVERY_LAYER = [
    ["conv", "Conv2d", {"in": 2, "out": 4, "kernel": 3, "padding": 1}],
    ["norm", "BatchNorm2d", {"size": 4}],
    ["relu", "ReLU"],
    [
        "block",
        "Block",
        {
            "layers": [
                ["conv", "Conv2d", {"in": 4, "out": 4, "kernel": 3, "padding": 1, "bias": False}],
                ["inner", "Residual", {"layers": [["tanh", "Tanh"], ["twice", "Share", {"of": "tanh"}]]}],
                ["soft", "Softplus"],
            ]
        },
    ],
    ["again", "Share", {"of": "relu"}],
    ["avg", "AvgPool", {"kernel": 2}],
    ["max", "MaxPool", {"kernel": 2, "stride": 1}],
    ["gap", "GlobalAvgPool"],
    ["sigmoid", "Sigmoid"],
    ["flatten", "Flatten"],
    ["fc", "Linear", {"in": 4, "out": 3}],
    ["quadratic", "Quadratic", {"in": 3, "out": 2}],
    ["add", "AddConstant", {"value": 0.5}],
    ["scale", "Scale", {"value": -2}],
]
TOKENS = [
    ["emb", "Embedding", {"num": 9, "dim": 5}],
    ["mean", "MeanOverTokens"],
    ["fc", "Linear", {"in": 5, "out": 2}],
]


def named_types(layers):
    for entry in layers:
        yield entry[1]
        yield from named_types(entry[2]["layers"] if len(entry) == 3 and "layers" in entry[2] else [])


def test_the_example_uses_every_layer_type():
    assert {*named_types(EVERY_LAYER), *named_types(TOKENS)} == {*LAYERS, "Block", "Residual", "Share"}


def test_forward_equals_the_same_net_written_in_torch():
    net = Net.init(EVERY_LAYER, 3)
    x = Rng(1).normal(5, 2, 8, 9)
    get = net.get_parameter
    f = nn.functional
    y = f.conv2d(x, get("conv.weight"), get("conv.bias"), padding=1)
    y = f.batch_norm(y, net.norm.running_mean, net.norm.running_var, net.norm.weight, net.norm.bias)
    y = f.conv2d(torch.relu(y), get("block.conv.weight"), padding=1)
    y = torch.relu(f.softplus(y + torch.tanh(torch.tanh(y))))
    y = torch.sigmoid(f.max_pool2d(f.avg_pool2d(y, 2), 2, 1).mean((2, 3)))
    z = y @ get("fc.weight").T + get("fc.bias")
    quadratic = torch.stack([(z @ h * z).sum(1) / 2 for h in net.quadratic.H], 1) + z @ net.quadratic.g.T
    torch.testing.assert_close(net(x), (quadratic + 0.5) * -2, rtol=1e-12, atol=1e-12)


def test_tokens():
    net = Net.init(TOKENS, 3)
    ids = Rng(2).integers(0, 9, 4, 6)
    want = net.emb.weight[ids].mean(1) @ net.fc.weight.T + net.fc.bias
    torch.testing.assert_close(net(ids), want)


def test_a_quadratic_score_has_its_symmetric_hessian():
    net = Net.init([["q", "Quadratic", {"in": 3, "out": 2}]], 5)
    torch.testing.assert_close(net.q.H, net.q.H.transpose(1, 2))
    hessian = torch.autograd.functional.hessian(lambda z: net(z[None])[0, 1], Rng(0).normal(3))
    torch.testing.assert_close(hessian, net.q.H[1].detach())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layers", [EVERY_LAYER, TOKENS])
def test_wire_round_trip(layers, dtype):
    net = Net.init(layers, 7, dtype)
    net.requires_grad_(False)
    spec = registry.describe(net)
    twin = registry.build(spec)
    assert spec.params["dtype"] == dtype
    assert not twin.training
    assert not any(p.requires_grad for p in twin.parameters())
    assert list(twin.state_dict()) == list(net.state_dict())
    x = (
        Rng(1).integers(0, 9, 2, 4)
        if layers is TOKENS
        else Rng(1).normal(2, 2, 8, 9, dtype=getattr(torch, dtype))
    )
    assert torch.equal(net(x), twin(x))
    assert twin.layers == net.layers
    with torch.no_grad():
        next(twin.parameters()).zero_()
    assert not torch.equal(next(twin.parameters()), next(net.parameters()))


def test_weights_may_be_read_only_arrays():
    spec = mlp([3, 2], None, 1).to_spec()
    arrays = {name: value.numpy().copy() for name, value in spec.weights.items()}
    for array in arrays.values():
        array.flags.writeable = False
    twin = registry.build(Spec("Net", spec.params, arrays))
    assert torch.equal(twin.get_parameter("0.weight"), spec.weights["0.weight"])


def test_training_mode_travels():
    net = mlp([3, 2], None, 1).train()
    assert registry.build(registry.describe(net)).training


def test_equal_seeds_equal_nets_and_torchs_random_state_is_untouched():
    before = torch.get_rng_state()
    a, b, other = (Net.init(EVERY_LAYER, seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(
        torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )
    assert not torch.equal(a.conv.weight, other.conv.weight)
    single = Net.init(EVERY_LAYER, 3, torch.float32)
    assert torch.equal(single.conv.weight, a.conv.weight.float())


def test_known_weights_of_seed_zero():
    """The numbers behind every hidden case: a change here would move them all."""
    want = np.random.Generator(np.random.PCG64([0])).standard_normal(8)
    net = mlp([3, 2], None, 0)
    np.testing.assert_allclose(net.get_parameter("0.weight").detach().numpy().ravel(), want[:6] / np.sqrt(3))
    np.testing.assert_allclose(net.get_parameter("0.bias").detach().numpy(), 0.3 * want[6:])


def test_a_stream_moves_on():
    rng = Rng(5)
    assert not torch.equal(
        mlp([3, 2], None, rng).get_parameter("0.bias"), mlp([3, 2], None, rng).get_parameter("0.bias")
    )


def test_without_seed_all_weights_are_zero():
    assert all((value == 0).all() for value in Net(TOKENS).state_dict().values())


def test_names_and_prefixes():
    net = glyph_cnn(1)
    assert isinstance(net.get_submodule("block.relu2"), nn.ReLU)
    assert [n for n, _ in net.named_parameters()] == [
        f"{layer}.{kind}"
        for layer in ("conv1", "block.conv2", "block.conv3", "fc")
        for kind in ("weight", "bias")
    ]
    assert list(dict(mlp([4] * 8, "relu", 1).named_children())) == [str(k) for k in range(13)]
    named = mlp([4, 5, 3], "tanh", 1, names=["fc", "fc2"])
    assert list(dict(named.named_children())) == ["fc", "act1", "fc2"]


@pytest.mark.parametrize("variant", ["plain", "one_channel", "shared", "each_relu_once"])
def test_glyph_cnn_is_alive(variant):
    """Random weights: no dead channel, logits of order 1, every ReLU a module that torch can hook"""
    net = glyph_cnn(3, variant)
    seen = []
    for module in net.modules():
        assert not module.training
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, o: seen.append((o > 0).sum((0, 2, 3))))
    y = net(Rng(1).normal(40, 1 if variant == "one_channel" else 3, 12, 16))
    assert y.shape == (40, 4)
    assert 0.1 < y.std() < 3
    assert all((alive > 0).all() for alive in seen)
    assert len(seen) == {"shared": 4, "each_relu_once": 4}.get(variant, 3)


def test_shared_and_unshared_are_one_function():
    shared, own = glyph_cnn(3, "shared"), glyph_cnn(3, "each_relu_once")
    x = Rng(1).normal(4, 3, 12, 16)
    assert torch.equal(shared(x), own(x))
    relus = [sum(isinstance(m, nn.ReLU) for m in net.modules()) for net in (shared, own)]
    assert relus == [2, 4]
    assert "runs conv1 -> relu -> block -> conv4 -> relu" in repr(shared)


def test_a_bias_free_relu_net_is_homogeneous():
    net = mlp([5, 9, 9, 3], "relu", 2, bias=False)
    x = Rng(1).normal(6, 5)
    torch.testing.assert_close(net(2.5 * x), 2.5 * net(x), rtol=1e-12, atol=1e-12)


def test_mlp_flattens_pictures():
    net = mlp([12, 5, 3], "relu", 2, flatten=True)
    assert net(Rng(1).normal(6, 1, 3, 4)).shape == (6, 3)
    assert [name for name, _ in net.named_children()] == ["flatten", "0", "1", "2"]


def test_deep_copies_are_whole_and_apart():
    net = glyph_cnn(3, "shared")
    twin = copy.deepcopy(net)
    x = Rng(1).normal(2, 3, 12, 16)
    assert torch.equal(net(x), twin(x))
    with torch.no_grad():
        for p in twin.parameters():
            p.zero_()
    assert net(x).abs().max() > 0
    assert registry.describe(twin).params == registry.describe(net).params


def test_a_module_put_in_anothers_place_is_used_wherever_it_was():
    net = glyph_cnn(3, "shared")
    net.relu = nn.Identity()
    other = glyph_cnn(3, "each_relu_once")
    other.relu, other.relu_again = nn.Identity(), nn.Identity()
    x = Rng(1).normal(2, 3, 12, 16)
    assert torch.equal(net(x), other(x))


def deep(depth):
    return [["b", "Block", {"layers": deep(depth - 1)}]] if depth else [["r", "ReLU"]]


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([], "the net: layers must be a list of at least one [name, type, options], not []"),
        (["ReLU"], "the net: entry 0 must be [name, type] or [name, type, options], not 'ReLU'"),
        (
            [["a", "ReLU", 3]],
            "the net: entry 0 must be [name, type] or [name, type, options], not ['a', 'ReLU', 3]",
        ),
        ([["a.b", "ReLU"]], "the net: 'a.b' cannot name a layer"),
        ([["forward", "ReLU"]], "the name 'forward' is taken already"),
        ([["to_spec", "ReLU"]], "the name 'to_spec' is taken already"),
        ([["a", "ReLU"], ["a", "Tanh"]], "the name 'a' is taken already"),
        ([["a", "Relu"]], "layer a: there is no layer type 'Relu'; there are AddConstant, AvgPool"),
        ([["a", "ReLU", {"inplace": True}]], "layer a: ReLU has no option 'inplace'; it has none"),
        ([["a", "Linear", {"in": 3}]], "layer a: Linear needs the option 'out'"),
        (
            [["a", "Linear", {"in": 3, "out": 0}]],
            "option 'out' must be a whole number from 1 to 65536, not 0",
        ),
        (
            [["a", "Linear", {"in": True, "out": 2}]],
            "option 'in' must be a whole number from 1 to 65536, not True",
        ),
        (
            [["a", "Linear", {"in": 2.0, "out": 2}]],
            "option 'in' must be a whole number from 1 to 65536, not 2.0",
        ),
        ([["a", "Linear", {"in": 2, "out": 2, "bias": 1}]], "option 'bias' must be true or false, not 1"),
        ([["a", "Scale", {"value": float("nan")}]], "option 'value' must be a finite number"),
        ([["a", "Scale", {"value": 10**400}]], "option 'value' must be a finite number"),
        ([["a", "Share", {"of": "b"}]], "layer a: Share needs the name of an earlier layer of the same list"),
        ([["b", "Block", {}]], "layer b: Block needs the option 'layers'"),
        ([["b", "Block", {"layers": [["c", "Nope"]]}]], "layer b.c: there is no layer type 'Nope'"),
        (deep(7), "layer b.b.b.b.b.b.b: blocks may be nested at most 6 deep"),
        ([[f"r{k}", "ReLU"] for k in range(257)], "layer r256: a net has at most 256 layers"),
        ([["a", "Linear", {"in": 65536, "out": 65536}]], "layer a: a net has at most 5000000 numbers"),
        ([["a", "Quadratic", {"in": 60000, "out": 60000}]], "layer a: a net has at most 5000000 numbers"),
    ],
)
def test_a_list_that_describes_no_net_is_refused(layers, sentence):
    with pytest.raises(SpecError) as refused:
        Net(layers)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("params", "weights", "sentence"),
    [
        ({"extra": 1}, {}, "a net is described by layers, dtype, training and requires_grad; found"),
        ({"dtype": "int8"}, {}, "a net's dtype is 'float32' or 'float64', not 'int8'"),
        ({"training": 1}, {}, "a net's 'training' must be true or false, not 1"),
        ({}, {"x": 0}, "the weights do not fit the layers: missing none, not asked for x"),
        ({}, {"0.bias": None}, "weight '0.bias' must hold torch.float64 numbers, not NoneType"),
        ({}, {"0.bias": np.zeros(3)}, "weight '0.bias' must have shape (2,), not (3,)"),
        (
            {},
            {"0.bias": np.zeros(2, "f4")},
            "weight '0.bias' must hold torch.float64 numbers, not torch.float32",
        ),
    ],
)
def test_a_spec_that_does_not_fit_is_refused(params, weights, sentence):
    good = mlp([3, 2], None, 1).to_spec()
    with pytest.raises(SpecError) as refused:
        registry.build(Spec("Net", {**good.params, **params}, {**good.weights, **weights}))
    assert sentence in str(refused.value)


def test_nets_that_no_spec_describes():
    half = mlp([3, 2, 2], "relu", 1)
    half.get_submodule("1").train()
    with pytest.raises(SpecError, match="training or eval mode must be the same for all of it"):
        half.to_spec()
    half = mlp([3, 2, 2], "relu", 1)
    half.get_submodule("0").requires_grad_(False)
    with pytest.raises(SpecError, match="requires_grad must be the same for all of it"):
        half.to_spec()
    other = mlp([3, 2], None, 1)
    setattr(other, "0", nn.Linear(3, 3))
    with pytest.raises(SpecError, match="its parameters are no longer those of its layers"):
        other.to_spec()


def test_a_residual_keeps_the_shape():
    net = Net.init([["r", "Residual", {"layers": [["fc", "Linear", {"in": 3, "out": 1}]]}]], 1)
    with pytest.raises(ValueError, match=r"shapes \(2, 3\) and \(2, 1\) differ"):
        net(Rng(1).normal(2, 3))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: mlp([3, 2], "gelu", 1),
            "act must be 'relu', 'softplus', 'tanh', 'sigmoid' or None, not 'gelu'",
        ),
        (lambda: mlp([3], "relu", 1), "an MLP needs at least an input and an output size"),
        (lambda: mlp([3, 2], "relu", 1, names=["a", "b"]), "names must name each of the 1 Linear layers"),
        (
            lambda: glyph_cnn(1, "big"),
            "glyph_cnn has the variants 'plain', 'one_channel', 'shared', 'each_relu_once'",
        ),
    ],
)
def test_factories_say_what_they_know(call, sentence):
    with pytest.raises(ValueError) as refused:
        call()
    assert sentence in str(refused.value)


def test_coursekit_itself_loads_no_torch():
    code = "import sys, coursekit, coursekit.registry; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
