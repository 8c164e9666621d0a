"""``autograder build``: from a lesson's sources to ``solutions/`` and ``release/``, and what is stale."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import files, keys, rules
from autograder.authoring.errors import BuildError
from autograder.authoring.execute import Progress, execute_notebook, rehearse
from autograder.authoring.kit import setup_files
from autograder.authoring.notebook import (
    Notebook,
    as_bytes,
    digest,
    fact,
    keep_outputs,
    solution_notebook,
    with_facts,
)
from autograder.authoring.release import make_release
from autograder.authoring.support import EXAMPLES, GENERATED_FOLDERS, support_files
from autograder.course import Course, Lesson
from autograder.course.errors import shown

Recorder = Callable[[Lesson, Path], None]
"""Writes the recorded answers for a lesson's public checks to the path."""


@dataclass(frozen=True)
class Built:
    """What a build did for one lesson (or for the set-up folder, where `lesson` is ``setup``)."""

    lesson: str
    written: tuple[str, ...]
    """Paths below the course that were written or taken away."""
    executed: bool
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What the sources of one lesson give: its notebook without outputs, and the files beside it."""

    notebook: Notebook
    released: dict[str, str]
    """Sources that differ in the release, by the id of their cell."""
    support: dict[str, bytes]


def plan(course: Course, lesson: Lesson) -> Plan:
    """Read and check the sources. Raises BuildError with everything that is wrong with them."""
    found = rules.problems(lesson)
    if found:
        raise BuildError(lesson.slug, found)
    return Plan(*solution_notebook(course, lesson), support_files(course, lesson))


def build(
    course: Course,
    lessons: Sequence[Lesson],
    *,
    execute: bool = False,
    record: Recorder | None = None,
    progress: Progress | None = None,
) -> list[Built]:
    """Write ``solutions/`` and ``release/`` of the lessons, then ``release/setup``.

    `execute` runs the solutions whose outputs are older than what they depend on, and each of these
    notebooks once more with nothing solved, as a learner meets it. `record` writes the
    recorded answers when what they depend on has changed; without it the present file stays. Raises
    BuildError before anything of that lesson is written, EditedByHand where work would be lost, and
    CellFailed when a solution does not run cleanly.
    """
    kit = keys.kit_hash()
    steps = len(lessons) + 1
    done = []
    for number, lesson in enumerate(lessons):
        if progress:
            progress(f"{lesson.slug}: building", number, steps)
        done.append(_build_lesson(course, lesson, execute, record, kit, progress))
    if progress:
        progress("setup: copying coursekit", steps - 1, steps)
    start = time.monotonic()
    folder = course.root / "release" / "setup"
    changed = files.replace_folder(folder, setup_files(course))
    done.append(
        Built("setup", tuple(f"release/setup/{name}" for name in changed), False, time.monotonic() - start)
    )
    return done


def _build_lesson(
    course: Course,
    lesson: Lesson,
    execute: bool,
    record: Recorder | None,
    kit: str,
    progress: Progress | None,
) -> Built:
    start = time.monotonic()
    planned = plan(course, lesson)
    files.refuse_hand_edits(lesson)
    expected = {*planned.support, EXAMPLES, lesson.solution_notebook.name}
    files.refuse_strays(lesson, expected, GENERATED_FOLDERS)

    written = _write_support(lesson, planned, expected)
    old = files.read_notebook(lesson.solution_notebook)
    examples = lesson.solution_folder / EXAMPLES
    recorded = fact(old, "examples")
    wanted = keys.examples_key(course, lesson, kit)
    if record is not None and (recorded != wanted or not examples.exists()):
        record(lesson, examples)
        recorded, written = wanted, [*written, examples]

    key = keys.execution_key(course, lesson, planned.notebook, kit)
    executed = fact(old, "executed")
    run = execute and executed != key
    if run:
        notebook = execute_notebook(planned.notebook, lesson.solution_folder, lesson.slug, progress)
        rehearse(planned.notebook, planned.released, lesson.solution_folder, lesson.slug, progress)
        executed = key
        files.drop_empty(lesson.solution_folder)
    else:
        notebook = keep_outputs(planned.notebook, old) if old else planned.notebook
    notebook = with_facts(notebook, executed=executed, examples=recorded)
    if files.write_bytes(lesson.solution_notebook, as_bytes(notebook)):
        written.append(lesson.solution_notebook)

    with tempfile.TemporaryDirectory() as scratch:
        made = files.contents(make_release(course, lesson, Path(scratch)))
    written += [lesson.release_folder / name for name in files.replace_folder(lesson.release_folder, made)]
    _expect_release(lesson)
    paths = tuple(shown(path, course.root) for path in written)
    return Built(lesson.slug, paths, run, time.monotonic() - start)


def _write_support(lesson: Lesson, planned: Plan, expected: set[str]) -> list[Path]:
    """Write the files beside the notebook, and take away generated ones that are no longer made."""
    folder = lesson.solution_folder
    changed = [
        folder / name
        for name, content in planned.support.items()
        if files.write_bytes(folder / name, content)
    ]
    for path in keys.files_below(folder):
        if path.relative_to(folder).as_posix() not in expected:
            path.unlink()
            changed.append(path)
    files.drop_empty(folder)
    return changed


def _expect_release(lesson: Lesson) -> None:
    """nbgrader must have cleared exactly what the build marked, or submissions could not be compared."""
    notebook = files.read_notebook(lesson.release_notebook)
    if notebook is None or digest(notebook["cells"]) != fact(notebook, "sources")["release"]:
        raise BuildError(
            lesson.slug,
            [
                "the released cells are not those that the build expects. nbgrader_config.py must leave "
                "the stubs, the solution markers and the header of nbgrader as they are."
            ],
        )


@dataclass(frozen=True)
class Stale:
    """One generated thing that does not fit its sources any more."""

    lesson: str
    path: str
    why: str
    repair: str
    """The command that puts it right, or what to do."""

    def __str__(self) -> str:
        return f"{self.path} {self.why}. {self.repair}"


def check(course: Course, lessons: Sequence[Lesson], *, progress: Progress | None = None) -> list[Stale]:
    """What is stale among the generated files of the lessons. Nothing is written or executed."""
    kit = keys.kit_hash()
    found: list[Stale] = []
    for number, lesson in enumerate(lessons):
        if progress:
            progress(f"{lesson.slug}: comparing", number, len(lessons))
        found += _check_lesson(course, lesson, kit)
    setup = course.root / "release" / "setup"
    different = files.differing(setup, setup_files(course))
    if different:
        what = different[0] if len(different) == 1 else f"{different[0]} and {len(different) - 1} more"
        found.append(
            Stale(
                "setup", "release/setup", f"is not the present coursekit ({what})", "Run `autograder build`."
            )
        )
    if len(lessons) == len(course.lessons):
        known = {lesson.slug for lesson in lessons} | {"setup"}
        for top in ("solutions", "release"):
            for path in sorted((course.root / top).glob("*/")):
                if path.name not in known:
                    found.append(
                        Stale(path.name, f"{top}/{path.name}", "has no source", "Delete the folder.")
                    )
    return found


def _check_lesson(course: Course, lesson: Lesson, kit: str) -> list[Stale]:
    def stale(path: Path, why: str, repair: str) -> Stale:
        return Stale(lesson.slug, shown(path, course.root), why, repair)

    again, run = (
        f"Run `autograder build {lesson.label}`.",
        f"Run `autograder build {lesson.label} --execute`.",
    )
    try:
        planned = plan(course, lesson)
    except BuildError as error:
        return [
            stale(lesson.source_folder, f"cannot be built: {text}", "Repair it.") for text in error.problems
        ]
    notebook = lesson.solution_notebook
    if not notebook.exists():
        return [stale(notebook, "was never built", run)]
    edited = [
        stale(
            path,
            "was edited by hand",
            f"Move the change to {shown(lesson.lesson_file, course.root)}, delete it.",
        )
        for path, which in ((notebook, "solution"), (lesson.release_notebook, "release"))
        if files.edited_by_hand(path, which)
    ]
    if edited:
        return edited
    found = []
    old = files.read_notebook(notebook)
    executed, examples = fact(old, "executed"), lesson.solution_folder / EXAMPLES
    fresh = with_facts(keep_outputs(planned.notebook, old), executed=executed, examples=fact(old, "examples"))
    if as_bytes(fresh) != notebook.read_bytes():
        found.append(stale(notebook, "is older than its sources", again))
    there = files.contents(lesson.solution_folder)
    for name in (notebook.name, EXAMPLES):
        there.pop(name, None)
    for name in sorted(planned.support.keys() | there.keys()):
        if planned.support.get(name) != there.get(name):
            found.append(stale(lesson.solution_folder / name, "is older than its source", again))
    if not examples.exists():
        found.append(stale(examples, "is missing", again))
    elif fact(old, "examples") != keys.examples_key(course, lesson, kit):
        found.append(
            stale(examples, "is older than the reference, the checks, the mistakes or coursekit", again)
        )
    key = keys.execution_key(course, lesson, planned.notebook, kit)
    if executed is None:
        found.append(stale(notebook, "was never executed", run))
    elif executed != key:
        found.append(
            stale(notebook, f"holds outputs from before a change of {keys.moved(executed, key)}", run)
        )
    if not any(one.path.startswith("solutions/") and one.repair == again for one in found):
        found += [
            stale(path, "is not what nbgrader makes of the solution", again)
            for path in _release_differs(course, lesson)
        ]
    return found


def _release_differs(course: Course, lesson: Lesson) -> list[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        made = files.contents(make_release(course, lesson, Path(scratch)))
    return [lesson.release_folder / name for name in files.differing(lesson.release_folder, made)]
