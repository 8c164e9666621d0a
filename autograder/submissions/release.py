"""What of a notebook is the student's own: code beside the release's cells, and the text of a reflection.

The release says by `metadata.autograder.role` what each of its cells is. What the student's metadata says
is never believed: cells are compared by their text.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from autograder.submissions.notebook import Cell, Notebook

DROPPED_ROLES = frozenset(
    {"install", "demo", "predict", "use", "check", "library", "real", "noted", "answer", "question"}
)
"""Roles of release cells that are not run when they were handed in unchanged. Set-up cells are; so are
stubs, whose untouched state is the worker's to tell.
"""

MAX_REFLECTION = 20_000
"""Characters of a reflection that are kept."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_CELL_MAGIC = re.compile(r"\s*%%(?:time|timeit|capture|prun)\b[^\n]*\n")


def normal_code(source: str) -> str:
    """The text by which code cells are compared.

    Line endings, blanks at the end of lines, blank lines around the code and a timing or capturing cell
    magic on top make no difference.
    """
    while magic := _CELL_MAGIC.match(source):
        source = source[magic.end() :]
    lines = [line.rstrip() for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")


@dataclass(frozen=True)
class ReleaseParts:
    """What of a release decides which of a submission's cells are run.

    Attributes:
        dropped: normalised code of the cells that are not run when they come back unchanged.
        setup: source of each set-up cell by its normalised code.
    """

    dropped: frozenset[str]
    setup: dict[str, str]

    @property
    def texts(self) -> list[str]:
        """All of it in a fixed order."""
        return [*sorted(self.dropped), "set-up", *self.setup.values()]


def parts_of_release(release: Notebook) -> ReleaseParts:
    """The cells of a release by what becomes of their copies in a submission."""
    dropped = frozenset(normal_code(cell.source) for cell in release.code if cell.role in DROPPED_ROLES)
    setup = {normal_code(cell.source): cell.source for cell in release.code if cell.role == "setup"}
    return ReleaseParts(dropped, setup)


def student_cells(notebook: Notebook, release: Notebook) -> list[Cell]:
    """The code cells to run, in order: all but unchanged cells of the release in `DROPPED_ROLES`.

    Of those, the functions, classes and plain values of which the student's own code speaks are kept: in
    the notebook they are there too.

    Set-up cells of the release come first, wherever they stand now: in a living kernel they were run before
    everything else, so a solution that was moved above them loses nothing. One that was deleted or changed
    has the index -1 there; what the student imports comes later and wins.
    """
    parts = parts_of_release(release)
    codes = {cell.index: normal_code(cell.source) for cell in notebook.code}
    own = [cell for cell in notebook.code if codes[cell.index] and codes[cell.index] not in parts.dropped]
    words = {word for cell in own for word in _WORD.findall(cell.source)}
    own = [
        cell
        if codes[cell.index] not in parts.dropped
        else replace(cell, source=_definitions(cell.source, words))
        for cell in notebook.code
        if codes[cell.index]
    ]
    own = [cell for cell in own if cell.source.strip()]
    setup = parts.setup
    there = {normal_code(cell.source): cell for cell in reversed(own)}
    first = [there.get(code, Cell(index=-1, source=source, role="setup")) for code, source in setup.items()]
    return first + [cell for cell in own if normal_code(cell.source) not in setup]


def _definitions(source: str, words: set[str]) -> str:
    """The functions, classes and plain values of a cell that are among ``words``, each on its own lines."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic on top of it, for example
        return ""
    lines = source.split("\n")
    kept = [""] * len(lines)
    for node in tree.body:
        if _defined(node) & words:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            kept[first - 1 : node.end_lineno] = lines[first - 1 : node.end_lineno]
    return "\n".join(kept)


def _defined(node: ast.stmt) -> set[str]:
    """The names that a function, a class or an assignment of literals defines; none for anything else."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
        try:
            ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return set()
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def read_reflection(notebook: Notebook, release: Notebook, cell_id: str) -> str:
    """What the student wrote in the release's text cell of this id (or nbgrader grade id); "" when it is
    untouched.

    Found by its id, else by the release's cell before it. A second cell with the same id, and text cells of
    the student's own right behind the prompt, count as written too.
    """
    cells = list(release.cells)
    at = next((i for i, cell in enumerate(cells) if cell_id in (cell.id, cell.grade_id)), None)
    if at is None:
        raise KeyError(f"the release has no cell {cell_id!r}")
    prompt = cells[at]
    ours = {_words(cell.source) for cell in cells}
    before = _words(cells[at - 1].source) if at else ""

    written: list[str] = []
    behind_prompt = False
    for cell in notebook.cells:
        text = _words(cell.source)
        named = _same(cell.id, prompt.id) or _same(cell.grade_id, prompt.grade_id)
        if named or text == _words(prompt.source):
            behind_prompt = behind_prompt or named
        elif text in ours or cell.kind == "code":
            behind_prompt = text == before != ""
        if text not in ours and (named or (behind_prompt and cell.kind != "code")):
            own = _without(cell.source, prompt.source)
            if own and own not in written:
                written.append(own)
    return "\n\n".join(written)[:MAX_REFLECTION]


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _words(text: str) -> str:
    """Text without its spacing, to compare prose."""
    return " ".join(text.split())


def _without(text: str, placeholder: str) -> str:
    """The text without the placeholder it was written over, under or around."""
    stripped = text.strip()
    return stripped.replace(placeholder.strip(), "", 1).strip() if placeholder.strip() else stripped
