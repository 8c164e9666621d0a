"""A bounded reader of JSON that builds only what it is asked for.

A submission is hostile data: 40 MB of outputs, 200 000 nested brackets, `NaN`, half a surrogate pair, one
byte of latin-1. The usual decoders either build all of it or refuse all of it. This one walks the bytes
with regular expressions that cannot backtrack, steps over everything that nobody asks for (outputs, widget
states, attachments) without building an object, never recurses, and counts its steps.

It looks at the structure where it must and is lenient where it may: what is stepped over only has to
balance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# Possessive quantifiers (`*+`) keep matching linear and its memory constant, whatever the bytes.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_GAP = rb'[^"\[\]{}]*+'
_FLAT = _GAP + rb"(?:" + _STRING + _GAP + rb")*+"
_STEP = re.compile(_FLAT + rb"(?:(\[" + _FLAT + rb"\]|\{" + _FLAT + rb"\})|([\[{])|([\]}]))", re.DOTALL)
_TEXT = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"\[\]{}]++')
_SPACE = re.compile(rb"[ \t\r\n\0]*+")

MAX_BRACKETS = 10_000_000
"""Brackets that may be stepped over in one file. A notebook with 40 MB of plotted pairs of numbers has 3
million, and each is passed at most three times.
"""
MAX_ITEMS = 300_000
"""Members and elements that may be looked at one by one: all lines of all cells, and a few per cell."""


class Damaged(ValueError):
    """The bytes are no JSON. `position` is where it shows; `cut`: the end of the file came too early."""

    def __init__(self, position: int, cut: bool = False) -> None:
        super().__init__(f"not JSON at byte {position}")
        self.position = position
        self.cut = cut


class TooDense(ValueError):
    """More than `MAX_BRACKETS` or `MAX_ITEMS`."""


class Scanner:
    """Walks one JSON document, bytes in a superset of ASCII (UTF-8, latin-1). Positions are byte offsets."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._brackets_left = MAX_BRACKETS
        self._items_left = MAX_ITEMS
        self.guessed_encoding = False
        """True once a text was no UTF-8 and was read as Windows-1252 or latin-1."""

    def start(self) -> int:
        """Where the document's value begins."""
        return self._space(0)

    def kind(self, position: int) -> str:
        """`object`, `list`, `text` or `scalar`: what begins at `position`."""
        return {b"{": "object", b"[": "list", b'"': "text"}.get(self.data[position : position + 1], "scalar")

    def members(self, position: int) -> Iterator[tuple[str, int]]:
        """Key and position of the value of each member of the object that begins at `position`."""
        at = self._first(position, b"}")
        while at is not None:
            end = self._end_of_text(at)
            key = self.data[at + 1 : end - 1]
            name = self.text(at, 200) if b"\\" in key else key[:200].decode("utf-8", "replace")
            at = self._space(end)
            if self.data[at : at + 1] != b":":
                raise self._damage(at)
            at = self._space(at + 1)
            yield name or "", at
            at = self._following(self.skip(at), b"}")

    def elements(self, position: int) -> Iterator[int]:
        """Position of each element of the list that begins at `position`."""
        at = self._first(position, b"]")
        while at is not None:
            yield at
            at = self._following(self.skip(at), b"]")

    def pick(self, position: int, *keys: str) -> dict[str, int]:
        """Positions of the named members of an object; of a repeated key the last, as JSON readers do."""
        if self.kind(position) != "object":
            return {}
        return {key: at for key, at in self.members(position) if key in keys}

    def skip(self, position: int) -> int:
        """The position just behind the value that begins at `position`."""
        first = self.data[position : position + 1]
        if first == b'"':
            return self._end_of_text(position)
        if first not in (b"[", b"{"):
            scalar = _SCALAR.match(self.data, position)
            if scalar is None:
                raise self._damage(position)
            return scalar.end()
        depth = 0
        while True:
            self._brackets_left -= 1
            if self._brackets_left < 0:
                raise TooDense
            step = _STEP.match(self.data, position)
            if step is None:
                raise Damaged(len(self.data), cut=True)
            position = step.end()
            depth += (0, 0, 1, -1)[step.lastindex or 0]
            if depth == 0:
                return position

    def text(self, position: int, most: int) -> str | None:
        """The string at `position`; None when there is none or it takes more than `most` bytes in the file.

        Bytes that are no UTF-8 are read as Windows-1252. Surrogates are returned as they are.
        """
        if self.kind(position) != "text":
            return None
        end = self._end_of_text(position)
        if end - position > most:
            return None
        try:
            return self._load(position, end)
        except ValueError:
            raise Damaged(position) from None

    def flat(self, position: int, most: int) -> list[Any] | None:
        """The list at `position` at once, when it holds no other list or object and takes at most `most` bytes."""
        step = _STEP.match(self.data, position) if self.kind(position) == "list" else None
        if step is None or step.lastindex != 1 or step.end() - position > most:
            return None
        try:
            return self._load(position, step.end())
        except ValueError:
            return None

    def small(self, position: int, most: int = 10_000) -> Any:
        """A small value of any kind, decoded; None when it is larger than `most` bytes or is no JSON."""
        end = self.skip(position)
        raw = self.data[position:end]
        # a bracket nests at most as deep as there are brackets: 100 is far from any recursion limit
        if len(raw) > most or raw.count(b"[") + raw.count(b"{") > 100:
            return None
        try:
            return json.loads(raw.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            return None

    def line(self, position: int) -> int:
        """The line of a byte, counted from 1, for messages."""
        return self.data.count(b"\n", 0, position) + 1

    def _load(self, position: int, end: int) -> Any:
        """What `json` makes of some bytes, in UTF-8 or else in Windows-1252 or latin-1."""
        raw = self.data[position:end]
        try:
            decoded = raw.decode("utf-8")
        except UnicodeDecodeError:
            self.guessed_encoding = True
            try:
                decoded = raw.decode("cp1252")
            except UnicodeDecodeError:
                decoded = raw.decode("latin-1")
        # strict=False: a raw line break or control character in a string is no reason to refuse a file
        return json.loads(decoded, strict=False)

    def _first(self, position: int, closing: bytes) -> int | None:
        """Where the first item of a list or object begins; None when it is empty."""
        at = self._space(position + 1)
        return None if self.data[at : at + 1] == closing else at

    def _following(self, end: int, closing: bytes) -> int | None:
        """Where the item behind the one that stops at `end` begins; None when that was the last."""
        self._items_left -= 1
        if self._items_left < 0:
            raise TooDense
        at = self._space(end)
        mark = self.data[at : at + 1]
        if mark == closing:
            return None
        if mark != b",":
            raise self._damage(at)
        return self._space(at + 1)

    def _space(self, position: int) -> int:
        match = _SPACE.match(self.data, position)
        return match.end() if match else position

    def _end_of_text(self, position: int) -> int:
        match = _TEXT.match(self.data, position)
        if match is None:
            raise self._damage(position)
        return match.end()

    def _damage(self, position: int) -> Damaged:
        """Damage at `position`; it is a cut when nothing but the beginning of a string follows."""
        rest = self.data[position : position + 1]
        return Damaged(
            position, cut=rest == b"" or (rest == b'"' and _TEXT.match(self.data, position) is None)
        )
