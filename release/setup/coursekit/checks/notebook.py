"""``check(function)``: the public checks of an exercise, played where the learner works."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from coursekit.checks import advice
from coursekit.checks.declare import Family, declared_family
from coursekit.checks.diagnose import Key, Named, name_mistakes, transform_of
from coursekit.checks.divergence import divergence
from coursekit.checks.play import Outcome, Test, case_rng, play, tests_of
from coursekit.checks.recorded import EXAMPLES, Recorded, read_recorded
from coursekit.checks.smallest import DRAWS, SmallCase, parameters_of, small_arguments, smallest
from coursekit.checks.student import InProcess
from coursekit.checks.transforms import Transform

_NO_NAME = "check takes the function itself, as in check({example}); it was given a {kind}."
_NO_CHECKS = (
    "There is no check called {name!r} in {folder}. Run the notebook in its lesson's folder, "
    "and keep the function's name as it was given. Checks here: {known}."
)
_NOT_WRITTEN = (
    "This function is not written yet: put your code in the place of `raise NotImplementedError()`."
)
_WRITE = 'Read the docstring, then write the first line you are sure of; hint("{name}") helps you on.'
_EXPLAINED = 3
"""So many failing checks are searched for a transform: each asks the function twice more."""
_NO_FAMILY = "{name} has no small cases in {folder}. Run the notebook in its lesson's folder."
_NO_SUCH_CASE = "{name} has small cases of size {sizes}, draws 0 to {last}; not of size {size}, draw {draw}."
_FAILED = "{failed} of {total} public checks of {name} do not pass yet."


class CheckFailed(Exception):
    """Some public checks do not pass; the card above says which and why."""

    def __init__(self, result: CheckResult):
        failed = sum(not entry.passed for entry in result.entries)
        super().__init__(_FAILED.format(failed=failed, total=len(result.entries), name=result.exercise))
        self.result = result

    def _render_traceback_(self) -> list[str]:
        # the card has been shown: a traceback through the course's own code would only be in the way
        return [f"CheckFailed: {self}"]


@dataclass
class Entry:
    """One public check: its first failing case, or the passing one with the least margin.

    Attributes:
        diagnosis: what explains its answer, in a sentence: a transform, or a mistake that the card does not
            name for all.
        mistake: index of the declared mistake that explains it.
        floor: the largest error of a legitimate variant in the same case, where one was measured.
    """

    test: Test
    outcome: Outcome
    diagnosis: str = ""
    mistake: int | None = None
    floor: float | None = None
    case: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome.passed


@dataclass
class CheckResult:
    """What :func:`check` found; shown as a card, or as text.

    Attributes:
        exercise: name of the function.
        entries: one per public check.
        diagnosis: the sentence that explains the wrong answers, or the first check that fails.
        next_step: what to do about the first check that fails.
        diverged: how far the values that are watched agree, in a sentence.
        small: the smallest case that is answered wrongly.
        hidden: how many hidden checks await, where that is known.
        unwatched: names that the reference watches and the function does not.
    """

    exercise: str
    entries: list[Entry]
    diagnosis: str = ""
    next_step: str = ""
    diverged: str = ""
    small: SmallCase | None = None
    hidden: int | None = None
    notes: list[str] = field(default_factory=list)
    unwatched: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(entry.passed for entry in self.entries)

    def __str__(self) -> str:
        from coursekit.checks.card import as_text

        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from coursekit.checks.card import as_html

        return as_html(self)


def check(function: Callable[..., Any], folder: Path | str = ".") -> None:
    """Play the public checks of ``function`` and show a card.

    Args:
        function: what the exercise asks for; its name says which checks are played.
        folder: of the lesson, with ``checks/`` and the recorded answers in it.

    Raises:
        CheckFailed: some check does not pass; what follows in the cell is not run.
    """
    result = run_checks(function, Path(folder))
    _show(result)
    if not result.passed:
        raise CheckFailed(result)


def run_checks(function: Callable[..., Any], folder: Path) -> CheckResult:
    """Play the public checks of ``function`` without showing anything."""
    name = getattr(function, "__name__", None)
    known = sorted(path.stem.removeprefix("test_") for path in (folder / "checks").glob("test_*.py"))
    if not callable(function) or name is None:
        kind = type(function).__name__
        raise TypeError(_NO_NAME.format(example=known[0] if known else "saliency", kind=kind))
    if name not in known:
        listed = ", ".join(known) or "none"
        raise LookupError(_NO_CHECKS.format(name=name, folder=folder.resolve(), known=listed))
    checks = _module(folder / "checks" / f"test_{name}.py")
    tests = tests_of(checks, "public")
    recorded = read_recorded(folder / EXAMPLES, name)
    student = InProcess({name: function})

    def again(key: Key, extra: int = 0) -> Outcome:
        rng = case_rng(recorded.seed + extra, recorded.lesson, name, key[1].id)
        return play(key[0], key[1], name, student, recorded.expected(key[1].id, extra), rng)

    with _generators_kept():
        outcomes = {(test, case): again((test, case)) for test in tests for case in test.cases}
        named = name_mistakes(recorded, outcomes, again)
        result = CheckResult(name, [], hidden=_hidden_tests(folder, name))
        transforms = _entries(result, tests, outcomes, recorded, named, again)
        if all(outcome.status == "missing" for outcome in outcomes.values()):
            result.diagnosis, result.next_step = _NOT_WRITTEN, _WRITE.format(name=name)
        elif not result.passed:
            mistake = _told(result, recorded, named)
            _explain(result, function, declared_family(checks), recorded, mistake, transforms)
    return result


def _entries(
    result: CheckResult,
    tests: list[Test],
    outcomes: dict[Key, Outcome],
    recorded: Recorded,
    named: Named,
    again: Callable[[Key, int], Outcome],
) -> dict[str, Transform]:
    """Fill in one entry per check; the transforms that explain failing ones, where no mistake does."""
    transforms: dict[str, Transform] = {}
    for test in tests:
        own = [((test, case), outcomes[test, case]) for case in test.cases]
        key, outcome = next(
            ((k, o) for k, o in own if not o.passed), max(own, key=lambda pair: _used(pair[1]))
        )
        entry = Entry(test, outcome, floor=recorded.floor(key[1].id), case=key[1].id)
        entry.mistake = named.of(test, [k for k, o in own if not o.passed]) if not outcome.passed else None
        unexplained = not outcome.passed and entry.mistake is None and named.main is None
        if unexplained and len(transforms) < _EXPLAINED:
            found = transform_of(key, outcome, again)
            if found is not None:
                transforms[test.name], entry.diagnosis = found, found.says
        result.entries.append(entry)
        printed = next((answer.output for answer in outcome.answers if answer.output), "")
        if printed and not result.notes:
            result.notes.append(f"Your function prints: {printed[:200]}")
    return transforms


def _told(result: CheckResult, recorded: Recorded, named: Named) -> tuple[str, str, str] | None:
    """The mistake that the card names at its head; others are told beside the checks they explain."""
    found = [entry for entry in result.entries if entry.mistake is not None]
    if not found:
        return None
    head = found[0].mistake if named.main is None else named.main
    for entry in found:
        if entry.mistake != head:
            entry.diagnosis = recorded.mistakes[entry.mistake][1]  # type: ignore[index]
    return recorded.mistakes[head]  # type: ignore[index]


def _explain(
    result: CheckResult,
    function: Callable[..., Any],
    family: Family | None,
    recorded: Recorded,
    mistake: tuple[str, str, str] | None,
    transforms: dict[str, Transform],
) -> None:
    """The diagnosis, the first divergence, the smallest counter-example and what to try next."""
    first = next(entry for entry in result.entries if not entry.passed)
    name, diverged, student = result.exercise, None, InProcess({result.exercise: function})
    for entry in result.entries:
        traces = recorded.traces(entry.case)
        if traces and not entry.passed:
            diverged = divergence(student, entry.outcome.calls, traces)
            break
    if mistake is not None:
        result.diagnosis = mistake[1]
    if diverged is not None:
        result.diverged, result.unwatched = diverged.says, diverged.unwatched
    if family is not None and first.outcome.failure is None:  # an error is found by its line, not by hand
        make = partial(small_arguments, family, recorded.seed, recorded.lesson, name)
        result.small = smallest(name, student, parameters_of(function), make, recorded.small)
    result.next_step = advice.next_step(
        first.test,
        first.outcome,
        named=None if mistake is None else mistake[2],
        transform=transforms.get(first.test.name),
        diverged=diverged,
        expected=result.small.expected if result.small else "",
    )


def _used(outcome: Outcome) -> float:
    """The share of its tolerance that a passing case uses."""
    comparison = outcome.comparison
    if comparison is None or not comparison.allowed or comparison.max_abs_error is None:
        return -1.0
    return comparison.max_abs_error / comparison.allowed


def small_case(
    exercise: str | Callable[..., Any], size: int = 1, draw: int = 0, folder: Path | str = "."
) -> tuple[Any, ...]:
    """The arguments of a small case, to be worked by hand: ``saliency(*kit.small_case("saliency", 1, 0))``.

    Args:
        exercise: the function, or its name in quotes.
        size, draw: which case; the card of a failing check says both.
        folder: of the lesson.

    Raises:
        LookupError: the exercise has no small cases, or none of that size.
    """
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", str(exercise))
    path = Path(folder) / "checks" / f"test_{name}.py"
    family = declared_family(_module(path)) if path.is_file() else None
    if family is None:
        raise LookupError(_NO_FAMILY.format(name=name, folder=Path(folder).resolve()))
    if size not in family.sizes or draw not in range(DRAWS):
        sizes = ", ".join(map(str, family.sizes))
        raise LookupError(_NO_SUCH_CASE.format(name=name, sizes=sizes, last=DRAWS - 1, size=size, draw=draw))
    recorded = read_recorded(Path(folder) / EXAMPLES, name)
    with _generators_kept():
        return small_arguments(family, recorded.seed, recorded.lesson, name, size, draw)


def _module(path: Path) -> ModuleType:
    """The checks of one exercise, read afresh: a learner may have a newer folder."""
    spec = spec_from_file_location(f"checks_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _hidden_tests(folder: Path, name: str) -> int | None:
    try:
        facts = json.loads((folder / "lesson.json").read_text(encoding="utf-8"))
        return next(one["hidden_tests"] for one in facts["exercises"] if one["name"] == name)
    except (OSError, ValueError, KeyError, StopIteration, TypeError):
        return None


@contextmanager
def _generators_kept() -> Iterator[None]:
    """A check seeds every generator before each call; the learner's own streams go on as if it had not."""
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state(), torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if torch is not None and states[2] is not None:
            torch.set_rng_state(states[2])


def _show(result: CheckResult) -> None:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        print(result)
        return
    from IPython.display import display

    display(result)
