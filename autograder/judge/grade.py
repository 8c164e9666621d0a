"""Grading one submission of one lesson: whatever the file holds, a record comes out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from autograder.course import Lesson
from autograder.judge.absent import why_absent
from autograder.judge.exercise import NEXT_STEPS, grade_exercise, not_played
from autograder.judge.keys import LessonKeys, lesson_keys
from autograder.judge.player import Player
from autograder.judge.quiz import mark
from autograder.judge.remote import Batch, Loaded, Worker
from autograder.judge.suite import Suite
from autograder.records import AnswerResult, ExerciseResult, ManualItem, Record, Status, SubmissionInfo
from autograder.submissions import (
    Answer,
    Notebook,
    UnreadableNotebook,
    read_answers,
    read_notebook,
    read_reflection,
    student_cells,
)
from autograder.worker import Limits, Session, WorkerDied, Zygote
from coursekit.checks.student import Ended

_FAILED_CELLS = "Cell {cell}, line {line}: {error}: {text}"
_FORBIDDEN = "Not graded: {breach}."
_OTHER_LESSON = "The notebook says that it belongs to {said}; it was graded as {lesson}."
_SHOWN_FAILURES = 5
NOTHING: Mapping[str, ExerciseResult] = MappingProxyType({})
_CALL_S = 2.0
_CALL_FACTOR = 20.0


@dataclass
class Bench:
    """Everything that is made once for a lesson and used for each of its submissions."""

    lesson: Lesson
    suite: Suite
    players: dict[str, Player]
    release: Notebook
    stubs: dict[str, str]
    keys: LessonKeys

    @classmethod
    def of(cls, lesson: Lesson, suite: Suite, keys: LessonKeys | None = None) -> Bench:
        """Compute every expected value by grading the reference; raises GraderError when it fails.

        ``keys``: what the results will depend on, where that was read before the suite was.
        """
        keys = keys or lesson_keys(lesson, suite.seed)
        return cls(
            lesson,
            suite,
            {name: Player(grader, suite.seed, keys.waits) for name, grader in suite.graders.items()},
            read_notebook(lesson.release_notebook),
            {exercise.name: exercise.stub_source() for exercise in lesson.exercises},
            keys,
        )


def grade(
    bench: Bench,
    zygote: Zygote,
    student: str,
    path: str,
    data: bytes | str,
    limits: Limits = Limits(),
    kept: Mapping[str, ExerciseResult] = NOTHING,
    found: Sequence[str] = (),
) -> Record:
    """The record of one submission.

    Args:
        bench: of the lesson.
        zygote: a started zygote.
        student, path: as the record shall name them.
        data: the file's bytes, or a sentence that says why they could not be read.
        limits: of the worker.
        kept: results of exercises that need no second look, by name.
        found: sentences about where the file was found; they come first in the record's notes.
    """
    start = time.monotonic()
    raw = data if isinstance(data, bytes) else b""
    record = Record(
        lesson=bench.lesson.slug,
        student=student,
        submission=SubmissionInfo(path=path, sha256=hashlib.sha256(raw).hexdigest()),
        score=0.0,
        max_score=float(bench.suite.points + sum(question.points for question in bench.lesson.questions)),
        manual_max=float(bench.lesson.manual_max),
        status="error",
        duration_s=0.0,
        grader_version=bench.keys.version,
        seed_fingerprint=bench.keys.seed_fingerprint,
        isolation=zygote.standing,
        notes=list(found),
        key=bench.keys.of_record(zygote.standing, found),
    )
    limits = _for_all(bench, limits)
    session = _begin(zygote, limits)  # it forks while the file is read here
    try:
        if isinstance(data, str):
            raise UnreadableNotebook(data)
        notebook = read_notebook(data)
    except UnreadableNotebook as error:
        record.notes.append(str(error))
        notebook = None
        if session is not None:
            session.close()
    if notebook is None:
        record.exercises = [grade_exercise(player, None, "absent") for player in bench.players.values()]
        answers = {q.id: Answer("missing") for q in bench.lesson.questions}
        record.manual = _manual(bench, None)
    else:
        record.notes += notebook.notes
        if notebook.lesson and notebook.lesson != bench.lesson.slug:
            record.notes.append(_OTHER_LESSON.format(said=notebook.lesson[:80], lesson=bench.lesson.slug))
        record.exercises = _exercises(bench, zygote, session, notebook, limits, record.notes, kept)
        answers = read_answers(notebook, [q.id for q in bench.lesson.questions])
        record.manual = _manual(bench, notebook)
    _add_notices(bench, record.exercises)
    for result in record.exercises:
        infra = result.status == "infra"
        result.key = "" if infra else bench.keys.of_exercise(result.name, record.isolation)
    record.quiz = [mark(question, answers[question.id]) for question in bench.lesson.questions]
    _total(record, readable=notebook is not None)
    record.duration_s = round(time.monotonic() - start, 4)
    return record


def _begin(zygote: Zygote, limits: Limits) -> Session | None:
    """A fresh session, or None where there is none to be had: who needs it asks again and hears why."""
    try:
        return zygote.session(limits)
    except (WorkerDied, RuntimeError, OSError):
        return None


def _exercises(
    bench: Bench,
    zygote: Zygote,
    session: Session | None,
    notebook: Notebook,
    limits: Limits,
    notes: list[str],
    kept: Mapping[str, ExerciseResult],
) -> list[ExerciseResult]:
    cells = [{"index": cell.number, "source": cell.source} for cell in student_cells(notebook, bench.release)]
    prose = [(cell.number, cell.source) for cell in notebook.cells if cell.kind != "code"]
    worker: Worker | None = None
    try:
        forbidden = {
            name: list(player.grader.forbidden.names)
            for name, player in bench.players.items()
            if player.grader.forbidden is not None
        }
        worker = Worker(zygote, cells, bench.stubs, limits, forbidden, session=session)
        notes += _load_notes(worker.loaded)
        asked = {name: player for name, player in bench.players.items() if name not in kept}
        filled = [p for name, p in asked.items() if worker.loaded.defined.get(name) == "filled"]
        worker.plan([Batch(player.usual_calls, call_wall_s(player)) for player in filled])
        return [
            _exercise(player, worker, _why_absent(player, bench, cells, worker, prose))
            if name in asked
            else kept[name]
            for name, player in bench.players.items()
        ]
    except Ended as ended:
        return [not_played(player, "infra", str(ended)) for player in bench.players.values()]
    finally:
        if worker is not None:
            worker.close()


def _why_absent(
    player: Player,
    bench: Bench,
    cells: list[dict[str, Any]],
    worker: Worker,
    prose: list[tuple[int, str]],
) -> tuple[str, str]:
    return why_absent(player.grader.exercise, bench.players, cells, worker.loaded.failed, prose)


def _exercise(player: Player, worker: Worker, absent: tuple[str, str]) -> ExerciseResult:
    state = worker.loaded.defined.get(player.grader.exercise, "absent")
    breach = worker.loaded.forbidden.get(player.grader.exercise)
    if breach is not None and state == "filled":
        return not_played(player, "fail", _FORBIDDEN.format(breach=breach), NEXT_STEPS["forbidden"])
    worker.wall_s = call_wall_s(player)
    worker.gives_tensors = player.gives_tensors
    return grade_exercise(player, worker if state == "filled" else None, state, absent)


def _add_notices(bench: Bench, results: list[ExerciseResult]) -> None:
    """What a lesson says beside every result of an exercise."""
    for result in results:
        notice = bench.lesson.exercise(result.name).notice
        result.notes = [notice] if notice else []


def _for_all(bench: Bench, limits: Limits) -> Limits:
    """The limits of a session, which serves all exercises: the most memory that any of them declares."""
    declared = [p.grader.limits.memory_mb for p in bench.players.values() if p.grader.limits]
    return replace(limits, memory_mb=max([limits.memory_mb, *(mb for mb in declared if mb)]))


def call_wall_s(player: Player) -> float:
    """Seconds that one call of an exercise may take: declared, or far more than the reference takes."""
    declared = player.grader.limits
    return (declared and declared.wall_s) or max(_CALL_S, _CALL_FACTOR * player.reference_s)


def _load_notes(loaded: Loaded) -> list[str]:
    notes = list(loaded.notes)
    for failed in loaded.failed[:_SHOWN_FAILURES]:
        where = {key: str(failed.get(key, "?"))[:300] for key in ("cell", "line", "error", "text")}
        notes.append(_FAILED_CELLS.format(**where))
    if len(loaded.failed) > _SHOWN_FAILURES:
        notes.append(
            f"{len(loaded.failed) - _SHOWN_FAILURES} more statements failed when the cells were run."
        )
    return notes


def _manual(bench: Bench, notebook: Notebook | None) -> list[ManualItem]:
    reflection = bench.lesson.reflection
    if reflection is None:
        return []
    text = read_reflection(notebook, bench.release, "reflection") if notebook is not None else ""
    return [
        ManualItem(
            id="reflection",
            title="Reflection",
            max_score=float(reflection.points),
            text=text,
            rubric=[f"{criterion.points}: {criterion.text}" for criterion in reflection.rubric],
            status="ungraded" if text else "missing",
        )
    ]


def _total(record: Record, readable: bool) -> None:
    def exact(value: float) -> Fraction:
        return Fraction(value).limit_denominator(10_000)

    score = sum((exact(item.score) for item in [*record.exercises, *record.quiz]), Fraction(0))
    record.score = float(score)
    record.status = (
        _status(record.exercises, record.quiz, score, exact(record.max_score)) if readable else "error"
    )


def _status(
    exercises: list[ExerciseResult], quiz: list[AnswerResult], score: Fraction, maximum: Fraction
) -> Status:
    if any(exercise.status == "infra" for exercise in exercises):
        return "infra"
    if score == maximum:
        return "pass"
    if score > 0:
        return "partial"
    return "missing" if all(item.status == "missing" for item in [*exercises, *quiz]) else "fail"
