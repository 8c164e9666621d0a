"""What a self-learner has done: one plain JSON file, ``work/progress.json``, that a person can read and repair."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from autograder.records.store import write_atomically

FILE = "progress.json"
SCHEMA = 1

_NOT_READ = (
    "{path} cannot be read ({why}). Repair it, or move it away to begin anew; nothing in it was changed."
)
_OTHER = "it is of another form than this version writes"


class ProgressUnreadable(Exception):
    """The file is there and is not what this version writes; the sentence says what to do."""


@dataclass
class Done:
    """How far one exercise is.

    Attributes:
        passing, checks: public checks that passed when it was checked last, and how many there are.
        tries: how often it was checked with something written in it.
        hints: the last hint that was asked for, 0 to 3.
        passed: the day on which all checks passed for the first time, as in ``2027-01-31``; else "".
    """

    passing: int = 0
    checks: int = 0
    tries: int = 0
    hints: int = 0
    passed: str = ""


class Progress:
    """The progress file of one course, read when made and written by :meth:`save`.

    Raises:
        ProgressUnreadable: the file is broken; it stays as it is.
    """

    def __init__(self, work: Path):
        self.path = work / FILE
        tree = _read(self.path)
        try:
            self._done = {
                lesson: {name: Done(**one) for name, one in exercises.items()}
                for lesson, exercises in tree["lessons"].items()
            }
            self.flashcards: dict[str, dict[str, Any]] = dict(tree["flashcards"])
        except (KeyError, TypeError, AttributeError):
            raise ProgressUnreadable(_NOT_READ.format(path=self.path, why=_OTHER)) from None

    def of(self, lesson: str, exercise: str) -> Done:
        """How far an exercise is; to be changed in place."""
        return self._done.setdefault(lesson, {}).setdefault(exercise, Done())

    def checked(self, lesson: str, exercise: str, passing: int, checks: int) -> bool:
        """Note what a check found. True when all passed for the first time."""
        done = self.of(lesson, exercise)
        done.passing, done.checks, done.tries = passing, checks, done.tries + 1
        first = passing == checks > 0 and not done.passed
        if first:
            done.passed = date.today().isoformat()
        return first

    def count(self, lesson: str, exercises: list[str]) -> int:
        """How many of the exercises have passed."""
        return sum(bool(self.of(lesson, name).passed) for name in exercises)

    def save(self) -> None:
        """Write the file, whole or not at all."""
        lessons = {
            lesson: {name: vars(done) for name, done in sorted(exercises.items()) if done != Done()}
            for lesson, exercises in sorted(self._done.items())
        }
        tree = {
            "schema": SCHEMA,
            "lessons": {lesson: found for lesson, found in lessons.items() if found},
            "flashcards": self.flashcards,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, (json.dumps(tree, indent=1, ensure_ascii=False) + "\n").encode())


def _read(path: Path) -> dict[str, Any]:
    empty: dict[str, Any] = {"schema": SCHEMA, "lessons": {}, "flashcards": {}}
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return empty
    except (OSError, ValueError) as error:
        raise ProgressUnreadable(_NOT_READ.format(path=path, why=error)) from None
    if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
        raise ProgressUnreadable(_NOT_READ.format(path=path, why=_OTHER))
    return empty | tree
