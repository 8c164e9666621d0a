"""nbgrader with our judge inside, by its own commands: any bytes end in one grade, and none ends the run."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BIN = Path(sys.executable).parent
LESSON = "01_tiny"
DUE = "2027-02-01T12:00:00+00:00"
HALF = """def smooth(values, width):
    if width < 1:
        raise ValueError("<b>no</b> SPILLED-INPUT", values)
    return np.array([values[i : i + width].sum() for i in range(len(values) - width + 1)])
"""
FORGED = """import numpy as np
class Score(float):
    def __repr__(self): return "9.0"
def shares(counts):
    print("9.0")
    return Score(9)
"""


class Office:
    """A course with submissions, and nbgrader run in it."""

    def __init__(self, root: Path, tiny: ModuleType):
        self.root, self.tiny = root, tiny

    def hand_in(self, student: str, content: str | bytes, name: str = f"{LESSON}.ipynb") -> Path:
        folder = self.root / "submitted" / student / LESSON
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    def notebook(self, code: dict[str, str] | None = None, **answers: str) -> str:
        return self.tiny.notebook(self.root, code, **answers)

    def right(self, **answers: str) -> str:
        return self.notebook(self.tiny.RIGHT, **answers)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.root,
            env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def grades(self, student: str) -> dict[str, Any]:
        """What the gradebook holds: ``auto`` and ``waits`` by cell, comments, total, penalty."""
        with opened(self.root) as gradebook:
            found = gradebook.find_submission(LESSON, student)
            (notebook,) = found.notebooks
            return {
                "auto": {g.name.removeprefix("check_"): g.auto_score for g in notebook.grades},
                "waits": {g.name.removeprefix("check_") for g in notebook.grades if g.needs_manual_grade},
                "comments": {c.name: c.comment or "" for c in notebook.comments},
                "score": found.score,
                "penalty": found.late_submission_penalty,
            }


def opened(root: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        return Gradebook(f"sqlite:///{root}/gradebook.db")


@pytest.fixture(scope="module")
def office(tiny: ModuleType, tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A class of all kinds, graded once by `nbgrader autograde`, with feedback."""
    root = tmp_path_factory.mktemp("office") / "course"
    shutil.copytree(tiny_course, root)
    office = Office(root, tiny)
    with (root / "course.toml").open("a") as settings:
        settings.write(f"\n[due]\n{LESSON} = {DUE}\n\n[late]\nper_day = 10\n")
    (root / "students.csv").write_text(
        "id,first_name,last_name,email\nright,Ada,Right,ada@example.org\nabsent,Ben,Absent,\n"
    )
    (root / "exceptions.csv").write_text(
        "student,lesson,due,item,points,comment\nextended,1,2027-02-03T12:00:00+00:00,,,ill\n"
        "set_by_hand,1,,smooth,6,fair\n"
    )
    full = {"q1": "0.25", "q2": '"a"', "reflection": "In <i>every</i> pie."}
    office.hand_in("right", office.right(**full))
    office.hand_in("half", office.notebook({**tiny.RIGHT, "smooth": HALF}, q2='"b"'))
    office.hand_in("set_by_hand", office.notebook({**tiny.RIGHT, "smooth": HALF}))
    office.hand_in("forger", office.notebook({"shares": FORGED, "more": "raise SystemExit"}))
    office.hand_in("stub", office.notebook())
    office.hand_in("one_cell", office.notebook({"all": "\n\n".join(tiny.RIGHT.values())}))
    office.hand_in("empty", b"")
    office.hand_in("list", b"[1, 2]")
    office.hand_in("nested", b"[" * 200_000)
    office.hand_in("bom", b"\xef\xbb\xbf" + office.right().encode())
    office.hand_in("latin", office.right(reflection="Café").replace("\\u00e9", "é").encode("latin-1"))
    office.hand_in("other_name", office.right(), f"{LESSON} (1).ipynb")
    office.hand_in("two_names", office.right(), "a.ipynb")
    office.hand_in("two_names", office.right(), "b.ipynb")
    lying = json.loads(office.right())
    for cell in lying["cells"]:
        cell["metadata"] = {"nbgrader": {"schema_version": 99, "grade_id": 7, "points": 1e9}}
    lying["cells"] += [3, {"cell_type": "code", "source": None}]
    office.hand_in("lying", json.dumps(lying))
    (root / "submitted" / "a_folder" / LESSON / f"{LESSON}.ipynb").mkdir(parents=True)
    folder = office.hand_in("in_the_way", office.right())
    os.symlink("/nowhere/at/all", folder / "data.csv")
    os.mkfifo(folder / "pipe")
    (folder / "lesson.json").mkdir()
    (folder / "lesson.json" / "x").write_text("x")
    (folder / "timestamp.txt").write_text("yesterday-ish\n")
    for student, moment in (("late", "2027-02-02 13:00:00 UTC"), ("extended", "2027-02-02 13:00:00 UTC")):
        (office.hand_in(student, office.right()) / "timestamp.txt").write_text(moment)
    (root / "submitted" / "nothing" / LESSON).mkdir(parents=True)
    for _ in range(2):  # again changes nothing
        done = office.run("autograder", "nbgrader", "init")
        assert done.returncode == 0, done.stderr
    done = office.run("nbgrader", "autograde", LESSON)
    office.log = done.stdout + done.stderr
    assert done.returncode == 0, office.log
    return office


FULL = {"shares": 9.0, "smooth": 6.0, "q1": 0.0, "q2": 0.0}
NOTHING = {"shares": 0.0, "smooth": 0.0, "q1": 0.0, "q2": 0.0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "points", "waits"),
    [
        ("right", {"shares": 9.0, "smooth": 6.0, "q1": 2.0, "q2": 2.0}, True),
        ("half", {**FULL, "smooth": 3.0}, False),
        ("set_by_hand", FULL, False),
        ("forger", NOTHING, False),
        ("stub", NOTHING, False),
        ("one_cell", FULL, False),
        ("empty", NOTHING, False),
        ("list", NOTHING, False),
        ("nested", NOTHING, False),
        ("bom", FULL, False),
        ("latin", FULL, True),
        ("other_name", FULL, False),
        ("two_names", NOTHING, False),
        ("lying", FULL, False),
        ("a_folder", NOTHING, False),
        ("in_the_way", FULL, False),
        ("late", FULL, False),
        ("extended", FULL, False),
        ("nothing", NOTHING, False),
    ],
)
def test_every_kind_of_submission_has_its_grades(office: Office, student: str, points: dict, waits: bool):
    got = office.grades(student)
    reflection = got["auto"].pop("reflection")
    assert got["auto"] == points
    assert got["waits"] == ({"reflection"} if waits else set())
    assert reflection == (None if waits else 0.0)


@pytest.mark.slow
def test_no_line_of_the_run_is_an_error(office: Office):
    assert [line for line in office.log.splitlines() if "ERROR" in line] == []


@pytest.mark.slow
def test_every_graded_cell_has_exactly_one_finite_number(office: Office):
    for student in os.listdir(office.root / "submitted"):
        path = office.root / "autograded" / student / LESSON / f"{LESSON}.ipynb"
        graded = [
            cell
            for cell in json.loads(path.read_text())["cells"]
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("grade")
        ]
        assert len(graded) == 4
        for cell in graded:
            (output,) = cell["outputs"]
            assert output["output_type"] == "execute_result"
            score = float("".join(output["data"]["text/plain"]))
            assert 0 <= score <= cell["metadata"]["nbgrader"]["points"]


@pytest.mark.slow
def test_what_is_in_nbgraders_way_is_kept_aside(office: Office):
    aside = office.root / "submitted" / "in_the_way" / LESSON / ".ipynb_checkpoints"
    assert sorted(path.name.split("-", 3)[3] for path in aside.iterdir()) == [
        "data.csv",
        "lesson.json",
        "pipe",
        "timestamp.txt",
    ]


@pytest.mark.slow
def test_late_work_costs_what_the_course_says(office: Office):
    late, extended = office.grades("late"), office.grades("extended")
    assert (late["score"], late["penalty"]) == (15.0, 3.0)  # two days begun: 20 %
    assert (extended["score"], extended["penalty"]) == (15.0, 0.0)
    done = office.run("nbgrader", "export")
    assert done.returncode == 0, done.stderr
    lines = (office.root / "grades.csv").read_text().splitlines()
    rows = {
        line["student_id"]: line
        for line in (dict(zip(lines[0].split(","), row.split(","), strict=True)) for row in lines[1:])
    }
    assert (rows["late"]["raw_score"], rows["late"]["score"]) == ("15.0", "12.0")
    assert rows["right"]["score"] == "19.0"
    assert rows["right"]["email"] == "ada@example.org"
    assert (rows["absent"]["score"], rows["absent"]["last_name"]) == ("0.0", "Absent")
    assert rows["late"]["duedate"] == "2027-02-01 12:00:00"


@pytest.mark.slow
def test_the_diagnosis_is_the_automatic_comment(office: Office):
    comments = office.grades("half")["comments"]
    assert comments["smooth"].startswith("You add the window up and do not divide.")
    assert "Each row by itself." in comments["q2"]
    assert comments["shares"] == ""
    assert office.grades("empty")["comments"]["shares"].startswith("This notebook could not be read")


@pytest.mark.slow
def test_feedback_is_the_students_view(office: Office):
    done = office.run("nbgrader", "generate_feedback", LESSON, "--force")
    assert done.returncode == 0, done.stderr
    pages = {
        student: (office.root / "feedback" / student / LESSON / f"{LESSON}.html").read_text()
        for student in os.listdir(office.root / "submitted")
    }
    for student, page in pages.items():
        assert page.count('class="autograder-card"') == 4, student
        for secret in ("BEGIN SOLUTION", "EXPLAINED", "rows.mistake", "def test_"):
            assert secret not in page, (student, secret)
    half = pages["half"]
    assert "You add the window up and do not divide." in half
    assert (
        "SPILLED-INPUT&quot;, values" in half or "SPILLED-INPUT" in half
    )  # the student's own code is shown,
    assert "<b>no</b>" not in half  # escaped, and what the call raised is not
    assert "3 of 6" in half
    assert "20 % of 15 points, 3, are taken off." in pages["late"]
    assert "The file is empty." in pages["empty"]
    assert "A person has set 6 points here; the tests gave 3. Reason: fair" in pages["set_by_hand"]
    assert "# smooth is in the cell of shares." in _text(office, "one_cell")


def _text(office: Office, student: str) -> str:
    path = office.root / "autograded" / student / LESSON / f"{LESSON}.ipynb"
    return "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text())["cells"])


@pytest.mark.slow
def test_a_second_run_keeps_marks_and_bytes(office: Office):
    path = office.root / "autograded" / "one_cell" / LESSON / f"{LESSON}.ipynb"
    before = path.read_bytes()
    with opened(office.root) as gradebook:
        for student, cell, points in (("right", "reflection", 3.5), ("half", "check_smooth", 5.0)):
            grade = gradebook.find_grade(cell, LESSON, LESSON, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("reflection", LESSON, LESSON, "right").manual_comment = "Nice."
        gradebook.db.commit()
    office.hand_in("stub", office.right())
    done = office.run("nbgrader", "autograde", LESSON, "--force")
    assert done.returncode == 0, done.stderr
    assert office.grades("right")["score"] == 22.5
    assert office.grades("right")["comments"]["reflection"] == "Nice."
    assert office.grades("half")["score"] == 14.0
    assert office.grades("stub")["auto"]["shares"] == 9.0
    assert path.read_bytes() == before


@pytest.mark.slow
def test_a_judge_that_cannot_start_costs_nobody_a_point(office: Office):
    office.hand_in("unlucky", office.right())
    done = office.run(
        "nbgrader", "autograde", LESSON, "--student", "unlucky", AUTOGRADER_SEED_FILE="/nowhere"
    )
    assert done.returncode == 0, done.stderr
    assert "unlucky could not be judged: the judge could not start" in done.stderr
    got = office.grades("unlucky")
    assert got["auto"] == dict.fromkeys([*FULL], None) | {"reflection": 0.0}
    assert got["waits"] == set(FULL)
    done = office.run("nbgrader", "autograde", LESSON, "--student", "unlucky", "--force")
    assert done.returncode == 0, done.stderr
    assert office.grades("unlucky")["auto"] == {**FULL, "reflection": 0.0}
    assert office.grades("unlucky")["waits"] == set()


@pytest.mark.slow
def test_nbgrader_makes_the_same_release(office: Office, tmp_path: Path):
    root = tmp_path / "copy"
    root.mkdir()
    shutil.copytree(office.root / "solutions", root / "solutions")
    shutil.copy(office.root / "nbgrader_config.py", root)
    done = Office(root, office.tiny).run("nbgrader", "generate_assignment", LESSON, "--force")
    assert done.returncode == 0, done.stderr
    assert differences(office.root / "release" / LESSON, root / "release" / LESSON) == []


def differences(one: Path, other: Path) -> list[str]:
    """Files that only one of two folders holds, or that differ."""
    inside = [{p.relative_to(f).as_posix() for p in f.rglob("*") if p.is_file()} for f in (one, other)]
    same = [name for name in inside[0] & inside[1] if filecmp.cmp(one / name, other / name, shallow=False)]
    return sorted((inside[0] | inside[1]) - set(same))


@pytest.mark.slow
def test_validate_says_what_nbgraders_users_expect(office: Office, tmp_path: Path):
    folder = tmp_path / LESSON
    shutil.copytree(office.root / "release" / LESSON, folder)
    path = folder / f"{LESSON}.ipynb"
    right = Office(folder, office.tiny)
    path.write_text(office.right(q1="0.25", q2='"a"', reflection="In pies."))
    done = right.run("nbgrader", "validate", str(path))
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stdout + done.stderr
    path.write_text(office.notebook({**office.tiny.RIGHT, "smooth": HALF}, reflection="In pies."))
    done = right.run("nbgrader", "validate", str(path))
    assert "check(smooth)" in done.stdout
    assert "CheckFailed" in done.stdout


# ----------------------------------------------------------------------------------------------- nbgrader init
@pytest.mark.slow
def test_init_says_what_is_in_the_way(office: Office, tmp_path: Path):
    def says(*options: str) -> str:
        done = office.run("autograder", "nbgrader", "init", *options)
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.split())

    file = tmp_path / "students.csv"
    file.write_text("id,email\nada,a@x\nada,b@x\n")
    assert "row 3: id 'ada' stands in row 2 too. Every student has one row and ids of their own." in says(
        "--students", str(file)
    )
    file.write_text("id,e-mail\nada,a@x\n")
    assert (
        "unknown column 'e-mail'. Known columns: id, first_name, last_name, email, canvas, moodle, gradescope. Did you mean 'email'?"
        in says("--students", str(file))
    )
    file.write_text("id\n../ada\n")
    assert "row 2: the id '../ada' cannot be a folder's name." in says("--students", str(file))
    assert "cannot be opened" in says("--gradebook", f"sqlite:///{tmp_path}/no/such/place.db")
    secret = says("--gradebook", "postgresql://me:secret@localhost:1/x")
    assert "postgresql://me:...@localhost:1/x cannot be opened" in secret
    assert "secret" not in secret


@pytest.mark.slow
def test_init_keeps_a_gradebook_whose_cells_do_not_fit_any_more(office: Office, tmp_path: Path):
    root = tmp_path / "copy"
    shutil.copytree(office.root, root, ignore=shutil.ignore_patterns("submitted", "autograded"))
    path = root / "release" / LESSON / f"{LESSON}.ipynb"
    path.write_text(path.read_text().replace('"check_shares"', '"check_other"'))
    before = (root / "gradebook.db").read_bytes()
    done = Office(root, office.tiny).run("autograder", "nbgrader", "init")
    assert done.returncode == 1
    assert "graded cells were added, removed or renamed" in done.stderr
    assert Office(root, office.tiny).grades("right") == office.grades("right")
    assert len(before) == len((root / "gradebook.db").read_bytes())
