"""What a result depends on, named in one place: graded work is used again only where nothing of it has moved.

Three things decide a result: the bytes that were handed in (their digest stands in the record), how the
student's code was shut in (the record's layers), and everything else, which is read here from the files
and versions themselves. Nothing is imported or run, so that a run in which nothing changed stays short.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import CourseError, Exercise, Lesson
from autograder.course.settings import read_settings
from autograder.course.sources import Module
from autograder.judge.seed import seed_fingerprint
from autograder.submissions import Notebook, UnreadableNotebook, read_notebook
from autograder.submissions.release import parts_of_release
from autograder.worker.layout import versions

_ENGINE = ("records", "course", "submissions", "worker", "judge")
"""Packages of the engine that have a say in a record; those above them only show it."""
_CACHES = ("__pycache__", ".ipynb_checkpoints")
_LENGTH = 16


@dataclass(frozen=True)
class LessonKeys:
    """The names of all that the results of one lesson depend on, the submission and its sandbox aside.

    Attributes:
        version: of all texts together (not of seed and machine), for the record's ``grader_version``.
        seed_fingerprint: names the seed.
        waits: whether tests that are marked so wait for the due date.
        rest: of what is not a single exercise's: questions, reflection, how a notebook is read.
        exercises: by exercise: the rest of the judge, its grader, its reference, its stub.
    """

    version: str
    seed_fingerprint: str
    waits: bool
    rest: str
    exercises: dict[str, str] = field(default_factory=dict)

    def of_record(self, isolation: Iterable[str], notes: Iterable[str]) -> str:
        """The key of a record. ``notes``: sentences about where its file was found."""
        return _digest("record", self.rest, *isolation, "notes", *notes)

    def of_exercise(self, name: str, isolation: Iterable[str]) -> str:
        """The key of one exercise's result."""
        return _digest("exercise", self.exercises[name], *isolation)


def lesson_keys(lesson: Lesson, seed: int, now: datetime | None = None) -> LessonKeys:
    """Read what the results of a lesson depend on.

    Args:
        lesson: of the course.
        seed: of the class.
        now: the moment that decides whether tests wait for the due date; the present one if not given.
    """
    waits = lesson.after_due is not None and (now or datetime.now(UTC)) < lesson.after_due
    names = [exercise.name for exercise in lesson.exercises]
    release = _release(lesson)
    fingerprint = seed_fingerprint(seed)
    texts = [
        lesson.slug,
        *_engine(),
        *_files(_shared_grader_files(lesson), lesson.graders_folder),
        *_session_limits(lesson),
        *names,
        *(parts_of_release(release).texts if release is not None else ()),
    ]
    common = _digest("common", *texts, fingerprint, f"waits for the due date: {waits}", *_machine(lesson))
    own = {exercise.name: _own(exercise, names) for exercise in lesson.exercises}
    shared = [*_files([lesson.quiz_file], lesson.source_folder), *_texts(release)]
    return LessonKeys(
        version=_digest("version", *texts, *shared, *(text for mine in own.values() for text in mine)),
        seed_fingerprint=fingerprint,
        waits=waits,
        rest=_digest(common, *shared),
        exercises={name: _digest(common, *mine) for name, mine in own.items()},
    )


# ------------------------------------------------------------------------------------- one exercise
def _own(exercise: Exercise, names: list[str]) -> list[str]:
    """What only this exercise's result depends on."""
    reference = exercise.lesson.reference
    return [
        "own",
        exercise.name,
        *_files([exercise.grader_file], exercise.lesson.graders_folder),
        *reference_texts(reference, exercise.name, names),
        exercise.stub_source(),
        exercise.notice,
    ]


def reference_texts(module: Module, name: str, exercises: Iterable[str]) -> list[str]:
    """The statements of a reference module that one exercise's reference may use.

    All but the functions of other exercises; of these, those whose name is spoken in what is kept.
    """
    others = {other: node for other, node in module.functions.items() if other in set(exercises) - {name}}
    kept = [node for node in module.tree.body if node not in others.values()]
    while reached := [other for other in others if _speaks_of(kept, other)]:
        kept += [others.pop(other) for other in reached]
    return sorted(_text(module, node) for node in kept)


def _speaks_of(nodes: list[ast.stmt], name: str) -> bool:
    return any(
        name in (getattr(inner, "id", None), getattr(inner, "attr", None), getattr(inner, "value", None))
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute | ast.Constant)
    )


def _text(module: Module, node: ast.stmt) -> str:
    decorators = [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
    return module.slice(min([node.lineno, *decorators]), node.end_lineno or node.lineno)


# ------------------------------------------------------------------------------------- the lesson
def _release(lesson: Lesson) -> Notebook | None:
    """The released notebook; where there is none the judge says so."""
    try:
        return read_notebook(lesson.release_notebook)
    except UnreadableNotebook:
        return None


def _texts(release: Notebook | None) -> list[str]:
    """All that the reading of a reflection compares with."""
    if release is None:
        return []
    return [f"{cell.kind}\0{cell.id}\0{cell.grade_id}\0{cell.role}\0{cell.source}" for cell in release.cells]


def _shared_grader_files(lesson: Lesson) -> list[Path]:
    """What lies beside the exercises' graders: any of these may read it."""
    own = {exercise.grader_file for exercise in lesson.exercises}
    return [path for path in _below(lesson.graders_folder) if path not in own]


def _session_limits(lesson: Lesson) -> list[str]:
    """The memory that graders declare: one session serves all exercises, so the largest holds for each."""
    found = []
    for exercise in lesson.exercises:
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            for node in ast.walk(ast.parse(exercise.grader_file.read_bytes())):
                if isinstance(node, ast.keyword) and node.arg == "memory_mb":
                    found.append(ast.dump(node.value))
    return sorted(found)


# ------------------------------------------------------------------------------------- the machine
def _machine(lesson: Lesson) -> list[str]:
    """Python, the system, the versions of all that student code or the judge can load, and what is loaded."""
    python = f"{sys.implementation.name} {sys.version}"
    libraries = [f"{name}=={version}" for name, version in sorted(versions().items())]
    loaded = f"loaded before workers are forked: {read_settings(lesson.root).libraries}"
    return [python, sys.platform, platform.machine(), loaded, *libraries]


def _engine() -> list[str]:
    """The engine's and coursekit's own files."""
    engine = Path(__file__).resolve().parents[1]
    texts = []
    for name in _ENGINE:
        texts += _files(_below(engine / name), engine)
    spec = importlib.util.find_spec("coursekit")
    if spec is None or spec.origin is None:
        raise CourseError("coursekit cannot be found: run pip install -e . in the course's folder.")
    kit = Path(spec.origin).resolve().parent
    return texts + _files(_below(kit), kit)


def _below(folder: Path) -> list[Path]:
    """All files of a folder in a fixed order, caches left out."""
    found = folder.rglob("*") if folder.is_dir() else []
    return sorted(p for p in found if p.suffix != ".pyc" and not set(p.parts) & set(_CACHES) and p.is_file())


def _files(paths: Iterable[Path], base: Path) -> list[str]:
    """Name and digest of each file that is there."""
    return [
        f"{path.relative_to(base).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in paths
        if path.is_file()
    ]


def _digest(*texts: str) -> str:
    total = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        total.update(f"{len(data)}\0".encode() + data)  # lengths: no two lists run together
    return total.hexdigest()[:_LENGTH]
