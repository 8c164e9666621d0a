"""Commands of the learner: start, check, solve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import (
    FAILED,
    INFRASTRUCTURE,
    WRONG_CALL,
    Json,
    facts_of,
    print_json,
    sentences,
    stop,
    the_course,
)
from autograder.cli.learn import begin


def start(lesson: Annotated[str, typer.Argument(help="2, 02, L02 or the lesson's name.")]) -> None:
    """Copy a lesson to work/, to be filled in there. What is there already stays as it is."""
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = course.find_lesson(lesson)
    target = course.root / "work" / chosen.slug
    if chosen.release_notebook.is_file() and target.exists():
        console().print(
            f"{target} is there already; nothing was changed. Open it: jupyter lab {target}", soft_wrap=True
        )
        return
    notebook = begin(course, chosen)
    console().print(f"{chosen.title}: {target}\nOpen it: jupyter lab {notebook}", soft_wrap=True)


def check(
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK|LESSON", help="A notebook, or a lesson in work/.")
    ],
    hidden: Annotated[bool, typer.Option("--hidden", help="Run the hidden graders, too.")] = False,
    lesson: Annotated[
        str | None, typer.Option(help="Which lesson it is, when the file does not tell.")
    ] = None,
    json: Json = False,
) -> None:
    """Check one notebook: the public checks, or everything with --hidden."""
    import msgspec
    from msgspec.structs import replace

    from autograder.judge.batch import Batch, BatchError
    from autograder.records import view
    from autograder.reports import console, story
    from autograder.submissions import find_submissions

    with sentences():
        course = the_course()
        path = Path(notebook)
        if not path.exists():
            chosen = course.find_lesson(notebook)
            path, lesson = course.root / "work" / chosen.slug / f"{chosen.slug}.ipynb", chosen.slug
            if not path.is_file():
                raise stop(f"{path} is not there. Begin with: autograder start {chosen.label}", WRONG_CALL)
        wanted = course.find_lesson(lesson).slug if lesson is not None else None
    found = find_submissions([path], [one.slug for one in course.lessons], wanted)
    if len(found.submissions) != 1:
        says = " ".join(str(problem) for problem in found.problems) or f"{path} is not one notebook."
        raise stop(says, WRONG_CALL)
    submission = found.submissions[0]
    batch = Batch(
        course.root, submission.lesson_slug, [submission], None, 1, suite="hidden" if hidden else "public"
    )
    try:
        (graded,) = batch
    except BatchError as error:
        raise stop(str(error), INFRASTRUCTURE) from None
    if graded.problem:
        raise stop(f"{path} {graded.problem}", INFRASTRUCTURE)
    who, when = ("instructor", "after_due") if hidden else ("student", "before_due")
    record = replace(view(graded.record, who, when), student=path.name)  # nobody's name is asked here
    if json:
        print_json(msgspec.to_builtins(record))
    else:
        console().print(story(record, facts_of(course)))
        if batch.notice:
            console().print(batch.notice, soft_wrap=True)
    if record.status != "pass":
        raise typer.Exit(FAILED)


def solve(
    lesson: Annotated[str, typer.Argument(help="2, 02, L02 or the lesson's name.")],
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Open the result in JupyterLab.")] = False,
) -> None:
    """Run a lesson's reference solution, without network, into work/."""
    from autograder.authoring import CellFailed
    from autograder.authoring.execute import run_solution
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = course.find_lesson(lesson)
        if not chosen.solution_notebook.is_file():
            raise stop(f"{chosen.slug} has no solution yet. Run: autograder build {chosen.label}", WRONG_CALL)
        target = course.root / "work" / "solutions" / chosen.slug
        try:
            result, seconds = run_solution(chosen, target)
        except CellFailed as error:
            raise stop(str(error), FAILED) from None
    console().print(f"✓ {chosen.slug} ran from top to bottom in {seconds:.1f} s: {result}", soft_wrap=True)
    if open_it:
        import subprocess
        import sys

        subprocess.run([sys.executable, "-m", "jupyterlab", str(result)], check=False)
