"""Grades and feedback in the forms that Canvas and Moodle take back, and in plain CSV.

Canvas: https://community.canvaslms.com (How do I import grades in the Gradebook?): Student, ID, SIS User ID, SIS
Login ID, Section, then one column for each assignment. Moodle: the offline grading worksheet.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from autograder.course import CourseError, Roster, Student
from autograder.records import Record, counted
from autograder.reports.grades import cell

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Feedback comments")
PLAIN = ("id", "first_name", "last_name", "email", "lesson", "points", "of")
_WHEN = (1980, 1, 1, 0, 0, 0)

_NOT_IN_ROSTER = (
    "the record of {student!r} belongs to nobody in {roster}. Add the student, or leave the record out."
)
_NO_ID = "{student} has no {system} id in {roster}. Fill in the column {system}."
_TWICE = "{student} has two records of {lesson}. Export one lesson of one class at a time."
_NOT_COLLECTED = (
    "{student}'s notebook was not collected from {system}, so it is not known what it was called there. Collect it: "
    "autograder collect ARCHIVE --from {system}"
)


def total(record: Record) -> float | None:
    """All points that count; None where the machine failed, which is no grade."""
    given = [item.score for item in record.manual if item.score is not None]
    return None if record.status == "infra" else counted(record) + sum(given)


def possible(record: Record) -> float:
    """What could be had in all."""
    return record.max_score + record.manual_max


def grades(records: Iterable[Record], roster: Roster, system: str, column: str = "") -> str:
    """The CSV for one system (``canvas``, ``moodle`` or ``csv``), one row for each record.

    ``column`` is Canvas's name of the assignment, with its number, as in ``Lesson 2 (4711)``.

    Raises:
        CourseError: a record whose student is not in the roster, or has no id there for this system.
    """
    rows, seen = [], set()
    for record in sorted(records, key=lambda r: r.student):
        student = _known(record, roster)
        if student.id in seen:
            raise CourseError(_TWICE.format(student=student.id, lesson=record.lesson))
        seen.add(student.id)
        points = total(record)
        said = "" if points is None else f"{round(points, 2):g}"
        most = f"{possible(record):g}"
        if system == "canvas":
            rows.append(
                [f"{student.last_name}, {student.first_name}", _id(student, system, roster), "", "", "", said]
            )
        elif system == "moodle":
            identifier = f"Participant {_id(student, system, roster)}"
            rows.append([identifier, student.name, student.email, "", said, most, ""])
        else:
            person = [student.id, student.first_name, student.last_name, student.email]
            rows.append([*person, record.lesson, said, most])
    head = {"canvas": [*CANVAS, column], "moodle": list(MOODLE), "csv": list(PLAIN)}[system]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([cell(value) for value in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()


def feedback(records: Iterable[Record], out: Path, labels: dict[str, dict[str, str]], system: str) -> bytes:
    """A zip of the feedback pages, called as the platform wants them back.

    Canvas takes files called as they were downloaded, Moodle ``Full Name_<id>_assignfeedback_file_<file>``.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for record in sorted(records, key=lambda r: r.student):
            known = labels.get(record.student)
            if known is None:
                raise CourseError(_NOT_COLLECTED.format(student=record.student, system=system))
            page = out / record.student / record.lesson / "feedback.html"
            name = known["label"]
            name = f"{name}_assignfeedback_file_feedback.html" if system == "moodle" else f"{name}.html"
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, page.read_bytes())
    return stream.getvalue()


def _known(record: Record, roster: Roster) -> Student:
    student = roster.by_id().get(record.student)
    if student is None:
        raise CourseError(_NOT_IN_ROSTER.format(student=record.student, roster=roster.where))
    return student


def _id(student: Student, system: str, roster: Roster) -> str:
    value = student.systems.get(system, "")
    if not value:
        raise CourseError(_NO_ID.format(student=student.id, system=system, roster=roster.where))
    return value
