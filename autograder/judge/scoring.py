"""Points of one exercise: by part, split by idea, in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from autograder.judge.suite import Grader
from coursekit.checks.diagnose import Key
from coursekit.checks.parts import Mistake
from coursekit.checks.play import Outcome, Test


@dataclass
class TestScore:
    """Points of one test and why."""

    __test__ = False

    test: Test
    points: Fraction
    score: Fraction = Fraction(0)
    excused: bool = False
    outcomes: list[tuple[Key, Outcome]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return bool(self.outcomes) and not self.failing

    @property
    def failing(self) -> list[Key]:
        """The cases that did not pass."""
        return [key for key, outcome in self.outcomes if not outcome.passed]


def score(
    grader: Grader,
    outcomes: dict[Key, Outcome],
    values: set[str],
    named: Mistake | None,
    explained: frozenset[Key] = frozenset(),
) -> list[TestScore]:
    """The points of every test of an exercise.

    Args:
        grader: of the exercise.
        outcomes: what each case gave; a case without an outcome was not run and earns nothing.
        values: names of the tests that compare values.
        named: the one declared mistake that explains every wrong value, if there is one; then of what it
            explains only its own part loses points.
        explained: the cases that it explains. Whatever else fails is a fault of its own and loses its test.

    A test that compares no value counts only if some value test passes or is excused, or if one declared
    mistake explains the answers: an answer that merely raises or merely changes nothing earns nothing.
    """
    result = []
    for test in grader.tests:
        own = [((test, case), outcomes[test, case]) for case in test.cases if (test, case) in outcomes]
        share = Fraction(test.part.points, sum(other.part is test.part for other in grader.tests))
        entry = TestScore(test, share, outcomes=own)
        complete = len(own) == len(test.cases)
        entry.excused = (
            complete
            and not entry.passed
            and named is not None
            and test.part is not named.part
            and explained.issuperset(entry.failing)
        )
        if complete and (entry.passed or entry.excused):
            entry.score = share
        result.append(entry)
    if named is None and not any(entry.score for entry in result if entry.test.name in values):
        for entry in result:
            entry.score, entry.excused = Fraction(0), False
    return result
