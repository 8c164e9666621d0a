"""What a given person may see of a record at a given time: one function for every route."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from autograder.records.schema import AnswerResult, ExerciseResult, Picture, Record, TestResult

Who = Literal["instructor", "student"]
When = Literal["before_due", "after_due"]

_PRIVATE_CALL = "The call ended in an error on a hidden input; its text stays with the instructor."


def view(record: Record, who: Who = "student", when: When = "before_due") -> Record:
    """The part of ``record`` that ``who`` may see ``when``.

    The instructor sees everything. A student sees titles, statuses, points, diagnosis, and the size
    and pattern of errors; never hidden inputs or values, nor the output and exception text of hidden
    calls (a student can print hidden inputs through an exception). After the due date the expected
    pictures and the explanations of concept questions are shown too; hidden outputs never are.
    """
    if who == "instructor":
        return record
    return replace(
        record,
        submission=replace(record.submission, path=record.submission.path.rsplit("/", 1)[-1]),
        seed_fingerprint="",
        isolation=[],
        key="",
        seal="",
        exercises=[_exercise(e, when) for e in record.exercises],
        quiz=[_answer(a, when) for a in record.quiz],
    )


def _exercise(result: ExerciseResult, when: When) -> ExerciseResult:
    seen = replace(result, key="", tests=[_test(t, when) for t in result.tests])
    if all(test.visibility == "public" for test in result.tests):
        return seen
    return replace(seen, small=[], diverged="")  # both hold values: they belong to public checks alone


def _test(test: TestResult, when: When) -> TestResult:
    if test.visibility == "public":
        return test
    exception = _PRIVATE_CALL if test.exception else ""
    return replace(test, case="", output="", exception=exception, picture=_picture(test.picture, when))


def _picture(picture: Picture | None, when: When) -> Picture | None:
    if picture is None or when == "after_due":
        return picture
    # the student's own map and the error together would give the expected values away
    return replace(picture, yours="", expected="", low=0.0, high=0.0)


def _answer(answer: AnswerResult, when: When) -> AnswerResult:
    return answer if when == "after_due" else replace(answer, explanation="")
