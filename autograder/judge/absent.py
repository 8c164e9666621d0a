"""Why no function of an exercise's name was found: the one sentence that ends a student's search."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

NO_FUNCTION = "No function of this name was found."
_BROKEN = "Cell {cell}, which defines the function, could not be read: {error} in line {line}."
_FAILED = "The definition in cell {cell} could not be run: {error} in line {line}."
_PROSE = "Cell {cell} defines the function, but is no code cell: change its type to Code."
_TAKEN = "Cell {cell} takes it from {place}, which was not handed in."
_NEAR = "No function of this name was found, but one called {other}: is it meant?"

_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w{0,99})[ \t]*\(", re.MULTILINE)
_RUN = re.compile(r"^[ \t]*%run[ \t]+(?:-\w+[ \t]+)*([^\s#]{1,60})", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*from[ \t]+([\w.]{1,60})[ \t]+import[ \t]+([^\n#]{1,300})", re.MULTILINE)
_UNREAD = ("SyntaxError", "IndentationError", "TabError")
_ALIKE = 0.8
_FEW_LINES = 5
"""A cell with %run and no more lines than these runs the student's own work, as far as one can tell."""

# what to try next, by sentence
WRITE = "Write the function in its cell; its hints show the way in three steps."
_MEND = "Mend that line, run the cell, and then its check."
_TO_CODE = "Choose Code in place of Markdown in the toolbar, and run the cell."
_PUT = "Put the code itself into a cell: only the notebook is graded."
_RENAME = "Give the function the name that is asked."


def why_absent(
    name: str,
    others: Iterable[str],
    cells: list[dict[str, Any]],
    failed: list[dict[str, Any]],
    prose: Iterable[tuple[int, str]] = (),
) -> tuple[str, str]:
    """Why an exercise's function is not there after the cells were run, and what to try next: two sentences.

    Args:
        name: of the exercise.
        others: names of all exercises of the lesson; a function that is one of them is no misspelling.
        cells: ``{"index", "source"}`` of the cells that were run.
        failed: what failed then: cell, line, error; the worker said so, so nothing in it is certain.
        prose: number and text of the cells that are no code.
    """
    defined = {cell["index"]: _DEFINED.findall(str(cell["source"])) for cell in cells}
    for failure in reversed(failed):
        cell, line, error = (failure.get(key) for key in ("cell", "line", "error"))
        if isinstance(cell, int) and isinstance(line, int) and name in defined.get(cell, ()):
            template = _BROKEN if error in _UNREAD else _FAILED
            return template.format(cell=cell, error=str(error)[:80], line=line), _MEND
    for number, text in prose:
        if name in _DEFINED.findall(text):
            return _PROSE.format(cell=number), _TO_CODE
    elsewhere = _elsewhere(name, cells, failed)
    if elsewhere is not None:
        return elsewhere, _PUT
    free = {found for names in defined.values() for found in names} - set(others)
    near = difflib.get_close_matches(name, sorted(free), n=1, cutoff=_ALIKE)
    return (_NEAR.format(other=near[0]), _RENAME) if near else (NO_FUNCTION, WRITE)


def _elsewhere(name: str, cells: list[dict[str, Any]], failed: list[dict[str, Any]]) -> str | None:
    """The sentence for a function that a cell imports, or runs a file for; None when no cell does."""
    absent = {failure.get("cell") for failure in failed if failure.get("error") == "ModuleNotFoundError"}
    for cell in reversed(cells):
        text = str(cell["source"])
        for module, names in _IMPORT.findall(text):
            if cell["index"] in absent and name in re.findall(r"\w+", names):
                return _TAKEN.format(cell=cell["index"], place=module)
        runs = _RUN.findall(text)
        if runs and len(text.strip().split("\n")) <= _FEW_LINES:
            return _TAKEN.format(cell=cell["index"], place=runs[-1])
    return None
