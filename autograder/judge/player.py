"""A grader at work: the reference's answers, and those of every declared mistake, each computed once."""

from __future__ import annotations

from functools import cached_property

from autograder.judge.suite import Grader
from coursekit.checks.diagnose import Key
from coursekit.checks.play import GraderError, Outcome, case_rng, play, play_steps
from coursekit.checks.student import Answerer, Call

_SICK = "the grader of {exercise} fails its own reference in {case}: {problem}"


class Player:
    """Plays the cases of one grader with any answerer, remembering what the declared mistakes answer."""

    def __init__(self, grader: Grader, seed: int, before_due: bool = False):
        self.grader, self.seed, self.before_due = grader, seed, before_due
        self._wrong: dict[tuple[int, str, str, int], Outcome] = {}
        self.baseline = self._grade_reference()

    def _grade_reference(self) -> dict[Key, Outcome]:
        """The reference as the student: every case must pass; this also computes each expected value once."""
        outcomes = {}
        for test in self.grader.tests:
            for case in test.cases:
                outcome = outcomes[test, case] = self.play((test, case), self.grader.expected)
                if not outcome.passed:
                    raise GraderError(
                        _SICK.format(case=case.id, exercise=self.grader.exercise, problem=outcome.message)
                    )
        return outcomes

    @cached_property
    def values(self) -> set[str]:
        """Names of the tests that compare values."""
        return {test.name for (test, _), outcome in self.baseline.items() if outcome.compared}

    @cached_property
    def reference_s(self) -> float:
        """Seconds of the slowest call of the reference."""
        return max((a.wall_s for outcome in self.baseline.values() for a in outcome.answers), default=0.0)

    @cached_property
    def usual_calls(self) -> list[Call]:
        """The calls that every case makes of a right function; most make them of any function."""
        return [
            call
            for (test, _), outcome in self.baseline.items()
            if not (self.before_due and test.visibility == "after_due")
            for call in outcome.calls
            if not call.meets_kept
        ]

    def first(self, key: Key, student: Answerer) -> Outcome:
        """One case on the course's own seed; a table test is replayed from its recorded steps."""
        if key[0].is_table:
            return play_steps(self.baseline[key].steps, key[0].title, student)
        return self.play(key, student)

    def play(self, key: Key, student: Answerer, extra: int = 0) -> Outcome:
        """One case; ``extra`` is added to the seed."""
        test, case = key
        rng = case_rng(self.seed + extra, self.grader.lesson, self.grader.exercise, case.id)
        return play(test, case, self.grader.exercise, student, self.grader.expected, rng)

    @property
    def count(self) -> int:
        """How many mistakes are declared."""
        return len(self.grader.mistakes)

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """What the declared mistake of that index gives for one case."""
        place = (index, key[0].name, key[1].id, extra)
        if place not in self._wrong:
            self._wrong[place] = self.play(key, self.grader.wrong[index][1], extra)
        return self._wrong[place]
