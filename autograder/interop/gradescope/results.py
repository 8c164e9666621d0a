"""A record in the form of Gradescope's ``results.json``
(https://gradescope-autograders.readthedocs.io/en/latest/specs/), from what the student may see.
"""

from __future__ import annotations

from typing import Any

from autograder.interop.words import result_lines
from autograder.records import ExerciseResult, Record, counted, view
from autograder.records.view import When
from autograder.reports import LessonFacts
from autograder.reports.card import card_text, cards

NOT_GRADED = "This could not be graded, through no fault of yours, so the score shown is none. It will be graded again."


def results(record: Record, when: When, facts: LessonFacts | None = None) -> dict[str, Any]:
    """The whole of ``results.json``: one entry for each exercise and question, with its own visibility.

    ``score`` is what counts, so late work costs the same as on every other route. Whatever a student's code
    printed stays with the instructor.
    """
    seen = view(record, "student", when)
    withheld = {e.name for e in record.exercises if _waits(e, when)}
    tests = [
        {
            "name": card.title,
            "number": str(number),
            "score": card.score,
            "max_score": card.most,
            "status": "passed" if card.status == "pass" else "failed",
            "output": card_text(card),
            "output_format": "text",
            "visibility": "after_due_date" if card.name in withheld else "visible",
            "tags": [card.name, card.status],
        }
        for number, card in enumerate(cards(seen, facts), 1)
    ]
    return {
        "score": counted(record),
        "output": "\n".join(result_lines(seen)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"status": record.status, "grader_version": record.grader_version},
    }


def no_results(lesson_points: float) -> dict[str, Any]:
    """What stands in the place of results when the machine failed: Gradescope is never left without a file."""
    return {
        "score": 0.0,
        "output": NOT_GRADED,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"status": "infra", "max_score": lesson_points},
    }


def _waits(result: ExerciseResult, when: When) -> bool:
    """Nothing of the exercise is run before the due date."""
    return (
        when == "before_due"
        and bool(result.tests)
        and all(test.visibility == "after_due" for test in result.tests)
    )
