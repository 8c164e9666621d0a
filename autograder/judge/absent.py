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

# what to try next, by sentence
WRITE = "Write the function in its cell; its hints show the way in three steps."
_MEND = "Mend that line, run the cell, and then its check."
_RENAME = "Give the function the name that is asked."


def why_absent(
    name: str, others: Iterable[str], cells: list[dict[str, Any]], failed: list[dict[str, Any]]
) -> tuple[str, str]:
    """Why an exercise's function is not there after the cells were run, and what to try next: two sentences.

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
            return template.format(cell=cell, error=str(error)[:80], line=line), _MEND
    free = {found for names in defined.values() for found in names} - set(others)
    near = difflib.get_close_matches(name, sorted(free), n=1, cutoff=_ALIKE)
    return (_NEAR.format(other=near[0]), _RENAME) if near else (NO_FUNCTION, WRITE)
