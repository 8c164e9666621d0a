"""One exercise's grader tried with every variant on one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.authoring.verify import variants
from autograder.judge.exercise import grade_exercise
from autograder.judge.player import Player
from autograder.judge.suite import Grader
from autograder.records import ExerciseResult
from coursekit.checks.compare import compare
from coursekit.checks.diagnose import FURTHER_SEEDS
from coursekit.checks.play import Outcome, same_answers
from coursekit.checks.smallest import DRAWS, numbers_in, small_arguments
from coursekit.checks.student import Answerer, Cached, Call, InProcess


@dataclass(frozen=True)
class SmallCases:
    """What the small cases of an exercise show.

    Attributes:
        refused: size, draw and error of those that the reference cannot answer.
        numbers: how many numbers the largest argument of the smallest size holds.
        seen: how many declared mistakes answer otherwise than the reference on some small case.
    """

    refused: list[tuple[int, int, str]]
    numbers: int
    seen: int


class Trial:
    """What every variant of one exercise gets on one seed; each group is graded when it is asked for.

    Variants run in this process, behind the same proxy and encoding as a worker's.

    Args:
        grader: of the exercise.
        public: its public checks, or None.
        seed: of this trial.
        root: of the course.
        declared_points: points of the exercise as the course reads them in the grader's text.
    """

    def __init__(self, grader: Grader, public: Grader | None, seed: int, root: Path, declared_points: int):
        self.grader, self.public, self.seed, self.root = grader, public, seed, root
        self.declared_points = declared_points
        self.player = Player(grader, seed)

    def graded(self, function: Callable[..., Any], explain: bool = False) -> ExerciseResult:
        """The result of a function handed in as this exercise."""
        return grade_exercise(self.player, self._student(function), explain=explain)

    def _student(self, function: Callable[..., Any]) -> InProcess:
        return InProcess({self.grader.exercise: function})

    @cached_property
    def stub(self) -> ExerciseResult:
        return self.graded(variants.stub)

    @cached_property
    def reference(self) -> ExerciseResult:
        return self.graded(self.grader.reference, explain=True)

    @cached_property
    def mistakes(self) -> list[ExerciseResult]:
        return [grade_exercise(self.player, answerer) for _, answerer in self.grader.wrong]

    @cached_property
    def _alternatives(self) -> dict[str, Cached]:
        return {function.__name__: Cached(self._student(function)) for function in self.grader.alternatives}

    @cached_property
    def alternatives(self) -> dict[str, ExerciseResult]:
        return {name: grade_exercise(self.player, known) for name, known in self._alternatives.items()}

    @cached_property
    def junk(self) -> dict[str, ExerciseResult]:
        answerers = variants.junk(self.grader)
        return {n: grade_exercise(self.player, answerer, explain=False) for n, answerer in answerers.items()}

    @cached_property
    def independent(self) -> dict[str, ExerciseResult]:
        functions = self._independents[0]
        return {name: self.graded(f, explain=name.startswith("right_")) for name, f in functions.items()}

    @property
    def parts_of_independents(self) -> dict[str, str]:
        """The part that each wrong independent solution must lose."""
        return self._independents[1]

    @cached_property
    def _independents(self) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
        return variants.independents(self.grader, self.root)

    @cached_property
    def kit(self) -> dict[str, ExerciseResult]:
        return {name: self.graded(function) for name, function in variants.kit_callables(self.grader).items()}

    @cached_property
    def named_publicly(self) -> int:
        """How many mistakes the public checks name."""
        if self.public is None:
            return 0
        player = Player(self.public, self.seed)
        results = [grade_exercise(player, answerer) for _, answerer in self.public.wrong]
        pairs = zip(self.public.mistakes, results, strict=True)
        return sum(result.mistake == mistake.name for mistake, result in pairs)

    @cached_property
    def small_cases(self) -> SmallCases | None:
        """What the small cases of the public checks show; None where none are declared."""
        family = self.public.family if self.public is not None else None
        if family is None:
            return None
        reference, refused, seen = self.grader.expected, [], set()
        numbers = 0
        for size in family.sizes:
            for draw in range(DRAWS):
                arguments = small_arguments(
                    family, self.seed, self.grader.lesson, self.grader.exercise, size, draw
                )
                call = Call(self.grader.exercise, arguments, {})
                right = reference.call(call)
                if not right.ok:
                    refused.append((size, draw, str(right.error)))
                    continue
                if size == min(family.sizes):
                    numbers = max([numbers, *map(numbers_in, arguments)])
                for index, (_, answerer) in enumerate(self.grader.wrong):
                    wrong = answerer.call(call)
                    if not wrong.ok or not compare(wrong.value, right.value, nan_equal=True).ok:
                        seen.add(index)
        return SmallCases(refused, numbers, len(seen))

    def sick_further_on(self) -> list[tuple[str, str]]:
        """Cases that the reference fails on the further seeds on which a diagnosis is confirmed, and how."""
        outcomes = {
            (key[1].id, extra): self.player.play(key, self.grader.expected, extra)
            for key in self.player.baseline
            for extra in FURTHER_SEEDS
        }
        return [(case, outcome.message) for (case, _), outcome in outcomes.items() if not outcome.passed]

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

    def witnesses(self) -> dict[str, list[str]]:
        """For each test the wrong variants that it alone, in their part, sees."""
        seen = [
            (mistake.name, mistake.part.name, result)
            for mistake, result in zip(self.grader.mistakes, self.mistakes, strict=True)
        ]
        seen += [(name, part, self.independent[name]) for name, part in self.parts_of_independents.items()]
        found: dict[str, list[str]] = {test.name: [] for test in self.grader.tests}
        for name, part, result in seen:
            seeing = [test.id for test in result.tests if test.part == part and test.status != "pass"]
            if len(seeing) == 1:
                found[seeing[0]].append(name)
        return found

    def floor(self) -> float:
        """The largest share of a tolerance that the reference on two threads or an alternative uses."""
        import torch

        used = max((self._used(answerer) for answerer in self._alternatives.values()), default=0.0)
        threads = torch.get_num_threads()
        torch.set_num_threads(2)
        try:
            return max(used, self._used(self._student(self.grader.reference)))
        finally:
            torch.set_num_threads(threads)

    def _used(self, answerer: Answerer) -> float:
        outcomes = [self.player.play(key, answerer) for key in self.player.baseline]
        return max((_share(outcome) for outcome in outcomes), default=0.0)

    def unnoticed(self) -> list[str]:
        """Value tests that let an answer pass which is off by float32's rounding."""
        answerer = variants.slightly_off(self.grader.expected)
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
