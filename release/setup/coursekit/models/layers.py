"""The layers a :class:`~coursekit.models.net.Net` may hold: their options, parameters and modules.

Each layer is a subclass of torch's own module of that name, so ``isinstance(m, torch.nn.ReLU)`` holds.
The only difference: none draws random numbers when it is built (``Net.init`` fills all weights from
one PCG64 stream, and torch's own random state is never touched).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


class _Unfilled:
    """Leaves a new layer's memory as it is: every parameter is filled right after building."""

    def reset_parameters(self) -> None:
        return None


class Linear(_Unfilled, nn.Linear):
    """``(..., in) -> (..., out)``: ``x @ weight.T + bias``."""


class Conv2d(_Unfilled, nn.Conv2d):
    """``(B, in, H, W) -> (B, out, H', W')``, square kernel, zero padding."""


class BatchNorm2d(_Unfilled, nn.BatchNorm2d):
    """``(B, C, H, W)`` normalised per channel; in eval mode with the stored mean and variance."""


class Embedding(_Unfilled, nn.Embedding):
    """Ids ``(B, T)`` to vectors ``(B, T, dim)``."""


class GlobalAvgPool(nn.Module):
    """``(B, C, H, W) -> (B, C)``: the mean over all places."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=(2, 3))


class MeanOverTokens(nn.Module):
    """``(B, T, D) -> (B, D)``: the mean over the tokens."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=1)


class Quadratic(nn.Module):
    """``(B, D) -> (B, C)``: score ``c`` is ``x H_c x / 2 + g_c x``; its Hessian is ``(H_c + H_c^T) / 2``.

    Parameters: ``H (C, D, D)``, ``g (C, D)``. ``Net.init`` makes every ``H_c`` symmetric.
    """

    def __init__(self, in_features: int, out_features: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.H = nn.Parameter(torch.empty(out_features, in_features, in_features, dtype=dtype))
        self.g = nn.Parameter(torch.empty(out_features, in_features, dtype=dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.einsum("bi,cij,bj->bc", x, self.H, x) / 2 + x @ self.g.T


class AddConstant(nn.Module):
    """Adds one number to everything that passes."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.value

    def extra_repr(self) -> str:
        return f"{self.value:g}"


class Scale(AddConstant):
    """Multiplies everything that passes by one number."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.value


@dataclass(frozen=True)
class Option:
    """One option of a layer: its type, range, and default (``None``: must be given)."""

    type: type
    low: float = 0
    high: float = 0
    default: Any = None


@dataclass(frozen=True)
class LayerType:
    """What the list of layers may say about one type of layer.

    Attributes:
        options: the options it knows.
        make: ``(options, dtype) -> module``.
        sizes: ``options -> {name: shape}`` of its parameters and floating buffers, before any memory
            is taken.
        fan_in: ``options -> number of inputs`` that one output adds up.
    """

    options: dict[str, Option]
    make: Callable[[dict, torch.dtype], nn.Module]
    sizes: Callable[[dict], dict[str, tuple[int, ...]]] = lambda o: {}
    fan_in: Callable[[dict], int] = lambda o: 1


MAX_SIZE = 65_536
_SIZE = Option(int, 1, MAX_SIZE)
_BIAS = Option(bool, default=True)
_NUMBER = Option(float, -1e12, 1e12)
_POOL = {"kernel": Option(int, 1, 64), "stride": Option(int, 1, 64, default=0)}  # stride 0: as the kernel


def _with_bias(weight: tuple[int, ...], bias: bool) -> dict[str, tuple[int, ...]]:
    return {"weight": weight, "bias": weight[:1]} if bias else {"weight": weight}


def _plain(module: type[nn.Module], **fixed) -> LayerType:
    return LayerType({}, lambda o, dtype: module(**fixed))


LAYERS: dict[str, LayerType] = {
    "Linear": LayerType(
        {"in": _SIZE, "out": _SIZE, "bias": _BIAS},
        lambda o, dtype: Linear(o["in"], o["out"], bias=o["bias"], dtype=dtype),
        lambda o: _with_bias((o["out"], o["in"]), o["bias"]),
        lambda o: o["in"],
    ),
    "Conv2d": LayerType(
        {
            "in": _SIZE,
            "out": _SIZE,
            "kernel": Option(int, 1, 64),
            "stride": Option(int, 1, 64, default=1),
            "padding": Option(int, 0, 63, default=0),
            "bias": _BIAS,
        },
        lambda o, dtype: Conv2d(
            o["in"], o["out"], o["kernel"], o["stride"], o["padding"], bias=o["bias"], dtype=dtype
        ),
        lambda o: _with_bias((o["out"], o["in"], o["kernel"], o["kernel"]), o["bias"]),
        lambda o: o["in"] * o["kernel"] ** 2,
    ),
    "BatchNorm2d": LayerType(
        {"size": _SIZE},
        lambda o, dtype: BatchNorm2d(o["size"], dtype=dtype),
        lambda o: dict.fromkeys(["weight", "bias", "running_mean", "running_var"], (o["size"],)),
    ),
    "Embedding": LayerType(
        {"num": _SIZE, "dim": _SIZE},
        lambda o, dtype: Embedding(o["num"], o["dim"], dtype=dtype),
        lambda o: {"weight": (o["num"], o["dim"])},
    ),
    "Quadratic": LayerType(
        {"in": _SIZE, "out": _SIZE},
        lambda o, dtype: Quadratic(o["in"], o["out"], dtype),
        lambda o: {"H": (o["out"], o["in"], o["in"]), "g": (o["out"], o["in"])},
        lambda o: o["in"],
    ),
    "AvgPool": LayerType(_POOL, lambda o, dtype: nn.AvgPool2d(o["kernel"], o["stride"] or None)),
    "MaxPool": LayerType(_POOL, lambda o, dtype: nn.MaxPool2d(o["kernel"], o["stride"] or None)),
    "AddConstant": LayerType({"value": _NUMBER}, lambda o, dtype: AddConstant(o["value"])),
    "Scale": LayerType({"value": _NUMBER}, lambda o, dtype: Scale(o["value"])),
    "GlobalAvgPool": _plain(GlobalAvgPool),
    "MeanOverTokens": _plain(MeanOverTokens),
    "Flatten": _plain(nn.Flatten),
    "ReLU": _plain(nn.ReLU),
    "Softplus": _plain(nn.Softplus),
    "Tanh": _plain(nn.Tanh),
    "Sigmoid": _plain(nn.Sigmoid),
}
"""Every type of layer by name; ``Block``, ``Residual`` and ``Share`` are known to ``plan`` and ``net``."""


def count(sizes: dict[str, tuple[int, ...]]) -> int:
    """How many numbers these shapes hold together."""
    return sum(math.prod(shape) for shape in sizes.values())
