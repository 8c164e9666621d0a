"""What happens to a notebook between the student's editor and the instructor's folder.

Each shape takes the filled notebook and the release, and returns the bytes of the file.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]


def as_it_is(notebook: Notebook, release: Notebook) -> bytes:
    """Saved by Jupyter, as most are."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def empty_file(notebook: Notebook, release: Notebook) -> bytes:
    """An upload that broke off before the first byte."""
    return b""


def cut_off(notebook: Notebook, release: Notebook) -> bytes:
    """A disk that was full: the second half of the file is missing, in the middle of a text."""
    data = as_it_is(notebook, release)
    while data[len(data) // 2 :][:1].isspace():  # not between two cells, where a lenient reader could stop
        data = data[:-1]
    return data[: len(data) // 2]


def nbformat_3(notebook: Notebook, release: Notebook) -> bytes:
    """Saved by an old editor: worksheets, ``input`` and ``prompt_number``, headings, no ids."""
    cells = []
    for number, cell in enumerate(notebook["cells"], start=1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            old = {"cell_type": "code", "collapsed": False, "input": source, "language": "python"}
            cells.append(old | {"metadata": {}, "outputs": [], "prompt_number": number})
        elif source.startswith("## ") and "\n" not in source:
            text = source.removeprefix("## ")
            cells.append({"cell_type": "heading", "level": 2, "metadata": {}, "source": text})
        else:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": source})
    sheets = [{"cells": cells, "metadata": {}}]
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}
    return as_it_is(old, release)


def moved_and_stripped(notebook: Notebook, release: Notebook) -> bytes:
    """Typed into another editor: no metadata, no ids, no check cells, little prose.

    The solutions stand first, the last exercise on top; the untouched stubs stand behind them; two
    solutions share one cell, and one stands there twice.
    """
    solved = [copy.deepcopy(cell) for cell in _of_role(notebook, "exercise")][::-1]
    joined = solved[0] | {"source": [*solved[0]["source"], "\n\n\n", *solved[1]["source"]]}
    rest = []
    for cell in release["cells"]:
        role = cell["metadata"].get("autograder", {}).get("role")
        if role == "text" or role in ("setup", "exercise"):
            rest.append(cell)
    answers = _of_role(notebook, "question") + _of_role(notebook, "reflection")
    prompt = [cell for cell in release["cells"] if cell.get("id") == "prompt-reflection"]
    bare = [joined, *solved[2:], solved[-1], *rest[:12], *answers[:-1], *prompt, answers[-1]]
    stubs = [cell for cell in rest[12:] if cell["cell_type"] == "code"]
    cells = [_bare(cell) for cell in [*bare, *stubs]]
    return as_it_is({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, release)


def untidy(notebook: Notebook, release: Notebook) -> bytes:
    """Through many hands: a byte order mark, CRLF, another kernel's name, one copied cell with the same id."""
    exercises = _of_role(notebook, "exercise")
    at = notebook["cells"].index(exercises[0])
    notebook["cells"].insert(at + 1, copy.deepcopy(exercises[0]))
    notebook["metadata"] = {"kernelspec": {"display_name": "ml-env", "language": "python", "name": "ml-env"}}
    return b"\xef\xbb\xbf" + as_it_is(notebook, release).replace(b"\n", b"\r\n")


def _of_role(notebook: Notebook, role: str) -> list[dict[str, Any]]:
    return [c for c in notebook["cells"] if c["metadata"].get("autograder", {}).get("role") == role]


def _bare(cell: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in cell.items() if key in ("cell_type", "source")}
    code = {"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}
    return kept | {"metadata": {}} | code


SHAPES: dict[str, Callable[[Notebook, Notebook], bytes]] = {
    shape.__name__: shape for shape in (as_it_is, empty_file, cut_off, nbformat_3, moved_and_stripped, untidy)
}
