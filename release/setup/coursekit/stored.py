"""Trained weights that tell a notebook's story; made by the scripts in ``coursekit/training``."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from coursekit.models import Net

_UNKNOWN = "nothing is stored under {name!r}; stored are {known}"


def stored(name: str) -> Net:
    """The trained network of that name, in eval mode, its parameters without requires_grad.

    ``glyph_cnn``: the small CNN on the painted glyphs, ``(B, 3, 12, 16)`` float32 to four logits.
    ``digits_mlp``: a ReLU network with two hidden layers on scikit-learn's digits, ``(B, 64)`` float32 of
    [0, 1] to ten logits. Each call gives a fresh copy.

    Raises:
        LookupError: nothing is stored under that name.
    """
    from safetensors import safe_open

    from coursekit.models import Net
    from coursekit.registry import Spec

    folder = files("coursekit") / "assets"
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        known = sorted(
            one.name.removesuffix(".safetensors")
            for one in folder.iterdir()
            if one.name.endswith(".safetensors")
        )
        raise LookupError(_UNKNOWN.format(name=name, known=", ".join(known)))
    with safe_open(str(path), framework="pt") as file:
        params = json.loads(file.metadata()["params"])
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - it is no dict
    return Net.from_spec(Spec(Net.kind, params, weights))


def store(net: Net, path: Path, facts: dict[str, Any]) -> None:
    """Write a trained network with its description; ``facts`` say how it was made and how good it is."""
    from safetensors.torch import save

    net.requires_grad_(False).eval()
    spec = net.to_spec()
    weights = {name: tensor.detach().contiguous() for name, tensor in sorted(spec.weights.items())}
    metadata = {"params": json.dumps(spec.params), "facts": json.dumps(facts)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(weights, metadata))
