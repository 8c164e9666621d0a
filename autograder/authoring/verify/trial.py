"""One exercise's grader tried with every variant on one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.authoring.verify import variants
from autograder.judge.exercise import grade_exercise
from autograder.judge.player import Player
from autograder.judge.suite import Grader
from autograder.records import ExerciseResult
from coursekit.checks.play import Outcome, same_answers
from coursekit.checks.student import InProcess


@dataclass
class Trial:
    """What every variant of one exercise got on one seed."""

    grader: Grader
    player: Player
    declared_points: int
    stub: ExerciseResult
    reference: ExerciseResult
    mistakes: list[ExerciseResult]
    alternatives: dict[str, ExerciseResult]
    junk: dict[str, ExerciseResult]
    independent: dict[str, ExerciseResult]
    kit: dict[str, ExerciseResult]
    named_publicly: int
    parts_of_independents: dict[str, str] = field(default_factory=dict)

    def lost(self, result: ExerciseResult) -> set[str]:
        """Names of the parts that lose points."""
        return {test.part for test in result.tests if test.score < test.points}

    def distance(self, index: int) -> float:
        """How far a mistake is from the reference at most, in tolerances; infinite where it is no matter of values."""
        far = 0.0
        for key in self.player.baseline:
            outcome = self.player.wrong(index, key)
            if outcome.passed:
                continue
            comparison = outcome.comparison
            if comparison is None or comparison.ok or not comparison.allowed or comparison.stage != "values":
                return float("inf")
            far = max(far, (comparison.max_abs_error or 0.0) / comparison.allowed)
        return far

    def alike(self) -> list[tuple[str, str]]:
        """Pairs of mistakes that answer alike in every case."""
        found = []
        for one in range(self.player.count):
            for other in range(one):
                if all(
                    same_answers(self.player.wrong(one, key), self.player.wrong(other, key))
                    for key in self.player.baseline
                ):
                    found.append((self.grader.mistakes[other].name, self.grader.mistakes[one].name))
        return found

    def needed(self) -> set[str]:
        """Tests that alone, in their part, see some declared mistake or independent wrong solution."""
        owners = [(m.part.name, r) for m, r in zip(self.grader.mistakes, self.mistakes, strict=True)]
        owners += [
            (p, self.independent[n]) for n, p in self.parts_of_independents.items() if n in self.independent
        ]
        found = set()
        for part, result in owners:
            seeing = [test.id for test in result.tests if test.part == part and test.status != "pass"]
            if len(seeing) == 1:
                found.add(seeing[0])
        return found

    def floor(self) -> float:
        """The largest share of a tolerance that the reference on two threads or an alternative uses."""
        import torch

        answerers = [InProcess({self.grader.exercise: f}) for f in self.grader.alternatives]
        used = max((self._used(answerer) for answerer in answerers), default=0.0)
        threads = torch.get_num_threads()
        torch.set_num_threads(2)
        try:
            return max(used, self._used(InProcess({self.grader.exercise: self.grader.reference})))
        finally:
            torch.set_num_threads(threads)

    def _used(self, answerer: InProcess) -> float:
        outcomes = [self.player.play(key, answerer) for key in self.player.baseline]
        return max((_share(outcome) for outcome in outcomes), default=0.0)

    def unnoticed(self) -> list[str]:
        """Value tests that let an answer pass which is off by float32's rounding."""
        answerer = InProcess({self.grader.exercise: variants.slightly_off(self.grader.reference)})
        return sorted(
            key[1].id
            for key, outcome in self.player.baseline.items()
            if _measures(outcome) and self.player.play(key, answerer).passed
        )

    def probed(self) -> Fraction:
        """Share of the points that rests on probes alone."""
        resting = Fraction(0)
        for test in self.grader.tests:
            outcomes = [outcome for (other, _), outcome in self.player.baseline.items() if other is test]
            if all(o.looked_at_changes or o.looked_at_graph for o in outcomes) and not any(
                o.compared for o in outcomes
            ):
                resting += Fraction(
                    test.part.points, sum(other.part is test.part for other in self.grader.tests)
                )
        return resting / self.grader.points


def _measures(outcome: Outcome) -> bool:
    comparison = outcome.comparison
    return comparison is not None and bool(comparison.allowed)


def _share(outcome: Outcome) -> float:
    comparison = outcome.comparison
    if comparison is None or not comparison.allowed or comparison.max_abs_error is None:
        return 0.0
    return comparison.max_abs_error / comparison.allowed


def run_trial(grader: Grader, public: Grader | None, seed: int, root: Path, declared_points: int) -> Trial:
    """Grade every variant of one exercise on one seed, in this process, behind the worker's encoding."""
    player = Player(grader, seed)

    def graded(function: Callable[..., Any]) -> ExerciseResult:
        return grade_exercise(player, InProcess({grader.exercise: function}))

    found, parts = variants.independents(grader, root)
    return Trial(
        grader,
        player,
        declared_points,
        stub=graded(variants.stub),
        reference=graded(grader.reference),
        mistakes=[grade_exercise(player, answerer) for _, answerer in grader.wrong],
        alternatives={f.__name__: graded(f) for f in grader.alternatives},
        junk={name: graded(function) for name, function in variants.junk(grader.reference).items()},
        independent={name: graded(function) for name, function in found.items()},
        kit={name: graded(function) for name, function in variants.kit_callables(grader).items()},
        named_publicly=0 if public is None else _named_publicly(public, seed),
        parts_of_independents=parts,
    )


def _named_publicly(public: Grader, seed: int) -> int:
    player = Player(public, seed)
    results = [grade_exercise(player, answerer) for _, answerer in public.wrong]
    # the public part is no mistake's own, so the exercise as a whole loses nothing: look at its tests
    return sum(
        any(test.mistake == mistake.name for test in result.tests)
        for mistake, result in zip(public.mistakes, results, strict=True)
    )
