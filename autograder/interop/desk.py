"""Where a route hands in bytes and gets records: one warm judge in another process, started when first needed.

A desk never raises for what a student handed in. It raises :class:`NoRecord` when the machine, not the
student, is at fault.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from pathlib import Path

from autograder.judge.client import JudgeLost, JudgeNotStarted, JudgeProcess
from autograder.records import Record

START_S = 180.0
ANSWER_S = 900.0
"""How long one answer may take: far more than the limits inside the judge allow a submission."""
IDLE_S = 60.0
"""After so long without a question the judge is let go: a notebook server may live for months."""
_TRIES = 2


class NoRecord(Exception):
    """A submission could not be judged, through no fault of its own; the sentence says why."""


class Desk:
    """The judge of one lesson, kept while it is used."""

    def __init__(self, root: Path, lesson: str, isolation: str = "best"):
        self._root, self._lesson, self._isolation = root, lesson, isolation
        self._judge: JudgeProcess | None = None
        self._asked: deque[tuple[str, str]] = deque()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._end: weakref.finalize | None = None

    def ask_ahead(self, student: str, path: Path) -> None:
        """Let the judge begin; :meth:`record` with the same arguments waits for its answer."""
        with self._lock:
            self._rest(False)
            if (student, str(path)) not in self._asked:
                self._ask(student, path)

    def record(self, student: str, path: Path, handed_in: str = "") -> Record:
        """The record of one file. A judge that is lost is started again once.

        ``handed_in`` is a moment in ISO 8601, where the route knows better than ``timestamp.txt`` beside the file.

        Raises:
            NoRecord: there is none to be had.
        """
        with self._lock:
            self._rest(False)
            try:
                return self._record(student, path, handed_in)
            finally:
                self._rest(True)

    def close(self) -> None:
        """Let the judge go; the next question starts another."""
        with self._lock:
            self._rest(False)
            self._close()

    def _record(self, student: str, path: Path, handed_in: str) -> Record:
        why = ""
        for _ in range(_TRIES):
            try:
                self._ask_once(student, path, handed_in)
                record = self._answer(student, path)
            except (JudgeLost, JudgeNotStarted) as error:
                why = str(error)
                self._close(kill=True)
                continue
            if record.status != "infra":
                return record
            why = next((e.diagnosis for e in record.exercises if e.status == "infra"), "the judge failed")
            self._close()
        raise NoRecord(why)

    def _ask_once(self, student: str, path: Path, handed_in: str) -> None:
        if (student, str(path)) not in self._asked:
            self._start()
            self._ask(student, path, handed_in)

    def _answer(self, student: str, path: Path) -> Record:
        while True:
            if self._judge is None:
                raise JudgeLost("the judge is gone")
            record = self._judge.answer(ANSWER_S)
            if self._asked.popleft() == (student, str(path)):
                return record  # what was asked ahead and is not wanted any more is passed over

    def _ask(self, student: str, path: Path, handed_in: str = "") -> None:
        task = {"task": 0, "student": student, "path": str(path.absolute()), "shown": path.name}
        try:
            self._start()
            self._judge.ask({**task, "notes": [], "out": None, "handed_in": handed_in})  # type: ignore[union-attr]
        except (JudgeLost, JudgeNotStarted):
            self._close(kill=True)
            return  # `record` tries again, and says why if it cannot
        self._asked.append((student, str(path)))

    def _start(self) -> None:
        if self._judge is None:
            self._judge = JudgeProcess(self._root, self._lesson, self._isolation, start_s=START_S)
            self._end = weakref.finalize(self, self._judge.close, kill=True)

    def _close(self, kill: bool = False) -> None:
        self._asked.clear()
        judge, self._judge = self._judge, None
        if judge is not None:
            if self._end is not None:
                self._end.detach()
            judge.close(kill)

    def _rest(self, begins: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if begins:
            this = weakref.ref(self)
            self._timer = threading.Timer(IDLE_S, _let_go, [this])
            self._timer.daemon = True
            self._timer.start()


def _let_go(reference: weakref.ref[Desk]) -> None:
    desk = reference()
    if desk is not None:
        desk.close()
