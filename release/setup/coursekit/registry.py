"""The one grammar in which models and callables travel: a kind, plain parameters, and weights.

A class takes part by three things: a class attribute ``kind``, a method ``to_spec() -> Spec``, and a
classmethod ``from_spec(spec) -> object`` that checks every parameter (a spec may come from a stranger)
and raises :class:`SpecError` with a sentence. Its home is named in ``_HOMES`` below; a new kind of
model is one more line there and never a second mechanism.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

_HOMES = {
    "Net": "coursekit.models.net:Net",
    "map_explainer": "coursekit.callables:MapExplainer",
    "predictor": "coursekit.predictors:Predictor",
}

_UNKNOWN_KIND = "no model or callable of kind {kind!r} is known; known kinds: {known}"


class SpecError(ValueError):
    """A description of a model or callable that does not describe one."""


@dataclass(frozen=True)
class Spec:
    """A model or callable as data.

    Attributes:
        kind: name in the registry.
        params: tree of None, bool, int, float, str, list and dict.
        weights: arrays or tensors by name.
    """

    kind: str
    params: dict[str, Any]
    weights: dict[str, Any] = field(default_factory=dict)


def describe(value: object) -> Spec | None:
    """The spec of a registered object, or None for anything else (also for its subclasses)."""
    kind = getattr(type(value), "kind", None)
    if not isinstance(kind, str) or kind not in _HOMES or type(value) is not _owner(kind):
        return None
    return value.to_spec()


def build(spec: Spec) -> Any:
    """The object that ``spec`` describes; raises :class:`SpecError` when it describes none."""
    if spec.kind not in _HOMES:
        raise SpecError(_UNKNOWN_KIND.format(kind=str(spec.kind)[:40], known=", ".join(sorted(_HOMES))))
    return _owner(spec.kind).from_spec(spec)


def kinds() -> list[str]:
    """Every known kind, sorted."""
    return sorted(_HOMES)


def _owner(kind: str) -> type:
    module, _, name = _HOMES[kind].partition(":")
    return getattr(importlib.import_module(module), name)
