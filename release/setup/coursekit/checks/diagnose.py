"""Why an answer is wrong: a declared mistake, else a simple transform, else the numbers.

The same code serves the judge, where mistakes are run, and the check in a notebook, where their
recorded answers are read. A sentence is said only when it holds on two further inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from coursekit.checks.play import Case, Outcome, Test, same_answers
from coursekit.checks.transforms import Transform, common

Key = tuple[Test, Case]
Again = Callable[[Key, int], Outcome]
"""Plays one case with the student once more; the number is added to the seed."""

FURTHER_SEEDS = (1, 2)
"""Added to the seed: on these a sentence must hold, too."""
_TESTS = 3
"""For so many tests a mistake of their own is looked for: each costs further calls."""


class WrongAnswers(Protocol):
    """What the declared mistakes of an exercise answer."""

    @property
    def count(self) -> int:
        """How many mistakes are declared."""
        ...

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """The outcome of one case with one mistake as the student."""
        ...


@dataclass(frozen=True)
class Named:
    """Which declared mistakes explain the failing answers of an exercise, by index.

    Attributes:
        main: reproduces every answer with another value, or every failure where nothing was compared; None
            where no single mistake does.
        explained: the failing cases that ``main`` reproduces. A failure beside them is a fault of its own.
        of_test: for each failing test that ``main`` does not explain, a mistake that does, where there is one.
    """

    main: int | None = None
    explained: frozenset[Key] = frozenset()
    of_test: dict[str, int] = field(default_factory=dict)

    def of(self, test: Test, failing: Iterable[Key]) -> int | None:
        """The mistake that explains the failing cases of one test."""
        if self.main is not None and self.explained.issuperset(failing):
            return self.main
        return self.of_test.get(test.name)


def name_mistakes(wrongs: WrongAnswers, outcomes: dict[Key, Outcome], again: Again) -> Named:
    """The declared mistakes that reproduce failing answers, also on two further seeds.

    Whoever takes the wrong end of each step and forgets a promised error has two faults: the wrong values are
    explained by one declared mistake, and the missing error does not speak against it. So the main mistake must
    reproduce every answer whose values are wrong, but not every failure beside them. A mistake that fails where
    the student passes is never the student's.
    """
    failing = [key for key, outcome in outcomes.items() if not outcome.passed]
    if not failing or any(outcomes[key].ended or outcomes[key].status == "missing" for key in failing):
        return Named()
    possible = {
        index: alike
        for index in range(wrongs.count)
        if (alike := _reproduced(wrongs, index, outcomes, failing)) is not None
    }
    wrong_values = {key for key in failing if outcomes[key].comparison is not None} or set(failing)
    whole = [index for index, alike in possible.items() if len(alike) == len(failing)]
    main = _holding(wrongs, whole, failing, outcomes, again)
    if main is None:
        most = [index for index, alike in possible.items() if alike >= wrong_values and index not in whole]
        main = _holding(wrongs, most, [key for key in failing if key in wrong_values], outcomes, again)
    explained = frozenset() if main is None else frozenset(possible[main])
    of_test: dict[str, int] = {}
    for test in dict.fromkeys(key[0] for key in failing if key not in explained):
        own = [key for key in failing if key[0] is test]
        fitting = [index for index, alike in possible.items() if alike.issuperset(own)]
        found = _holding(wrongs, fitting, own, outcomes, again) if len(of_test) < _TESTS else None
        if found is not None:
            of_test[test.name] = found
    return Named(main, explained, of_test)


def _reproduced(
    wrongs: WrongAnswers, index: int, outcomes: dict[Key, Outcome], failing: list[Key]
) -> set[Key] | None:
    """The failing cases that a mistake answers alike; None if it fails where the student passes."""
    if not all(wrongs.wrong(index, key).passed for key, outcome in outcomes.items() if outcome.passed):
        return None
    return {key for key in failing if _alike(outcomes[key], wrongs.wrong(index, key))}


def _holding(
    wrongs: WrongAnswers, candidates: list[int], keys: list[Key], outcomes: dict[Key, Outcome], again: Again
) -> int | None:
    """The first of the candidates that answers like the student on further seeds as well."""
    if len(candidates) == 1 and all(outcomes[key] is wrongs.wrong(candidates[0], key) for key in keys):
        return candidates[0]  # the student is that mistake: it reproduces itself on any seed
    for extra in FURTHER_SEEDS:
        for key in keys:
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
