"""The project's pytest plugin: a hidden grader or public check runs under plain pytest too.

There `student` is the reference itself, in process: ``pytest tests/graders`` shows that the graders
accept it. Loaded by every pytest start in this environment, so nothing heavy is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.judge.seed import course_seed


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "part(part): the part of an exercise that a test belongs to")
    config.addinivalue_line("markers", "axiom(name): the axiom that a test measures")
    config.addinivalue_line("markers", "after_due: not run before the due date")


class _Place:
    """Lesson, exercise and course root of a grader's or check's file."""

    def __init__(self, path: Path):
        self.exercise = path.stem.removeprefix("test_")
        folder = path.parent.parent if path.parent.name == "checks" else path.parent
        self.lesson = folder.name
        self.root = next((up for up in path.parents if (up / "reference_impl").is_dir()), None)
        if self.root is None:
            raise pytest.UsageError(f"{path} lies in no course: no folder above it holds reference_impl")


@pytest.fixture
def _place(request: pytest.FixtureRequest) -> _Place:
    return _Place(Path(request.path))


@pytest.fixture
def _answerer(_place: _Place) -> Any:
    from autograder.judge.suite import reference_of
    from coursekit.checks.student import InProcess

    return InProcess({_place.exercise: reference_of(_place.root, _place.lesson, _place.exercise)})


@pytest.fixture
def student(_answerer: Any) -> Any:
    """The functions of the submission under test; under plain pytest, of the reference."""
    from coursekit.checks.student import Student

    return Student(_answerer)


@pytest.fixture
def agrees(student: Any, _answerer: Any, _place: _Place) -> Any:
    """Calls student and reference on the same arguments and compares."""
    from coursekit.checks.play import Agrees, Outcome

    return Agrees(_place.exercise, student, _answerer, Outcome())


@pytest.fixture
def rng(request: pytest.FixtureRequest, _place: _Place) -> Any:
    """The stream of numbers of this case."""
    from coursekit.checks.play import case_rng, expand

    params = getattr(getattr(request.node, "callspec", None), "params", {})
    case = next(
        case
        for case in expand(request.function)
        if all(case.params[name] is value for name, value in params.items() if name in case.params)
    )
    return case_rng(course_seed(_place.root), _place.lesson, _place.exercise, case.id)
