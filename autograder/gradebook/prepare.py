"""``autograder nbgrader init``: the gradebook as nbgrader needs it before the first notebook is graded.

Doing it again changes only what has changed. Nothing that anybody has marked is touched.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course, CourseError, Lesson, Roster
from autograder.gradebook.address import shown_url

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

_NO_RELEASE = "{lesson} has no release yet. Run: autograder build {label}"
_CELLS_CHANGED = (
    "{lesson}: graded cells were added, removed or renamed, and the gradebook {url} holds submissions to the old "
    "ones, so it stays as it is. Grade that class with the release it had, or begin a new gradebook: move the old "
    "one away, or name another with --gradebook."
)
_NO_DATABASE = (
    "the gradebook {url} cannot be opened ({why}). Check the address, and that the database runs and "
    "takes your user."
)
EMPTY = b""


@dataclass
class Prepared:
    """What ``init`` did."""

    gradebook: str
    lessons: list[str] = field(default_factory=list)
    students: int = 0
    placeholders: list[Path] = field(default_factory=list)
    """Empty notebooks in student folders that hold none: nbgrader passes over a folder without a notebook."""


@contextmanager
def open_gradebook(url: str, course_id: str = "") -> Iterator[Gradebook]:
    """nbgrader's gradebook at an address; it is made where it is not there yet. Raises CourseError."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own models
        try:
            with _programs_on_path():
                gradebook = Gradebook(url, course_id)
        except (SQLAlchemyError, ImportError) as error:
            why = str(error).splitlines()[0][:300]
            raise CourseError(_NO_DATABASE.format(url=shown_url(url), why=why)) from None
        with gradebook:
            yield gradebook


@contextmanager
def _programs_on_path() -> Iterator[None]:
    """nbgrader calls the program alembic, which lies beside our Python and need not be on the user's path."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def prepare(course: Course, url: str, roster: Roster | None, submitted: Path | None = None) -> Prepared:
    """Write lessons with their cells, due dates and students into the gradebook.

    Raises:
        CourseError: the gradebook cannot be opened, a lesson has no release, or its cells no longer fit.
    """
    done = Prepared(shown_url(url))
    for lesson in course.lessons:
        if not lesson.release_notebook.is_file():
            raise CourseError(_NO_RELEASE.format(lesson=lesson.slug, label=lesson.label))
    with open_gradebook(url) as gradebook:
        for lesson in course.lessons:
            due = course.settings.due.get(lesson.slug)
            gradebook.update_or_create_assignment(lesson.slug, duedate=_as_nbgrader(due))
            done.lessons.append(lesson.slug)
        for student in roster.students if roster else ():
            person = {
                "first_name": student.first_name,
                "last_name": student.last_name,
                "email": student.email,
            }
            known = {name: value for name, value in person.items() if value}
            gradebook.update_or_create_student(student.id, **known)
            done.students += 1
    for lesson in course.lessons:
        _save_cells(lesson, url)
    if submitted is not None and submitted.is_dir():
        done.placeholders = list(_placeholders(course, submitted))
    return done


def _as_nbgrader(due: datetime | None) -> str | None:
    return None if due is None else due.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def _save_cells(lesson: Lesson, url: str) -> None:
    """The release's cells, by the preprocessor that ``nbgrader generate_assignment`` uses for it."""
    import nbformat
    from nbgrader.preprocessors import SaveCells

    notebook = nbformat.read(lesson.release_notebook, as_version=4)
    where = {"notebook": lesson.slug, "assignment": lesson.slug, "db_url": url}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            SaveCells().preprocess(notebook, {"nbgrader": where})
        except RuntimeError:
            raise CourseError(_CELLS_CHANGED.format(lesson=lesson.slug, url=shown_url(url))) from None


def _placeholders(course: Course, submitted: Path) -> Iterator[Path]:
    """An empty notebook in every student's folder of a lesson that holds no notebook at all."""
    slugs = {lesson.slug for lesson in course.lessons}
    for folder in sorted(submitted.glob("*/*")):
        if folder.name in slugs and folder.is_dir() and not folder.is_symlink():
            path = folder / f"{folder.name}.ipynb"
            if not any(one.suffix == ".ipynb" for one in folder.iterdir()) and not path.exists():
                path.write_bytes(EMPTY)
                yield path
