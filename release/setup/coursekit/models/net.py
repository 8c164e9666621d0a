"""The one network of the course: a named list of layers, buildable from plain data and from a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.models.layers import LAYERS
from coursekit.models.plan import NESTED, Entry, read_plan, sizes, walk
from coursekit.registry import Spec, SpecError
from coursekit.rng import Rng, as_rng

# what a weight's spread is multiplied by so that the activation after it passes the signal on
_GAIN = {"ReLU": math.sqrt(2), "Softplus": 2.0, "Tanh": 5 / 3, "Sigmoid": 4.0}
_DTYPES = {"float32": torch.float32, "float64": torch.float64}

BAD_DTYPE = "a net's dtype is 'float32' or 'float64', not {got!r}"
BAD_FLAG = "a net's {name!r} must be true or false, not {got!r}"
BAD_PARAMS = "a net is described by layers, dtype, training and requires_grad; found {got}"
BAD_NAMES = "the weights do not fit the layers: missing {missing}, not asked for {extra}"
BAD_SHAPE = "weight {name!r} must have shape {wanted}, not {got}"
BAD_WEIGHT = "weight {name!r} must hold {wanted} numbers, not {got}"
NOT_ITS_LAYERS = "this net cannot be described: its parameters are no longer those of its layers"
MIXED = "this net cannot be described: {what} must be the same for all of it"
CHANGED_SHAPE = "a Residual adds its layers' result to its input: shapes {a} and {b} differ"


class _Chain(nn.Module):
    """Runs its layers in order; a step may name an earlier layer again."""

    def __init__(self, entries: tuple[Entry, ...], dtype: torch.dtype):
        super().__init__()
        self._steps = tuple(e.options["of"] if e.type == "Share" else e.name for e in entries)
        for entry in entries:
            if entry.type != "Share":
                self._modules[entry.name] = _make(entry, dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for step in self._steps:
            x = self._modules[step](x)  # by name, so that a layer put in another's place is used
        return x

    def extra_repr(self) -> str:
        shared = len(set(self._steps)) < len(self._steps)
        return f"runs {' -> '.join(self._steps)}" if shared else ""


class Block(_Chain):
    """Layers one after another under a common name."""


class Residual(_Chain):
    """``x + layers(x)``."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(x)
        if y.shape != x.shape:
            raise ValueError(CHANGED_SHAPE.format(a=tuple(x.shape), b=tuple(y.shape)))
        return x + y


class Net(_Chain):
    """A network from a named list of layers, in eval mode.

    ``layers`` is plain data: a list of ``[name, type]`` or ``[name, type, options]``, run in order::

        [["conv", "Conv2d", {"in": 3, "out": 8, "kernel": 3, "padding": 1}],
         ["relu", "ReLU"],
         ["block", "Block", {"layers": [["conv", "Conv2d", {...}], ["relu", "ReLU"]]}],
         ["again", "Share", {"of": "relu"}],
         ["flatten", "Flatten"],
         ["fc", "Linear", {"in": 1536, "out": 4}]]

    Types and options (defaults in brackets): ``Linear`` in, out, bias [true]; ``Conv2d`` in, out,
    kernel, stride [1], padding [0], bias [true]; ``BatchNorm2d`` size; ``Embedding`` num, dim;
    ``Quadratic`` in, out; ``AvgPool``, ``MaxPool`` kernel, stride [the kernel]; ``AddConstant``,
    ``Scale`` value; without options ``ReLU``, ``Softplus``, ``Tanh``, ``Sigmoid``, ``Flatten``,
    ``GlobalAvgPool``, ``MeanOverTokens``. ``Block`` and ``Residual`` hold their own ``layers``;
    ``Share`` runs an earlier layer of the same list once more: one module, used twice.

    A layer's name is its prefix: ``conv.weight``, ``block.conv.bias``, ``net.get_submodule("block.relu")``.
    Every activation is a module. Deep-copyable; ``state_dict`` works as in any torch model.

    Args:
        layers: the list above.
        dtype: ``"float32"`` or ``"float64"`` (or torch's own).
        weights: one array or tensor for each parameter and running statistic, by full name; they are
            copied. All zeros when left out: see :meth:`init` for random ones.

    Raises:
        SpecError: the list or the weights do not describe a net; the sentence says where.
    """

    kind = "Net"

    def __init__(
        self, layers: list, dtype: str | torch.dtype = "float64", weights: Mapping[str, Any] | None = None
    ):
        plan, dtype = read_plan(layers), _dtype(dtype)
        shapes = sizes(plan)
        if weights is None:
            own = {name: torch.zeros(shape, dtype=dtype) for name, shape in shapes.items()}
        else:
            own = _checked(weights, shapes, dtype)
        self._setup(plan, dtype, own)

    def _setup(self, plan: tuple[Entry, ...], dtype: torch.dtype, own: dict[str, torch.Tensor]) -> None:
        """Take the structure of a net of this plan that was built before, with its own weights."""
        self.__dict__.update(_contents(_pattern(plan, dtype)))
        _fill(self, own, "")

    def _build(self, plan: tuple[Entry, ...], dtype: torch.dtype) -> None:
        super().__init__(plan, dtype)
        self._plan = plan
        self.train(False)

    @classmethod
    def init(
        cls, layers: list, seed: int | Rng, dtype: str | torch.dtype = "float64", scale: float = 1.0
    ) -> Net:
        """A net with random weights from one PCG64 stream; equal seeds give equal nets on every machine.

        Weights are normal with a spread that keeps activations and logits of order 1 for inputs of
        order 1 (a factor suits the activation that follows). Biases are not zero: normal with spread
        0.3. Running statistics of batch norm are random too. A float32 net holds the rounded float64
        weights.

        Args:
            layers: as for the class.
            seed: a whole number or an :class:`~coursekit.rng.Rng`, which is moved on.
            dtype: ``"float32"`` or ``"float64"``.
            scale: factor on the spread of every weight and bias.
        """
        plan, dtype = read_plan(layers), _dtype(dtype)
        net = cls.__new__(cls)
        net._setup(plan, dtype, _draw(plan, as_rng(seed), dtype, float(scale)))
        return net

    @property
    def layers(self) -> list:
        """The list of layers as plain data, every option spelled out (a fresh copy)."""
        return [entry.as_list() for entry in self._plan]

    @property
    def dtype(self) -> str:
        """``"float32"`` or ``"float64"``."""
        tensor = next((t for t in self.state_dict().values() if t.is_floating_point()), None)
        return "float64" if tensor is None else str(tensor.dtype).removeprefix("torch.")

    def to_spec(self) -> Spec:
        """The net as data. The weights are the net's own tensors, detached, not copied.

        Raises:
            SpecError: parts of it are in another mode, dtype or frozen state than the rest, or its
                modules were exchanged.
        """
        state = {n: t.detach() for n, t in self.state_dict().items() if t.is_floating_point()}
        if {n: tuple(t.shape) for n, t in state.items()} != sizes(self._plan):
            raise SpecError(NOT_ITS_LAYERS)
        params = {
            "layers": self.layers,
            "dtype": self.dtype,
            "training": _common("training or eval mode", {m.training for m in self.modules()}, self.training),
            "requires_grad": _common("requires_grad", {p.requires_grad for p in self.parameters()}, True),
        }
        _common("the dtype", {t.dtype for t in state.values()}, None)
        return Spec(self.kind, params, state)

    @classmethod
    def from_spec(cls, spec: Spec) -> Net:
        """The net that :meth:`to_spec` described; every part of ``spec`` is checked first."""
        params = spec.params
        if not isinstance(params, dict) or set(params) != {"layers", "dtype", "training", "requires_grad"}:
            raise SpecError(BAD_PARAMS.format(got=", ".join(map(str, params)) or "nothing"))
        for name in ("training", "requires_grad"):
            if not isinstance(params[name], bool):
                raise SpecError(BAD_FLAG.format(name=name, got=params[name]))
        net = cls(params["layers"], params["dtype"], spec.weights)
        if params["training"]:
            net.train()
        if not params["requires_grad"]:
            net.requires_grad_(False)
        return net


def _make(entry: Entry, dtype: torch.dtype) -> nn.Module:
    if entry.type in NESTED:
        chain = Block if entry.type == "Block" else Residual
        return chain(entry.children, dtype)
    return LAYERS[entry.type].make(entry.options, dtype)


@lru_cache(maxsize=256)
def _pattern(plan: tuple[Entry, ...], dtype: torch.dtype) -> Net:
    """A net of this plan to be copied, never given out: torch takes long to build modules, not to copy them."""
    net = Net.__new__(Net)
    net._build(plan, dtype)
    return net


def _contents(module: nn.Module) -> dict[str, Any]:
    """The fields of a new module like ``module``, which shares nothing with it that can be changed."""
    fields = {
        name: value.copy() if isinstance(value, dict | set | list) else value
        for name, value in module.__dict__.items()
    }
    fields["_modules"] = {name: _like(child) for name, child in module._modules.items()}
    return fields


def _like(module: nn.Module) -> nn.Module:
    copy = module.__class__.__new__(module.__class__)
    copy.__dict__.update(_contents(module))
    return copy


def _fill(module: nn.Module, weights: Mapping[str, torch.Tensor], prefix: str) -> None:
    """Give a module and those in it parameters of their own; buffers that no weight is given for are copied."""
    fields = module.__dict__
    for name, parameter in fields["_parameters"].items():
        if parameter is not None:
            fields["_parameters"][name] = nn.Parameter(weights[prefix + name])
    for name, buffer in fields["_buffers"].items():
        if buffer is not None:
            own = weights.get(prefix + name)
            fields["_buffers"][name] = buffer.clone() if own is None else own
    for name, child in fields["_modules"].items():
        _fill(child, weights, f"{prefix}{name}.")


def _draw(plan: tuple[Entry, ...], rng: Rng, dtype: torch.dtype, scale: float) -> dict[str, torch.Tensor]:
    shapes = sizes(plan)
    numbers = rng.generator.standard_normal(sum(math.prod(shape) for shape in shapes.values()))
    weights, at = {}, 0
    for full, entry, following in walk(plan):
        if entry.type not in LAYERS:
            continue
        layer = LAYERS[entry.type]
        spread = _GAIN.get(following, 1.0) / math.sqrt(layer.fan_in(entry.options))
        for name, shape in layer.sizes(entry.options).items():
            size = math.prod(shape)
            values = _spread(entry.type, name, numbers[at : at + size].reshape(shape), spread, scale)
            weights[f"{full}.{name}"] = torch.from_numpy(np.ascontiguousarray(values)).to(dtype)
            at += size
    return weights


def _spread(kind: str, name: str, normal: np.ndarray, spread: float, scale: float) -> np.ndarray:
    """Standard normal numbers brought to the size that suits this parameter; always a new array."""
    if name == "running_var":
        return np.exp(0.5 * normal)
    if name == "running_mean":
        return 0.3 * normal
    if kind == "BatchNorm2d" and name == "weight":
        return scale * np.exp(0.3 * normal)
    if name == "H":
        return (scale * spread**2) * (normal + normal.transpose(0, 2, 1))
    if name == "bias":
        return (0.3 * scale) * normal
    return (scale * spread) * normal


def _dtype(dtype: str | torch.dtype) -> torch.dtype:
    if isinstance(dtype, torch.dtype) and dtype in _DTYPES.values():
        return dtype
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise SpecError(BAD_DTYPE.format(got=str(dtype)[:40]))
    return _DTYPES[dtype]


def _checked(
    weights: Mapping[str, Any], shapes: dict[str, tuple[int, ...]], dtype: torch.dtype
) -> dict[str, torch.Tensor]:
    missing, extra = set(shapes) - set(weights), set(weights) - set(shapes)
    if missing or extra:
        raise SpecError(BAD_NAMES.format(missing=_some(missing), extra=_some(extra)))
    own = {}
    for name, shape in shapes.items():
        value = weights[name]
        if not isinstance(value, torch.Tensor | np.ndarray):
            raise SpecError(BAD_WEIGHT.format(name=name, wanted=dtype, got=type(value).__name__))
        if tuple(value.shape) != shape:
            raise SpecError(BAD_SHAPE.format(name=name, wanted=shape, got=tuple(value.shape)))
        tensor = torch.tensor(value) if isinstance(value, np.ndarray) else value.detach().clone()
        if tensor.dtype != dtype:
            raise SpecError(BAD_WEIGHT.format(name=name, wanted=dtype, got=tensor.dtype))
        own[name] = tensor
    return own


def _some(names: set) -> str:
    shown = sorted(str(name)[:60] for name in names)
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "") or "none"


def _common(what: str, values: set, when_empty: Any) -> Any:
    if len(values) > 1:
        raise SpecError(MIXED.format(what=what))
    return values.pop() if values else when_empty
