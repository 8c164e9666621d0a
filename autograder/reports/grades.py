"""The grades as a table for spreadsheets and learning platforms."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from autograder.records import Record, counted
from autograder.reports import text, words
from autograder.reports.classroom import exercise_names
from autograder.reports.facts import CourseFacts
from autograder.reports.feedback import marks

FIRST = ["student", "lesson", "score", "max_score", "status"]
LAST = ["questions", "manual", "manual_max", "handed_in", "late_percent", "late_points", "counts"]

# What a spreadsheet takes for a formula: also the full-width twins, which some of them fold
_STARTERS = tuple("=+-@|%\t\r\n＝＋－＠")


def grades_csv(records: Iterable[Record], facts: CourseFacts | None = None) -> str:
    """One row per record: student, lesson, score, status, one column per exercise, questions, manual.

    RFC 4180 with LF line ends, UTF-8. Exercises of several lessons stand side by side, empty where they
    do not belong. ``score`` is empty where the engine failed: that is no grade. ``manual`` is empty until a person has marked everything. ``counts`` is what
    is left of ``score`` when ``late_points`` are taken off. A text that a spreadsheet
    would run as a formula gets an apostrophe in front; control characters are made visible.
    """
    records = sorted(records, key=lambda r: (r.lesson, r.student.casefold(), r.student))
    course = facts or CourseFacts()
    lessons = dict.fromkeys(r.lesson for r in records)
    names: dict[str, None] = {}
    for lesson in lessons:
        group = [r for r in records if r.lesson == lesson]
        names |= dict.fromkeys(exercise_names(group, course.lesson(lesson)))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*FIRST, *map(cell, names), *LAST])
    for record in records:
        scores = {e.name: words.points(e.score) for e in record.exercises}
        given = marks(record)
        writer.writerow(
            [
                cell(record.student),
                cell(record.lesson),
                "" if record.status == "infra" else words.points(record.score),
                words.points(record.max_score),
                record.status,
                *(scores.get(name, "") for name in names),
                words.points(sum(a.score for a in record.quiz)) if record.quiz else "",
                "" if given.score is None else words.points(given.score),
                words.points(record.manual_max),
                cell(record.submission.handed_in),
                words.points(record.late.percent) if record.late else "",
                words.points(record.late.points) if record.late else "",
                "" if record.status == "infra" else words.points(counted(record)),
            ]
        )
    return stream.getvalue()


def cell(value: str) -> str:
    """``value`` as a cell that is text and nothing else."""
    value = text.clean(text.cut(value, 1000))
    return f"'{value}" if value.lstrip(" ").startswith(_STARTERS) else value
