"""What all commands share: the console, exit codes, errors as one sentence, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.reports import CourseFacts

FAILED, WRONG_CALL, INFRASTRUCTURE = 1, 2, 3
"""Exit codes: something checked is not in order; the call was wrong; the machine, not the work, failed."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def stop(message: str, code: int) -> typer.Exit:
    """Print one sentence to standard error; raise what is returned."""
    from autograder.reports import console

    console(sys.stderr).print(f"autograder: {message}", soft_wrap=True)
    return typer.Exit(code)


@contextmanager
def sentences() -> Iterator[None]:
    """Turn the errors that a person can mend into one sentence and an exit code."""
    from autograder.course import CourseError, NoCourse, NoSuchLesson

    try:
        yield
    except (NoCourse, NoSuchLesson) as error:
        raise stop(str(error), WRONG_CALL) from None
    except CourseError as error:
        raise stop(str(error), FAILED) from None
    except Exception as error:
        play = sys.modules.get("coursekit.checks.play")  # whoever raised its error has imported it
        if play is None or not isinstance(error, play.GraderError):
            raise
        raise stop(str(error), FAILED) from None


def the_course() -> Course:
    """The course around the working folder."""
    from autograder.course import load_course

    return load_course()


def facts_of(course: Course) -> CourseFacts:
    """What reports say of the course beyond the records; a lesson that cannot be read gets a made-up title."""
    from autograder.course import CourseError
    from autograder.reports import CourseFacts, LessonFacts

    lessons = {}
    for lesson in course.lessons:
        try:
            lessons[lesson.slug] = LessonFacts(
                lesson.label, lesson.title, {e.name: "" for e in lesson.exercises}
            )
        except CourseError:
            continue
    return CourseFacts(course.title, lessons)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


class Progress:
    """Count, bar and time left on standard error; nothing where that is no terminal."""

    def __init__(self, what: str, total: int, quiet: bool = False):
        self._quiet = quiet or not sys.stderr.isatty()
        self._what, self._total = what, total

    def __enter__(self) -> Progress:
        if not self._quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            from autograder.reports import console

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=console(sys.stderr), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._quiet:
            self._bar.stop()

    def step(self, what: str = "") -> None:
        """One more is done."""
        if not self._quiet:
            self._bar.update(self._task, advance=1, description=what or self._what)

    def say(self, what: str, done: int, total: int) -> None:
        """Set the text and the place, for work that counts its own steps."""
        if not self._quiet:
            self._bar.update(self._task, description=what, completed=done, total=total)
