"""Commands that write what other systems take."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import WRONG_CALL, Json, print_json, sentences, stop, the_course

if TYPE_CHECKING:
    from autograder.course import Course, Roster
    from autograder.records import Record


def gradescope(
    lesson: Annotated[str, typer.Argument(help="2, 02, L02 or the lesson's name.")],
    to: Annotated[
        Path | None, typer.Option(help="Where the zip goes; out/gradescope_NN.zip if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """The autograder zip of a lesson for Gradescope, and for `otter run`. It holds the hidden graders."""
    from autograder.interop.gradescope.bundle import write_bundle
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = course.find_lesson(lesson)
        target = to or course.root / "out" / f"gradescope_{chosen.label}.zip"
        names = write_bundle(course, chosen, target)
    if json:
        print_json({"written": str(target), "files": names})
        return
    console().print(
        f"{target}: {len(names)} files, {target.stat().st_size / 1e6:.1f} MB. It holds the hidden graders: upload it to "
        "Gradescope (Configure Autograder), and give it to nobody.",
        soft_wrap=True,
    )


class System(str, Enum):
    """A learning platform."""

    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"


class Uploads(str, Enum):
    """A learning platform that takes feedback back as an archive."""

    canvas = "canvas"
    moodle = "moodle"


def collect(
    archive: Annotated[Path, typer.Argument(help="The archive as the platform lets you download it.")],
    system: Annotated[System, typer.Option("--from", help="Where it comes from.")],
    lesson: Annotated[str, typer.Option(help="The lesson that was handed in.")],
    json: Json = False,
) -> None:
    """Put a platform's archive into submitted/, by the ids in students.csv."""
    from autograder.interop.lms.collect import collect as put
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen, roster = course.find_lesson(lesson), _roster(course)
        if not archive.is_file():
            raise stop(f"{archive} is no file. Name the archive that you downloaded.", WRONG_CALL)
        done = put(chosen, archive, system.value, roster, course.root / "submitted")
    if json:
        print_json(
            {
                "written": {s: str(p) for s, p in done.written.items()},
                "problems": done.problems,
                "notices": done.notices,
            }
        )
    else:
        for sentence in done.problems + done.notices:
            console(sys.stderr).print(f"! {sentence}", soft_wrap=True)
        console().print(
            f"{len(done.written)} notebooks are in {course.root / 'submitted'}. Next: autograder grade submitted "
            f"--lesson {chosen.label}",
            soft_wrap=True,
        )
    if done.problems:
        raise typer.Exit(WRONG_CALL)


Out = Annotated[Path, typer.Argument(help="A folder that `autograder grade` wrote.")]
LessonName = Annotated[str, typer.Option(help="The lesson whose grades are wanted.")]
To = Annotated[Path | None, typer.Option(help="Where the file goes; into OUT if not given.")]


def canvas(
    out: Out,
    lesson: LessonName,
    column: Annotated[
        str, typer.Option(help="Canvas's name of the column with its number: 'Lesson 2 (4711)'.")
    ],
    to: To = None,
) -> None:
    """Grades as CSV for Canvas's gradebook."""
    _grades(out, lesson, "canvas", to, column)


def moodle(out: Out, lesson: LessonName, to: To = None) -> None:
    """Grades as CSV for Moodle's offline grading worksheet."""
    _grades(out, lesson, "moodle", to)


def plain(out: Out, lesson: LessonName, to: To = None) -> None:
    """Grades as plain CSV, with names and e-mail addresses."""
    _grades(out, lesson, "csv", to)


def feedback(
    out: Out,
    lesson: LessonName,
    system: Annotated[Uploads, typer.Option("--for", help="The platform that takes it.")],
    to: To = None,
) -> None:
    """Feedback pages as the archive that a platform takes back."""
    from autograder.interop.lms.collect import read_labels
    from autograder.interop.lms.upload import feedback as archive
    from autograder.records.store import write_atomically

    with sentences():
        course, slug, records = _records(out, lesson)
        labels = read_labels(course.root / "submitted", slug, system.value)
        data = archive(records, out, labels, system.value)
    target = to or out / f"feedback_{system.value}_{slug}.zip"
    write_atomically(target, data)
    _wrote(target, len(records))


def _grades(out: Path, lesson: str, system: str, to: Path | None, column: str = "") -> None:
    from autograder.interop.lms.upload import grades
    from autograder.records.store import write_atomically

    with sentences():
        course, slug, records = _records(out, lesson)
        text = grades(records, _roster(course), system, column)
    target = to or out / f"grades_{system}_{slug}.csv"
    write_atomically(target, text.encode("utf-8", "replace"))
    _wrote(target, len(records))


def _records(out: Path, lesson: str) -> tuple[Course, str, list[Record]]:
    from autograder.cli.instructing import records_of

    course, records, problems = records_of(out)
    slug = course.find_lesson(lesson).slug
    mine = [record for record in records if record.lesson == slug]
    if problems or not mine:
        raise stop(" ".join(problems) or f"{out} holds no record of {slug}.", WRONG_CALL)
    return course, slug, mine


def _roster(course: Course) -> Roster:
    if course.roster is None:
        raise stop(
            f"{course.root / 'students.csv'} is missing: it says whose ids are whose. Write it with the columns id, "
            "first_name, last_name, email, canvas, moodle, gradescope.",
            WRONG_CALL,
        )
    return course.roster


def _wrote(target: Path, count: int) -> None:
    from autograder.reports import console

    console().print(f"{target}: {count} students.", soft_wrap=True)
