"""What public checks may show besides: the smallest counter-example and the first divergence.

All inputs are public here, so nothing has to be held back. In a notebook the same is said from recorded
answers (:mod:`coursekit.checks.notebook`); here the reference itself answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autograder.judge.player import Player
from coursekit.checks.card import small_lines
from coursekit.checks.divergence import Divergence, divergence, traced
from coursekit.checks.play import Outcome
from coursekit.checks.smallest import DRAWS, parameters_of, small_arguments, smallest
from coursekit.checks.student import Answerer, Call, InProcess


@dataclass
class Shown:
    """What is shown beside failing public checks.

    Attributes:
        diverged: how far the watched values agree.
        small: the smallest counter-example, line by line.
        expected: its right answer, or "".
    """

    diverged: Divergence | None = None
    small: list[str] = field(default_factory=list)
    expected: str = ""


def shown_publicly(player: Player, student: Answerer, failing: Iterable[Outcome]) -> Shown:
    """The first divergence and the smallest counter-example of an exercise whose checks fail."""
    grader, shown = player.grader, Shown()
    reference = InProcess({grader.exercise: grader.reference})
    for outcome in failing:
        traces = [reference.call(traced(call)).trace for call in outcome.calls if not call.meets_kept]
        if any(traces):
            shown.diverged = divergence(student, outcome.calls, traces)
            break
    if grader.family is not None:
        make = partial(small_arguments, grader.family, player.seed, grader.lesson, grader.exercise)
        found = smallest(
            grader.exercise, student, parameters_of(grader.reference), make, _answers(player, make, reference)
        )
        if found is not None:
            shown.small, shown.expected = list(small_lines(grader.exercise, found)), found.expected
    return shown


def _answers(player: Player, make: Any, reference: InProcess) -> Iterator[tuple[int, int, Any]]:
    """The reference's answer to every small case that has one."""
    family = player.grader.family
    for size in family.sizes if family is not None else ():
        for draw in range(DRAWS):
            answer = reference.call(Call(player.grader.exercise, make(size, draw), {}))
            if answer.ok:
                yield size, draw, answer.value
