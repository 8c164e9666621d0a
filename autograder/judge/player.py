"""A grader at work: the reference's answers, and those of every declared mistake, each computed once."""

from __future__ import annotations

import math
import sys
from functools import cached_property
from typing import Any

from autograder.judge.suite import Grader
from coursekit.calling import Answer
from coursekit.checks.diagnose import Key
from coursekit.checks.play import GraderError, Outcome, case_rng, play, play_steps
from coursekit.checks.student import Answerer, Cached, Call, InProcess
from coursekit.wire import Handle

_SICK = "the grader of {exercise} fails its own reference in {case}: {problem}"


class _Begun:
    """An answerer that knows a case's first call: no answer has gone into it, so it is the baseline's.

    That one is packed already; packing it again would cost more than most comparisons.
    """

    def __init__(self, inner: Answerer, first: Call):
        self._inner, self._first = inner, first

    def call(self, call: Call) -> Answer:
        first, self._first = self._first, None
        return self._inner.call(call if first is None or first.name != call.name else first)

    def call_many(self, calls: list[Call]) -> list[Answer]:
        self._first = None
        return self._inner.call_many(calls)

    def keep(self, value: Any) -> Handle:
        return self._inner.keep(value)


class Player:
    """Plays the cases of one grader with any answerer, remembering what the declared mistakes answer."""

    def __init__(self, grader: Grader, seed: int, before_due: bool = False):
        self.grader, self.seed, self.before_due = grader, seed, before_due
        self._known: dict[tuple[Cached, str, str, int], Outcome] = {}
        self._floors: dict[Key, float | None] = {}
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
    def gives_tensors(self) -> bool:
        """Whether every answer of the reference is a tensor: numpy for torch costs nobody anything then."""
        values = [
            answer.value for outcome in self.baseline.values() for answer in outcome.answers if answer.ok
        ]
        torch = sys.modules.get("torch")
        return torch is not None and bool(values) and all(isinstance(v, torch.Tensor) for v in values)

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

    def play(self, key: Key, student: Answerer, extra: int = 0) -> Outcome:
        """One case; ``extra`` is added to the seed.

        What an answerer that remembers its answers gives is played once and remembered too.
        """
        if not isinstance(student, Cached):
            return self._play(key, student, extra)
        place = (student, key[0].name, key[1].id, extra)
        if place not in self._known:
            if student is self.grader.expected:
                self._known[place] = self._whole(key, student, student, extra)
            else:
                self._known[place] = self._play(key, student, extra)
        return self._known[place]

    def _play(self, key: Key, student: Answerer, extra: int) -> Outcome:
        """What the reference's run of the same case has made and packed already is not made again."""
        expected = self.grader.expected
        right = self.play(key, expected, extra)
        if right.passed and key[0].is_table:
            return play_steps(right.steps, key[0].title, student)
        if not right.calls or right.calls[0].meets_kept:
            return self._whole(key, student, expected, extra)
        first = right.calls[0]
        return self._whole(key, _Begun(student, first), _Begun(expected, first), extra)

    def _whole(self, key: Key, student: Answerer, reference: Answerer, extra: int) -> Outcome:
        test, case = key
        rng = case_rng(self.seed + extra, self.grader.lesson, self.grader.exercise, case.id)
        return play(test, case, self.grader.exercise, student, reference, rng)

    def floor(self, key: Key) -> float | None:
        """The largest error of a declared alternative in one case: what rounding does to right answers."""
        if key not in self._floors:
            answerers = [InProcess({self.grader.exercise: variant}) for variant in self.grader.alternatives]
            comparisons = [self.play(key, answerer).comparison for answerer in answerers]
            errors = [c.max_abs_error for c in comparisons if c is not None and c.ok]
            known = [e for e in errors if e is not None and math.isfinite(e)]
            self._floors[key] = max(known, default=None)
        return self._floors[key]

    @property
    def count(self) -> int:
        """How many mistakes are declared."""
        return len(self.grader.mistakes)

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """What the declared mistake of that index gives for one case."""
        return self.play(key, self.grader.wrong[index][1], extra)
