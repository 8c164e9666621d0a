"""The comparison of a graded class with what was written down by hand."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "expected.py"
RECORD = {
    "student": "ada",
    "score": 26.666666666666668,
    "status": "partial",
    "notes": ["cell 3: a magic was left out", "Cell 54, line 2: SyntaxError: expected ':'"],
    "exercises": [
        {"name": "saliency", "score": 20.0, "status": "pass", "diagnosis": ""},
        {
            "name": "smoothgrad",
            "score": 6.666666666666667,
            "status": "partial",
            "diagnosis": "You draw the noise once.",
            "tests": [{"id": "test_noise", "status": "fail"}],
        },
    ],
    "quiz": [{"id": "q1", "score": 2.0, "status": "pass"}],
}
EXPECTED: dict[str, Any] = {
    "why": "one idea is missing",
    "score": 26.67,
    "status": "partial",
    "notes": "syntaxerror: expected",
    "exercises": {
        "saliency": 20,
        "smoothgrad": {
            "score": "20/3",
            "diagnosis": "draw the Noise once",
            "tests": {"test_noise": {"status": "fail"}},
        },
    },
    "quiz": {"q1": 2},
}


class Graded:
    """An output folder, and the file it is compared with."""

    def __init__(self, folder: Path):
        self.out, self.file = folder / "out", folder / "expected.json"
        self.record("ada")

    def record(self, student: str) -> None:
        path = self.out / student / "02_some" / "record.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(RECORD), encoding="utf-8")

    def compare(self, **students: Any) -> subprocess.CompletedProcess[str]:
        self.file.write_text(json.dumps({"02_some": students}), encoding="utf-8")
        command = [sys.executable, str(SCRIPT), str(self.out), str(self.file)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def graded(tmp_path: Path) -> Graded:
    return Graded(tmp_path)


def test_all_as_it_must_be(graded: Graded):
    done = graded.compare(ada=EXPECTED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"✓ All 1 students got what {graded.file} says they must.\n"


@pytest.mark.parametrize(
    ("way", "value", "sentence"),
    [
        (["score"], 27, "score is 26.666666666666668, must be 27"),
        (["score"], "26.67", None),
        (["score"], True, "score is 26.666666666666668, must be true"),
        (["score"], "many", 'score is 26.666666666666668, must be "many"'),
        (["status"], "pass", 'status is "partial", must be "pass"'),
        (["status"], "part", 'status is "partial", must be "part"'),
        (["exercises", "saliency"], 19.9, "exercises.saliency.score is 20.0, must be 19.9"),
        (["exercises", "unknown"], 1, "exercises.unknown is missing"),
        (
            ["exercises", "smoothgrad", "diagnosis"],
            "sigma",
            'exercises.smoothgrad.diagnosis is "You draw the noise once.", must be "sigma"',
        ),
        (
            ["exercises", "smoothgrad", "tests", "test_noise", "status"],
            "pass",
            'exercises.smoothgrad.tests.test_noise.status is "fail", must be "pass"',
        ),
        (
            ["notes"],
            "NameError",
            'notes is ["cell 3: a magic was left out", "Cell 54, line 2: SyntaxError: expected \':\'"], must be "NameError"',
        ),
        (["quiz", "q1"], 0, "quiz.q1.score is 2.0, must be 0"),
        (["status", "deeper"], 1, 'status is "partial", not an object'),
    ],
)
def test_each_difference_is_one_sentence(graded: Graded, way: list[str], value: Any, sentence: str | None):
    expected = copy.deepcopy(EXPECTED)
    place = expected
    for key in way[:-1]:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    place[way[-1]] = value
    done = graded.compare(ada=expected)
    found = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert found == ([] if sentence is None else [f"✗ ada, 02_some: {sentence}"])
    assert done.returncode == (sentence is not None)


def test_nobody_is_left_out_on_either_side(graded: Graded):
    graded.record("bob")
    done = graded.compare(ada=EXPECTED, eve={})
    assert done.returncode == 1
    assert "✗ bob, 02_some: a record, but no entry says what it must be\n" in done.stdout
    assert "✗ eve, 02_some: no record, though an entry says what it must be\n" in done.stdout
    assert done.stdout.endswith(f"2 differences from {graded.file}, in 2 entries.\n")


def test_nothing_to_compare_is_not_success(graded: Graded):
    graded.file.write_text("{}", encoding="utf-8")
    for arguments in ([], [str(graded.out / "none"), str(graded.file)], [str(graded.out), "none.json"]):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stderr
    done = graded.compare()
    assert done.returncode == 1, "an empty list of students must not pass beside a record"
