"""Grading many submissions on the cores of one machine, each judge in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from autograder.records import Record, record_path
from autograder.submissions import Submission

_TRIES = 2
"""How often a submission is graded when the infrastructure, not the student, fails."""

_START_FAILED = "the judge could not start: {why}"
_LOST = "the judge ended twice while grading this submission{why}; it was not graded. Grade it again."


class BatchError(RuntimeError):
    """No submission can be graded; the sentence says why."""


@dataclass
class Graded:
    """One finished submission: its record, or why there is none."""

    submission: Submission
    record: Record | None
    problem: str = ""


@dataclass
class _Task:
    number: int
    submission: Submission
    tries: int = 0
    message: dict[str, Any] = field(default_factory=dict)


class Batch:
    """A class of submissions of one lesson, graded by ``jobs`` judges.

    Iterate to get each :class:`Graded` as it is finished; ``isolation`` is known from the first one on.
    """

    def __init__(
        self,
        root: Path,
        lesson: str,
        submissions: list[Submission],
        out: Path | None,
        jobs: int | None = None,
        isolation: str = "best",
        suite: str = "hidden",
    ):
        self._suite = suite
        self.root, self.lesson, self.out, self.asked = root, lesson, out, isolation
        self.isolation: list[str] = []
        self.notice = ""
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        for number, submission in enumerate(submissions):
            self._tasks.put(_Task(number, submission, message=self._message(number, submission)))
        self._count = len(submissions)
        self._jobs = max(1, min(jobs or os.cpu_count() or 1, self._count))
        self._done: queue.SimpleQueue[Graded | BaseException | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Graded]:
        threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self._jobs)]
        for thread in threads:
            thread.start()
        running, left = len(threads), self._count
        while left:
            item = self._done.get()
            if isinstance(item, Graded):
                left -= 1
                yield item
            elif isinstance(item, BaseException):
                raise item
            else:
                running -= 1
                if not running and left:
                    raise BatchError(_START_FAILED.format(why="every judge has ended"))
        for thread in threads:
            thread.join()

    def _message(self, number: int, submission: Submission) -> dict[str, Any]:
        out = record_path(self.out, submission.folder, self.lesson) if self.out is not None else None
        return {
            "task": number,
            "student": submission.folder,
            "path": str(submission.path.resolve()),
            "shown": str(submission.path),
            "notes": list(submission.notes),
            "out": None if out is None else str(out.resolve()),
        }

    def _run(self) -> None:
        judge: _Judge | None = None
        try:
            while True:
                try:
                    task = self._tasks.get_nowait()
                except queue.Empty:
                    break
                task.tries += 1
                try:
                    judge = judge or _Judge(self.root, self.lesson, self.asked, self._suite)
                    self.isolation, self.notice = judge.isolation, judge.notice
                    record = judge.grade(task.message)
                except _JudgeLost as lost:
                    if judge is not None:
                        judge.close()
                    judge = None
                    if task.tries < _TRIES:
                        self._tasks.put(task)
                    else:
                        self._done.put(
                            Graded(task.submission, None, _LOST.format(why=f" ({lost})" if str(lost) else ""))
                        )
                    continue
                if record.status == "infra" and task.tries < _TRIES:
                    judge.close()
                    judge = None
                    self._tasks.put(task)
                    continue
                self._done.put(Graded(task.submission, record))
        except BaseException as error:
            self._done.put(error)
        finally:
            if judge is not None:
                judge.close()
            self._done.put(None)


class _JudgeLost(Exception):
    """The judge's process ended without an answer."""


class _Judge:
    """One judge process."""

    def __init__(self, root: Path, lesson: str, isolation: str, suite: str):
        command = [sys.executable, "-m", "autograder.judge.process", "--root", str(root)]
        command += ["--lesson", lesson, "--isolation", isolation, "--suite", suite]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        try:
            hello = self._read()
        except _JudgeLost:
            hello = {"failed": f"its process ended with exit code {self._process.returncode}"}
        if "failed" in hello:
            self.close()
            raise BatchError(_START_FAILED.format(why=hello["failed"]))
        self.isolation: list[str] = hello["isolation"]
        self.notice: str = hello["notice"]

    def grade(self, message: dict[str, Any]) -> Record:
        try:
            self._process.stdin.write(json.dumps(message) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            raise _JudgeLost from None
        reply = self._read()
        if "failed" in reply:
            raise _JudgeLost(reply["failed"])
        return msgspec.json.decode(reply["record"], type=Record)

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            self._process.wait()
            raise _JudgeLost
        return json.loads(line)

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()  # type: ignore[union-attr]
        self._process.wait()
