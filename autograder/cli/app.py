"""The commands, by who uses them."""

from __future__ import annotations

import typer

from autograder.cli import authoring, export, flashcards, instructing, learn, learning, machine, nbgrader

app = typer.Typer(
    name="autograder",
    help="Build, release and grade the course on Interpretable AI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = typer.Typer(help="Write what other systems take.", no_args_is_help=True)
office = typer.Typer(help="Prepare nbgrader's gradebook.", no_args_is_help=True)
new = typer.Typer(help="Write the stubs of a new lesson or exercise.", no_args_is_help=True)

app.command(rich_help_panel="Authoring")(authoring.build)
app.command(rich_help_panel="Authoring")(authoring.verify)
app.add_typer(new, name="new", rich_help_panel="Authoring")
new.command("lesson")(authoring.new_lesson)
new.command("exercise")(authoring.new_exercise)
app.command(rich_help_panel="Instructing")(instructing.grade)
app.command(rich_help_panel="Instructing")(instructing.feedback)
app.command(rich_help_panel="Instructing")(instructing.report)
app.add_typer(out, name="export", rich_help_panel="Instructing")
out.command("gradescope")(export.gradescope)
out.command("canvas")(export.canvas)
out.command("moodle")(export.moodle)
out.command("csv")(export.plain)
out.command("feedback")(export.feedback)
app.command(rich_help_panel="Instructing")(export.collect)
app.add_typer(office, name="nbgrader", rich_help_panel="Instructing")
office.command("init")(nbgrader.init)
app.command(rich_help_panel="Learning")(learning.start)
app.command(rich_help_panel="Learning")(learn.learn)
app.command(rich_help_panel="Learning")(learning.check)
app.command(rich_help_panel="Learning")(learning.solve)
app.command(rich_help_panel="Learning")(flashcards.flashcards)
app.command(rich_help_panel="The machine")(machine.doctor)
