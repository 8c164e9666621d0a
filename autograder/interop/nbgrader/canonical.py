"""The release's cells with what one student wrote in their place: the notebook that nbgrader keeps and shows.

Only for people's eyes: the judge reads the bytes that were handed in. Reading the result again gives the same
result, so that it need not be known whether a notebook has been through here before.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.submissions import (
    Cell,
    Notebook,
    normal_code,
    read_answers,
    read_reflection,
    student_cells,
)
from autograder.submissions.logical import logical_lines

MOST_EXTRA = 50
MOST_CHARACTERS = 20_000
ELSEWHERE = "# {name} is in the cell of {other}."
_ELSEWHERE = re.compile(r"# \w+ is in the cell of \w+\.")
CUT = "\n# ... cut here: the file that was handed in holds the rest."

_DEF = re.compile(r"(?:async\s+)?def\s+(\w+)|(\w+)\s*(?::[^=]+)?=(?!=)")


def canonical(release_nodes: NotebookNode, release: Notebook, student: Notebook | None) -> NotebookNode:
    """A copy of the release's notebook with the student's code, answers and reflection.

    Args:
        release_nodes: the released notebook, as nbformat reads it; it is not changed.
        release: the same, as the engine reads it.
        student: what was handed in; None when it could not be read, then the stubs stay.
    """
    made = copy.deepcopy(release_nodes)
    if student is None:
        return made
    roles = {cell.id: (cell.role, cell.name) for cell in release.cells}
    own = _own_cells(student, release)
    places = _places(own, [name for role, name in roles.values() if role == "exercise" and name])
    answers = read_answers(student, [name for role, name in roles.values() if role == "question" and name])
    by_index = {cell.index: cell for cell in student.cells}
    shown: dict[int, str] = {}
    for cell in made.cells:
        role, name = roles.get(cell.get("id"), (None, None))
        if role == "exercise" and name in places:
            _write(cell, places[name], name, shown)
        elif role == "question" and name and answers[name].cell is not None:
            _write(cell, by_index[answers[name].cell], name, shown)
        elif role == "reflection":
            cell.source = (read_reflection(student, release, cell["id"]) or cell.source)[:MOST_CHARACTERS]
    made.cells += list(_extra(own, shown))
    return made


def _own_cells(student: Notebook, release: Notebook) -> list[Cell]:
    """The student's own code, without set-up cells and untouched stubs."""
    given = {normal_code(cell.source) for cell in release.code}
    own = [cell for cell in student_cells(student, release) if cell.index >= 0]
    return [
        cell
        for cell in own
        if normal_code(cell.source) not in given and not _ELSEWHERE.fullmatch(cell.source.strip())
    ]


def _places(cells: Iterable[Cell], names: Iterable[str]) -> dict[str, Cell]:
    """The last cell in which each name is defined at the left margin."""
    wanted, found = set(names), {}
    for cell in cells:
        for line in logical_lines(cell.source):
            defines = None if line.indented else _DEF.match(line.text)
            if defines and (name := defines[1] or defines[2]) in wanted:
                found[name] = cell
    return found


def _write(cell: NotebookNode, source: Cell, name: str, shown: dict[int, str]) -> None:
    """Put a student's cell into a cell of the release; what stands elsewhere already is only named."""
    if source.index in shown:
        cell.source = ELSEWHERE.format(name=name, other=shown[source.index])
        return
    shown[source.index] = name
    cell.source = _bounded(source.source)


def _extra(own: list[Cell], shown: dict[int, str]) -> Iterator[NotebookNode]:
    """The student's other code, behind everything else."""
    left = [cell for cell in own if cell.index not in shown]
    for number, cell in enumerate(left[:MOST_EXTRA]):
        yield new_code_cell(_bounded(cell.source), id=f"extra-{number}")


def _bounded(source: str) -> str:
    return source if len(source) <= MOST_CHARACTERS else source[:MOST_CHARACTERS] + CUT
