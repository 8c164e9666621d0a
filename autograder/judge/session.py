"""One pytest session that collects a lesson's hidden graders once and then judges in its own loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType

import pytest

from autograder.course import Lesson
from autograder.judge.suite import NO_TESTS, Suite, grader_from_module, reference_of
from coursekit.checks.play import GraderError

_MISSING = "{lesson}: the exercise {exercise} has no hidden grader at {path}"
_BROKEN = "the hidden graders of {lesson} cannot be collected: {report}"


class _Judging:
    """Pytest plugin: instead of running the collected tests, hand their modules to the judge."""

    def __init__(self, judge: Callable[[list[ModuleType]], None]):
        self._judge = judge
        self.problems: list[str] = []
        self.error: BaseException | None = None
        self.judged = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self.problems:
            self.judged = True
            try:
                self._judge(list(dict.fromkeys(item.module for item in session.items)))  # type: ignore[attr-defined]
            except BaseException as error:
                self.error = error
        return True


def with_suite(lesson: Lesson, seed: int, judge: Callable[[Suite], None]) -> None:
    """Collect the hidden graders of ``lesson`` and call ``judge`` with them, inside the pytest session.

    Raises:
        GraderError: a grader is missing or cannot be collected.
    """
    for exercise in lesson.exercises:
        if not exercise.grader_file.is_file():
            raise GraderError(
                _MISSING.format(lesson=lesson.slug, exercise=exercise.name, path=exercise.grader_file)
            )

    def judge_modules(modules: list[ModuleType]) -> None:
        by_file = {os.path.realpath(str(module.__file__)): module for module in modules}
        graders = {}
        for exercise in lesson.exercises:
            module = by_file.get(os.path.realpath(exercise.grader_file))
            if module is None:
                raise GraderError(NO_TESTS.format(path=exercise.grader_file))
            reference = reference_of(lesson.root, lesson.slug, exercise.name)
            graders[exercise.name] = grader_from_module(module, lesson.slug, exercise.name, reference)
        judge(Suite(lesson.slug, graders, seed))

    plugin = _Judging(judge_modules)
    options = ["--capture=no", "-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"]
    # pytest's own words for a failed assert would tell hidden values; no other file has a say in a grade
    options += ["--assert=plain", "--noconftest"]
    place = ["-c", os.devnull, "--rootdir", str(lesson.root)]
    files = [str(exercise.grader_file) for exercise in lesson.exercises]
    pytest.main([*options, *place, *files], plugins=[plugin])
    if plugin.error is not None:
        raise plugin.error
    if not plugin.judged:
        report = (
            plugin.problems[0][-1500:] if plugin.problems else "pytest ended before it collected anything"
        )
        raise GraderError(_BROKEN.format(lesson=lesson.slug, report=report))
