"""Running the gates of a lesson, and the same variants through the real worker."""

from __future__ import annotations

import inspect
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from msgspec.structs import replace

from autograder.authoring.verify.gates import gates_of, on_all_seeds, scores_of
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


class Verifier:
    """Verifies lessons with several processes and one sandbox, which serve all of them; a context manager.

    Args:
        jobs: processes at a time; one per core if not given.
    """

    def __init__(self, jobs: int | None = None):
        self._jobs = jobs or os.cpu_count() or 1
        self._pool: Executor | None = None
        self._zygote = Zygote()

    def __enter__(self) -> Verifier:
        import torch

        torch.set_num_threads(1)  # as in the judge and in the worker: more threads, other last digits
        self._zygote.start(wait=False)
        if self._jobs > 1:  # fresh processes: torch and its threads do not survive a fork of this one
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=get_context("spawn"))
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._zygote.close()

    def verify(
        self, course: Course, lesson: Lesson, progress: Callable[[str], None] = lambda what: None
    ) -> LessonVerdict:
        """Every gate of every exercise of ``lesson``, on the public seed and three others.

        Args:
            course, lesson: what to verify.
            progress: told the name of each exercise that is done.
        """
        start = time.monotonic()
        names = [exercise.name for exercise in lesson.exercises]
        suite = load_suite(course.root, lesson.slug, names, course.seed)
        seeds = [course.seed, *(course.seed + extra for extra in FURTHER)]
        verdicts = []
        results = self._on_seeds(course.root, lesson.slug, [(name, seed) for name in names for seed in seeds])
        for name in names:
            grader = suite.graders[name]
            # the sandbox works while the other processes do
            worker = _real_worker(grader, course.seed, lesson, self._zygote)
            gates = [*_merged([next(results) for _ in seeds]), worker]
            verdicts.append(ExerciseVerdict(exercise=name, points=grader.points, gates=gates))
            progress(name)
        seconds = round(time.monotonic() - start, 1)
        return LessonVerdict(lesson=lesson.slug, seeds=len(seeds), exercises=verdicts, seconds=seconds)

    def _on_seeds(self, root: Path, slug: str, tasks: list[tuple[str, int]]) -> Iterator[_OneSeed]:
        """What each exercise gets on each seed, in the order of ``tasks``."""
        if self._pool is None:
            return (_on_seed(root, slug, *task) for task in tasks)
        return self._pool.map(_on_seed, repeat(root), repeat(slug), *zip(*tasks, strict=True))


_OneSeed = tuple[list[Gate], dict[str, float]]


def _on_seed(root: Path, slug: str, name: str, seed: int) -> _OneSeed:
    import torch

    torch.set_num_threads(1)
    course = load_course(root)
    suite = load_suite(root, slug, [name], course.seed)
    public = public_suite(root, suite).graders[name]
    points = course.find_lesson(slug).exercise(name).points
    return _tried(suite.graders[name], public, seed, root, points)


def _tried(grader: Grader, public: Grader | None, seed: int, root: Path, declared_points: int) -> _OneSeed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # junk divides by zero
        trial = Trial(grader, public, seed, root, declared_points)
        return gates_of(trial), scores_of(trial)


def _merged(results: list[_OneSeed]) -> list[Gate]:
    return on_all_seeds([gates for gates, _ in results], [scores for _, scores in results])


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
