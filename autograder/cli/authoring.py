"""Commands of the author: build, verify, new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import FAILED, WRONG_CALL, Json, Progress, print_json, sentences, stop, the_course

if TYPE_CHECKING:
    from autograder.course import Course, Lesson

Lessons = Annotated[
    list[str] | None, typer.Argument(metavar="[LESSON...]", help="All lessons, if none is named.")
]


def _chosen(course: Course, names: list[str] | None) -> list[Lesson]:
    return [course.find_lesson(name) for name in names] if names else list(course.lessons)


def build(
    lessons: Lessons = None,
    execute: Annotated[
        bool, typer.Option("--execute", help="Run the solutions whose outputs are old.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale; write nothing.")] = False,
    json: Json = False,
) -> None:
    """Write solutions/ and release/ from the sources."""
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = _chosen(course, lessons)
        if check:
            _check(course, chosen, json)
            return
        from autograder.authoring import build as make
        from autograder.authoring.examples import record_examples

        with Progress("building", len(chosen), json) as progress:
            done = make(course, chosen, execute=execute, record=record_examples, progress=progress.say)
    if json:
        print_json([{"lesson": b.lesson, "written": list(b.written), "executed": b.executed} for b in done])
        return
    for built in done:
        what = f"{len(built.written)} files written" if built.written else "nothing to do"
        run = ", solution executed" if built.executed else ""
        console().print(f"{built.lesson}: {what}{run} ({built.seconds:.1f} s)", soft_wrap=True)


def _check(course: Course, chosen: list[Lesson], json: bool) -> None:
    from autograder.authoring import check as look
    from autograder.reports import console

    stale = look(course, chosen)
    if json:
        print_json([{"lesson": s.lesson, "path": s.path, "why": s.why, "repair": s.repair} for s in stale])
    else:
        for one in stale:
            console().print(f"✗ stale  {one}", soft_wrap=True)
        if not stale:
            console().print(
                f"✓ fresh  {len(chosen)} lessons: everything generated fits its sources.", soft_wrap=True
            )
    if stale:
        raise typer.Exit(FAILED)


def verify(
    lessons: Lessons = None,
    html: Annotated[Path | None, typer.Option(help="Write the table as a page, too.")] = None,
    json: Json = False,
) -> None:
    """Grade the graders: every gate of every exercise, with its figures."""
    from autograder.authoring.verify import Verifier
    from autograder.authoring.verify.report import as_html, as_table, summary
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = _chosen(course, lessons)
        results = []
        with Verifier() as verifier:
            for lesson in chosen:
                with Progress(f"verifying {lesson.slug}", len(lesson.exercises), json) as progress:
                    results.append(verifier.verify(course, lesson, progress.step))
    if json:
        import msgspec

        print_json(msgspec.to_builtins(results))
    else:
        for result in results:
            console().print(as_table(result, console().width))
            console().print(summary(result), soft_wrap=True)
    if html is not None:
        html.write_text(as_html(results), encoding="utf-8")
    if not all(result.passed for result in results):
        raise typer.Exit(FAILED)


def new_lesson(
    number: Annotated[int, typer.Argument(help="The lesson's number, as in 17.")],
    title: Annotated[str, typer.Argument(help="Its title, as in 'Attribution for graphs'.")],
) -> None:
    """Write the stubs of a new lesson's files."""
    from autograder.authoring.new import new_lesson as write

    with sentences():
        _wrote(write(the_course(), number, title))


def new_exercise(
    lesson: Annotated[str, typer.Argument(help="The lesson it belongs to.")],
    name: Annotated[str, typer.Argument(help="The name of the function a learner writes.")],
) -> None:
    """Write the stubs of an exercise's four homes."""
    from autograder.authoring.new import new_exercise as write

    with sentences():
        course = the_course()
        _wrote(write(course, course.find_lesson(lesson), name))


def _wrote(paths: list[Path]) -> None:
    from autograder.reports import console

    if not paths:
        raise stop("nothing was written.", WRONG_CALL)
    for path in paths:
        console(sys.stdout).print(f"wrote {path}", soft_wrap=True)
