"""Writing the reports of a folder of records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.records import Record, RecordError, read_record, record_path
from autograder.records.store import write_atomically
from autograder.records.view import When
from autograder.reports.facts import CourseFacts
from autograder.reports.feedback import feedback_html
from autograder.reports.grades import grades_csv
from autograder.reports.report import report_html
from autograder.reports.text import is_file_name

_NO_PLACE = (
    "The record of {student!r} in lesson {lesson!r} has no feedback page: its name cannot be a folder name. "
    "Rename the submission and grade it again."
)


@dataclass
class Written:
    """Where the reports are, and sentences about what could not be written."""

    report: Path
    grades: Path
    feedback: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def write_reports(
    out: Path,
    records: Iterable[Record],
    facts: CourseFacts | None = None,
    when: When = "before_due",
    problems: Iterable[str] = (),
) -> Written:
    """Write ``feedback.html`` beside each record, and ``grades.csv`` and ``report.html`` into ``out``.

    Every file is written whole or not at all. ``problems`` (sentences from grading) go into the report.
    """
    records = list(records)
    written = Written(out / "report.html", out / "grades.csv", problems=list(problems))
    for record in records:
        written.feedback += write_feedback(out, record, facts, when, written.problems)
    write_atomically(written.grades, _bytes(grades_csv(records, facts)))
    write_atomically(written.report, _bytes(report_html(records, facts, written.problems)))
    return written


def write_feedback(
    out: Path, record: Record, facts: CourseFacts | None, when: When, problems: list[str]
) -> list[Path]:
    """Write one feedback page beside its record; adds a sentence to ``problems`` where it cannot lie."""
    path = record_path(out, record.student, record.lesson).with_name("feedback.html")
    if is_file_name(record.student) and is_file_name(record.lesson):
        write_atomically(path, _bytes(feedback_html(record, when, facts)))
        return [path]
    problems.append(_NO_PLACE.format(student=record.student, lesson=record.lesson))
    return []


def read_records(out: Path) -> tuple[list[Record], list[str]]:
    """All records below ``out`` in order of student and lesson, and a sentence per file that is none."""
    records, problems = [], []
    for path in sorted(out.glob("*/*/record.json")):
        try:
            records.append(read_record(path))
        except (RecordError, OSError) as error:
            problems.append(str(error))
    return records, problems


def _bytes(page: str) -> bytes:
    return page.encode("utf-8", "replace")
