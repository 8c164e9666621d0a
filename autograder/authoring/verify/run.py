"""Running the gates of a lesson, and the same variants through the real worker."""

from __future__ import annotations

import inspect
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from msgspec.structs import replace

from autograder.authoring.verify.gates import all_gates
from autograder.authoring.verify.result import ExerciseVerdict, Gate, LessonVerdict
from autograder.authoring.verify.trial import Trial
from autograder.course import Course, Lesson, load_course
from autograder.judge.exercise import grade_exercise
from autograder.judge.player import Player
from autograder.judge.remote import Worker
from autograder.judge.suite import Grader, load_suite, public_suite
from autograder.records import ExerciseResult
from autograder.worker import Limits, Zygote
from coursekit.checks.student import InProcess

FURTHER = (1000, 2000, 3000)
"""Added to the public seed: the gates must hold on these seeds too."""


def verify_lesson(
    course: Course,
    lesson: Lesson,
    progress: Callable[[str], None] = lambda what: None,
    jobs: int | None = None,
) -> LessonVerdict:
    """Every gate of every exercise of ``lesson``, on the public seed and three others.

    Args:
        course, lesson: what to verify.
        progress: told the name of each exercise that is done.
        jobs: processes at a time; one per core if not given.
    """
    import torch

    torch.set_num_threads(1)  # as in the judge and in the worker: more threads, other last digits
    start = time.monotonic()
    names = [exercise.name for exercise in lesson.exercises]
    suite = load_suite(course.root, lesson.slug, names, course.seed)
    verdicts = []
    zygote = Zygote()
    zygote.start(wait=False)
    try:
        for verdict in _gates(course, lesson, names, jobs or os.cpu_count() or 1):
            verdict.gates.append(_real_worker(suite.graders[verdict.exercise], course.seed, lesson, zygote))
            verdicts.append(verdict)
            progress(verdict.exercise)
    finally:
        zygote.close()
    seconds = round(time.monotonic() - start, 1)
    return LessonVerdict(lesson=lesson.slug, seeds=1 + len(FURTHER), exercises=verdicts, seconds=seconds)


def _gates(course: Course, lesson: Lesson, names: list[str], jobs: int) -> Iterator[ExerciseVerdict]:
    """The gates of each exercise in turn, computed by several processes."""
    if min(jobs, len(names)) < 2:
        for name in names:
            yield _verify_named(course.root, lesson.slug, name)
        return
    # fresh processes: torch and its threads do not survive a fork of this one
    with ProcessPoolExecutor(min(jobs, len(names)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_verify_named, repeat(course.root), repeat(lesson.slug), names)


def _verify_named(root: Path, slug: str, name: str) -> ExerciseVerdict:
    import torch

    torch.set_num_threads(1)
    course = load_course(root)
    lesson = course.find_lesson(slug)
    suite = load_suite(root, slug, [name], course.seed)
    public = public_suite(root, suite)
    return verify_exercise(suite.graders[name], public.graders[name], course, lesson.exercise(name).points)


def verify_exercise(
    grader: Grader,
    public: Grader | None,
    course: Course,
    declared_points: int,
    further: tuple[int, ...] = FURTHER,
) -> ExerciseVerdict:
    """The gates of one exercise that need no worker."""
    seeds = [course.seed, *(course.seed + extra for extra in further)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # junk divides by zero
        trials = [Trial(grader, public, seed, course.root, declared_points) for seed in seeds]
        return ExerciseVerdict(exercise=grader.exercise, points=grader.points, gates=all_gates(trials))


def _real_worker(grader: Grader, seed: int, lesson: Lesson, zygote: Zygote) -> Gate:
    """One mistake and one alternative through the sandbox get the record they get in process."""
    player = Player(grader, seed)
    functions = [m.function(grader.reference) for m in grader.mistakes[:1]] + grader.alternatives[:1]
    texts = [_text_of_mistake(grader), *(_renamed(f, grader.exercise) for f in grader.alternatives[:1])]
    imports = [lesson.imports, *_own_imports(grader)]
    problems = []
    for function, text in zip(functions, texts, strict=True):
        here = grade_exercise(player, InProcess({grader.exercise: function}))
        cells = [{"index": i, "source": source} for i, source in enumerate([*imports, text])]
        worker = Worker(zygote, cells, {}, Limits())
        try:
            there = grade_exercise(player, worker)
        finally:
            worker.close()
        if _comparable(here) != _comparable(there):
            problems.append(
                f"{function.__name__} gets {there.score:g} in the worker ({there.diagnosis}), {here.score:g} here"
            )
    return Gate(name="real worker", passed=not problems, figure=f"{len(functions)} equal", problems=problems)


def _text_of_mistake(grader: Grader) -> str:
    mistake = grader.mistakes[0]
    edit = mistake.edit
    if edit is None:
        return _renamed(mistake.function(grader.reference), grader.exercise)
    return inspect.getsource(grader.reference).replace(*edit)


def _renamed(function: Callable, name: str) -> str:
    source = inspect.getsource(function)
    start = source.index("def ")
    return source[start:].replace(f"def {function.__name__}(", f"def {name}(", 1)


def _own_imports(grader: Grader) -> list[str]:
    """The import lines of the grader's file: its alternatives may use them."""
    text = inspect.getsource(inspect.getmodule(grader.tests[0].function))  # type: ignore[arg-type]
    return [
        line
        for line in text.splitlines()
        if line.startswith(("import ", "from ")) and "coursekit.checks" not in line and "pytest" not in line
    ]


def _comparable(result: ExerciseResult) -> ExerciseResult:
    tests = [replace(test, wall_s=0.0, exception="", output="") for test in result.tests]
    return replace(result, wall_s=0.0, tests=tests)
