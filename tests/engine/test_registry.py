import re

import pytest
import torch

from coursekit import mlp, registry, wire
from coursekit.registry import Spec, SpecError


def test_a_model_survives_the_way_through_its_spec():
    model = mlp([3, 5, 2], "softplus", 1)
    spec = registry.describe(model)
    assert spec.kind == "Net"
    x = torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3)
    assert torch.equal(registry.build(spec)(x), model(x))


def test_parameters_are_plain_data():
    def plain(value):
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(one) for key, one in value.items())
        if isinstance(value, (list, tuple)):
            return all(map(plain, value))
        return value is None or type(value) in (bool, int, float, str)

    assert plain(registry.describe(mlp([3, 2], None, 1)).params)


@pytest.mark.parametrize("value", [None, 1, "Net", [], torch.zeros(2), torch.nn.Linear(2, 2), object()])
def test_anything_else_has_no_spec(value):
    assert registry.describe(value) is None


def test_a_subclass_is_not_taken_for_its_parent():
    class Sly(type(mlp([2, 2], None, 1))):
        pass

    model = mlp([2, 2], None, 1)
    model.__class__ = Sly
    assert registry.describe(model) is None


def test_a_class_that_merely_claims_a_kind_has_no_spec():
    class Claim:
        kind = "Net"

        def to_spec(self):
            return Spec("Net", {})

    assert registry.describe(Claim()) is None


def test_an_unknown_kind_is_refused_with_the_known_ones():
    says = "no model or callable of kind 'Forest' is known; known kinds: Net, map_explainer"
    with pytest.raises(SpecError, match=re.escape(says)):
        registry.build(Spec("Forest", {}))


@pytest.mark.parametrize(
    "change",
    [
        lambda spec: Spec("Net", {}, spec.weights),
        lambda spec: Spec("Net", {**spec.params, "surprise": 1}, spec.weights),
        lambda spec: Spec("Net", {**spec.params, "dtype": "float8"}, spec.weights),
        lambda spec: Spec("Net", {**spec.params, "layers": "Linear"}, spec.weights),
        lambda spec: Spec("Net", spec.params, {}),
        lambda spec: Spec("Net", spec.params, {n: w[..., :1] for n, w in spec.weights.items()}),
        lambda spec: Spec("Net", spec.params, {**spec.weights, "more": torch.zeros(2)}),
    ],
)
def test_a_spec_that_describes_nothing_is_refused(change):
    spec = registry.describe(mlp([3, 2], None, 1))
    with pytest.raises(SpecError) as caught:
        registry.build(change(spec))
    assert len(str(caught.value)) > 10


def test_a_bad_spec_on_the_wire_is_a_wire_error():
    header = wire.pack_bytes(mlp([3, 2], None, 1))
    assert wire.unpack_bytes(header) is not None
    with pytest.raises(wire.WireError):
        wire.unpack_bytes(header.replace(b"Linear", b"Linoar"))


def test_kinds_are_listed():
    assert registry.kinds() == sorted(registry.kinds())
    assert "Net" in registry.kinds()
