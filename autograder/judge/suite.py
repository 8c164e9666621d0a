"""The graders of one lesson, ready to be played: tests, parts, mistakes, references, declarations."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from coursekit.checks.declare import Convergence, Family, Forbidden, Limits, declared_family
from coursekit.checks.parts import Mistake, Part
from coursekit.checks.play import GraderError, Test, tests_of
from coursekit.checks.student import Cached, InProcess

_NO_PART = "{path}: {test} belongs to no part; decorate it with one, so that it has points"
NO_TESTS = "{path} holds no test"
_NO_FUNCTION = "{path} defines no function {name}"


@dataclass
class Grader:
    """Everything that grades one exercise.

    Attributes:
        exercise: name of the function under test.
        lesson: slug of its lesson.
        reference: the reference implementation.
        tests: in the order of the file.
        parts: in the order of their first test.
        alternatives: legitimate variants declared in the file.
        limits, forbidden, convergence: what the file declares, or None.
        family: small inputs that the public checks declare, or None.
    """

    exercise: str
    lesson: str
    reference: Callable[..., Any]
    tests: list[Test]
    mistakes: list[Mistake] = field(default_factory=list)
    alternatives: list[Callable[..., Any]] = field(default_factory=list)
    limits: Limits | None = None
    forbidden: Forbidden | None = None
    family: Family | None = None
    convergence: Convergence | None = None

    @cached_property
    def parts(self) -> list[Part]:
        return list(dict.fromkeys(test.part for test in self.tests))

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    @cached_property
    def expected(self) -> Cached:
        """The reference as an answerer that computes each call once."""
        return Cached(InProcess({self.exercise: self.reference}))

    @cached_property
    def wrong(self) -> list[tuple[Mistake, Cached]]:
        """Every declared mistake as an answerer that computes each call once."""
        functions = ((m, m.function(self.reference)) for m in self.mistakes)
        return [(m, Cached(InProcess({self.exercise: function}))) for m, function in functions]


@dataclass
class Suite:
    """The graders of one lesson."""

    lesson: str
    graders: dict[str, Grader]
    seed: int

    @property
    def points(self) -> int:
        return sum(grader.points for grader in self.graders.values())


def load_module(path: Path, name: str) -> ModuleType:
    """The module of one file under the given name, without touching the search path."""
    known = sys.modules.get(name)
    if known is not None and os.path.realpath(str(known.__file__)) == os.path.realpath(path):
        return known  # else of another course in the same process
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise GraderError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def reference_of(root: Path, lesson: str, exercise: str) -> Callable[..., Any]:
    """The reference implementation of one exercise."""
    name = lesson.partition("_")[2]
    path = root / "reference_impl" / f"{name}.py"
    module = load_module(path, f"reference_impl.{name}")
    function = getattr(module, exercise, None)
    if not inspect.isfunction(function):
        raise GraderError(_NO_FUNCTION.format(path=path, name=exercise))
    return function


def grader_from_module(
    module: ModuleType, lesson: str, exercise: str, reference: Callable[..., Any]
) -> Grader:
    """What one hidden grader's file declares."""
    tests = tests_of(module, "hidden")
    if not tests:
        raise GraderError(NO_TESTS.format(path=module.__file__))
    for test in tests:
        if test.part is None:
            raise GraderError(_NO_PART.format(path=module.__file__, test=test.name))
    declared = list(vars(module).values())

    def one(kind: type) -> Any:
        return next((value for value in declared if isinstance(value, kind)), None)

    return Grader(
        exercise,
        lesson,
        reference,
        tests,
        mistakes=[m for part in dict.fromkeys(t.part for t in tests) for m in part.mistakes],
        alternatives=[v for v in declared if inspect.isfunction(v) and getattr(v, "is_alternative", False)],
        limits=one(Limits),
        forbidden=one(Forbidden),
        convergence=one(Convergence),
    )


def public_grader(hidden: Grader, checks: ModuleType) -> Grader:
    """The public checks of an exercise in the place of its hidden tests; mistakes stay those of the grader."""
    public = Part("public checks", 1)
    tests = [dataclasses.replace(test, part=public) for test in tests_of(checks, "public")]
    mistakes = [mistake.of_part(public) for mistake in hidden.mistakes]
    return Grader(
        hidden.exercise,
        hidden.lesson,
        hidden.reference,
        tests,
        mistakes,
        hidden.alternatives,
        limits=hidden.limits,
        family=declared_family(checks),
    )


def public_suite(root: Path, suite: Suite) -> Suite:
    """The public checks of the lesson in the place of the hidden tests of ``suite``."""
    graders = {}
    for name, grader in suite.graders.items():
        path = root / "source" / suite.lesson / "checks" / f"test_{name}.py"
        graders[name] = public_grader(grader, load_module(path, f"checks.{suite.lesson}.test_{name}"))
    return Suite(suite.lesson, graders, suite.seed)


def load_suite(root: Path, lesson: str, exercises: Iterable[str], seed: int) -> Suite:
    """The hidden graders of a lesson without pytest's collection (verify, recorded examples)."""
    graders = {}
    for exercise in exercises:
        path = root / "tests" / "graders" / lesson / f"test_{exercise}.py"
        module = load_module(path, f"graders.{lesson}.test_{exercise}")
        graders[exercise] = grader_from_module(module, lesson, exercise, reference_of(root, lesson, exercise))
    return Suite(lesson, graders, seed)
