"""Unchanged work is not repeated: what of the records in a folder still holds, and what must be graded.

A record holds its own key, so the folder of records is the store: nothing lies beside it that could be
lost, or be true of another record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from autograder.course import Course, Lesson
from autograder.judge.keys import LessonKeys, lesson_keys
from autograder.judge.seed import course_seed
from autograder.records import ExerciseResult, Record, RecordError, record_path, write_record
from autograder.records.store import read_sealed, write_atomically
from autograder.submissions import Submission, handed_in
from autograder.worker import IsolationUnavailable, isolation_layers

_EDITED = (
    "{student}: record.json was changed after it was written. The changed file is kept as {name}, and the notebook "
    "is graded anew."
)
_NO_RECORD = (
    "{student}: record.json could not be read ({why}). It is kept as {name}, and the notebook is graded anew."
)


@dataclass(frozen=True)
class Todo:
    """A submission to grade.

    Attributes:
        submission: of one student.
        kept: results of its exercises that still hold.
        before: the record that lies there.
        holds: ``before`` is still true of this submission, in the sandbox it was graded in: it stays when
            grading again fails.
    """

    submission: Submission
    kept: tuple[ExerciseResult, ...] = ()
    before: Record | None = None
    holds: bool = False


@dataclass
class Plan:
    """What a run has to do.

    Attributes:
        unchanged: submissions whose record still holds, with it.
        todo: the others.
        problems: sentences about records that cannot be used though they look like it.
    """

    unchanged: list[tuple[Submission, Record]] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def plan(
    course: Course,
    lesson: Lesson,
    submissions: Iterable[Submission],
    out: Path,
    isolation: str = "best",
    fresh: bool = False,
    layers: list[str] | None = None,
) -> Plan:
    """Sort submissions by what has to be done about them.

    Args:
        course: whose due dates and set points hold for records that are used again, too.
        lesson: that is graded.
        submissions: to it.
        out: the folder of records.
        isolation: as it is asked of a zygote.
        fresh: use nothing that lies there.
        layers: of the workers that will be used, where they are known; otherwise those of this machine.
    """
    store = _Store(lesson, isolation, layers)
    made = Plan()
    for submission in submissions:
        path = record_path(out, submission.folder, lesson.slug)
        before = _read(path, submission, made.problems)
        todo = Todo(submission) if before is None else store.look(submission, before)
        same = before is not None and not fresh and todo.kept != () and store.same_sandbox(before)
        if before is None or not (same and todo.holds):
            made.todo.append(todo if same else replace(todo, kept=()))
            continue
        record = _brought_up_to_date(course, submission, before)
        if record != before:
            write_record(record, path)
        made.unchanged.append((submission, record))
    return made


def _brought_up_to_date(course: Course, submission: Submission, record: Record) -> Record:
    """A record that holds, with what of it is no matter of grading as it is now."""
    moment = handed_in(submission.path)
    info = msgspec.structs.replace(record.submission, path=submission.shown, handed_in=moment)
    return course.policy.applied(msgspec.structs.replace(record, submission=info))


class _Store:
    """The records of one lesson, judged by the keys of today."""

    def __init__(self, lesson: Lesson, isolation: str, layers: list[str] | None):
        self._lesson, self._asked, self._layers = lesson, isolation, layers
        self._keys: LessonKeys | None = None

    def look(self, submission: Submission, before: Record) -> Todo:
        """What of a record still holds for a submission."""
        todo = Todo(submission, before=before)
        if not submission.sha256 or before.submission.sha256 != submission.sha256 or before.status == "infra":
            return todo
        keys = self._keys = self._keys or lesson_keys(self._lesson, course_seed(self._lesson.root))
        kept = tuple(
            result
            for result in before.exercises
            if result.name in keys.exercises
            and result.status != "infra"
            and result.key == keys.of_exercise(result.name, before.isolation)
        )
        whole = before.key == keys.of_record(before.isolation, submission.notes)
        return Todo(submission, kept, before, whole and len(kept) == len(before.exercises))

    def same_sandbox(self, before: Record) -> bool:
        """Whether workers have the layers today that they had then; found out by starting one."""
        if self._layers is None:
            try:
                self._layers = isolation_layers(self._asked)
            except (IsolationUnavailable, RuntimeError):
                self._layers = []
        return self._layers != [] and before.isolation == self._layers


def _read(path: Path, submission: Submission, problems: list[str]) -> Record | None:
    """The record that lies there; one that is not as it was written is put aside and not used."""
    try:
        record, sealed = read_sealed(path)
    except FileNotFoundError:
        return None
    except RecordError as error:
        name = _put_aside(path)
        why = str(error).removeprefix(f"{path} ").split(". ", 1)[0]
        problems.append(_NO_RECORD.format(student=submission.folder, name=name, why=why))
        return None
    if sealed or not record.seal:  # an older version wrote none
        return record if sealed else msgspec.structs.replace(record, key="", exercises=[])
    problems.append(_EDITED.format(student=submission.folder, name=_put_aside(path)))
    return msgspec.structs.replace(record, key="", exercises=[])


def _put_aside(path: Path) -> str:
    """A copy of a record under the name of its content; returns that name."""
    data = path.read_bytes()
    name = f"record.edited-{hashlib.sha256(data).hexdigest()[:8]}.json"
    write_atomically(path.with_name(name), data)
    return name
