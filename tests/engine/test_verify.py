"""The graders' graders: what `verify` demands, and that a grader broken on purpose does not get through.

Every test of every grader is deleted in turn, every tolerance loosened a thousand times or more, and every
sentence swapped: each time the gates must notice.
"""

from __future__ import annotations

import dataclasses
import importlib
import warnings
from pathlib import Path

import pytest

from autograder.authoring.verify import gates
from autograder.authoring.verify.trial import Trial
from autograder.course import load_course
from autograder.judge.suite import Grader, load_suite

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
comparing = importlib.import_module("coursekit.checks.compare")
EXERCISES = [(lesson.slug, exercise.name) for lesson in COURSE.lessons for exercise in lesson.exercises]
LOOSE = 1e-5
"""Of the largest value: no tolerance in float64 may be so wide."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=EXERCISES, ids=[name for _, name in EXERCISES])
def trial(request: pytest.FixtureRequest) -> Trial:
    """The grader as it is, with its mistakes graded."""
    import torch

    torch.set_num_threads(1)
    slug, name = request.param
    return trial_of(load_suite(ROOT, slug, [name], COURSE.seed).graders[name])


def trial_of(grader: Grader) -> Trial:
    return Trial(grader, None, COURSE.seed, ROOT, grader.points)


def problems(rule, trial: Trial) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(rule(trial, []))


def test_deleting_any_test_is_noticed(trial: Trial):
    assert problems(gates._mistakes_lose, trial) == []
    for name, seen in trial.witnesses().items():
        assert seen, f"nothing but {name} sees what it sees"
        broken = without(trial.grader, name, seen[0])
        rule = gates._mistakes_lose if broken.mistakes else gates._independent
        assert any(seen[0] in problem for problem in problems(rule, trial_of(broken))), name


def without(grader: Grader, test: str, witness: str) -> Grader:
    """The grader without one test; of its mistakes only the one that this test alone sees."""
    mistakes = [mistake for mistake in grader.mistakes if mistake.name == witness]
    tests = [one for one in grader.tests if one.name != test]
    return Grader(grader.exercise, grader.lesson, grader.reference, tests, mistakes, grader.alternatives)


def test_loosening_any_tolerance_is_noticed(trial: Trial, monkeypatch: pytest.MonkeyPatch):
    assert problems(gates._tolerances, trial) == []
    strict = comparing.compare

    def loose(got, want, tol=None, scale=None, nan_equal=False):
        result = strict(got, want, tol, scale, nan_equal)
        # a thousand times, and where that is still strict, to what float32's rounding would need
        allowed = max(1000 * result.allowed, LOOSE * result.scale) if result.allowed else 0.0
        if result.stage == "values" and allowed and result.max_abs_error <= allowed:
            return strict(got, want, allowed / result.scale, scale, nan_equal)
        return result

    monkeypatch.setattr(comparing, "compare", loose)
    measuring = {key[1].id for key, outcome in trial.player.baseline.items() if is_measured(outcome)}
    assert measuring
    assert set(trial.unnoticed()) == measuring


def is_measured(outcome) -> bool:
    return outcome.comparison is not None and bool(outcome.comparison.allowed)


def test_swapping_any_sentence_is_noticed(trial: Trial):
    assert problems(gates._sentences, trial) == []
    mistakes = trial.grader.mistakes
    for one, other in zip(mistakes, [*mistakes[1:], mistakes[0]], strict=True):
        said = one.says, other.says
        try:
            one.says, other.says = other.says, one.says
            assert problems(gates._sentences, trial), f"{one.about!r} and {other.about!r}"
        finally:
            one.says, other.says = said


def test_a_mistake_that_the_grader_does_not_see_is_noticed(trial: Trial):
    harmless = dataclasses.replace(trial.grader, mistakes=[*trial.grader.mistakes])
    part = harmless.parts[0]
    count = len(part.mistakes)
    part.mistake("This is right.", about="is right")(trial.grader.reference)
    harmless.mistakes.append(part.mistakes.pop())
    assert len(part.mistakes) == count
    found = problems(gates._mistakes_lose, trial_of(harmless))
    assert found == [f"'is right' of {part.name!r} loses nothing"]
