"""What a call left changed: arguments, models and global state, compared before and after.

Probes run beside the student's code and could be forged there, so a report only ever takes points
away or feeds a sentence; no value is believed because of one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

PUBLIC_SEED = 20_240_229
"""Every generator is set to this before each call: public, the same for all, and no secret."""


@dataclass(frozen=True)
class Change:
    """One thing that a call left changed.

    Attributes:
        kind: ``argument``, ``parameters``, ``gradients``, ``hooks``, ``mode``, ``structure`` or ``global``.
        says: a sentence for the student.
    """

    kind: str
    says: str


class Snapshot:
    """The state of a call's arguments and of the process, to be compared after the call."""

    def __init__(self, names: list[str], values: list[Any]):
        self._values = [(name, value, _remember(value)) for name, value in zip(names, values, strict=True)]
        self._globals = _global_state()

    def changes(self) -> list[Change]:
        """What differs now, in the order of the arguments; process-wide switches are put back."""
        found: list[Change] = []
        for name, value, before in self._values:
            found += _differences(name, value, before)
        now = _global_state()
        moved = [what for what in self._globals if self._globals[what] != now[what]]
        if moved:
            self._restore_globals()
        found += [
            Change("global", f"{what} was {self._globals[what]} before the call and is {now[what]} after it.")
            for what in moved
        ]
        return found

    def _restore_globals(self) -> None:
        torch = sys.modules["torch"]
        torch.set_default_dtype(self._globals["torch's default dtype"])
        torch.set_grad_enabled(self._globals["torch's gradient mode"])


def reset_generators() -> None:
    """Set every generator a function might use to the public seed."""
    random.seed(PUBLIC_SEED)
    np.random.seed(PUBLIC_SEED % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(PUBLIC_SEED)


def _global_state() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    return {
        "torch's default dtype": torch.get_default_dtype(),
        "torch's gradient mode": torch.is_grad_enabled(),
    }


def _remember(value: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is not None:
        if isinstance(value, torch.nn.Module):
            return _ModelState(value, torch)
        if isinstance(value, torch.Tensor):
            return (value.detach().clone(), value.requires_grad, value.grad is not None, _hook_count(value))
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return [(item, _remember(item)) for item in value]
    if isinstance(value, dict):
        return [(key, item, _remember(item)) for key, item in value.items()]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return value.copy()
    return None


def _differences(name: str, value: Any, before: Any) -> list[Change]:
    torch = sys.modules.get("torch")
    if torch is not None:
        if isinstance(value, torch.nn.Module):
            return before.changes(name)
        if isinstance(value, torch.Tensor):
            return _tensor_changes(name, value, before, torch)
    changed = Change("argument", f"{name} has other values after the call: work on a copy.")
    if isinstance(value, np.ndarray):
        return [] if _equal_arrays(value, before) else [changed]
    if isinstance(value, (list, tuple)):
        if len(value) != len(before) or any(a is not b for a, (b, _) in zip(value, before, strict=True)):
            return [changed]
        return [c for i, (item, was) in enumerate(before) for c in _differences(f"{name}[{i}]", item, was)]
    if isinstance(value, dict):
        if list(value) != [key for key, _, _ in before] or any(value[k] is not item for k, item, _ in before):
            return [changed]
        return [c for key, item, was in before for c in _differences(f"{name}[{key!r}]", item, was)]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return [] if value.equals(before) else [changed]
    return []


def _tensor_changes(name: str, value: Any, before: Any, torch: Any) -> list[Change]:
    values, requires_grad, had_grad, hooks = before
    found = []
    if value.shape != values.shape or value.dtype != values.dtype or not _equal_tensors(value, values, torch):
        found.append(Change("argument", f"{name} has other values after the call: work on a copy."))
    if value.requires_grad != requires_grad:
        found.append(
            Change(
                "argument",
                f"{name}.requires_grad is {value.requires_grad} after the call: ask for gradients of "
                f"{name}.detach().clone(), not of {name} itself.",
            )
        )
    if (value.grad is not None) and not had_grad:
        found.append(Change("argument", f"{name}.grad is filled after the call: use torch.autograd.grad."))
    if _hook_count(value) > hooks:
        found.append(Change("argument", f"a hook is left on {name}: remove it."))
    return found


_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_load_state_dict_pre_hooks",
)


class _ModuleState:
    """One module of a model: what it holds, by identity."""

    __slots__ = ("attributes", "children", "hooks", "module", "tensors", "training")

    def __init__(self, module: Any):
        fields = module.__dict__
        self.module, self.training = module, fields["training"]
        self.children = dict(fields["_modules"])
        self.tensors = {**fields["_parameters"], **fields["_buffers"]}
        self.hooks = sum(len(fields[store]) for store in _HOOKS if fields.get(store))
        # private fields are torch's own: registering a hook and removing it leaves a mark there
        self.attributes = {k: id(v) for k, v in fields.items() if k[:1] != "_" and k != "training"}


class _ModelState:
    """Parameters, buffers, gradients, hooks, mode and structure of one model."""

    def __init__(self, model: Any, torch: Any):
        self.model, self.torch = model, torch
        self.modules = _walk(model)
        self.tensors = _tensors(self.modules)
        self.values = {name: tensor.detach().clone() for name, tensor in self.tensors.items()}
        self.flags = {name: tensor.requires_grad for name, tensor in self.tensors.items()}
        self.hooks = _count_hooks(self.modules, self.tensors)
        grads = {name: tensor.grad for name, tensor in self.tensors.items()}
        self.grad_values = {n: None if g is None else g.detach().clone() for n, g in grads.items()}

    def changes(self, name: str) -> list[Change]:
        modules = _walk(self.model)
        tensors = _tensors(modules)
        return [
            *self._of_tensors(name, tensors),
            *self._of_modules(name, modules),
            *self._of_hooks(name, modules, tensors),
        ]

    def _of_tensors(self, name: str, tensors: dict[str, Any]) -> Iterator[Change]:
        if tensors.keys() != self.tensors.keys() or any(tensors[n] is not self.tensors[n] for n in tensors):
            yield Change("structure", f"{name} holds other parameter objects after the call.")
            return
        for n, tensor in tensors.items():
            if not _equal_tensors(tensor, self.values[n], self.torch):
                yield Change("parameters", f"the parameters of {name} have changed (first: {n}).")
                break
        if any(self._grad_changed(n, tensor) for n, tensor in tensors.items()):
            says = f"the .grad of the parameters of {name} has changed: use torch.autograd.grad with respect to the input."
            yield Change("gradients", says)
        if any(tensor.requires_grad != self.flags[n] for n, tensor in tensors.items()):
            yield Change("mode", f"requires_grad of the parameters of {name} has changed.")

    def _grad_changed(self, name: str, tensor: Any) -> bool:
        now, before = tensor.grad, self.grad_values[name]
        if now is None or before is None:
            return now is not before
        return not _equal_tensors(now, before, self.torch)

    def _of_modules(self, name: str, modules: dict[str, _ModuleState]) -> Iterator[Change]:
        pairs = [(modules[path], before) for path, before in self.modules.items() if path in modules]
        if modules.keys() != self.modules.keys() or any(now.module is not was.module for now, was in pairs):
            yield Change("structure", f"{name} has other layers after the call.")
        elif any(now.attributes != was.attributes for now, was in pairs):
            yield Change("structure", f"an attribute of {name} was replaced or added and is still there.")
        if any(now.training != was.training for now, was in pairs):
            yield Change("mode", f"{name} is in another mode (train or eval) after the call.")

    def _of_hooks(
        self, name: str, modules: dict[str, _ModuleState], tensors: dict[str, Any]
    ) -> Iterator[Change]:
        left = _count_hooks(modules, tensors) - self.hooks
        if left > 0:
            many = "s are" if left > 1 else " is"
            yield Change(
                "hooks", f"{left} hook{many} left on {name}: remove every hook, also after an error."
            )


def _walk(model: Any, prefix: str = "", depth: int = 0) -> dict[str, _ModuleState]:
    """Every module by its path; a module used under two names is met twice."""
    state = _ModuleState(model)
    found = {prefix: state}
    for name, child in state.children.items():
        if child is not None and depth < 50:  # a model that contains itself has no end
            found |= _walk(child, f"{prefix}.{name}" if prefix else name, depth + 1)
    return found


def _tensors(modules: dict[str, _ModuleState]) -> dict[str, Any]:
    return {
        f"{path}.{name}" if path else name: tensor
        for path, state in modules.items()
        for name, tensor in state.tensors.items()
        if tensor is not None
    }


def _count_hooks(modules: dict[str, _ModuleState], tensors: dict[str, Any]) -> int:
    return sum(state.hooks for state in modules.values()) + sum(map(_hook_count, tensors.values()))


def _hook_count(tensor: Any) -> int:
    return len(getattr(tensor, "_backward_hooks", None) or ())


def _equal_tensors(a: Any, b: Any, torch: Any) -> bool:
    a = a.detach()
    return (
        a.shape == b.shape
        and a.dtype == b.dtype
        and (torch.equal(a, b) or bool(((a == b) | ((a != a) & (b != b))).all()))  # NaN stays NaN
    )


def _equal_arrays(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
