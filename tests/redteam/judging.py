"""A judge in this process with a real zygote, for many small gradings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.course import load_course
from autograder.judge.grade import Bench, grade
from autograder.judge.suite import load_suite
from autograder.worker import Zygote
from tests.redteam.course import LESSON, POINTS, TOKENS
from tests.redteam.grading import SENSITIVE, Place


class Judge:
    """Grades code of the first exercise and says what is wrong with what comes of it."""

    def __init__(self, place: Place, zygote: Zygote) -> None:
        lesson = load_course(place.course).find_lesson(LESSON)
        suite = load_suite(place.course, LESSON, list(POINTS), 23)
        self.place, self.zygote, self.bench = place, zygote, Bench.of(lesson, suite)

    def faults(self, code: str) -> list[str]:
        """What an attack has reached: points, something hidden, an end that nobody expects. Empty when nothing."""
        from autograder.records.store import encode

        record = json.loads(
            encode(grade(self.bench, self.zygote, "it", "it.ipynb", self.place.notebook(code)))
        )
        said = json.dumps([record["exercises"], record["notes"]])
        faults = [f"the token of {place}" for place, token in TOKENS.items() if token in said]
        if record["exercises"][0]["score"] > 0:
            faults.append(f"{record['exercises'][0]['score']} points")
        if record["status"] == "infra":
            faults.append(f"it is a fault of the machine's: {said[:500]}")
        if "REACHED" in said:
            faults.append(said[said.index("REACHED") :][:100])
        return faults

    def honest(self) -> bool:
        """Whether honest work still has its points."""
        record = grade(self.bench, self.zygote, "ada", "ada.ipynb", self.place.notebook(SENSITIVE))
        return [one.score for one in record.exercises] == list(POINTS.values())


@contextmanager
def judging() -> Iterator[Judge]:
    """A judge, a course and a zygote."""
    with Place() as place, Zygote("strict") as zygote:
        yield Judge(place, zygote)
