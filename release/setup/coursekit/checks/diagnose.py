"""Why an answer is wrong: a declared mistake, else a simple transform, else the numbers.

The same code serves the judge, where mistakes are run, and the check in a notebook, where their
recorded answers are read. A sentence is said only when it holds on two further inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from coursekit.checks.play import Case, Outcome, Test, same_answers
from coursekit.checks.transforms import Transform, common

Key = tuple[Test, Case]
Again = Callable[[Key, int], Outcome]
"""Plays one case with the student once more; the number is added to the seed."""

FURTHER_SEEDS = (1, 2)
"""Added to the seed: on these a sentence must hold, too."""


class WrongAnswers(Protocol):
    """What the declared mistakes of an exercise answer."""

    @property
    def count(self) -> int:
        """How many mistakes are declared."""
        ...

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """The outcome of one case with one mistake as the student."""
        ...


def named_mistake(wrongs: WrongAnswers, outcomes: dict[Key, Outcome], again: Again) -> int | None:
    """Index of the declared mistake that reproduces every failing answer, also on two further seeds.

    A mistake that fails where the student passes is not the student's.
    """
    failing = [key for key, outcome in outcomes.items() if not outcome.passed]
    if not failing or any(outcomes[key].ended or outcomes[key].status == "missing" for key in failing):
        return None
    candidates = [
        index
        for index in range(wrongs.count)
        if all(_alike(outcome, wrongs.wrong(index, key)) for key, outcome in outcomes.items())
    ]
    if len(candidates) == 1 and all(outcomes[key] is wrongs.wrong(candidates[0], key) for key in outcomes):
        return candidates[0]  # the student is that mistake: it reproduces itself on any seed
    for extra in FURTHER_SEEDS:
        for key in failing:
            if not candidates:
                return None
            theirs = again(key, extra)
            candidates = [i for i in candidates if _alike(theirs, wrongs.wrong(i, key, extra))]
    return candidates[0] if candidates else None


def _alike(theirs: Outcome, wrong: Outcome) -> bool:
    """Whether both pass, or both fail with the same answers."""
    if theirs.passed or wrong.passed:
        return theirs.passed and wrong.passed
    return same_answers(theirs, wrong)


def transform_of(key: Key, outcome: Outcome, again: Again) -> Transform | None:
    """The simple transform that explains one failing comparison, also on two further seeds."""
    first = _pair(outcome)
    if first is None or not common([first]):
        return None
    further = [again(key, extra) for extra in FURTHER_SEEDS]
    if any(_inputs(other) == _inputs(outcome) for other in further):
        return None  # the test asks the same whatever the seed: nothing was seen to hold elsewhere
    found = [pair for pair in map(_pair, further) if pair is not None]
    return common([first, *found]) if len(found) == len(further) else None


def _inputs(outcome: Outcome) -> list[bytes]:
    return [call.digest for call in outcome.calls]


def _pair(outcome: Outcome) -> tuple[Any, Any] | None:
    comparison = outcome.comparison
    if (
        comparison is None
        or comparison.ok
        or comparison.got is None
        or comparison.stage not in ("values", "shape")
    ):
        return None
    return comparison.got, comparison.want
