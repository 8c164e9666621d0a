"""Grading one exercise of one submission: play, diagnose, score, and write it down."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Protocol

from autograder.judge.absent import NO_FUNCTION, WRITE
from autograder.judge.picture import picture_of
from autograder.judge.player import Player
from autograder.judge.public import Shown, shown_publicly
from autograder.judge.scoring import TestScore, score
from autograder.judge.suite import Grader
from autograder.records import ExerciseResult, Status, TestResult
from autograder.worker.inside.policy import ABSENT, sentence
from coursekit.checks import advice
from coursekit.checks.diagnose import Key, Named, name_mistakes, transform_of
from coursekit.checks.parts import Mistake
from coursekit.checks.play import Outcome
from coursekit.checks.student import Answerer, Call, Ended
from coursekit.checks.transforms import Transform

_SKIPPED = "not run: {reason}"
_HELD_BACK = "it runs after the due date"
_EXPLAINED = 3
"""At most so many failing tests of an exercise are searched for a transform."""
_ENDING = ("timeout", "memory", "infra")

NEXT_STEPS = {
    "missing": WRITE,
    "timeout": "Look for a loop that does not end, or for work that could be done once.",
    "memory": "Look for an array that grows with every step.",
    "forbidden": "Write that step yourself: it is what the exercise is about.",
}
"""What to try where no answer was there to look at; for all others see :mod:`coursekit.checks.advice`."""


class Answering(Answerer, Protocol):
    """A student whose worker may end and be replaced."""

    def revive(self) -> None: ...

    def ask_ahead(self, calls: list[Call]) -> None: ...


def grade_exercise(
    player: Player,
    student: Answering | None,
    state: str = "filled",
    absent: tuple[str, str] = (NO_FUNCTION, WRITE),
    explain: bool = True,
) -> ExerciseResult:
    """Play every case of an exercise with ``student`` and give points.

    Args:
        player: of the exercise's grader.
        student: answers the calls; None when there is no function to call.
        state: ``filled``, ``stub``, ``absent`` or ``not callable``.
        absent: what is said when the function is absent, and what to try next.
        explain: whether a failing answer that no declared mistake gives is searched for a simple transform;
            that decides no point.

    Raises:
        Ended: the infrastructure failed, so that nothing can be said of the student.
    """
    grader = player.grader
    if student is None or state != "filled":
        says, next_step = (_UNWRITTEN[state], WRITE) if state in _UNWRITTEN else absent
        return not_played(player, "missing", says, next_step)
    student.revive()
    student.ask_ahead(player.usual_calls)
    outcomes: dict[Key, Outcome] = {}
    stopped = ""
    for test in grader.tests:
        if test.visibility == "after_due" and player.before_due:
            continue
        for case in test.cases:
            if stopped:
                break
            student.revive()
            outcome = outcomes[test, case] = player.play((test, case), student)
            if outcome.status in _ENDING or outcome.ended:
                stopped = outcome.discreet

    def again(key: Key, extra: int) -> Outcome:
        student.revive()
        outcome = player.play(key, student, extra)
        if outcome.status == "infra":  # else a mistake would go unnamed, and its other parts would pay
            raise Ended("infra", outcome.message)
        return outcome

    found = Named() if stopped else name_mistakes(player, outcomes, again)
    main = None if found.main is None else grader.mistakes[found.main]
    scores = score(grader, outcomes, player.values, main, found.explained)
    named = {entry.test.name: _mistake(grader, found, entry) for entry in scores}
    unnamed = [entry for entry in scores if not entry.passed and named[entry.test.name] is None]
    explained = {} if main or stopped or not explain else _transforms(unnamed, again)
    says = {name: transform.says for name, transform in explained.items()}
    tests = [_test_result(entry, named[entry.test.name], says, stopped) for entry in scores]
    result = _exercise_result(player, scores, tests, main)
    if grader.tests[0].visibility == "public":
        for entry, test in zip(scores, tests, strict=True):
            if test.allowed:
                test.floor = player.floor(_shown(entry)[0])
    failing = next((entry for entry in scores if _told(entry, tests)), None)
    if failing is None:
        return result
    shown = Shown()
    if failing.test.visibility == "public" and not stopped:
        student.revive()
        shown = shown_publicly(player, student, (o for e in scores for _, o in e.outcomes if not o.passed))
        result.small, result.diverged = shown.small, shown.diverged.says if shown.diverged else ""
    outcome = next((outcome for _, outcome in failing.outcomes if not outcome.passed), Outcome())
    result.next_step = NEXT_STEPS.get(outcome.status) or advice.next_step(
        failing.test,
        outcome,
        named=mistake.try_ if (mistake := named[failing.test.name]) else None,
        transform=explained.get(failing.test.name),
        diverged=shown.diverged,
        expected=shown.expected,
        discreet=failing.test.visibility != "public",
    )
    return result


def _mistake(grader: Grader, found: Named, entry: TestScore) -> Mistake | None:
    """The declared mistake that explains what failed in one test."""
    index = None if entry.passed else found.of(entry.test, entry.failing)
    return None if index is None else grader.mistakes[index]


def _told(entry: TestScore, tests: list[TestResult]) -> bool:
    """Whether a test failed for a reason of its own."""
    result = next(test for test in tests if test.id == entry.test.name)
    return result.status not in ("pass", "skipped") and not result.excused


def _transforms(scores: list[TestScore], again: Any) -> dict[str, Transform]:
    """The simple transforms that explain failing tests."""
    found: dict[str, Transform] = {}
    for entry in scores[:_EXPLAINED]:
        key, outcome = next((k, o) for k, o in entry.outcomes if not o.passed)
        transform = transform_of(key, outcome, again)
        if transform is not None:
            found[entry.test.name] = transform
    return found


def _test_result(
    entry: TestScore, named: Mistake | None, explained: dict[str, str], stopped: str
) -> TestResult:
    test = entry.test
    result = TestResult(
        id=test.name,
        part=test.part.name,
        title=test.title,
        visibility=test.visibility,
        points=float(entry.points),
        score=float(entry.score),
        status="fail",
        axiom=test.axiom,
        excused=entry.excused,
        wall_s=round(sum(a.wall_s for _, o in entry.outcomes for a in o.answers), 6),
    )
    if len(entry.outcomes) < len(test.cases) and all(o.passed for _, o in entry.outcomes):
        result.status, result.message = "skipped", _SKIPPED.format(reason=stopped or _HELD_BACK)
        return result
    key, outcome = _shown(entry)
    result.status = outcome.status
    _numbers(result, outcome)
    if outcome.passed:
        if not entry.score:
            result.status, result.message = "fail", "counts only when some test of the values passes"
        return result
    public = test.visibility == "public"
    result.message, result.case = outcome.message if public else _discreet(outcome), key[1].id
    result.diagnosis = named.says if named is not None and not entry.excused else explained.get(test.name, "")
    result.mistake = named.name if named is not None else ""
    result.picture = picture_of(outcome.comparison)
    result.exception = _exception(outcome)
    result.output = next((a.output for a in outcome.answers if a.output), "")
    return result


def _discreet(outcome: Outcome) -> str:
    """What a student may read of a hidden call. Of an exception's own text that is one of our sentences only:
    it could carry anything else out."""
    failure = outcome.failure
    if failure is not None and failure.name == "ModuleNotFoundError":
        ours = (sentence(name) for name in ABSENT)
        return next((says.rstrip(".") for says in ours if says == failure.message), outcome.discreet)
    return outcome.discreet


def _exception(outcome: Outcome) -> str:
    """What the student's code wrote, for the instructor."""
    if outcome.failure is not None:
        return str(outcome.failure)
    return outcome.message if outcome.message != outcome.discreet else ""


def _shown(entry: TestScore) -> tuple[Key, Outcome]:
    """The case that stands for a test: its first failing one, or the passing one with the least margin."""
    return next((pair for pair in entry.outcomes if not pair[1].passed), _tightest(entry))


def _tightest(entry: TestScore) -> tuple[Any, Outcome]:
    return max(entry.outcomes, key=lambda pair: _margin_used(pair[1]))


def _margin_used(outcome: Outcome) -> float:
    comparison = outcome.comparison
    return (
        (comparison.max_abs_error or 0.0) / comparison.allowed if comparison and comparison.allowed else -1.0
    )


def _numbers(result: TestResult, outcome: Outcome) -> None:
    comparison = outcome.comparison
    if comparison is None:
        return
    result.max_abs_error = _finite(comparison.max_abs_error)
    result.max_rel_error = _finite(comparison.max_rel_error)
    result.allowed = _finite(comparison.allowed)
    result.outside = _finite(comparison.outside)
    result.worst_index = list(comparison.worst_index) if comparison.worst_index else None


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _exercise_result(
    player: Player,
    scores: list[TestScore],
    tests: list[TestResult],
    main: Mistake | None,
) -> ExerciseResult:
    total = sum((entry.score for entry in scores), Fraction(0))
    worst = next((t for t in tests if t.status not in ("pass", "skipped") and not t.excused), None)
    result = ExerciseResult(
        name=player.grader.exercise,
        score=float(total),
        max_score=float(player.grader.points),
        status=_status(total, player.grader.points, tests),
        tests=tests,
        wall_s=round(sum(t.wall_s for t in tests), 6),
    )
    if worst is None:
        return result
    result.mistake = main.name if main else next((t.mistake for t in tests if t.mistake), "")
    says = main.says if main else next((t.diagnosis for t in tests if t.diagnosis), "")
    result.diagnosis = says or f"{worst.title}: {worst.message.removesuffix('.')}."
    return result


def _status(total: Fraction, points: int, tests: list[TestResult]) -> Status:
    states = {test.status for test in tests}
    for ending in ("infra", "timeout", "memory"):
        if ending in states:
            return ending  # type: ignore[return-value]
    if total == points:
        return "pass"
    if total > 0:
        return "partial"
    return "error" if states <= {"error", "skipped"} else "fail"


_UNWRITTEN = {
    "stub": "The function is still the stub.",
    "not callable": "The name stands for something that is no function.",
}


def not_played(player: Player, status: Status, says: str, next_step: str = "") -> ExerciseResult:
    """The result of an exercise of which no test was run, for the reason given."""
    grader = player.grader
    tests = [
        TestResult(
            id=test.name,
            part=test.part.name,
            title=test.title,
            visibility=test.visibility,
            points=float(Fraction(test.part.points, sum(o.part is test.part for o in grader.tests))),
            score=0.0,
            status=status,
            axiom=test.axiom,
            message=says,
        )
        for test in grader.tests
    ]
    return ExerciseResult(
        name=grader.exercise,
        score=0.0,
        max_score=float(grader.points),
        status=status,
        diagnosis=says,
        next_step=next_step,
        tests=tests,
    )
