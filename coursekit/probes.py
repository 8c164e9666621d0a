"""What a call left changed: arguments, models and global state, compared before and after.

Probes run beside the student's code and could be forged there, so a report only ever takes points
away or feeds a sentence; no value is believed because of one.
"""

from __future__ import annotations

import random
import sys
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
        self._restore_globals(now)
        found += [
            Change("global", f"{what} was {self._globals[what]} before the call and is {now[what]} after it.")
            for what in self._globals
            if self._globals[what] != now[what]
        ]
        return found

    def _restore_globals(self, now: dict[str, Any]) -> None:
        if now == self._globals:
            return
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


class _ModelState:
    """Parameters, buffers, gradients, hooks, mode and structure of one model."""

    def __init__(self, model: Any, torch: Any):
        self.model, self.torch = model, torch
        self.tensors = self._tensors()
        self.values = {name: tensor.detach().clone() for name, tensor in self.tensors.items()}
        self.flags = {name: tensor.requires_grad for name, tensor in self.tensors.items()}
        self.graded = {name for name, tensor in self.tensors.items() if tensor.grad is not None}
        self.modules = self._modules()
        self.training = {name: module.training for name, module in self.modules.items()}
        self.hooks = self._hooks()
        self.attributes = {name: self._attributes(module) for name, module in self.modules.items()}

    def _tensors(self) -> dict[str, Any]:
        return dict(self.model.named_parameters()) | dict(self.model.named_buffers())

    def _modules(self) -> dict[str, Any]:
        return dict(self.model.named_modules(remove_duplicate=False))

    def _hooks(self) -> int:
        stores = (
            "_forward_hooks",
            "_forward_pre_hooks",
            "_backward_hooks",
            "_backward_pre_hooks",
            "_state_dict_hooks",
            "_load_state_dict_pre_hooks",
        )
        on_modules = sum(
            len(getattr(module, store, None) or ()) for module in self._modules().values() for store in stores
        )
        return on_modules + sum(_hook_count(tensor) for tensor in self._tensors().values())

    @staticmethod
    def _attributes(module: Any) -> dict[str, int]:
        return {
            key: id(value)
            for key, value in vars(module).items()
            if not key.startswith("_") and key != "training"
        }

    def changes(self, name: str) -> list[Change]:
        tensors, modules, torch = self._tensors(), self._modules(), self.torch
        found = []
        if list(tensors) != list(self.tensors) or any(tensors[n] is not self.tensors[n] for n in tensors):
            found.append(Change("structure", f"{name} holds other parameter objects after the call."))
        elif any(not _equal_tensors(tensors[n], self.values[n], torch) for n in tensors):
            first = next(n for n in tensors if not _equal_tensors(tensors[n], self.values[n], torch))
            found.append(Change("parameters", f"the parameters of {name} have changed (first: {first})."))
        if any(t.grad is not None and n not in self.graded for n, t in tensors.items()):
            says = f"gradients are left in the parameters of {name}: use torch.autograd.grad with respect to the input."
            found.append(Change("gradients", says))
        if any(tensors[n].requires_grad != flag for n, flag in self.flags.items() if n in tensors):
            found.append(Change("mode", f"requires_grad of the parameters of {name} has changed."))
        if list(modules) != list(self.modules) or any(modules[n] is not self.modules[n] for n in modules):
            found.append(Change("structure", f"{name} has other layers after the call."))
        elif any(self._attributes(m) != self.attributes[n] for n, m in modules.items()):
            found.append(
                Change("structure", f"an attribute of {name} was replaced or added and is still there.")
            )
        if any(m.training != self.training[n] for n, m in modules.items() if n in self.training):
            found.append(Change("mode", f"{name} is in another mode (train or eval) after the call."))
        left = self._hooks() - self.hooks
        if left > 0:
            says = f"{left} hook{'s are' if left > 1 else ' is'} left on {name}: remove every hook, also after an error."
            found.append(Change("hooks", says))
        return found


def _hook_count(tensor: Any) -> int:
    return len(getattr(tensor, "_backward_hooks", None) or ())


def _equal_tensors(a: Any, b: Any, torch: Any) -> bool:
    a = a.detach()
    return (
        a.shape == b.shape
        and a.dtype == b.dtype
        and (torch.equal(a, b) or _equal_arrays(a.numpy(), b.numpy()))
    )


def _equal_arrays(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
