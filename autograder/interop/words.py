"""What several routes say of a whole record, in one place."""

from __future__ import annotations

from datetime import UTC, datetime

from autograder.course import Lesson
from autograder.records import Record, counted
from autograder.records.view import When
from autograder.reports import text, words

_NO_RECORD = "This notebook could not be graded yet, through no fault of yours. It will be graded again."
_MOST_NOTES = 10


def when_of(lesson: Lesson, now: datetime | None = None) -> When:
    """What a student may see of the lesson now."""
    now = now or datetime.now(UTC)
    return "after_due" if lesson.after_due is not None and now >= lesson.after_due else "before_due"


def result_lines(record: Record | None) -> list[str]:
    """The result as plain sentences: points, the whole in one sentence, notes. ``record`` is a student's view."""
    if record is None:
        return [_NO_RECORD]
    points = f"{words.points(record.score)} of {words.points(record.max_score)} points"
    lines = [f"{points}, given automatically. {words.lead(record)}"]
    if record.late is not None:
        left = f"{words.points(counted(record))} of {words.points(record.max_score)} points count."
        lines.append(f"{text.line(record.late.says)} {left}")
    return lines + [text.line(note, 600) for note in record.notes[:_MOST_NOTES]]


def result_markdown(record: Record | None) -> str:
    """The same as Markdown, in which nothing foreign is markup."""
    first, *notes = (_plain(line) for line in result_lines(record))
    return "\n".join([f"**Result:** {first}", *(["", *(f"- {note}" for note in notes)] if notes else [])])


def _plain(line: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+!|$~" else sign for sign in escaped)
