"""The instructor's page: the class at a glance, a pure function of its records."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.records import Record
from autograder.reports.classroom import Bin, classrooms
from autograder.reports.facts import CourseFacts
from autograder.reports.pages import render
from autograder.reports.words import counted, listed


def report_html(
    records: Iterable[Record], facts: CourseFacts | None = None, problems: Iterable[str] = ()
) -> str:
    """The class report: self-contained HTML that links to each ``feedback.html`` beside it.

    ``problems`` are sentences about what could not be graded at all (unreadable records, clashing
    names); they stand at the top. The page is the instructor's: it shows names of all students.
    """
    facts = facts or CourseFacts()
    rooms = classrooms(records, facts)
    if len(rooms) == 1:
        title = rooms[0].facts.title
    else:
        title = facts.title or "Class report"
    return render(
        "report.html",
        rooms=rooms,
        title=title,
        course=facts.title,
        problems=list(problems)[:100],
        histogram_says=histogram_says,
    )


def histogram_says(bins: list[Bin]) -> str:
    """The histogram in words: how many scored in each tenth, empty tenths left out."""
    said = [f"{counted(b.count, 'student')} from {b.low} to {b.high} %" for b in bins if b.count]
    return f"Scores: {listed(said)}." if said else "No scores yet."
