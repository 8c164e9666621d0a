"""Commands that write what other systems take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import Json, print_json, sentences, the_course


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
