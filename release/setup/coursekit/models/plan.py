"""Reading a list of layers that may come from a stranger: everything is checked before memory is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from torch import nn

from coursekit.models.layers import LAYERS, Option, count
from coursekit.registry import SpecError

MAX_DEPTH = 6
MAX_LAYERS = 256
MAX_PARAMETERS = 5_000_000

NESTED = ("Block", "Residual")
# names that a Net's own attributes hold, beside those of torch.nn.Module
_RESERVED = frozenset(["training", "kind", "layers", "dtype", "init", "to_spec", "from_spec"])
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_TYPES = ", ".join(sorted([*LAYERS, *NESTED, "Share"]))

NOT_A_LIST = "{where}: layers must be a list of at least one [name, type, options], not {got}"
NOT_AN_ENTRY = "{where}: entry {index} must be [name, type] or [name, type, options], not {got}"
BAD_NAME = "{where}: {name} cannot name a layer: use 1 to 40 letters, digits or underscores"
TAKEN = "{where}: the name {name!r} is taken already, by another layer or by torch.nn.Module itself"
NO_TYPE = "layer {where}: there is no layer type {name!r}; there are {known}"
NO_OPTION = "layer {where}: {type} has no option {name}; it has {known}"
MISSING_OPTION = "layer {where}: {type} needs the option {name!r}"
BAD_OPTION = "layer {where}: option {name!r} must be {wanted}, not {got}"
NO_SUCH_SHARE = "layer {where}: Share needs the name of an earlier layer of the same list, not {got}"
TOO_DEEP = "layer {where}: blocks may be nested at most {most} deep"
TOO_MANY = "layer {where}: a net has at most {most} layers"
TOO_BIG = "layer {where}: a net has at most {most} numbers in its parameters"


@dataclass(frozen=True, eq=False)  # equal lists are read once, so identity tells plans apart, and quickly
class Entry:
    """One layer of a checked list; ``children`` are those of a Block or Residual."""

    name: str
    type: str
    options: dict[str, Any]
    children: tuple[Entry, ...] = ()

    def __deepcopy__(self, memo: dict) -> Entry:
        return self  # never changed, so a copied model shares it

    def as_list(self) -> list:
        """The entry as plain data, with every option spelled out."""
        options: dict[str, Any] = dict(self.options)
        if self.type in NESTED:
            options["layers"] = [child.as_list() for child in self.children]
        return [self.name, self.type, options] if options else [self.name, self.type]


@dataclass
class _Budget:
    layers: int = 0
    parameters: int = 0


def read_plan(layers: Any) -> tuple[Entry, ...]:
    """The checked entries of a list of layers; raises :class:`SpecError` with a sentence.

    Equal lists are read once: graders build the same nets hundreds of times.
    """
    try:
        packed = msgspec.msgpack.encode(layers)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return _read(layers, "the net", "", 0, _Budget())  # no plain data: its own sentence says so
    return _read_packed(packed)


@lru_cache(maxsize=512)
def _read_packed(packed: bytes) -> tuple[Entry, ...]:
    return _read(msgspec.msgpack.decode(packed), "the net", "", 0, _Budget())


def walk(entries: tuple[Entry, ...], prefix: str = "") -> Iterator[tuple[str, Entry, str]]:
    """``(full name, entry, type of what its list runs next or "")`` of every layer, nested ones included."""
    types = {entry.name: entry.type for entry in entries}
    for index, entry in enumerate(entries):
        following = entries[index + 1] if index + 1 < len(entries) else None
        after = "" if following is None else types[following.options.get("of", following.name)]
        yield prefix + entry.name, entry, after
        if entry.children:
            yield from walk(entry.children, f"{prefix}{entry.name}.")


@lru_cache(maxsize=512)
def sizes(entries: tuple[Entry, ...]) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter and floating buffer by full name."""
    return {
        f"{full}.{name}": shape
        for full, entry, _ in walk(entries)
        if entry.type in LAYERS
        for name, shape in LAYERS[entry.type].sizes(entry.options).items()
    }


def _read(layers: Any, where: str, prefix: str, depth: int, budget: _Budget) -> tuple[Entry, ...]:
    if not isinstance(layers, (list, tuple)) or not layers:
        raise SpecError(NOT_A_LIST.format(where=where, got=_short(layers)))
    entries: dict[str, Entry] = {}
    for index, raw in enumerate(layers):
        if not isinstance(raw, (list, tuple)) or len(raw) not in (2, 3):
            raise SpecError(NOT_AN_ENTRY.format(where=where, index=index, got=_short(raw)))
        name, kind = raw[0], raw[1]
        options = raw[2] if len(raw) == 3 else {}
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise SpecError(BAD_NAME.format(where=where, name=_short(name)))
        if name in entries or hasattr(nn.Module, name) or name in _RESERVED:
            raise SpecError(TAKEN.format(where=where, name=name))
        if not isinstance(kind, str) or not isinstance(options, dict):
            raise SpecError(NOT_AN_ENTRY.format(where=where, index=index, got=_short(raw)))
        full = prefix + name
        budget.layers += 1
        if budget.layers > MAX_LAYERS:
            raise SpecError(TOO_MANY.format(where=full, most=MAX_LAYERS))
        if kind in NESTED:
            entries[name] = _nested(name, kind, options, full, depth, budget)
        elif kind == "Share":
            entries[name] = _share(name, options, full, entries)
        else:
            entries[name] = _leaf(name, kind, options, full, budget)
    return tuple(entries.values())


def _nested(name: str, kind: str, options: dict, where: str, depth: int, budget: _Budget) -> Entry:
    _known(options, {"layers"}, where, kind)
    if depth + 1 > MAX_DEPTH:
        raise SpecError(TOO_DEEP.format(where=where, most=MAX_DEPTH))
    if "layers" not in options:
        raise SpecError(MISSING_OPTION.format(where=where, type=kind, name="layers"))
    children = _read(options["layers"], f"layer {where}", f"{where}.", depth + 1, budget)
    return Entry(name, kind, {}, children)


def _share(name: str, options: dict, where: str, entries: dict[str, Entry]) -> Entry:
    _known(options, {"of"}, where, "Share")
    of = options.get("of")
    if not isinstance(of, str) or of not in entries or entries[of].type == "Share":
        raise SpecError(NO_SUCH_SHARE.format(where=where, got=_short(of)))
    return Entry(name, "Share", {"of": of})


def _leaf(name: str, kind: str, options: dict, where: str, budget: _Budget) -> Entry:
    if kind not in LAYERS:
        raise SpecError(NO_TYPE.format(where=where, name=kind[:40], known=_TYPES))
    known = LAYERS[kind].options
    _known(options, known, where, kind)
    checked = {}
    for option, rule in known.items():
        if option in options:
            checked[option] = _value(options[option], rule, where, option)
        elif rule.default is None:
            raise SpecError(MISSING_OPTION.format(where=where, type=kind, name=option))
        else:
            checked[option] = rule.default
    budget.parameters += count(LAYERS[kind].sizes(checked))
    if budget.parameters > MAX_PARAMETERS:
        raise SpecError(TOO_BIG.format(where=where, most=MAX_PARAMETERS))
    return Entry(name, kind, checked)


def _value(value: Any, rule: Option, where: str, name: str) -> Any:
    if rule.type is bool:
        good, wanted = isinstance(value, bool), "true or false"
    elif rule.type is int:
        good = isinstance(value, int) and not isinstance(value, bool)
        good = good and (rule.low <= value <= rule.high or value == rule.default)
        wanted = f"a whole number from {rule.low} to {rule.high}"
    else:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        good = good and rule.low <= value <= rule.high  # false for nan and inf
        wanted = f"a finite number from {rule.low:g} to {rule.high:g}"
    if not good:
        raise SpecError(BAD_OPTION.format(where=where, name=name, wanted=wanted, got=_short(value)))
    return float(value) if rule.type is float else value


def _known(options: dict, known: Any, where: str, kind: str) -> None:
    for option in options:
        if option not in known:
            names = ", ".join(known) or "none"
            raise SpecError(NO_OPTION.format(where=where, type=kind, name=_short(option), known=names))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
