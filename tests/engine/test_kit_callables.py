"""Map explainers: what they return, that they leave the model alone, and how they travel."""

import pytest
import torch

from coursekit import registry
from coursekit.callables import map_explainer
from coursekit.models import Net, glyph_cnn, mlp
from coursekit.registry import Spec, SpecError
from coursekit.rng import Rng


def picture_case(**how):
    rng = Rng(4)
    return glyph_cnn(rng, **how), rng.normal(5, 3, 12, 16), rng.targets(5, 4)


@pytest.mark.parametrize("name", ["grad_square", "fingerprint"])
@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("grad", [True, False])
def test_shapes_and_that_nothing_is_left_behind(name, frozen, grad):
    model, x, target = picture_case()
    model.requires_grad_(not frozen)
    with torch.set_grad_enabled(grad):
        maps = map_explainer(name)(model, x, target)
    assert maps.shape == (5, 12, 16)
    assert maps.dtype == x.dtype
    assert not maps.requires_grad
    assert not x.requires_grad
    assert all(p.grad is None and p.requires_grad is not frozen for p in model.parameters())
    flat = map_explainer(name)(
        mlp([6, 4], "relu", 1, dtype="float32"), Rng(1).normal(3, 6).float(), target[:3]
    )
    assert flat.shape == (3, 6)
    assert flat.dtype == torch.float32


def test_grad_square_of_a_linear_model():
    model = mlp([6, 4], None, 2)
    target = torch.tensor([3, 0])
    maps = map_explainer("grad_square")(model, Rng(1).normal(2, 6), target)
    torch.testing.assert_close(maps, model.get_parameter("0.weight").detach()[target] ** 2)


def test_grad_square_adds_up_channels():
    model, x, target = picture_case()
    point = x.clone().requires_grad_(True)
    model(point)[torch.arange(5), target].sum().backward()
    maps = map_explainer("grad_square")(model, x, target)
    torch.testing.assert_close(maps, (point.grad**2).sum(1))


def test_the_fingerprint_shows_a_change_of_any_number():
    layers = [
        ["conv", "Conv2d", {"in": 1, "out": 2, "kernel": 2}],
        ["norm", "BatchNorm2d", {"size": 2}],
        ["flatten", "Flatten"],
        ["fc", "Linear", {"in": 12, "out": 2}],
    ]
    model, x, target = Net.init(layers, 3), Rng(1).normal(2, 1, 3, 4), torch.tensor([0, 1])
    explain = map_explainer("fingerprint")
    before = explain(model, x, target)
    for values in model.state_dict().values():
        flat = values.view(-1)
        for index in range(len(flat)):
            kept = flat[index].clone()
            flat[index] += 1
            assert (explain(model, x, target) - before).abs().min() > 1e-4
            flat[index] = kept
    assert torch.equal(explain(model, x, target), before)
    assert not torch.equal(explain(model, x, 1 - target), before)
    assert not torch.equal(explain(model, x + 1, target), before)


def test_round_trip_and_refusals():
    explain = map_explainer("fingerprint")
    twin = registry.build(registry.describe(explain))
    assert twin.name == "fingerprint"
    assert repr(twin) == "map_explainer('fingerprint')"
    with pytest.raises(
        SpecError, match="there is no map explainer 'saliency'; there are 'grad_square', 'fingerprint'"
    ):
        map_explainer("saliency")
    with pytest.raises(SpecError, match="described by its name alone; found name, more"):
        registry.build(Spec("map_explainer", {"name": "fingerprint", "more": 1}))
