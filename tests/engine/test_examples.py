"""The small class of lesson 02 gets, through the real command line, what was written down by hand."""

from __future__ import annotations

import csv
import html
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
LESSON = "02_gradient_attribution"
EXPECTED: dict[str, dict[str, Any]] = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))[
    LESSON
]
POINTS = {
    "saliency": 8,
    "gradient_times_input": 6,
    "integrated_gradients": 16,
    "smoothgrad": 10,
    "completeness_gap": 8,
    "guided_backprop": 12,
    "rank_similarity": 8,
    "cascading_randomisation": 12,
}
HOSTILE = ("hostile_forger", "hostile_spy")


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


compare = loaded(ROOT / "scripts" / "expected.py").compare


@pytest.fixture
def make_class(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return loaded(EXAMPLES / "make_class.py")


# -------------------------------------------------------------------------------------- the class itself
def test_the_submissions_are_as_made():
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "make_class.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rows_of_readme() -> dict[str, str]:
    """The last column of the README's tables of students, by student."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8").partition("\n### ")[2]
    rows = re.findall(r"^\| (`\w+`.*?) \| .* \| ([^|]*) \|$", text, re.MULTILINE)
    return {name: score for names, score in rows for name in re.findall(r"`(\w+)`", names)}


def test_everyone_has_a_file_an_entry_and_a_row():
    students = {path.stem for path in (EXAMPLES / "students").glob("*.py")}
    assert students == set(EXPECTED) == {path.name for path in (EXAMPLES / "submissions").iterdir()}
    assert students == set(rows_of_readme())


@pytest.mark.parametrize("student", EXPECTED)
def test_the_readme_gives_the_scores_of_the_file(student: str):
    total, _, score = rows_of_readme()[student].rpartition(" = ")
    assert float(score) == round(float(Fraction(EXPECTED[student]["score"])), 2)
    if total:
        full, *lost = total.split(" − ")
        assert sum(map(Fraction, lost), -Fraction(full)) == -Fraction(EXPECTED[student]["score"])


@pytest.mark.parametrize("student", EXPECTED)
def test_every_entry_adds_up(student: str):
    entry = EXPECTED[student]
    assert set(entry["exercises"]) == set(POINTS)
    parts = [*entry["exercises"].values(), *entry["quiz"].values()]
    assert sum(Fraction(part["score"]) for part in parts) == Fraction(entry["score"])
    for name, exercise in entry["exercises"].items():
        assert (Fraction(exercise["score"]) == POINTS[name]) == (exercise["status"] == "pass")


@pytest.mark.parametrize("exercise", POINTS)
def test_every_exercise_is_somebodys_classic_mistake(exercise: str):
    entries = [entry["exercises"][exercise] for entry in EXPECTED.values()]
    assert any(entry["status"] == "partial" and entry.get("diagnosis") for entry in entries)


def test_what_the_maker_says_of_a_students_file(make_class: ModuleType, tmp_path: Path):
    (tmp_path / "lost.py").write_text('"""Rests on nobody."""\nOTHERWISE = "nobody"\n', encoding="utf-8")
    with pytest.raises(make_class.ClassError, match="lost rests on nobody, and there is no such student"):
        make_class.make(students=tmp_path)
    (tmp_path / "lost.py").write_text(
        '"""Answers what was not asked."""\n# %% q9\nq9 = 1\n', encoding="utf-8"
    )
    with pytest.raises(make_class.ClassError, match="no exercise, question or reflection called q9"):
        make_class.make(students=tmp_path)
    with pytest.raises(make_class.ClassError, match="autograder build 02"):
        make_class.make(release=tmp_path / "no.ipynb")


def test_a_stale_submission_is_named(make_class: ModuleType, tmp_path: Path):
    made = {"new": b"1", "old": b"2"}
    for name, data in {"old": b"1", "stranger": b"3"}.items():
        path = make_class.path_of(name, tmp_path)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    assert make_class.stale(made, tmp_path) == [
        "new: missing",
        "old: older than the release or than examples/students/old.py",
        "stranger: nobody in examples/students wrote this",
    ]


# ------------------------------------------------------------------------------------------ it is graded
@dataclass
class Graded:
    """What the command wrote, printed and returned."""

    out: Path
    done: subprocess.CompletedProcess[str]

    def record(self, student: str) -> dict[str, Any]:
        return json.loads(self.path(student, "record.json").read_text(encoding="utf-8"))

    def page(self, student: str) -> str:
        return self.path(student, "feedback.html").read_text(encoding="utf-8")

    def path(self, student: str, name: str) -> Path:
        return self.out / student / LESSON / name


def grade(folder: Path, out: Path) -> Graded:
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--lesson", "02", "--out", str(out)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "120"}
    return Graded(out, subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return grade(EXAMPLES / "submissions", tmp_path_factory.mktemp("class"))


@pytest.mark.slow
def test_the_batch_is_complete(graded: Graded):
    assert graded.done.returncode == 0, graded.done.stdout + graded.done.stderr
    assert {path.parent.parent.name for path in graded.out.glob("*/*/record.json")} == set(EXPECTED)
    report = (graded.out / "report.html").read_text(encoding="utf-8")
    for student in EXPECTED:
        assert student in graded.done.stdout
        assert student in report
        assert graded.page(student).startswith("<!")


@pytest.mark.slow
@pytest.mark.parametrize("student", EXPECTED)
def test_each_gets_what_was_written_down(graded: Graded, student: str):
    assert list(compare(graded.record(student), EXPECTED[student], "")) == []


@pytest.mark.slow
def test_the_table_of_grades(graded: Graded):
    with (graded.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(EXPECTED)
    for student, row in rows.items():
        entry = EXPECTED[student]
        assert (row["lesson"], row["status"], row["max_score"]) == (LESSON, entry["status"], "92")
        assert float(row["score"]) == pytest.approx(float(Fraction(entry["score"])), abs=0.005)
        for name in POINTS:
            want = float(Fraction(entry["exercises"][name]["score"]))
            assert float(row[name]) == pytest.approx(want, abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "lost"), [("endless_loop", "rank_similarity"), ("process_exits", "guided_backprop")]
)
def test_a_loop_or_a_crash_costs_that_exercise_alone(graded: Graded, student: str, lost: str):
    exercises = {entry["name"]: entry for entry in graded.record(student)["exercises"]}
    assert {name for name, entry in exercises.items() if entry["status"] != "pass"} == {lost}
    first, *rest = exercises[lost]["tests"]
    assert first["status"] == EXPECTED[student]["exercises"][lost]["status"]
    assert {test["status"] for test in rest} == {"skipped"}
    assert all(test["message"] == f"not run: {first['message']}" for test in rest)


@pytest.mark.slow
def test_notebooks_named_after_their_students(tmp_path: Path):
    chosen = ("perfect_loops", "left_end_rule", "process_exits", "empty_file", "nbformat_3")
    folder = tmp_path / "collected"
    folder.mkdir()
    for student in chosen:
        source = EXAMPLES / "submissions" / student / LESSON / f"{LESSON}.ipynb"
        shutil.copy(source, folder / f"{student}.ipynb")
    graded = grade(folder, tmp_path / "out")
    assert graded.done.returncode == 0, graded.done.stdout + graded.done.stderr
    assert {path.parent.parent.name for path in graded.out.glob("*/*/record.json")} == set(chosen)
    for student in chosen:
        assert list(compare(graded.record(student), EXPECTED[student], "")) == []


# ------------------------------------------------------------------------------------- nothing gets out
def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.slow
def test_no_hidden_input_gets_out_through_a_page(graded: Graded):
    kept = " ".join(text for text in strings(graded.record("hostile_spy")["exercises"]) if "SECRET" in text)
    numbers = {number[:9] for number in re.findall(r"\d+[.]\d{8,}", kept)}
    assert len(numbers) > 100
    written = [path for path in graded.out.rglob("*") if path.suffix in (".html", ".csv")]
    for text in [graded.done.stdout, graded.done.stderr, *(p.read_text(encoding="utf-8") for p in written)]:
        assert "SECRET" not in text
        assert [number for number in numbers if number in text] == []


@pytest.mark.slow
def test_the_hostile_ones_found_nothing(graded: Graded):
    if "bubblewrap" not in graded.record("hostile_spy")["isolation"]:
        pytest.skip("bubblewrap does not start here: install it, then `autograder doctor`")
    texts = {student: " ".join(strings(graded.record(student)["exercises"])) for student in HOSTILE}
    assert "LOOKED at" in texts["hostile_spy"]
    assert [student for student, text in texts.items() if "FOUND" in text] == []
    assert not Path("/tmp/unpickled_by_the_judge").exists()


@pytest.mark.slow
def test_no_line_of_reference_or_graders_is_on_a_page(graded: Graded):
    files = [
        ROOT / "reference_impl" / "gradient_attribution.py",
        *(ROOT / "tests/graders" / LESSON).glob("*.py"),
    ]
    released = (ROOT / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    code = {line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()}
    code = {line for line in code if len(line) >= 30 and line[0] not in "\"'#" and re.search(r"[(=]", line)}
    code = {line for line in code if json.dumps(line)[1:-1] not in released and not line.startswith('f"')}
    assert len(code) > 200
    for student in EXPECTED:
        page = html.unescape(graded.page(student))
        assert [line for line in code if line in page] == []


@pytest.mark.slow
def test_a_reflection_is_text_whatever_it_holds(graded: Graded):
    page = graded.page("hostile_forger")
    assert "<script>document" not in page
    assert "<img src=x" not in page
    assert "{{ record.score }}" in html.unescape(page)
