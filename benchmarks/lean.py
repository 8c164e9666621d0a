"""Lean and whole notebooks of a lesson, and the same tests set up for nbgrader and Otter.

A lean notebook holds the set-up cell, the exercises and one test cell for each: no demo, no picture. For
nbgrader and Otter the test cell runs the hidden grader's tests inside the notebook (lean_tests.py); for
us it is what a student hands in, and the judge runs the same tests outside. A whole notebook is the
lesson's solution, demos and all, with the same test cells.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
from fractions import Fraction
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Course, Lesson
from autograder.judge.player import Player
from autograder.judge.suite import Suite
from benchmarks.measuring import run
from coursekit import wire

HERE = Path(__file__).resolve().parent
ASSIGNMENT = "lean"
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
_OTTER_TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = None

import lean_tests
"""
_OTTER_CASE = """

@test_case(points={points!r}, hidden=True)
def {test}({name}):
    lean_tests.demand({name!r}, {test!r}, {name})
"""


class Notebooks:
    """The notebooks of one kind, ``lean`` or ``whole``, and the folders of each autograder.

    Args:
        folder: an empty folder.
        kind: ``lean`` or ``whole``.
        students: how many; the second one has left the first exercise unwritten.
    """

    def __init__(self, folder: Path, course: Course, lesson: Lesson, suite: Suite, kind: str, students: int):
        self.folder, self.lesson, self.suite, self.kind = folder, lesson, suite, kind
        self.players = {name: Player(grader, suite.seed) for name, grader in suite.graders.items()}
        self.students = [f"s{number:02}" for number in range(students)]
        self._parts = self._read_solution()
        self.support = folder / "support"
        self._write_support()
        self.ours = folder / "ours"
        self._write_ours()
        self.nbgrader = folder / "nbgrader"
        self._write_nbgrader()
        self.otter = folder / "otter"
        self._write_otter()

    def unwritten(self, student: str) -> str:
        """The exercise that a student has left as it was, or an empty string."""
        return self.lesson.exercises[0].name if student == self.students[1 % len(self.students)] else ""

    def expected(self, student: str) -> float:
        """Points of the exercises that a student must get, whoever grades."""
        missing = self.unwritten(student)
        return float(sum(e.points for e in self.lesson.exercises if e.name != missing))

    # ------------------------------------------------------------------------------------- cells
    def _read_solution(self) -> list[tuple[str, str]]:
        """Kind (``code``, ``answer``, ``check``) and source of the cells that are executed, in order."""
        notebook = nbformat.read(self.lesson.solution_notebook, as_version=4)
        names = {exercise.name for exercise in self.lesson.exercises}
        parts = []
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.cell_type != "code":
                continue
            if grade_id in names:
                parts.append(("answer " + grade_id, cell.source))
            elif grade_id.removeprefix("check_") in names:
                parts.append(("check " + grade_id.removeprefix("check_"), cell.source))
            elif grade_id == "setup" or (self.kind == "whole" and not grade_id):
                parts.append(("code", cell.source))
        return parts

    def cells(self, student: str, test: str) -> list[nbformat.NotebookNode]:
        """The cells that a student hands in; ``test`` is the text of a test cell."""
        found, missing = [], self.unwritten(student)
        for number, (kind, source) in enumerate(self._parts):
            what, _, name = kind.partition(" ")
            if what == "answer":
                source = self.lesson.exercise(name).stub_source() if name == missing else source
                source += f"\n# handed in by {student}"
            if what == "check":
                source = test.format(name=name)
            cell = new_code_cell(source, id=f"cell-{number}")
            if what == "answer":
                cell.metadata["nbgrader"] = _marks(name, solution=True)
            elif what == "check":
                cell.metadata["nbgrader"] = _marks(f"test_{name}", points=self.lesson.exercise(name).points)
            elif self.kind == "whole":
                cell.metadata["tags"] = ["raises-exception"]
            found.append(cell)
        return found

    def _notebook(self, path: Path, student: str, test: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = new_notebook(cells=self.cells(student, test), metadata={"kernelspec": _KERNEL})
        nbformat.write(notebook, path)

    # ------------------------------------------------------------------------------------- folders
    def _write_support(self) -> None:
        self.support.mkdir(parents=True)
        shutil.copy(HERE / "lean_tests.py", self.support)
        answers = {}
        for name, player in self.players.items():
            grader = self.lesson.root / "tests" / "graders" / self.lesson.slug / f"test_{name}.py"
            shutil.copy(grader, self.support / f"grader_{name}.py")
            answers[name] = {
                case.id: [step.expected for step in outcome.steps]
                for (_, case), outcome in player.baseline.items()
            }
        known = {"lesson": self.lesson.slug, "seed": self.suite.seed, "exercises": answers}
        (self.support / "expected.bin").write_bytes(wire.pack_bytes(known))

    def _write_ours(self) -> None:
        for student in self.students:
            self._notebook(self.ours / f"{student}.ipynb", student, "check({name})")

    def _write_nbgrader(self) -> None:
        test = 'import lean_tests\n\nlean_tests.points("{name}", {name})'
        source = self.nbgrader / "source" / ASSIGNMENT
        self._notebook(source / f"{ASSIGNMENT}.ipynb", self.students[0], test)
        for student in self.students:
            target = self.nbgrader / "submitted" / student / ASSIGNMENT
            self._notebook(target / f"{ASSIGNMENT}.ipynb", student, test)
            _copy(self.support, target)
        _copy(self.support, source)
        (self.nbgrader / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.ExecutePreprocessor.timeout = 600\n"
            "c.ClearSolutions.enforce_metadata = False\n"
        )
        command = [os.fspath(tool("nbgrader")), "generate_assignment", ASSIGNMENT, "--create", "--force"]
        run(command, self.nbgrader)

    def _write_otter(self) -> None:
        tests = self.otter / "tests"
        tests.mkdir(parents=True)
        for name, player in self.players.items():
            text = _OTTER_TEST.format(name=name)
            for test in player.grader.tests:
                count = sum(other.part is test.part for other in player.grader.tests)
                worth = float(Fraction(test.part.points, count))
                text += _OTTER_CASE.format(points=worth, test=test.name, name=name)
            (tests / f"{name}.py").write_text(text)
        _copy(self.support, self.otter)
        for student in self.students:
            test = 'grader.check("{name}")'
            notebook = self.otter / "in" / f"{student}.ipynb"
            self._notebook(notebook, student, test)
            _with_grader(notebook)
        files = [path.name for path in self.support.iterdir()]
        command = [os.fspath(tool("otter")), "generate", "-t", "tests", "-o", "autograder.zip", "--no-config"]
        command += ["--no-requirements", "--no-environment", *files]
        run(command, self.otter)

    # ------------------------------------------------------------------------------------- scores
    def nbgrader_scores(self) -> dict[str, float]:
        """What nbgrader wrote into its database."""
        query = (
            "select s.id, sum(coalesce(g.manual_score, g.auto_score, 0) * (c.name like 'test_%')) "
            "from submitted_assignment a join student s on s.id = a.student_id "
            "join submitted_notebook n on n.assignment_id = a.id join grade g on g.notebook_id = n.id "
            "join base_cell c on c.id = g.cell_id group by s.id"
        )
        with contextlib.closing(sqlite3.connect(self.nbgrader / "gradebook.db")) as book:
            return dict(book.execute(query).fetchall())

    def otter_score(self, out: Path) -> float:
        """What Otter wrote into its results."""
        tests = json.loads((out / "results.json").read_text())["tests"]
        return sum(test.get("score", 0.0) for test in tests if test["name"] != "Public Tests")

    def our_scores(self, out: Path) -> dict[str, float]:
        """What our records hold, exercises alone."""
        found = {}
        for student in self.students:
            path = out / student / self.lesson.slug / "record.json"
            if path.is_file():
                found[student] = sum(e["score"] for e in json.loads(path.read_text())["exercises"])
        return found


def tool(name: str) -> Path:
    """A command of the environment that runs the benchmark."""
    return Path(sys.executable).parent / name


def _marks(grade_id: str, solution: bool = False, points: int | None = None) -> dict:
    marks = {
        "grade_id": grade_id,
        "schema_version": 3,
        "solution": solution,
        "grade": points is not None,
        "locked": not solution,
        "task": False,
    }
    return marks if points is None else {**marks, "points": points}


def _with_grader(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    text = "import otter\n\ngrader = otter.Notebook()"
    notebook.cells.insert(0, new_code_cell(text, id="otter"))
    nbformat.write(notebook, path)


def _copy(folder: Path, target: Path) -> None:
    for file in folder.iterdir():
        shutil.copy(file, target)
