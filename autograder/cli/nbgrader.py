"""Commands that prepare other people's tools: ``nbgrader init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import Json, print_json, sentences, the_course

GradebookUrl = Annotated[
    str | None,
    typer.Option(
        "--gradebook", help="Address of the gradebook; gradebook.db in the course's folder if not given."
    ),
]


def init(
    students: Annotated[
        Path | None, typer.Option(help="The class as CSV; students.csv in the course's folder if not given.")
    ] = None,
    gradebook: GradebookUrl = None,
    json: Json = False,
) -> None:
    """Prepare nbgrader's gradebook: lessons, due dates, students. Again changes only what has changed."""
    from autograder.course import read_roster
    from autograder.gradebook.address import default_url
    from autograder.gradebook.prepare import prepare
    from autograder.reports import console

    with sentences():
        course = the_course()
        roster = course.roster if students is None else read_roster(students)
        done = prepare(course, gradebook or default_url(course.root), roster, course.root / "submitted")
    if json:
        print_json(
            {
                "gradebook": done.gradebook,
                "lessons": done.lessons,
                "students": done.students,
                "placeholders": [str(path) for path in done.placeholders],
            }
        )
        return
    screen = console()
    screen.print(
        f"{done.gradebook}: {len(done.lessons)} lessons, {done.students} students. "
        "Next: nbgrader autograde LESSON, or formgrader in JupyterLab.",
        soft_wrap=True,
    )
    for path in done.placeholders:
        screen.print(f"{path}: nothing was handed in there; an empty notebook stands for it.", soft_wrap=True)
