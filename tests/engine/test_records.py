"""Records on disk: whole or not at all, and a sentence for what is none."""

import json
import os
import re

import msgspec
import pytest

from autograder.records import (
    AnswerResult,
    ExerciseResult,
    ManualItem,
    Picture,
    Record,
    RecordError,
    SubmissionInfo,
    TestResult,
    read_record,
    record_path,
    write_record,
)
from autograder.records.store import encode, write_atomically


def record(**changes):
    test = TestResult(
        id="test_a",
        part="rule",
        title="Title é",
        points=2.5,
        score=0.0,
        status="fail",
        message="m",
        max_abs_error=0.1,
        worst_index=[0, 2],
        picture=Picture(height=1, width=2, low=0.0, high=1.0, signed=False, yours="AAA=", error="AAA="),
    )
    facts = {
        "lesson": "01_tiny",
        "student": "Ada",
        "submission": SubmissionInfo(path="in/Ada.ipynb", sha256="0" * 64),
        "score": 1.5,
        "max_score": 9.0,
        "manual_max": 4.0,
        "status": "partial",
        "duration_s": 0.1,
        "grader_version": "v",
        "seed_fingerprint": "f",
        "isolation": ["bubblewrap"],
        "notes": ["a note"],
        "exercises": [ExerciseResult(name="f", score=1.5, max_score=5.0, status="partial", tests=[test])],
        "quiz": [AnswerResult(id="q1", question="?", score=0.0, max_score=2.0, status="fail")],
        "manual": [ManualItem(id="reflection", title="Reflection", max_score=4.0, text="words")],
    }
    return msgspec.json.decode(encode(Record(**facts | changes)), type=Record)  # sealed, as in its file


def test_a_record_survives_the_disk(tmp_path):
    path = record_path(tmp_path, "Ada", "01_tiny")
    assert path == tmp_path / "Ada" / "01_tiny" / "record.json"
    write_record(record(), path)
    assert read_record(path) == record()


def test_the_file_is_plain_json_with_the_documented_names(tmp_path):
    write_record(record(), tmp_path / "record.json")
    text = (tmp_path / "record.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    tree = json.loads(text)
    assert list(tree)[:6] == ["schema", "lesson", "student", "submission", "score", "max_score"]
    assert tree["schema"] == 1
    assert "Title é" in text
    test = tree["exercises"][0]["tests"][0]
    assert (test["status"], test["score"], test["points"], test["worst_index"]) == ("fail", 0.0, 2.5, [0, 2])
    assert test["diagnosis"] == ""  # every documented field is there, also where it says nothing
    assert encode(record()) == encode(record())


def test_text_that_is_no_unicode_is_written_with_question_marks(tmp_path):
    odd = record(notes=["\ud800 and é", "plain"], student="Zo\udce9")
    write_record(odd, tmp_path / "record.json")
    read = read_record(tmp_path / "record.json")
    assert (read.notes, read.student) == (["? and é", "plain"], "Zo?")
    assert read.exercises == record().exercises


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_record(record(), path)

    def fail(*_):
        raise OSError("no space left")

    for step in ("fsync", "replace", "chmod"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            with pytest.raises(OSError, match="no space"):
                write_record(record(score=9.0), path)
        assert read_record(path) == record()
        assert os.listdir(tmp_path) == ["record.json"]


def test_a_kill_in_between_leaves_the_old_file_and_hinders_nothing(tmp_path):
    path = tmp_path / "record.json"
    write_record(record(), path)
    code = (
        "import os, pathlib, sys\n"
        "from autograder.records.store import write_atomically\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "write_atomically(pathlib.Path(sys.argv[1]), b'half')\n"
    )
    import subprocess
    import sys

    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=60).returncode == 9
    assert read_record(path) == record()
    write_record(record(score=9.0), path)
    assert read_record(path).score == 9.0


def test_a_new_file_is_readable_by_others(tmp_path):
    write_atomically(tmp_path / "a" / "b" / "page.html", b"x")
    assert (tmp_path / "a/b/page.html").stat().st_mode & 0o777 == 0o644


def test_another_schema_is_named_with_what_to_do(tmp_path):
    path = tmp_path / "record.json"
    tree = json.loads(encode(record()))
    path.write_text(json.dumps(tree | {"schema": 7}))
    says = f"{path} has record schema 7, this version reads 1. Grade the submission again."
    with pytest.raises(RecordError, match=f"^{re.escape(says)}$"):
        read_record(path)
    del tree["schema"]
    path.write_text(json.dumps(tree))
    with pytest.raises(RecordError, match="has record schema None, this version reads 1"):
        read_record(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"schema": 1}',
        b'{"schema": 1, "lesson": 3}',
        encode(record()).replace(b'"partial"', b'"splendid"'),
        encode(record()).replace(b"1.5", b'"much"'),
    ],
)
def test_what_is_no_record_is_said_with_what_to_do(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        read_record(path)
    assert str(caught.value).startswith(f"{path} is not a record of this course (")
    assert str(caught.value).endswith("Grade the submission again to write a new one.")
