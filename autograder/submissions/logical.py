"""Cut source text into logical lines without parsing it.

The parser of Python can run out of stack on hostile text, and refuses a whole cell for one wrong line. This
knows just enough of the language to tell where a statement ends: strings, comments, brackets, continued
lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"\"\"\"|'''|\"|'|#|[\[({]|[\])}]|\\\n|\n")
_COMMENT = re.compile(r"[^\n]*+")
_ONE_LINE = {
    '"': re.compile(r'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?', re.DOTALL),
    "'": re.compile(r"[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'?", re.DOTALL),
}
_MANY_LINES = {mark: re.compile(r"\\.|" + mark, re.DOTALL) for mark in ('"""', "'''")}


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One statement, or the head of a compound one: text, first line (from 1), deepest bracket."""

    text: str
    line: int
    depth: int

    @property
    def indented(self) -> bool:
        """Whether it stands inside a block."""
        return self.text[:1] in (" ", "\t", "\f")


def logical_lines(source: str) -> list[LogicalLine]:
    """The logical lines of a cell, with their comments; blank ones are left out.

    A bracket or a triple quote that is never closed would swallow the rest of the cell: then the rest is
    cut at every line end instead.
    """
    lines, begin, closed = _cut(source)
    if not closed:
        number = source.count("\n", 0, begin) + 1
        rest = source[begin:].split("\n")
        lines += [LogicalLine(text, number + i, 0) for i, text in enumerate(rest) if text.strip()]
    return lines


def _cut(source: str) -> tuple[list[LogicalLine], int, bool]:
    """Logical lines, where the last begins, and whether it was complete (else it is not among them)."""
    lines: list[LogicalLine] = []
    begin = position = depth = deepest = 0
    number = 1
    while True:
        mark = _MARK.search(source, position)
        if mark is None:
            if depth == 0:
                _add(lines, source[begin:], number, deepest)
            return lines, begin, depth == 0
        position, what = mark.end(), mark.group()
        if what in _ONE_LINE:
            position = _ONE_LINE[what].match(source, position).end()
        elif what in _MANY_LINES:
            end = _closing(source, position, _MANY_LINES[what])
            if end is None:
                return lines, begin, False
            position = end
        elif what == "#":
            position = _COMMENT.match(source, position).end()
        elif what in "[({":
            depth += 1
            deepest = max(depth, deepest)
        elif what in "])}":
            depth = max(depth - 1, 0)
        elif what == "\n" and depth == 0:
            text = source[begin : position - 1]
            _add(lines, text, number, deepest)
            number += text.count("\n") + 1
            begin, deepest = position, 0


def _add(lines: list[LogicalLine], text: str, number: int, depth: int) -> None:
    if text.strip():
        lines.append(LogicalLine(text, number, depth))


def _closing(source: str, position: int, ends: re.Pattern[str]) -> int | None:
    for found in ends.finditer(source, position):
        if not found.group().startswith("\\"):
            return found.end()
    return None
