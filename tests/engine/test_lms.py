"""Learning platforms: archives in by ids, grades and feedback out in the forms that each documents."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from autograder.records import (
    ExerciseResult,
    Lateness,
    ManualItem,
    Record,
    SubmissionInfo,
    record_path,
    write_record,
)

LESSON = "02_scaling"
ROSTER = """\
id,first_name,last_name,email,canvas,moodle,gradescope
ada,Ada,Lovelace,ada@example.org,10021,501,s-1
ben,Ben,"O'Neil, jr",ben@example.org,10022,502,s-2
eve,=Eve,Spy,eve@example.org,,,
"""


class Room:
    """A small course with a roster, and the command line run in it."""

    def __init__(self, course):
        self.root, self.out = course.root, course.root / "out"
        course.write("students.csv", ROSTER)

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, arguments)],
            cwd=self.root,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, " ".join(done.stderr.split())

    def archive(self, files: dict[str, bytes]) -> Path:
        path = self.root / "download.zip"
        with zipfile.ZipFile(path, "w") as made:
            for name, data in files.items():
                made.writestr(name, data)
        return path

    def collect(self, system: str, files: dict[str, bytes]) -> tuple[int, dict]:
        code, out, errors = self.run(
            "collect", self.archive(files), "--from", system, "--lesson", "2", "--json"
        )
        assert out, errors
        return code, json.loads(out)

    def submitted(self) -> dict[str, bytes]:
        return {p.parent.parent.name: p.read_bytes() for p in self.root.glob(f"submitted/*/{LESSON}/*.ipynb")}

    def record(self, student: str, score: float, **changes) -> Record:
        made = Record(
            lesson=LESSON,
            student=student,
            submission=SubmissionInfo(path="a.ipynb", sha256="0"),
            score=score,
            max_score=8.0,
            manual_max=4.0,
            status="partial",
            duration_s=0.0,
            grader_version="v",
            seed_fingerprint="f",
            isolation=[],
            exercises=[ExerciseResult(name="scale", score=score, max_score=4.0, status="partial")],
            manual=[ManualItem(id="reflection", title="Reflection", max_score=4.0, text="Text.")],
        )
        made = msgspec.structs.replace(made, **changes)
        path = record_path(self.out, student, LESSON)
        write_record(made, path)
        path.with_name("feedback.html").write_text(f"page of {student}")
        return made


@pytest.fixture
def room(small_course) -> Room:
    return Room(small_course)


def book(text: str) -> bytes:
    return json.dumps({"cells": [], "metadata": {"who": text}, "nbformat": 4, "nbformat_minor": 5}).encode()


# ------------------------------------------------------------------------------------------------------------ in
def test_canvas_goes_by_the_users_id_and_takes_the_last(room):
    code, said = room.collect(
        "canvas",
        {
            "oneiljrben_10022_900_lesson.ipynb": book("ben"),
            "lovelaceada_10021_700_lesson.ipynb": book("ada, first"),
            "lovelaceada_LATE_10021_800_lesson-1.ipynb": book("ada, second"),
        },
    )
    assert (code, said["problems"]) == (0, [])
    assert room.submitted() == {"ada": book("ada, second"), "ben": book("ben")}
    assert said["notices"] == ["ada: Canvas marks this as late, and does not say when it was handed in."]


@pytest.mark.parametrize("between", ["/", ""])
def test_moodle_goes_by_the_participants_id(room, between):
    code, said = room.collect(
        "moodle",
        {
            f"Ben O'Neil_502_assignsubmission_file_{between}any.ipynb": book("ben"),
            f"Ada Lovelace_501_assignsubmission_file_{between}any.ipynb": book("ada"),
        },
    )
    assert (code, said["problems"]) == (0, [])
    assert room.submitted() == {"ada": book("ada"), "ben": book("ben")}


def test_gradescope_goes_by_its_metadata_and_tells_the_time(room):
    metadata = """\
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: s-1
    :email: other@example.org
  - :name: Ben
    :sid: ''
    :email: BEN@example.org
  :created_at: 2027-02-01 12:00:00.5 +01:00
"""
    code, said = room.collect(
        "gradescope",
        {
            "assignment_9_export/submission_metadata.yml": metadata.encode(),
            "assignment_9_export/submission_1/x.ipynb": book("both"),
            "assignment_9_export/submission_2/x.ipynb": book("nobody"),
        },
    )
    assert code == 2
    assert len(said["problems"]) == 1
    assert room.submitted() == {"ada": book("both"), "ben": book("both")}
    stamp = room.root / "submitted" / "ada" / LESSON / "timestamp.txt"
    assert stamp.read_text() == "2027-02-01T11:00:00.500000+00:00"


@pytest.mark.parametrize(
    ("system", "name", "says"),
    [
        (
            "canvas",
            "lovelaceada_99_700_lesson.ipynb",
            "lovelaceada_99_700_lesson.ipynb belongs to canvas id 99 (lovelaceada), and no row of students.csv has that "
            "id in the column canvas. Add it there and collect again.",
        ),
        ("canvas", "ada.ipynb", "ada.ipynb is not called as Canvas calls its files, so it is nobody's."),
        (
            "moodle",
            "10021_1_ada.ipynb",
            "10021_1_ada.ipynb is not called as Moodle calls its files, so it is nobody's.",
        ),
        (
            "gradescope",
            "ada.ipynb",
            "holds no notebook. Give the archive as Gradescope lets you download it.",
        ),
    ],
)
def test_what_belongs_to_nobody_is_given_to_nobody(room, system, name, says):
    code, said = room.collect(system, {name: book("?")})
    assert code == 2
    assert says in " ".join(said["problems"])
    assert room.submitted() == {}


def test_two_files_without_an_order_are_both_left(room):
    code, said = room.collect(
        "moodle",
        {f"Ada_501_assignsubmission_file_/{name}.ipynb": book(name) for name in ("a", "b")},
    )
    assert (code, room.submitted()) == (2, {})
    assert said["problems"] == [
        "ada handed in a.ipynb and b.ipynb, and nothing says which is the later one. Neither was taken."
    ]


# ----------------------------------------------------------------------------------------------------------- out
def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))


def late() -> Lateness:
    return Lateness(due="d", extended=False, seconds=1.0, percent=50.0, points=2.0, says="s")


def test_canvas_takes_the_grades(room):
    room.record("ben", 3.0)
    room.record("ada", 10 / 3)
    code, _, errors = room.run("export", "canvas", "out", "--lesson", "2", "--column", "Lesson 2 (4711)")
    assert code == 0, errors
    assert table(room.out / f"grades_canvas_{LESSON}.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lesson 2 (4711)"],
        ["Lovelace, Ada", "10021", "", "", "", "3.33"],
        ["O'Neil, jr, Ben", "10022", "", "", "", "3"],
    ]


def test_moodle_takes_the_grades(room):
    room.record("ada", 3.0)
    room.record(
        "ben",
        0.0,
        status="infra",
        exercises=[ExerciseResult(name="scale", score=0.0, max_score=4.0, status="infra")],
    )
    code, _, errors = room.run("export", "moodle", "out", "--lesson", "2")
    assert code == 0, errors
    head, ada, ben = table(room.out / f"grades_moodle_{LESSON}.csv")
    assert head == [
        "Identifier",
        "Full name",
        "Email address",
        "Status",
        "Grade",
        "Maximum grade",
        "Feedback comments",
    ]
    assert ada == ["Participant 501", "Ada Lovelace", "ada@example.org", "", "3", "12", ""]
    assert (ben[0], ben[4]) == ("Participant 502", "")  # the machine failed: no grade, not 0


def test_plain_csv_is_text_and_what_counts(room, small_course):
    small_course.write(
        "course.toml",
        f'title = "A"\nseed = 7\n[due]\n{LESSON} = 2027-02-01T12:00:00Z\n[late]\nper_day = 50\n',
    )
    small_course.write("exceptions.csv", "student,lesson,item,points\neve,2,reflection,3\n")
    submission = SubmissionInfo(path="a", sha256="0", handed_in="2027-02-01T13:00:00+00:00")
    room.record("eve", 4.0, submission=submission)
    assert room.run("export", "csv", "out", "--lesson", "2")[0] == 0
    assert table(room.out / f"grades_csv_{LESSON}.csv") == [
        ["id", "first_name", "last_name", "email", "lesson", "points", "of"],
        ["eve", "'=Eve", "Spy", "eve@example.org", LESSON, "5", "12"],
    ]


@pytest.mark.parametrize(
    ("student", "system", "says"),
    [
        ("zoe", "moodle", "the record of 'zoe' belongs to nobody in students.csv. Add the student, or leave the record out."),
        ("eve", "moodle", "eve has no moodle id in students.csv. Fill in the column moodle."),
    ],
)  # fmt: skip
def test_a_grade_without_its_owners_id_is_not_written(room, student, system, says):
    room.record("ada", 3.0)
    room.record(student, 3.0)
    code, _, errors = room.run("export", system, "out", "--lesson", "2")
    assert code == 1
    assert says in errors
    assert not list(room.out.glob("*.csv"))


def test_there_and_back_again(room):
    names = {"ada": "lovelaceada_10021_700_lesson.ipynb", "ben": "oneiljrben_10022_900_lesson.ipynb"}
    room.collect("canvas", {name: book(student) for student, name in names.items()})
    room.collect("moodle", {"Ada Lovelace_501_assignsubmission_file_/a.ipynb": book("ada")})
    room.record("ben", 3.0)
    room.record("ada", 2.0)
    assert room.run("export", "feedback", "out", "--lesson", "2", "--for", "canvas")[0] == 0
    with zipfile.ZipFile(room.out / f"feedback_canvas_{LESSON}.zip") as made:
        assert {n: made.read(n).decode() for n in made.namelist()} == {
            f"{name}.html": f"page of {student}" for student, name in names.items()
        }
    code, _, errors = room.run("export", "feedback", "out", "--lesson", "2", "--for", "moodle")
    assert code == 1
    assert "ben's notebook was not collected from moodle" in errors
    record_path(room.out, "ben", LESSON).unlink()
    assert room.run("export", "feedback", "out", "--lesson", "2", "--for", "moodle")[0] == 0
    with zipfile.ZipFile(room.out / f"feedback_moodle_{LESSON}.zip") as made:
        assert made.namelist() == ["Ada Lovelace_501_assignfeedback_file_feedback.html"]
