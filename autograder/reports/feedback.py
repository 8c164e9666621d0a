"""The page that one student gets back: a pure function of what the student may see of the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.records import (
    AnswerResult,
    ExerciseResult,
    ManualItem,
    Record,
    Status,
    TestResult,
    counted,
    view,
)
from autograder.records.view import When
from autograder.reports import words
from autograder.reports.facts import CourseFacts, LessonFacts
from autograder.reports.pages import render
from autograder.reports.picture import Drawn, draw
from autograder.reports.ruler import Ruler, measures, ruler

MOST_TESTS = 200
MOST_NOTES = 40

# How the comparison opens the sentence that the ruler draws: said once is enough
_DRAWN = "largest error "


@dataclass(frozen=True)
class ShownTest:
    """One test as the page shows it; texts that the exercise already says are left out."""

    test: TestResult
    status: Status
    ruler: Ruler | None
    measures: list[str]
    picture: Drawn | None
    says: str
    message: str
    exception: str
    folded: bool
    """Its numbers stand on one line: an earlier test of the exercise shows the like in full."""

    @property
    def quiet(self) -> bool:
        """Nothing went wrong in this test itself."""
        return self.status in ("pass", "skipped", "missing")


@dataclass(frozen=True)
class ShownPart:
    """The tests of one idea, with the points that it carries."""

    name: str
    score: float
    max_score: float
    tests: list[ShownTest]


@dataclass(frozen=True)
class ShownExercise:
    """One exercise with its place on the page."""

    anchor: str
    title: str
    result: ExerciseResult
    why: str
    set_points: str
    next_step: str
    parts: list[ShownPart]
    more: int
    excused: int
    folded: str
    """What stands for the tests until they are opened; empty where they are shown at once."""


@dataclass(frozen=True)
class Row:
    """One line of the table at the top."""

    anchor: str
    title: str
    status: Status
    score: float | None
    max_score: float
    why: str


@dataclass(frozen=True)
class Marks:
    """Points given by people: ``score`` is None while something still waits."""

    score: float | None
    max_score: float


def feedback_html(record: Record, when: When = "before_due", facts: CourseFacts | None = None) -> str:
    """The feedback page of one record: self-contained HTML, nothing in it that the student may not see.

    ``when`` says whether the due date has passed (then expected pictures and the explanations of the
    concept questions are shown).
    """
    seen = view(record, "student", when)
    lesson = (facts or CourseFacts()).lesson(record.lesson)
    exercises = [_exercise(i, e, lesson) for i, e in enumerate(seen.exercises, 1)]
    anchors = {id(shown.result): shown for shown in exercises}
    readable = words.readable(seen)
    steps = _steps(seen, anchors) if readable else []
    return render(
        "feedback.html",
        record=seen,
        course=(facts or CourseFacts()).title,
        lesson=lesson,
        lead=words.lead(seen),
        share=words.share(seen.score, seen.max_score),
        rows=_rows(exercises, seen) if readable else [],
        readable=readable,
        exercises=exercises,
        steps=steps,
        marks=marks(seen),
        counts=counted(seen),
        quiz_score=sum(a.score for a in seen.quiz),
        quiz_max=sum(a.max_score for a in seen.quiz),
        notes=seen.notes[:MOST_NOTES],
        more_notes=max(0, len(seen.notes) - MOST_NOTES),
        seen_statuses=[s for s in words.STATUSES if s in _statuses(seen, readable)],
    )


def _steps(record: Record, anchors: dict[int, ShownExercise]) -> list[tuple[ShownExercise, str]]:
    """What to do next; a mistake that is made twice is explained once."""
    told: dict[str, str] = {}
    steps = []
    for result, step in words.next_steps(record):
        shown = anchors[id(result)]
        if result.mistake and shown.why in told:
            step = f"This is the same mistake as in {told[shown.why]}."
        elif result.mistake and shown.why:
            told[shown.why] = shown.title
            step = f"{shown.why} {step}"
        steps.append((shown, step))
    return steps


def marks(record: Record) -> Marks:
    """The points that people gave, once they have given all."""
    given = [item.score for item in record.manual]
    total = sum(s for s in given if s is not None) if given and None not in given else None
    return Marks(total, record.manual_max)


def quiz_status(answers: Iterable[AnswerResult]) -> Status:
    """One status for all concept questions together."""
    found = [a.status for a in answers]
    if len(set(found)) == 1:
        return found[0]
    return "partial" if any(s in ("pass", "partial") for s in found) else "fail"


def _rows(exercises: list[ShownExercise], record: Record) -> list[Row]:
    rows = [
        Row(e.anchor, e.title, e.result.status, e.result.score, e.result.max_score, e.why) for e in exercises
    ]
    if record.quiz:
        right = sum(a.status == "pass" for a in record.quiz)
        said = "" if right == len(record.quiz) else f"{right} of {len(record.quiz)} answered rightly."
        score, most = sum(a.score for a in record.quiz), sum(a.max_score for a in record.quiz)
        rows.append(Row("questions", "Concept questions", quiz_status(record.quiz), score, most, said))
    for index, item in enumerate(record.manual, 1):
        rows.append(Row(f"manual-{index}", item.title, item.status, item.score, item.max_score, _waits(item)))
    return rows


def _waits(item: ManualItem) -> str:
    return "A person marks this." if item.score is None else ""


def _exercise(index: int, result: ExerciseResult, lesson: LessonFacts) -> ShownExercise:
    why = words.why(result)
    told = {why, result.diagnosis}
    tests: list[ShownTest] = []
    for test in result.tests[:MOST_TESTS]:
        seen_one = any(s.ruler or s.picture for s in tests if s.status != "pass")
        tests.append(_test(test, told, fold=seen_one or test.excused))
    return ShownExercise(
        anchor=f"exercise-{index}",
        title=lesson.exercise(result.name),
        result=result,
        why=why,
        set_points=words.set_points(result),
        next_step=words.next_step(result),
        parts=_parts(tests),
        more=max(0, len(result.tests) - MOST_TESTS),
        excused=sum(t.excused for t in result.tests),
        folded=_folded(result),
    )


def _folded(result: ExerciseResult) -> str:
    count = words.counted(len(result.tests), "test")
    if result.tests and all(t.status == "pass" for t in result.tests):
        return f"{count} passed"
    if result.tests and all(t.status in ("missing", "skipped", "infra") for t in result.tests):
        return f"{count} not run"
    return ""


def _parts(tests: list[ShownTest]) -> list[ShownPart]:
    grouped: dict[str, list[ShownTest]] = {}
    for shown in tests:
        grouped.setdefault(shown.test.part, []).append(shown)
    return [
        ShownPart(name, sum(s.test.score for s in group), sum(s.test.points for s in group), group)
        for name, group in grouped.items()
    ]


def _test(test: TestResult, told: set[str], fold: bool) -> ShownTest:
    """Show one test; ``told`` holds the sentences that the reader has seen, and grows."""

    def once(sentence: str) -> str:
        if sentence in told or test.status == "pass":
            return ""
        told.add(sentence)
        return sentence

    drawn = ruler(test)
    message = "" if drawn and test.message.startswith(_DRAWN) else test.message
    return ShownTest(
        test=test,
        status=test.status,
        ruler=drawn,
        measures=measures(test) if test.status != "pass" else [],
        picture=draw(test.picture) if test.picture is not None and test.status != "pass" else None,
        says=once(test.diagnosis),
        message=once(message),
        exception=once(test.exception),
        folded=fold and test.status != "pass" and (drawn is not None or test.picture is not None),
    )


def _statuses(record: Record, readable: bool) -> set[str]:
    if not readable:
        return {record.status}
    found = {record.status, *(a.status for a in record.quiz), *(m.status for m in record.manual)}
    for exercise in record.exercises:
        found |= {exercise.status, *(t.status for t in exercise.tests)}
    return found
