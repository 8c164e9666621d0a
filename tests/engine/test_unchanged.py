"""`grade` into a folder of records: what still holds is not graded again, what does not is, and it says which."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.records import Record, read_record
from autograder.records.store import encode


class Room:
    """A course of its own, a class of four, and a folder of records: a copy of one that was graded once."""

    def __init__(self, plain: Any, graded: Path, folder: Path):
        shutil.copytree(graded, folder, dirs_exist_ok=True)
        self.plain, self.folder, self.course = plain, folder, folder / "course"
        self.handed_in, self.out = folder / "in", folder / "out"
        self.points = {path.stem: self.record(path.stem).score for path in self.handed_in.iterdir()}

    def grade(self, *options: object, code: int = 0, **environment: str) -> dict[str, Any]:
        """What ``grade --json`` says."""
        done = self.command("--json", *options, **environment)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def command(self, *options: object, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "AUTOGRADER_SEED_FILE")}
        env |= {"NO_COLOR": "1", "COLUMNS": "100"} | environment
        folder = f"../{self.handed_in.name}"  # so that records name the same path wherever the room lies
        words = [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            folder,
            "--out",
            self.out,
            "--jobs",
            "1",
            *options,
        ]
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.course,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def path(self, student: str) -> Path:
        return self.out / student / self.plain.LESSON / "record.json"

    def record(self, student: str) -> Record:
        return read_record(self.path(student))

    def files(self) -> dict[str, bytes]:
        return {p.relative_to(self.out).as_posix(): p.read_bytes() for p in self.out.rglob("record*.json")}

    def scores(self) -> dict[str, float]:
        return {student: self.record(student).score for student in self.points}

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.course / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def rewrite(self, student: str, **changes: Any) -> None:
        """Another sealed record in the place of a student's."""
        self.path(student).write_bytes(encode(msgspec.structs.replace(self.record(student), **changes)))


@pytest.fixture(scope="module")
def graded(plain, plain_course, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    shutil.copytree(plain_course, folder / "course")
    points = plain.hand_in(folder / "course", folder / "in", 4)
    command = [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        "../in",
        "--out",
        "../out",
        "--jobs",
        "1",
        "--json",
    ]
    done = subprocess.run(command, cwd=folder / "course", capture_output=True, text=True, timeout=300)
    said = json.loads(done.stdout)
    assert said["counts"] == {"unchanged": 0, "graded": 4, "in_part": {}}
    assert {record["student"]: record["score"] for record in said["records"]} == points
    return folder


@pytest.fixture
def room(plain, graded, tmp_path) -> Room:
    return Room(plain, graded, tmp_path)


SCALE, SHIFT = "tests/graders/02_scaling/test_scale.py", "tests/graders/02_scaling/test_shift.py"


def test_nothing_is_graded_twice_and_every_page_is_there(room):
    before = room.files()
    (room.out / "s001" / "02_scaling" / "feedback.html").unlink()
    (room.out / "grades.csv").unlink()
    done = room.command()
    assert "\n4 unchanged, 0 graded.\n" in done.stdout
    assert room.files() == before
    assert (room.out / "s001" / "02_scaling" / "feedback.html").is_file()
    assert (room.out / "grades.csv").read_text().count("\n") == 5


def test_one_changed_notebook_is_graded_alone(room):
    before = room.files()
    text = room.plain.notebook(room.course, room.plain.RIGHT, "new", q1="3")
    (room.handed_in / "s002.ipynb").write_text(text)
    assert "3 unchanged, 1 graded." in room.command().stdout
    after = room.files()
    assert {name for name in after if after[name] != before[name]} == {"s002/02_scaling/record.json"}
    assert room.record("s002").score == 8.0


def test_one_changed_grader_grades_its_exercise_alone_and_adds_up_anew(room):
    before = {student: room.record(student) for student in room.points}
    room.edit(SHIFT, '"right values", 2', '"right values", 5')
    done = room.command()
    assert "0 unchanged, 4 graded (4 of them only in shift)." in done.stdout
    for student, old in before.items():
        new = room.record(student)
        assert new.exercises[0] == old.exercises[0]  # to the last measured second
        assert new.exercises[1].max_score == 5.0
        assert (new.max_score, new.manual_max) == (11.0, 4.0)
        assert new.score == sum(item.score for item in [*new.exercises, *new.quiz])
    assert room.scores() == {"s000": 11.0, "s001": 6.0, "s002": 5.0, "s003": 5.0}
    assert "4 unchanged, 0 graded." in room.command().stdout


def test_a_changed_question_leaves_all_exercises(room):
    before = room.record("s000")
    room.edit("source/02_scaling/quiz.toml", "answer = 3", "answer = 4")
    assert room.grade()["counts"]["in_part"] == {"questions and notes": 4}
    after = room.record("s000")
    assert after.exercises == before.exercises
    assert (after.score, after.quiz[0].status) == (6.0, "fail")


def test_a_result_is_taken_over_only_under_its_own_key(room):
    """If a key did not count, the false points written here would survive."""
    record = room.record("s000")
    for exercise in record.exercises:
        exercise.score = 0.0
    room.rewrite("s000", exercises=record.exercises, score=2.0)
    room.edit(SHIFT, "-4.0], 3.0", "-5.0], 3.0")
    room.grade()
    assert [e.score for e in room.record("s000").exercises] == [0.0, 2.0]


def test_fresh_grades_everything_again(room):
    record = room.record("s000")
    room.rewrite("s000", score=1.0)
    assert room.grade("--fresh")["counts"] == {"unchanged": 0, "graded": 4, "in_part": {}}
    assert room.record("s000").score == record.score


def test_another_seed_or_sandbox_grades_everything_again(room, tmp_path):
    seed = tmp_path / "seed"
    seed.write_text("5\n")
    assert room.grade(AUTOGRADER_SEED_FILE=str(seed))["counts"]["graded"] == 4
    assert room.grade()["counts"]["graded"] == 4
    assert room.grade("--isolation", "plain")["counts"]["graded"] == 4
    assert room.grade("--isolation", "plain")["counts"]["unchanged"] == 4


def test_what_the_machine_failed_at_is_never_used_again(room):
    room.rewrite("s000", status="infra")
    assert room.grade()["counts"] == {"unchanged": 3, "graded": 1, "in_part": {}}
    assert (room.record("s000").status, room.record("s000").score) == ("pass", 8.0)


def test_a_record_edited_by_hand_is_said_kept_and_graded_anew(room):
    path = room.path("s002")
    edited = path.read_text().replace('"score": 2.0', '"score": 8.0', 1)
    path.write_text(edited)
    said = room.grade()
    assert said["counts"] == {"unchanged": 3, "graded": 1, "in_part": {}}
    (problem,) = said["problems"]
    (kept,) = path.parent.glob("record.edited-*.json")
    assert problem == (
        f"s002: record.json was changed after it was written. The changed file is kept as {kept.name}, and the "
        "notebook is graded anew."
    )
    assert kept.read_text() == edited
    assert room.record("s002").score == 2.0
    assert room.grade()["counts"]["unchanged"] == 4


def test_what_is_no_record_is_said_kept_and_graded_anew(room):
    broken = {"s000": b"", "s001": b"[]", "s002": b'{"schema": 7}', "s003": b"\xff{"}
    for student, content in broken.items():
        room.path(student).write_bytes(content)
    said = room.grade()
    assert said["counts"]["graded"] == 4
    assert [problem.split(" (")[0] for problem in said["problems"]] == [
        f"{student}: record.json could not be read" for student in broken
    ]
    for student, content in broken.items():
        (kept,) = room.path(student).parent.glob("record.edited-*.json")
        assert kept.read_bytes() == content
    assert room.scores() == room.points


def test_a_record_without_a_seal_is_of_an_older_version(room):
    tree = json.loads(room.path("s000").read_text())
    del tree["seal"], tree["key"]
    room.path("s000").write_text(json.dumps(tree))
    said = room.grade()
    assert (said["counts"]["graded"], said["problems"]) == (1, [])


def test_due_dates_and_set_points_hold_for_what_is_not_graded_again(room):
    place = room.handed_in / "s000"
    place.mkdir()
    (room.handed_in / "s000.ipynb").rename(place / "s000.ipynb")
    (place / "timestamp.txt").write_text("2026-01-02T00:00:00+00:00")
    with (room.course / "course.toml").open("a") as file:
        file.write("\n[due]\n02_scaling = 2026-01-01T00:00:00+00:00\n[late]\nper_day = 10\n")
    (room.course / "exceptions.csv").write_text(
        "student,lesson,item,points,comment\ns001,02,shift,1,nearly\n"
    )
    said = room.grade()
    assert said["counts"] == {"unchanged": 4, "graded": 0, "in_part": {}}
    late, set_by_hand = room.record("s000"), room.record("s001")
    assert (late.score, late.late.points) == (8.0, 0.8)
    assert (set_by_hand.score, set_by_hand.exercises[1].set_points.judged) == (7.0, 0.0)


def test_a_report_shows_set_points_and_writes_no_record(room):
    """Only `grade` writes records: a report would seal what was edited by hand."""
    (room.course / "exceptions.csv").write_text(
        "student,lesson,item,points,comment\ns001,02,shift,1,nearly\n"
    )
    before = room.files()
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "report", str(room.out)],
        cwd=room.course,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert room.files() == before
    with (room.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert float(rows["s001"]["score"]) == 7.0


def test_points_set_by_a_person_are_not_taken_for_the_judges(room):
    (room.course / "exceptions.csv").write_text(
        "student,lesson,item,points,comment\ns001,02,shift,1,nearly\n"
    )
    room.grade()
    room.edit(SCALE, '"error", 1', '"error", 2')
    (room.course / "exceptions.csv").unlink()
    assert room.grade()["counts"]["in_part"] == {"scale": 4}
    assert room.record("s001").exercises[1].score == 0.0


def test_a_class_that_was_moved_is_not_graded_again(room, tmp_path):
    room.handed_in = room.handed_in.rename(tmp_path / "moved")
    said = room.grade()
    assert said["counts"]["unchanged"] == 4
    assert room.record("s000").submission.path == "../moved/s000.ipynb"
    assert said["records"][0]["submission"]["path"] == room.record("s000").submission.path


def test_grading_again_that_fails_leaves_what_still_holds(room):
    before = room.files()
    room.edit(SHIFT, "3.0)", "3.0, 1.0)")  # the reference cannot answer that: the judge does not start
    done = room.command("--fresh")
    assert done.returncode == 3
    assert "the judge could not start" in done.stderr
    assert room.files() == before


def test_strict_grading_that_cannot_be_had_uses_no_record_either(room):
    done = room.command("--isolation", "strict", PATH="/nowhere")
    assert done.returncode == 3
    assert "needs a sandbox" in done.stderr
