"""Running the gates of a lesson, and the same variants through the real worker."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable

from msgspec.structs import replace

from autograder.authoring.verify.gates import all_gates
from autograder.authoring.verify.result import ExerciseVerdict, Gate, LessonVerdict
from autograder.authoring.verify.trial import Trial
from autograder.course import Course, Lesson
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
    course: Course, lesson: Lesson, progress: Callable[[str], None] = lambda what: None
) -> LessonVerdict:
    """Every gate of every exercise of ``lesson``, on the public seed and three others."""
    import torch

    torch.set_num_threads(1)
    start = time.monotonic()
    suite = load_suite(course.root, lesson.slug, [e.name for e in lesson.exercises], course.seed)
    public = public_suite(course.root, suite)
    verdicts = []
    with Zygote() as zygote:
        for exercise in lesson.exercises:
            grader = suite.graders[exercise.name]
            verdict = verify_exercise(grader, public.graders[exercise.name], course, exercise.points)
            verdict.gates.append(_real_worker(grader, course.seed, lesson, zygote))
            verdicts.append(verdict)
            progress(exercise.name)
    seconds = round(time.monotonic() - start, 1)
    return LessonVerdict(lesson=lesson.slug, seeds=1 + len(FURTHER), exercises=verdicts, seconds=seconds)


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
