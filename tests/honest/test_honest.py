"""Honest notebooks get the mark that a person would give, or one sentence that says what to do."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _beside(name: str):
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


book, table = _beside("book"), _beside("table")
CASES = list(book.cases())


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return table.grade(tmp_path_factory.mktemp("honest") / "class", CASES)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_honest_notebook_gets_its_fair_mark(records, case):
    assert case.what, "the case does not say what the student did"
    assert table.unfair(case, records[case.name]) == []


def test_the_marks_are_those_of_the_lesson():
    """So that full marks mean full marks, and the base of all cases is a notebook that has them."""
    from autograder.course import load_course

    lesson = load_course(book.ROOT).find_lesson("02")
    assert lesson.max_score == book.FULL
    assert tuple(exercise.name for exercise in lesson.exercises) == book.EXERCISES


def test_a_wrong_mark_and_a_missing_sentence_are_seen():
    from autograder.records import Record, SubmissionInfo

    case = book.Case("c", "what", 92.0, ("hear this",), "c.ipynb", None)
    record = Record(
        lesson=book.LESSON, student="c", submission=SubmissionInfo(path="c", sha256=""), score=90.0, max_score=92.0,
        manual_max=8.0, status="partial", duration_s=0.0, grader_version="", seed_fingerprint="", isolation=[],
    )  # fmt: skip
    assert table.unfair(case, record) == ["90 points, fair are 92", "does not say: hear this"]
