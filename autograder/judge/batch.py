"""Grading many submissions on the cores of one machine, each judge in a process of its own."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import load_course
from autograder.judge.client import JudgeLost, JudgeNotStarted, JudgeProcess
from autograder.judge.reuse import Todo
from autograder.records import ExerciseResult, Record, SubmissionInfo, record_path, write_record
from autograder.submissions import Submission

_TRIES = 2
"""How often a submission is graded when the infrastructure, not the student, fails."""

_NOT_GRADED = "could not be graded, through no fault of its own ({why}). It costs no points; grade it again."
_NOTE = "This notebook could not be graded, through no fault of its own. It costs no points."
_ENDED = "the judge ended"


class BatchError(RuntimeError):
    """No submission can be graded; the sentence says why."""


@dataclass
class Graded:
    """One finished submission.

    Attributes:
        submission: of one student.
        record: of it, written where a folder was given.
        problem: where the infrastructure failed, a sentence on the reason.
        regraded: the exercises that were graded, where results of others still held; else None.
    """

    submission: Submission
    record: Record
    problem: str = ""
    regraded: list[str] | None = None


@dataclass
class _Task:
    number: int
    todo: Todo
    tries: int = 0
    message: dict[str, Any] = field(default_factory=dict)


class Batch:
    """A class of submissions of one lesson, graded by ``jobs`` judges.

    Iterate to get each :class:`Graded` as it is finished; ``isolation`` is known from the first one on.
    Only this process writes records, so a judge that was killed, or outlives it for a moment, spoils none.

    Args:
        root: the course's folder.
        lesson: slug of the lesson.
        submissions: to grade; as :class:`Todo` where an earlier record lies there.
        out: folder of records; None writes none.
        jobs: judges at a time; None is one per core.
        isolation: ``best``, ``strict`` or ``plain``.
        suite: ``hidden`` or ``public``.

    Raises:
        BatchError: while iterating, when no judge starts.
        OSError: while iterating, when a record cannot be written. Those yielded before are on the disk.
    """

    def __init__(
        self,
        root: Path,
        lesson: str,
        submissions: Sequence[Submission | Todo],
        out: Path | None,
        jobs: int | None = None,
        isolation: str = "best",
        suite: str = "hidden",
    ):
        self._suite = suite
        self.root, self.lesson, self.out, self.asked = root, lesson, out, isolation
        self.isolation: list[str] = []
        self.notice = ""
        self._started, self._failure = False, ""
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        for number, one in enumerate(submissions):
            todo = one if isinstance(one, Todo) else Todo(one)
            self._tasks.put(_Task(number, todo, message=self._message(number, todo)))
        self._count = len(submissions)
        self._jobs = max(1, min(jobs or os.cpu_count() or 1, self._count))
        self._done: queue.SimpleQueue[Graded | BaseException | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Graded]:
        try:
            yield from self._rounds()
        finally:
            while self._next() is not None:  # whoever asked has gone: judges end after what they are at
                pass

    def _rounds(self) -> Iterator[Graded]:
        yield from self._round(self._jobs)
        if self._started and not self._tasks.empty():
            # a judge that did not start has put its task back when the others had ended
            yield from self._round(1)
        while (task := self._next()) is not None:
            if not self._started:
                raise BatchError(self._failure)
            yield self._finished(task, self._not_graded(task, self._failure))

    def _round(self, judges: int) -> Iterator[Graded]:
        for _ in range(judges):
            threading.Thread(target=self._run, daemon=True).start()
        running = judges
        while running:
            item = self._done.get()
            if isinstance(item, Graded):
                yield item
            elif isinstance(item, BaseException):
                raise item
            else:
                running -= 1

    def _message(self, number: int, todo: Todo) -> dict[str, Any]:
        submission = todo.submission
        return {
            "task": number,
            "student": submission.folder,
            "path": str(submission.path.resolve()),
            "shown": submission.shown,
            "notes": list(submission.notes),
            "kept": msgspec.to_builtins(todo.kept),
        }

    def _next(self) -> _Task | None:
        try:
            return self._tasks.get_nowait()
        except queue.Empty:
            return None

    def _run(self) -> None:
        """One judge after the other, until no task is left or none starts any more."""
        judge: JudgeProcess | None = None
        try:
            while (task := self._next()) is not None:
                try:
                    judge = judge or self._start()
                except BatchError as error:
                    self._failure = str(error)
                    self._tasks.put(task)
                    break
                task.tries += 1
                graded = self._grade(judge, task)
                if graded.problem:  # this judge is not to be trusted with another one
                    judge.close()
                    judge = None
                if graded.problem and task.tries < _TRIES:
                    self._tasks.put(task)
                else:
                    self._done.put(self._finished(task, graded))
        except BaseException as error:
            self._done.put(error)
        finally:
            if judge is not None:
                judge.close()
            self._done.put(None)

    def _start(self) -> JudgeProcess:
        try:
            judge = JudgeProcess(self.root, self.lesson, self.asked, self._suite)
        except JudgeNotStarted as error:
            raise BatchError(str(error)) from None
        self._started, self.isolation, self.notice = True, judge.isolation, judge.notice
        return judge

    def _grade(self, judge: JudgeProcess, task: _Task) -> Graded:
        try:
            record = judge.grade(task.message)
        except JudgeLost as lost:
            return self._not_graded(task, str(lost))
        problem = ""
        if record.status == "infra":
            why = next((e.diagnosis for e in record.exercises if e.status == "infra"), "")
            problem = _NOT_GRADED.format(why=why.rstrip(".") or _ENDED)
        return Graded(task.todo.submission, record, problem)

    def _finished(self, task: _Task, graded: Graded) -> Graded:
        """Its record on the disk; one that holds already stays when grading it again has failed."""
        todo = task.todo
        if graded.problem and todo.holds and todo.before is not None:
            graded.record = todo.before
        elif self.out is not None:
            write_record(graded.record, record_path(self.out, todo.submission.folder, self.lesson))
        if todo.kept and not graded.problem:
            held = {result.name for result in todo.kept}
            graded.regraded = [result.name for result in graded.record.exercises if result.name not in held]
        return graded

    def _not_graded(self, task: _Task, why: str) -> Graded:
        """A record that says so, also where an older one lies: nobody may take that for today's."""
        problem = _NOT_GRADED.format(why=why.rstrip("."))
        submission = task.todo.submission
        lesson = load_course(self.root).find_lesson(self.lesson)
        record = Record(
            lesson=lesson.slug,
            student=submission.folder,
            submission=SubmissionInfo(path=submission.shown, sha256=submission.sha256),
            score=0.0,
            max_score=float(lesson.max_score),
            manual_max=float(lesson.manual_max),
            status="infra",
            duration_s=0.0,
            grader_version="",
            seed_fingerprint="",
            isolation=self.isolation,
            notes=[*submission.notes, _NOTE],
            exercises=[
                ExerciseResult(name=e.name, score=0.0, max_score=float(e.points), status="infra")
                for e in lesson.exercises
            ],
        )
        return Graded(submission, record, problem)
