"""What goes on behind `autograder learn`: keys, saved files and a judge, each in a thread, one queue of events."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Lesson
from autograder.records import Record

_LIMIT_S = 600.0
_LOST = "The check ended without an answer ({why}). Save once more to try again."


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        kind: ``key``, ``saved``, ``ready``, ``checked`` or ``trouble``.
        value: the key, the record or a sentence.
        suite: which checks ``ready``, ``checked`` and ``trouble`` are about.
    """

    kind: str
    value: Any = None
    suite: str = "public"


Events = queue.SimpleQueue  # of Event


class Coach:
    """Checks one notebook in the background, each time it is asked; of several requests the last counts.

    The judge, and torch with it, loads in a process of its own while the learner reads.
    """

    def __init__(self, lesson: Lesson, notebook: Path, events: Events, suite: str = "public"):
        self._lesson, self._notebook, self._events, self._suite = lesson, notebook, events, suite
        self._wanted = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Ask for a check of the notebook as it is now."""
        self._wanted.set()

    def close(self) -> None:
        """Stop; a judge that is at work is ended."""
        self._ended = True
        self._wanted.set()
        self._thread.join(timeout=10)

    def _tell(self, kind: str, value: Any = None) -> None:
        self._events.put(Event(kind, value, self._suite))

    def _run(self) -> None:
        from autograder.judge.client import JudgeLost, JudgeNotStarted, JudgeProcess

        judge: JudgeProcess | None = None
        with tempfile.TemporaryFile() as errors:  # a library's warning must not land on the screen
            try:
                while not self._ended:
                    try:
                        if judge is None:
                            judge = JudgeProcess(
                                self._lesson.root, self._lesson.slug, suite=self._suite, errors=errors
                            )
                            self._tell("ready")
                        self._wanted.wait()
                        self._wanted.clear()
                        if not self._ended:
                            self._tell("checked", self._record(judge))
                    except JudgeNotStarted as error:
                        self._tell("trouble", f"{str(error)[:1].upper()}{str(error)[1:]}")
                        return
                    except JudgeLost as lost:
                        if judge is not None:
                            judge.close(kill=True)
                        judge = None
                        self._tell("trouble", _LOST.format(why=lost))
            finally:
                if judge is not None:
                    judge.close(kill=True)

    def _record(self, judge: Any) -> Record:
        path = str(self._notebook)
        return judge.grade({"task": 0, "student": self._notebook.name, "path": path, "shown": path}, _LIMIT_S)


def listen_to_keys(read: Callable[[], str], events: Events) -> threading.Thread:
    """Put each key (or line) that ``read`` gives into the queue; ends with ``q`` and at the end of the input."""

    def listen() -> None:
        key = ""
        while key != "q":
            try:
                key = read()
            except (KeyboardInterrupt, EOFError, OSError):
                key = "q"
            events.put(Event("key", key))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread


def watch_file(path: Path, events: Events, stop: threading.Event) -> threading.Thread:
    """Put an event into the queue each time ``path`` was saved, however its editor saves."""

    def watch() -> None:
        from watchfiles import watch as changes

        def ours(_: Any, name: str) -> bool:
            return Path(name).name == path.name

        for _ in changes(
            path.parent, watch_filter=ours, stop_event=stop, recursive=False, raise_interrupt=False
        ):
            if path.is_file():
                events.put(Event("saved"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
