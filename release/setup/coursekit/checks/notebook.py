"""``check(function)``: the public checks of an exercise, played where the learner works."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from coursekit.checks.diagnose import Key, named_mistake, transform_of
from coursekit.checks.play import Outcome, Test, case_rng, play, tests_of
from coursekit.checks.recorded import EXAMPLES, Recorded, read_recorded
from coursekit.checks.student import InProcess

_NO_NAME = "check takes the function itself, as in check({example}); it was given a {kind}."
_NO_CHECKS = (
    "There is no check called {name!r} in {folder}. Run the notebook in its lesson's folder, "
    "and keep the function's name as it was given. Checks here: {known}."
)
_NOT_WRITTEN = (
    "This function is not written yet: put your code in the place of `raise NotImplementedError()`."
)
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
    """One public check: its title, and its first failing case or the passing one with the least margin."""

    test: Test
    outcome: Outcome
    diagnosis: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome.passed


@dataclass
class CheckResult:
    """What :func:`check` found; shown as a card, or as text.

    Attributes:
        exercise: name of the function.
        entries: one per public check.
        diagnosis: the sentence that explains every failing answer, if there is one.
        hidden: how many hidden checks await, where that is known.
    """

    exercise: str
    entries: list[Entry]
    diagnosis: str = ""
    hidden: int | None = None
    notes: list[str] = field(default_factory=list)

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
    tests = tests_of(_module(folder / "checks" / f"test_{name}.py"), "public")
    recorded = read_recorded(folder / EXAMPLES, name)
    student = InProcess({name: function})

    def again(key: Key, extra: int = 0) -> Outcome:
        rng = case_rng(recorded.seed + extra, recorded.lesson, name, key[1].id)
        return play(key[0], key[1], name, student, recorded.expected(key[1].id, extra), rng)

    with _generators_kept():
        outcomes = {(test, case): again((test, case)) for test in tests for case in test.cases}
        return _result(name, tests, outcomes, recorded, again, folder)


def _result(
    name: str,
    tests: list[Test],
    outcomes: dict[Key, Outcome],
    recorded: Recorded,
    again: Callable[[Key, int], Outcome],
    folder: Path,
) -> CheckResult:
    index = named_mistake(recorded, outcomes, again)
    result = CheckResult(name, [], hidden=_hidden_tests(folder, name))
    if index is not None:
        result.diagnosis = recorded.mistakes[index][1]
    if all(outcome.status == "missing" for outcome in outcomes.values()):
        result.diagnosis = _NOT_WRITTEN
    for test in tests:
        own = [((test, case), outcomes[test, case]) for case in test.cases]
        key, outcome = next(((k, o) for k, o in own if not o.passed), own[0])
        entry = Entry(test, outcome)
        if not outcome.passed and index is None:
            found = transform_of(key, outcome, again)
            entry.diagnosis = found.says if found else ""
        result.entries.append(entry)
        for answer in outcome.answers:
            result.notes += (
                [f"Your function prints: {answer.output[:200]}"] if answer.output and not result.notes else []
            )
    return result


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
