"""Factories: lists of layers that lessons use again and again, filled from a seed."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from coursekit.models.net import Net
from coursekit.rng import Rng

_ACTIVATIONS = {"relu": "ReLU", "softplus": "Softplus", "tanh": "Tanh", "sigmoid": "Sigmoid"}

UNKNOWN_ACT = "act must be {known} or None, not {got!r}"
TOO_FEW_SIZES = (
    "an MLP needs at least an input and an output size, for example mlp([6, 7, 4], ...); got {got}"
)
WRONG_NAMES = "names must name each of the {wanted} Linear layers; got {got}"
UNKNOWN_VARIANT = "glyph_cnn has the variants {known}, not {got!r}"


def mlp(
    sizes: Sequence[int],
    act: str | None,
    seed: int | Rng,
    names: Sequence[str] | None = None,
    bias: bool = True,
    dtype: str | torch.dtype = "float64",
    flatten: bool = False,
) -> Net:
    """A multilayer perceptron ``(B, sizes[0]) -> (B, sizes[-1])`` with random weights; raw scores out.

    Known truth: with ``act="relu"`` (or None) and ``bias=False`` the net is positively homogeneous,
    ``f(c x) = c f(x)`` for ``c > 0``; with ``act=None`` it is linear (affine with a bias).

    Args:
        sizes: numbers of units, input first.
        act: between the Linear layers: ``"relu"``, ``"softplus"``, ``"tanh"``, ``"sigmoid"``, or None.
        seed: as for :meth:`Net.init`.
        names: one name for each Linear layer; activations are then ``act1``, ``act2``, ... Left out,
            all layers count up as in ``nn.Sequential``: ``"0"`` Linear, ``"1"`` activation, ``"2"`` ...
        bias: whether the Linear layers have one.
        dtype: ``"float64"`` or ``"float32"``.
        flatten: put a Flatten layer (named ``flatten``) first, for inputs such as images.

    Raises:
        ValueError: unknown activation, fewer than two sizes, wrong number of names.
    """
    if act is not None and act not in _ACTIVATIONS:
        raise ValueError(UNKNOWN_ACT.format(known=", ".join(map(repr, _ACTIVATIONS)), got=act))
    depth = len(sizes) - 1
    if depth < 1:
        raise ValueError(TOO_FEW_SIZES.format(got=list(sizes)))
    if names is not None and len(names) != depth:
        raise ValueError(WRONG_NAMES.format(wanted=depth, got=list(names)))
    layers: list[list] = [["flatten", "Flatten"]] if flatten else []
    position = 0
    for k in range(depth):
        if k > 0 and act is not None:
            layers.append([str(position) if names is None else f"act{k}", _ACTIVATIONS[act]])
            position += 1
        name = str(position) if names is None else names[k]
        layers.append([name, "Linear", {"in": sizes[k], "out": sizes[k + 1], "bias": bias}])
        position += 1
    return Net.init(layers, seed, dtype)


def glyph_cnn(seed: int | Rng, variant: str = "plain", dtype: str | torch.dtype = "float64") -> Net:
    """A small CNN on pictures ``(B, 3, 12, 16)`` with 4 classes and random weights; logits out.

    ``kit.stored("glyph_cnn")`` is the ``"plain"`` one with trained weights.

    Args:
        seed: as for :meth:`Net.init`.
        variant: ``"plain"``: ``conv1 relu1 block(conv2 relu2 conv3 relu3) flatten fc``, each ReLU once.
            ``"one_channel"``: the same on ``(B, 1, 12, 16)``.
            ``"shared"``: one ReLU module used in two places, and a residual block whose own ReLU is used
            twice. ``"each_relu_once"``: the same function with the same parameter names and, for the
            same seed, the same weights, but a ReLU module of its own in every place.
        dtype: ``"float64"`` or ``"float32"``.
    """
    if variant not in _VARIANTS:
        raise ValueError(UNKNOWN_VARIANT.format(known=", ".join(map(repr, _VARIANTS)), got=variant))
    return Net.init(_VARIANTS[variant], seed, dtype)


def _conv(name: str, channels: int, out: int, **options: int) -> list:
    return [name, "Conv2d", {"in": channels, "out": out, "kernel": 3, "padding": 1, **options}]


def _plain(channels: int) -> list:
    inner = [_conv("conv2", 8, 12, stride=2), ["relu2", "ReLU"], _conv("conv3", 12, 12), ["relu3", "ReLU"]]
    return [
        _conv("conv1", channels, 8),
        ["relu1", "ReLU"],
        ["block", "Block", {"layers": inner}],
        ["flatten", "Flatten"],
        ["fc", "Linear", {"in": 12 * 6 * 8, "out": 4}],
    ]


def _residual(shared: bool) -> list:
    def again(name: str, of: str) -> list:
        return [name, "Share", {"of": of}] if shared else [name, "ReLU"]

    inner = [_conv("conv2", 6, 6), ["relu", "ReLU"], _conv("conv3", 6, 6), again("relu_again", "relu")]
    return [
        _conv("conv1", 3, 6, stride=2),
        ["relu", "ReLU"],
        ["block", "Residual", {"layers": inner}],
        _conv("conv4", 6, 8),
        again("relu_again", "relu"),
        ["flatten", "Flatten"],
        ["fc", "Linear", {"in": 8 * 6 * 8, "out": 4}],
    ]


_VARIANTS = {
    "plain": _plain(3),
    "one_channel": _plain(1),
    "shared": _residual(shared=True),
    "each_relu_once": _residual(shared=False),
}
