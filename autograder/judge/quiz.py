"""Marking concept questions: literals, read and never run."""

from __future__ import annotations

from autograder.course import Question
from autograder.records import AnswerResult
from autograder.submissions import Answer

_NOT_ANSWERED = "Not answered."
_WRONG = "Not right."


def mark(question: Question, answer: Answer) -> AnswerResult:
    """One question's points for one answer."""
    result = AnswerResult(
        id=question.id,
        question=question.text,
        score=0.0,
        max_score=float(question.points),
        status="fail",
        explanation=question.explanation,
    )
    if answer.state in ("unanswered", "missing"):
        result.status, result.message = "missing", answer.problem or _NOT_ANSWERED
    elif answer.state == "problem":
        result.status, result.message = "error", answer.problem
    else:
        result.answer = repr(answer.value)[:200]
        if question.is_right(answer.value):
            result.status, result.score = "pass", result.max_score
        else:
            result.message = question.why_not(answer.value) or _WRONG
    return result
