"""Records what public checks compare with: the reference's answers and those of the declared mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course import Lesson, load_course
from autograder.judge.player import Player
from autograder.judge.suite import load_suite, public_suite
from coursekit import wire
from coursekit.checks.diagnose import FURTHER_SEEDS, Key
from coursekit.checks.divergence import traced
from coursekit.checks.recorded import write_recorded
from coursekit.checks.smallest import DRAWS, small_arguments
from coursekit.checks.student import Call, InProcess

_TRACE_BYTES = 1 << 16
"""What is watched in one case is recorded up to this size: worked examples are small."""


def record_examples(lesson: Lesson, path: Path) -> None:
    """Write the recorded answers of all public checks of ``lesson`` to ``path``, on the public seed."""
    import torch

    torch.set_num_threads(1)
    seed = load_course(lesson.root).seed
    names = [exercise.name for exercise in lesson.exercises]
    suite = public_suite(lesson.root, load_suite(lesson.root, lesson.slug, names, seed))
    write_recorded(path, {name: _recorded(Player(grader, seed)) for name, grader in suite.graders.items()})


def _recorded(player: Player) -> dict[str, Any]:
    grader = player.grader
    reference = InProcess({grader.exercise: grader.reference})
    cases: dict[str, list[dict[str, Any]]] = {}
    for test in grader.tests:
        for case in test.cases:
            cases[case.id] = []
            for extra in (0, *FURTHER_SEEDS):
                right = player.play((test, case), reference, extra)
                wrong = {i: player.wrong(i, (test, case), extra) for i in range(player.count)}
                cases[case.id].append(
                    {
                        "expected": [step.expected for step in right.steps],
                        "wrong": {
                            i: [_timeless(answer.to_tree()) for answer in outcome.answers]
                            for i, outcome in wrong.items()
                            if not outcome.passed
                        },
                        "floor": None if extra else player.floor((test, case)),
                        "traces": [] if extra else _traces(player, (test, case)),
                    }
                )
    return {
        "seed": player.seed,
        "lesson": grader.lesson,
        "mistakes": [[mistake.name, mistake.says, mistake.try_] for mistake in grader.mistakes],
        "cases": cases,
        "small": _small(player, reference),
    }


def _traces(player: Player, key: Key) -> list[list[Any]]:
    """What the reference watches in the calls of a worked example; nothing where it is no mere table."""
    if not key[0].is_table:
        return []
    reference = InProcess({player.grader.exercise: player.grader.reference})
    calls = player.play(key, reference).calls
    traces = [[list(entry) for entry in reference.call(traced(call)).trace] for call in calls]
    return traces if len(wire.pack_bytes(traces)) <= _TRACE_BYTES else []


def _small(player: Player, reference: InProcess) -> list[list[Any]]:
    """Size, draw and the reference's answer for every small case that has one."""
    grader, found = player.grader, []
    if grader.family is None:
        return []
    for size in grader.family.sizes:
        for draw in range(DRAWS):
            arguments = small_arguments(
                grader.family, player.seed, grader.lesson, grader.exercise, size, draw
            )
            answer = reference.call(Call(grader.exercise, arguments, {}))
            if answer.ok:
                found.append([size, draw, answer.value])
    return found


def _timeless(tree: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run, or tells where the code lies."""
    tree |= {"wall_s": 0.0, "cpu_s": 0.0, "output": "", "trace": []}
    if tree["error"] is not None:
        tree["error"] = [*tree["error"][:2], "", []]
    return tree
