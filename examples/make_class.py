"""Write the small class of lesson 02: what each student wrote, put into the released notebook.

    python examples/make_class.py            write examples/submissions/
    python examples/make_class.py --check    say what is not as it would be written; exit code 1 then

A file of ``students/`` is what one student wrote, as Python in cells:

    \"\"\"What kind of submission this is.\"\"\"
    OTHERWISE = "perfect_loops"     # whose cells stand where nothing is written here
    SHAPE = "nbformat_3"            # what happens to the file, see shapes.py

    # %% saliency                   the code in that exercise's (or question's) cell
    # %% [markdown] reflection      the text in that cell
    # %% [before] saliency          a cell of the student's own before that one
    # %% [after] saliency           ... or behind it
    # %% [delete] saliency          the cell is taken away

The docstring ``\"\"\"...\"\"\"`` of a function stands for the one that the release gives it.
The release changes now and then, so the notebooks are made and never edited. Nothing here is run or graded.
"""

from __future__ import annotations

import ast
import copy
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapes

HERE = Path(__file__).resolve().parent
LESSON = "02_gradient_attribution"
RELEASE = HERE.parent / "release" / LESSON / f"{LESSON}.ipynb"
STUDENTS, SUBMISSIONS = HERE / "students", HERE / "submissions"

_HEAD = re.compile(r"^# %%[ ]*(?:\[(markdown|before|after|delete)\][ ]*)?([\w-]+)[ ]*$", re.MULTILINE)
_DOTS = re.compile(r'^([ \t]*)"""\.\.\."""$', re.MULTILINE)
_ANSWERS = ("code", "markdown")
_WRITTEN_ROLES = ("exercise", "question", "reflection")


class ClassError(Exception):
    """A student's file or the release is not as it must be; the text is one sentence."""


@dataclass(frozen=True)
class Change:
    """What a student did: ``kind`` is code, markdown, before, after or delete; ``cell`` names a cell."""

    kind: str
    cell: str
    source: str


@dataclass
class Student:
    """One file of ``students/``."""

    name: str
    what: str
    shape: str = "as_it_is"
    otherwise: str | None = None
    changes: list[Change] = field(default_factory=list)


def read_student(path: Path) -> Student:
    """What stands in one file of ``students/``."""
    text = path.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    begin = ast.parse(text[: heads[0].start()] if heads else text)
    facts = {n.targets[0].id: ast.literal_eval(n.value) for n in begin.body if isinstance(n, ast.Assign)}  # type: ignore[attr-defined]
    student = Student(path.stem, ast.get_docstring(begin) or "")
    student.shape = facts.get("SHAPE", student.shape)
    student.otherwise = facts.get("OTHERWISE")
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        source = text[head.end() : end].strip("\n")
        kind = head[1] or "code"
        if kind == "markdown":
            source = "\n".join(line.removeprefix("#").removeprefix(" ") for line in source.split("\n"))
        student.changes.append(Change(kind, head[2], source.rstrip()))
    if not student.what:
        raise ClassError(f"{path.name} does not say in its docstring what kind of submission it is.")
    return student


def all_changes(student: Student, students: dict[str, Student]) -> list[Change]:
    """What the one it rests on did, without the answers that are written anew, and then the student's own."""
    if student.otherwise is None:
        return student.changes
    if student.otherwise not in students:
        raise ClassError(f"{student.name} rests on {student.otherwise}, and there is no such student.")
    anew = {change.cell for change in student.changes if change.kind in _ANSWERS}
    below = all_changes(students[student.otherwise], students)
    return [c for c in below if c.kind not in _ANSWERS or c.cell not in anew] + student.changes


def notebook_of(changes: list[Change], release: dict[str, Any]) -> dict[str, Any]:
    """The release with what a student wrote."""
    notebook = copy.deepcopy(release)
    cells: list[dict[str, Any]] = notebook["cells"]
    own = 0
    for change in changes:
        at = _place(cells, change.cell)
        if change.kind == "delete":
            del cells[at]
        elif change.kind in ("before", "after"):
            own += 1
            cell = {"cell_type": "code", "execution_count": None, "id": f"own-{own}", "metadata": {}}
            cell |= {"outputs": [], "source": _lines(change.source)}
            cells.insert(at + (change.kind == "after"), cell)
        else:
            given = "".join(cells[at]["source"])
            cells[at]["source"] = _lines(_with_docstring(change.source, given))
    return notebook


def _place(cells: list[dict[str, Any]], name: str) -> int:
    for at, cell in enumerate(cells):
        facts = cell["metadata"].get("autograder", {})
        named = cell.get("id") == name or facts.get("name") == name
        if named and facts.get("role") in _WRITTEN_ROLES:
            return at
    raise ClassError(f"the release has no exercise, question or reflection called {name}.")


def _with_docstring(source: str, given: str) -> str:
    if not _DOTS.search(source):
        return source
    text = re.search(r'"""(.*?)"""', given, re.DOTALL)
    if text is None:
        raise ClassError("a docstring of the release was asked for where the release has none.")
    return _DOTS.sub(lambda dots: f'{dots[1]}"""{text[1]}"""', source, count=1)


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def make(release: Path = RELEASE, students: Path = STUDENTS) -> dict[str, bytes]:
    """The bytes of every submission, by the student's name."""
    if not release.is_file():
        raise ClassError(f"{release} is missing: build the lesson first, `autograder build 02`.")
    given = json.loads(release.read_text(encoding="utf-8"))
    known = {path.stem: read_student(path) for path in sorted(students.glob("*.py"))}
    made = {}
    for name, student in known.items():
        try:
            shape = shapes.SHAPES[student.shape]
        except KeyError:
            raise ClassError(f"{name}: there is no shape {student.shape} in shapes.py.") from None
        made[name] = shape(notebook_of(all_changes(student, known), given), given)
    return made


def path_of(student: str, submissions: Path = SUBMISSIONS) -> Path:
    """Where a student's notebook lies, in nbgrader's layout."""
    return submissions / student / LESSON / f"{LESSON}.ipynb"


def stale(made: dict[str, bytes], submissions: Path = SUBMISSIONS) -> list[str]:
    """A sentence for each submission that is not what would be written."""
    found = []
    for name, data in made.items():
        path = path_of(name, submissions)
        if not path.is_file():
            found.append(f"{name}: missing")
        elif path.read_bytes() != data:
            found.append(f"{name}: older than the release or than examples/students/{name}.py")
    there = sorted(path.name for path in submissions.glob("*") if path.is_dir())
    return found + [f"{name}: nobody in examples/students wrote this" for name in there if name not in made]


def main(arguments: list[str]) -> int:
    """The command; returns its exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: python examples/make_class.py [--check]", file=sys.stderr)
        return 2
    try:
        made = make()
    except ClassError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments:
        found = stale(made)
        for sentence in found:
            print(f"✗ {sentence}")
        print("Run `python examples/make_class.py`." if found else f"✓ {len(made)} submissions are as made.")
        return bool(found)
    for name, data in made.items():
        path = path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for sentence in stale(made):
        print(f"✗ {sentence}")
    print(f"{len(made)} submissions written to {SUBMISSIONS}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
