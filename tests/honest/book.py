"""Honest notebooks: each file of ``cases/`` says what a student did to a right notebook, and its fair mark.

A case is a docstring (what the student did), a function ``case(book)`` that does it, and, where it is not full
marks without a word, ``SCORE`` (what a person would give) and ``SAYS`` (texts that the student must read in the
record's notes or in the result of an exercise). ``FILE`` is the file's name where that matters; a case that
returns bytes has written the file itself. The marks are written by hand, never from a run.
"""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LESSON = "02_gradient_attribution"
CASES = Path(__file__).with_name("cases")
RIGHT = ROOT / "examples" / "submissions" / "perfect_loops" / LESSON / f"{LESSON}.ipynb"
RELEASE = ROOT / "release" / LESSON / f"{LESSON}.ipynb"
FULL = 92.0
"""Points of exercises and questions of lesson 02; the reflection is marked by a person."""
EXERCISES = (
    "saliency",
    "gradient_times_input",
    "integrated_gradients",
    "completeness_gap",
    "smoothgrad",
    "guided_backprop",
    "rank_similarity",
    "cascading_randomisation",
)
DROPPED = ("install", "demo", "use", "check", "library", "real")


@dataclass
class Book:
    """A notebook in which all exercises and questions are right, to be changed by a case."""

    tree: dict[str, Any] = field(default_factory=lambda: json.loads(RIGHT.read_text(encoding="utf-8")))
    _made: int = 0

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.tree["cells"]

    @property
    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    def cell(self, name: str) -> dict[str, Any]:
        """The cell of that id: an exercise's and a question's is its name."""
        (found,) = [cell for cell in self.cells if cell.get("id") == name]
        return found

    def source(self, name: str) -> str:
        return "".join(self.cell(name)["source"])

    def stub(self, name: str) -> str:
        """The source as it was given out."""
        release = Book(json.loads(RELEASE.read_text(encoding="utf-8")))
        return release.source(name)

    def write(self, name: str, source: str) -> None:
        self.cell(name)["source"] = source.strip("\n")

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.source(name)
        assert text.count(old) == 1, (name, old, text)
        self.write(name, text.replace(old, new))

    def new(self, source: str, kind: str = "code") -> dict[str, Any]:
        self._made += 1
        cell = {"cell_type": kind, "id": f"own-{self._made}", "metadata": {}, "source": source.strip("\n")}
        return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})

    def before(self, name: str, source: str, kind: str = "code") -> None:
        self.cells.insert(self.cells.index(self.cell(name)), self.new(source, kind))

    def after(self, name: str, source: str, kind: str = "code") -> None:
        self.cells.insert(self.cells.index(self.cell(name)) + 1, self.new(source, kind))

    def first(self, source: str) -> None:
        self.cells.insert(0, self.new(source))

    def last(self, source: str) -> None:
        self.cells.append(self.new(source))

    def role(self, cell: dict[str, Any]) -> str | None:
        return cell.get("metadata", {}).get("autograder", {}).get("role")

    def delete(self, *roles: str) -> None:
        """Take away the cells of these roles."""
        self.tree["cells"] = [cell for cell in self.cells if self.role(cell) not in roles]

    def copy(self, name: str) -> dict[str, Any]:
        """A copy of a cell with an id of its own."""
        self._made += 1
        return copy.deepcopy(self.cell(name)) | {"id": f"copy-{self._made}"}

    def data(self) -> bytes:
        return json.dumps(self.tree, ensure_ascii=False, indent=1).encode()


@dataclass
class Case:
    """One honest notebook and its fair mark."""

    name: str
    what: str
    score: float
    says: tuple[str, ...]
    file: str
    module: ModuleType

    def data(self) -> bytes:
        """The bytes that are handed in."""
        book = Book()
        written = self.module.case(book)
        return written if isinstance(written, bytes) else book.data()


def cases() -> Iterator[Case]:
    """All cases, by name."""
    for path in sorted(CASES.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"honest_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        says = getattr(module, "SAYS", ())
        yield Case(
            path.stem,
            " ".join((module.__doc__ or "").split()),
            float(getattr(module, "SCORE", FULL)),
            (says,) if isinstance(says, str) else tuple(says),
            getattr(module, "FILE", f"{path.stem}.ipynb"),
            module,
        )


def hand_in(folder: Path, chosen: list[Case]) -> None:
    """Write the notebooks of cases, each in a folder of its name."""
    for case in chosen:
        place = folder / case.name
        place.mkdir(parents=True)
        (place / case.file).write_bytes(case.data())
