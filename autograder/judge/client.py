"""One judge in a process of its own, asked from outside: a line of JSON in, a line with a record out."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import msgspec

from autograder.records import Record

_START_FAILED = "the judge could not start: {why}"
_ENDED = "the judge ended"
_CUT = "the judge ended in the middle of its answer"
_SILENT = "the judge gave no answer within {limit:.0f} seconds"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class JudgeNotStarted(RuntimeError):
    """No judge can be started for this lesson; the sentence says why."""


class JudgeLost(Exception):
    """The judge's process ended, or fell silent, without an answer. It is of no use any more: close it."""


class JudgeProcess:
    """A judge of one lesson. It answers in the order in which it is asked; questions may be sent ahead.

    Args:
        root: the course's folder.
        lesson: slug of the lesson.
        isolation: ``best``, ``strict`` or ``plain``.
        suite: ``hidden`` or ``public``.
        start_s: how long the start may take; None is for ever.
        errors: a file for what the judge writes to standard error; None leaves it where ours goes.

    Raises:
        JudgeNotStarted: with the judge's own sentence.
    """

    def __init__(
        self,
        root: Path,
        lesson: str,
        isolation: str = "best",
        suite: str = "hidden",
        start_s: float | None = None,
        errors: IO[bytes] | None = None,
    ):
        root = Path(root).resolve()
        command = [sys.executable, "-m", "autograder.judge.process", "--root", str(root)]
        command += ["--lesson", lesson, "--isolation", isolation, "--suite", suite]
        command += ["--parent", str(os.getpid())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=root,  # whoever asks may be in a folder that is soon gone
            env=_environment(),
            text=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            hello = self._read(start_s)
        except JudgeLost as lost:
            code = self._process.poll()
            hello = {"failed": str(lost) if code is None else f"its process ended with exit code {code}"}
        if "failed" in hello:
            self.close()
            raise JudgeNotStarted(_START_FAILED.format(why=hello["failed"]))
        self.isolation: list[str] = hello["isolation"]
        self.notice: str = hello["notice"]

    def ask(self, task: dict[str, Any]) -> None:
        """Send one task: ``task`` (a number), ``student``, ``path``, ``shown``, ``notes``; ``kept``
        (results of exercises that are not graded again) where there are some."""
        try:
            self._process.stdin.write(json.dumps(task) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except (BrokenPipeError, ValueError):
            raise JudgeLost(_ENDED) from None

    def answer(self, limit_s: float | None = None) -> Record:
        """The record of the oldest task without an answer."""
        reply = self._read(limit_s)
        if "failed" in reply:
            raise JudgeLost(reply["failed"])
        return msgspec.json.decode(reply["record"], type=Record)

    def grade(self, task: dict[str, Any], limit_s: float | None = None) -> Record:
        """Ask, and wait for the answer."""
        self.ask(task)
        return self.answer(limit_s)

    def close(self, kill: bool = False) -> None:
        """End it: after the task it is at, or, with ``kill``, at once."""
        if kill or (self._process.poll() is None and not hasattr(self, "isolation")):
            self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError), self._process.stdout as lines:  # type: ignore[union-attr]
            for line in lines:
                self._lines.put(line)
        self._lines.put("")

    def _read(self, limit_s: float | None) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            raise JudgeLost(_SILENT.format(limit=limit_s)) from None
        if not line:
            self._lines.put("")  # whoever asks again hears the same
            self._process.wait()
            raise JudgeLost(_ENDED)
        try:
            return json.loads(line)
        except ValueError:
            raise JudgeLost(_CUT) from None


def _environment() -> dict[str, str]:
    """Our own, with one thread, and the seed's file named so that it is found from another folder too."""
    environment = {**os.environ, **_ONE_THREAD}
    seed = environment.get("AUTOGRADER_SEED_FILE")
    if seed:
        environment["AUTOGRADER_SEED_FILE"] = os.path.abspath(seed)
    return environment
