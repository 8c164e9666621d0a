"""Why no function of an exercise's name was found: the one sentence that ends a student's search."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

NO_FUNCTION = "No function of this name was found."
_BROKEN = "Cell {cell}, which defines the function, could not be read: {error} in line {line}."
_FAILED = "The definition in cell {cell} could not be run: {error} in line {line}."
_NEAR = "No function of this name was found, but one called {other}: is it meant?"

_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w{0,99})[ \t]*\(", re.MULTILINE)
_UNREAD = ("SyntaxError", "IndentationError", "TabError")
_ALIKE = 0.8


def why_absent(
    name: str, others: Iterable[str], cells: list[dict[str, Any]], failed: list[dict[str, Any]]
) -> str:
    """A sentence for an exercise whose function is not there after the cells were run.

    Args:
        name: of the exercise.
        others: names of all exercises of the lesson; a function that is one of them is no misspelling.
        cells: ``{"index", "source"}`` of the cells that were run.
        failed: what failed then: cell, line, error; the worker said so, so nothing in it is certain.
    """
    defined = {cell["index"]: _DEFINED.findall(str(cell["source"])) for cell in cells}
    for failure in reversed(failed):
        cell, line, error = (failure.get(key) for key in ("cell", "line", "error"))
        if isinstance(cell, int) and isinstance(line, int) and name in defined.get(cell, ()):
            template = _BROKEN if error in _UNREAD else _FAILED
            return template.format(cell=cell, error=str(error)[:80], line=line)
    free = {found for names in defined.values() for found in names} - set(others)
    near = difflib.get_close_matches(name, sorted(free), n=1, cutoff=_ALIKE)
    return _NEAR.format(other=near[0]) if near else NO_FUNCTION
