"""Functions that graders hand to a learner's function: they travel by kind and plain parameters."""

from __future__ import annotations

import math

import torch

from coursekit.registry import Spec, SpecError

UNKNOWN_NAME = "there is no map explainer {got!r}; there are {known}"
BAD_PARAMS = "a map explainer is described by its name alone; found {got}"


class MapExplainer:
    """``explain(model, x, target) -> maps``: one map for each row of a batch.

    Called with a model in any state (frozen parameters too), ``x (B, C, H, W)`` or ``(B, D)`` and
    ``target`` LongTensor ``(B,)``; returns maps ``(B, H, W)`` or ``(B, D)``, detached, of x's dtype.
    The model, x and target are left as they were, also inside ``torch.no_grad()``.

    Names:
        ``"grad_square"``: the square of the gradient of the row's target logit, added up over channels.
        ``"fingerprint"``: no explanation at all: a fixed pattern whose size is a sum over **every**
            parameter and buffer of the model, each number with a factor of its own, plus a term of x
            and the target. It changes when any of them does, so it tells which model, input and target
            a function was given.
    """

    kind = "map_explainer"

    def __init__(self, name: str):
        if not isinstance(name, str) or name not in _EXPLAINERS:
            raise SpecError(UNKNOWN_NAME.format(got=str(name)[:40], known=", ".join(map(repr, _EXPLAINERS))))
        self.name = name

    def __call__(self, model: torch.nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return _EXPLAINERS[self.name](model, x, target)

    def __repr__(self) -> str:
        return f"map_explainer({self.name!r})"

    def to_spec(self) -> Spec:
        """The explainer as data."""
        return Spec(self.kind, {"name": self.name})

    @classmethod
    def from_spec(cls, spec: Spec) -> MapExplainer:
        """The explainer that :meth:`to_spec` described."""
        if not isinstance(spec.params, dict) or set(spec.params) != {"name"} or spec.weights:
            raise SpecError(
                BAD_PARAMS.format(got=", ".join([*map(str, spec.params), *map(str, spec.weights)]))
            )
        return cls(spec.params["name"])


def map_explainer(name: str) -> MapExplainer:
    """The map explainer of that name: ``"grad_square"`` or ``"fingerprint"`` (see :class:`MapExplainer`)."""
    return MapExplainer(name)


def _grad_square(model: torch.nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    with torch.enable_grad():
        point = x.detach().clone().requires_grad_(True)
        score = model(point).gather(1, target[:, None]).sum()
        (gradient,) = torch.autograd.grad(score, point)
    squared = gradient.square()
    return squared.sum(dim=1) if x.dim() == 4 else squared


@torch.no_grad()
def _fingerprint(model: torch.nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for order, values in enumerate([*model.parameters(), *model.buffers()]):
        flat = values.detach().double().flatten()
        factors = 1.5 + torch.cos(0.7 * torch.arange(len(flat), dtype=torch.float64) + order)
        total = total + (factors * flat).sum() / math.sqrt(max(len(flat), 1))
    of_x = x.detach().double()
    of_x = of_x.mean(dim=1) if x.dim() == 4 else of_x
    place = torch.arange(of_x[0].numel(), dtype=torch.float64).reshape(of_x.shape[1:])
    row = (target.double() + 1).reshape(-1, *[1] * (of_x.dim() - 1))
    maps = total * (1.5 + torch.cos(0.61 * place + row)) + row * of_x
    return maps.to(x.dtype)


_EXPLAINERS = {"grad_square": _grad_square, "fingerprint": _fingerprint}
