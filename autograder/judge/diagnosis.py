"""Why an answer is wrong: a declared mistake, else a simple transform, else the numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from autograder.judge.suite import Grader
from coursekit.checks.parts import Mistake
from coursekit.checks.play import Case, GraderError, Outcome, Test, case_rng, play, play_steps, same_answers
from coursekit.checks.student import Answerer
from coursekit.checks.transforms import Transform, common

Key = tuple[Test, Case]
_SICK = "the grader of {exercise} fails its own reference in {case}: {problem}"

FURTHER_SEEDS = (1, 2)
"""Added to the seed: a sentence is said only when it holds on these too."""


class Player:
    """Plays the cases of one grader with any answerer, remembering what the declared mistakes answer."""

    def __init__(self, grader: Grader, seed: int):
        self.grader, self.seed = grader, seed
        self._wrong: dict[tuple[int, str, str, int], Outcome] = {}
        self.baseline = self._grade_reference()

    def _grade_reference(self) -> dict[Key, Outcome]:
        """The reference as the student: every case must pass; this also computes each expected value once."""
        outcomes = {}
        for test in self.grader.tests:
            for case in test.cases:
                outcome = outcomes[test, case] = self.play((test, case), self.grader.expected)
                if not outcome.passed:
                    raise GraderError(_SICK.format(case=case.id, exercise=self.grader.exercise, problem=outcome.message))
        return outcomes

    @cached_property
    def values(self) -> set[str]:
        """Names of the tests that compare values."""
        return {test.name for (test, _), outcome in self.baseline.items() if outcome.compared}

    @cached_property
    def reference_s(self) -> float:
        """Seconds of the slowest call of the reference."""
        return max((a.wall_s for outcome in self.baseline.values() for a in outcome.answers), default=0.0)

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

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """What the declared mistake of that index gives for one case."""
        place = (index, key[0].name, key[1].id, extra)
        if place not in self._wrong:
            self._wrong[place] = self.play(key, self.grader.wrong[index][1], extra)
        return self._wrong[place]


def named_mistake(
    player: Player, outcomes: dict[Key, Outcome], again: Callable[[Key, int], Outcome]
) -> Mistake | None:
    """The declared mistake that reproduces every failing answer, also on two further seeds.

    Args:
        player: of the exercise.
        outcomes: what the student gave for every case.
        again: plays one case with the student once more, with another seed.
    """
    failing = [key for key, outcome in outcomes.items() if not outcome.passed]
    passing = [key for key, outcome in outcomes.items() if outcome.passed]
    if not failing or any(outcomes[key].status in ("missing", "timeout", "memory", "infra") for key in failing):
        return None
    mistakes = player.grader.mistakes
    candidates = [
        index
        for index in range(len(mistakes))
        if all(same_answers(outcomes[key], player.wrong(index, key)) for key in failing)
        and all(player.wrong(index, key).passed for key in passing)
    ]
    if not candidates:
        return None
    for extra in FURTHER_SEEDS:
        theirs = {key: again(key, extra) for key in failing}
        candidates = [i for i in candidates if all(same_answers(theirs[k], player.wrong(i, k, extra)) for k in failing)]
    return mistakes[candidates[0]] if candidates else None


def transform_of(key: Key, outcome: Outcome, again: Callable[[Key, int], Outcome]) -> Transform | None:
    """The simple transform that explains one failing comparison, also on two further seeds."""
    pairs = [_pair(outcome)]
    if pairs[0] is None or not common(pairs):
        return None
    for extra in FURTHER_SEEDS:
        pairs.append(_pair(again(key, extra)))
    return common(pairs) if all(pair is not None for pair in pairs) else None


def _pair(outcome: Outcome) -> tuple[Any, Any] | None:
    comparison = outcome.comparison
    if comparison is None or comparison.ok or comparison.got is None or comparison.stage not in ("values", "shape"):
        return None
    return comparison.got, comparison.want
