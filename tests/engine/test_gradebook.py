"""Records into nbgrader's gradebook: a whole batch or nothing of it, and never over what a person gave."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.course import CourseError, load_course
from autograder.gradebook.prepare import prepare
from autograder.gradebook.write import write_records
from autograder.records import (
    AnswerResult,
    ExerciseResult,
    Lateness,
    ManualItem,
    Record,
    SubmissionInfo,
)

LESSON = "01_tiny"


def record(student: str, shares: float = 9.0, text: str = "In pies.", **changes: Any) -> Record:
    made = Record(
        lesson=LESSON,
        student=student,
        submission=SubmissionInfo(path="a.ipynb", sha256="0", handed_in="2027-02-02T13:00:00+01:00"),
        score=shares + 3.0 + 2.0,
        max_score=19.0,
        manual_max=4.0,
        status="partial",
        duration_s=0.0,
        grader_version="v",
        seed_fingerprint="f",
        isolation=[],
        exercises=[
            ExerciseResult(name="shares", score=shares, max_score=9.0, status="partial"),
            ExerciseResult(name="smooth", score=3.0, max_score=6.0, status="partial", diagnosis="Do divide."),
        ],
        quiz=[
            AnswerResult(id="q1", question="Q", score=2.0, max_score=2.0, status="pass"),
            AnswerResult(id="q2", question="Q", score=0.0, max_score=2.0, status="fail", message="Each row."),
        ],
        manual=[ManualItem(id="reflection", title="Reflection", max_score=4.0, text=text)],
    )
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def book(tiny_course: Path, tmp_path: Path) -> str:
    root = tmp_path / "course"
    shutil.copytree(tiny_course, root)
    url = f"sqlite:///{tmp_path}/gradebook.db"
    prepare(load_course(root), url, None)
    return url


def grades(url: str) -> dict[str, dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(url) as gradebook:
            return {
                one.student.id: {
                    "score": one.score,
                    "penalty": one.late_submission_penalty,
                    "auto": {g.name.removeprefix("check_"): g.auto_score for g in one.notebooks[0].grades},
                    "waits": {
                        g.name.removeprefix("check_") for g in one.notebooks[0].grades if g.needs_manual_grade
                    },
                    "comments": {c.name: c.comment for c in one.notebooks[0].comments if c.comment},
                    "time": str(one.timestamp),
                }
                for one in gradebook.assignment_submissions(LESSON)
            }


def test_a_batch_is_written_and_written_again(book: str):
    late = Lateness(due="d", extended=False, seconds=1.0, percent=10.0, points=1.4, says="s")
    for _ in range(2):
        assert write_records(book, [record("ada", late=late), record("ben", 4.5, text="")]) == 2
    found = grades(book)
    assert found["ada"]["auto"] == {"shares": 9.0, "smooth": 3.0, "q1": 2.0, "q2": 0.0, "reflection": None}
    assert (found["ada"]["score"], found["ada"]["penalty"]) == (14.0, 1.4)
    assert found["ada"]["waits"] == {"reflection"}
    assert found["ada"]["comments"] == {"smooth": "Do divide.", "q2": "Each row."}
    assert found["ada"]["time"] == "2027-02-02 12:00:00"
    assert found["ben"]["waits"] == set()
    assert found["ben"]["comments"]["reflection"] == "No response."


def test_what_a_person_gave_stays(book: str):
    write_records(book, [record("ada")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(book) as gradebook:
            for cell, points in (("reflection", 3.5), ("check_smooth", 6.0)):
                grade = gradebook.find_grade(cell, LESSON, LESSON, "ada")
                grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.find_comment("smooth", LESSON, LESSON, "ada").manual_comment = "By hand."
            gradebook.db.commit()
    write_records(book, [record("ada", 4.0)])
    found = grades(book)["ada"]
    assert found["score"] == 4.0 + 6.0 + 2.0 + 0.0 + 3.5
    assert found["comments"]["smooth"] == "By hand."


def test_what_the_machine_could_not_judge_has_no_points(book: str):
    spoilt = [ExerciseResult(name=n, score=0.0, max_score=9.0, status="infra") for n in ("shares", "smooth")]
    write_records(book, [record("ada", exercises=spoilt, quiz=[], status="infra", score=0.0)])
    found = grades(book)["ada"]
    assert (found["auto"]["shares"], found["auto"]["smooth"]) == (None, None)
    assert {"shares", "smooth"} <= found["waits"]


def test_a_batch_that_does_not_fit_leaves_nothing_behind(book: str):
    write_records(book, [record("ada")])
    before = grades(book)
    other = [ExerciseResult(name="elsewhere", score=1.0, max_score=1.0, status="pass")]
    with pytest.raises(CourseError) as error:
        write_records(book, [record("ada", 0.0), record("zoe"), record("ben", exercises=other)])
    assert (
        "has no cell check_elsewhere of 01_tiny: it was prepared for another release. Nothing was written."
        in str(error.value)
    )
    assert grades(book) == before


def test_a_gradebook_that_is_not_prepared_says_so(tmp_path: Path):
    with pytest.raises(CourseError) as error:
        write_records(f"sqlite:///{tmp_path}/new.db", [record("ada")])
    assert "does not know 01_tiny. Prepare it: autograder nbgrader init --gradebook URL" in str(error.value)
