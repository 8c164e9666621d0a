"""Grading many submissions: a judge that fails, in whatever way, costs nobody points and stops nothing."""

import hashlib
import json
import sys

import pytest

from autograder.judge.batch import Batch, BatchError
from autograder.records import read_record
from autograder.submissions import Submission

JUDGE = '''#!{python}
"""Stands in for the judge: what it does with a submission is written in the submission, one word per try."""
import json, os, sys, time
from pathlib import Path

place = Path({place!r})
starts = 0
while True:  # two judges that start at once get two numbers
    try:
        os.close(os.open(place / f"start-{{starts}}", os.O_CREAT | os.O_EXCL))
        break
    except FileExistsError:
        starts += 1
hello = (place / "hello").read_text().split("|")
hello = hello[min(starts, len(hello) - 1)]
if hello == "die":
    sys.exit(7)
if hello == "fail":
    print(json.dumps({{"failed": "the grader of f is sick"}}), flush=True)
    sys.exit(3)
print("", end=json.dumps({{"isolation": ["a wall"], "notice": "a notice"}}) + "\\n", flush=True)
for line in sys.stdin:
    task = json.loads(line)
    tried = place / f"{{task['student']}}.tries"
    tries = int(tried.read_text()) if tried.exists() else 0
    tried.write_text(str(tries + 1))
    words = Path(task["path"]).read_text().split()
    word = words[min(tries, len(words) - 1)]
    if word == "die":
        os._exit(9)
    if word == "cut":
        print('{{"task": 0, "rec', end="", flush=True)
        os._exit(9)
    if word == "fail":
        print(json.dumps({{"failed": "no space left"}}), flush=True)
        sys.exit(3)
    record = {{
        "schema": 1, "lesson": "01_tiny", "student": task["student"], "score": 3.0, "max_score": 19.0,
        "submission": {{"path": task["shown"], "sha256": ""}}, "manual_max": 4.0, "duration_s": 0.1,
        "status": "partial", "grader_version": "", "seed_fingerprint": "", "isolation": [], "notes": task["notes"],
        "exercises": [],
    }}
    if word == "infra":
        failed = {{"name": "shares", "score": 0.0, "max_score": 9.0, "status": "infra", "diagnosis": "the sandbox failed."}}
        record |= {{"status": "infra", "score": 0.0, "exercises": [failed]}}
    print(json.dumps({{"task": task["task"], "record": json.dumps(record)}}), flush=True)
'''


class Room:
    """A class, a stand-in judge, and the folder for records."""

    def __init__(self, folder, course, monkeypatch):
        self.folder, self.course, self.out = folder, course, folder / "out"
        script = folder / "judge"
        script.write_text(JUDGE.format(python=sys.executable, place=str(folder)))
        script.chmod(0o755)
        (folder / "hello").write_text("ok")
        monkeypatch.setattr("autograder.judge.client.sys.executable", str(script))

    def grade(self, jobs=1, hello="ok", **students):
        (self.folder / "hello").write_text(hello)
        handed_in = []
        for student, words in students.items():
            path = self.folder / f"{student}.ipynb"
            path.write_text(words)
            digest = hashlib.sha256(words.encode()).hexdigest()
            handed_in.append(Submission(student, "01_tiny", path, digest, ("a note",)))
        self.batch = Batch(self.course, "01_tiny", handed_in, self.out, jobs)
        return {graded.submission.student: graded for graded in self.batch}

    @property
    def starts(self):
        return len(list(self.folder.glob("start-*")))

    def record(self, student):
        return read_record(self.out / student / "01_tiny" / "record.json")


@pytest.fixture
def room(tmp_path, tiny_course, monkeypatch):
    return Room(tmp_path, tiny_course, monkeypatch)


def said(why):
    return f"could not be graded, through no fault of its own ({why}). It costs no points; grade it again."


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_everybody_is_graded_once(room, jobs):
    students = dict.fromkeys(("ada", "ben", "cleo", "dan"), "ok")
    done = room.grade(jobs, **students)
    assert done.keys() == students.keys()
    assert all(graded.record.score == 3.0 and graded.problem == "" for graded in done.values())
    assert room.starts == min(jobs, 4)
    assert (room.batch.isolation, room.batch.notice) == (["a wall"], "a notice")
    assert room.record("ada").notes == ["a note"]


@pytest.mark.parametrize("word", ["die", "cut", "fail", "infra"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_one_failure_is_tried_again_with_a_fresh_judge(room, jobs, word):
    done = room.grade(jobs, ada="ok", ben=f"{word} ok", cleo="ok")
    assert {graded.record.status for graded in done.values()} == {"partial"}
    assert {graded.problem for graded in done.values()} == {""}
    assert room.starts >= 2


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("die", "the judge ended"),
        ("cut", "the judge ended in the middle of its answer"),
        ("fail", "no space left"),
        ("infra", "the sandbox failed"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_two_failures_are_a_record_of_their_own_and_the_others_are_graded(room, jobs, word, why):
    done = room.grade(jobs, ada="ok", ben=word, cleo="ok")
    assert [done[name].record.status for name in ("ada", "cleo")] == ["partial", "partial"]
    ben = done["ben"]
    assert (ben.record.status, ben.problem) == ("infra", said(why))
    assert room.record("ben").status == "infra"
    assert room.record("ada").score == 3.0


def test_a_record_without_a_judge_names_the_exercises_and_no_reason_that_is_not_the_students(room):
    record = room.grade(ada="fail")["ada"].record
    assert (record.lesson, record.student, record.score, record.max_score) == ("01_tiny", "ada", 0.0, 19.0)
    assert [(e.name, e.max_score, e.status) for e in record.exercises] == [
        ("shares", 9.0, "infra"),
        ("smooth", 6.0, "infra"),
    ]
    assert record.notes == [
        "a note",
        "This notebook could not be graded, through no fault of its own. It costs no points.",
    ]
    assert record.submission.sha256 == hashlib.sha256(b"fail").hexdigest()
    assert record.isolation == ["a wall"]


def test_an_older_record_does_not_pass_for_todays(room):
    room.grade(ada="ok")
    (room.folder / "ada.tries").unlink()
    room.grade(ada="die")
    assert room.record("ada").status == "infra"


def test_without_a_folder_nothing_is_written(room):
    room.out = None
    assert room.grade(ada="die")["ada"].record.status == "infra"
    assert not (room.folder / "out").exists()


@pytest.mark.parametrize(
    ("hello", "why"),
    [
        ("fail", "the judge could not start: the grader of f is sick"),
        ("die", "the judge could not start: its process ended with exit code 7"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 3])
def test_where_no_judge_starts_nobody_is_graded_and_the_reason_is_said(room, hello, why, jobs):
    with pytest.raises(BatchError, match=f"^{why}$"):
        room.grade(jobs, hello=hello, ada="ok", ben="ok")
    assert not (room.folder / "out").exists()


def test_where_one_judge_starts_the_others_are_done_without(room):
    done = room.grade(2, hello="fail|ok", ada="ok", ben="ok", cleo="ok")
    assert [graded.record.status for graded in done.values()] == ["partial"] * 3


def test_where_no_further_judge_starts_the_rest_has_a_record_too(room):
    done = room.grade(1, hello="ok|fail", ada="ok", ben="die", cleo="ok")
    assert done["ada"].record.status == "partial"
    for name in ("ben", "cleo"):
        assert done[name].record.status == "infra"
        assert done[name].problem == said("the judge could not start: the grader of f is sick")
        assert room.record(name).status == "infra"


def test_a_fault_of_this_side_comes_through(room, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("autograder.judge.client.JudgeProcess.grade", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        room.grade(1, ada="ok")


def test_paths_and_names_are_passed_on_as_they_are(room, tmp_path):
    path = tmp_path / "Zoë \u2603.ipynb"
    path.write_text("ok")
    batch = Batch(room.course, "01_tiny", [Submission("Zoë \u2603", "01_tiny", path, "")], room.out, 1)
    (graded,) = batch
    assert graded.record.submission.path == str(path)
    assert graded.record.student == graded.submission.folder
    assert (
        json.loads((room.out / graded.record.student / "01_tiny" / "record.json").read_text())["score"] == 3.0
    )
