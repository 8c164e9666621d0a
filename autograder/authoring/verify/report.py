"""The verdict as a table for the terminal, and as a page."""

from __future__ import annotations

from html import escape

from rich import box
from rich.console import Group
from rich.table import Table

from autograder.authoring.verify.result import ExerciseVerdict, LessonVerdict

_MARKS = {True: "✓", False: "✗"}


def as_table(verdict: LessonVerdict, width: int = 80) -> Group:
    """One row per gate, one column per exercise: its figure, and a cross where it does not hold.

    Exercises that do not fit beside each other in ``width`` stand in tables below.
    """
    gates = max((len(gate.name) for exercise in verdict.exercises for gate in exercise.gates), default=0)
    tables, rest, first = [], list(verdict.exercises), 1
    while rest:
        room, count = width - gates - 4, 0
        while count < len(rest) and (count == 0 or room >= _widest(rest[count]) + 3):
            room -= _widest(rest[count]) + 3
            count += 1
        tables.append(_table(rest[:count], first))
        rest, first = rest[count:], first + count
    title = f"{verdict.lesson}: the graders graded, on {verdict.seeds} seeds"
    return Group(title, *tables)


def _widest(exercise: ExerciseVerdict) -> int:
    return max((len(gate.figure) + 2 for gate in exercise.gates), default=2)


def _table(exercises: list[ExerciseVerdict], first: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("gate", no_wrap=True)
    for number, _ in enumerate(exercises, first):
        table.add_column(str(number), justify="right", no_wrap=True)
    for row in zip(*(exercise.gates for exercise in exercises), strict=True):
        cells = [f"{_MARKS[gate.passed]} {gate.figure}" for gate in row]
        table.add_row(row[0].name, *cells, style=None if all(gate.passed for gate in row) else "bold red")
    return table


def summary(verdict: LessonVerdict) -> str:
    """What does not hold, sentence by sentence, and the outcome."""
    lines = ["  ".join(f"{number} {e.exercise}" for number, e in enumerate(verdict.exercises, 1))]
    for exercise in verdict.exercises:
        for gate in exercise.gates:
            lines += [f"✗ {exercise.exercise}, {gate.name}: {problem}" for problem in gate.problems]
    failed = sum(not gate.passed for exercise in verdict.exercises for gate in exercise.gates)
    outcome = f"{failed} gates do not hold" if failed else "every gate holds"
    lines.append(f"{_MARKS[not failed]} {verdict.lesson}: {outcome} ({verdict.seconds:.0f} s)")
    return "\n".join(lines)


def as_html(verdicts: list[LessonVerdict]) -> str:
    """The tables as one self-contained page."""
    parts = []
    for verdict in verdicts:
        heads = "".join(f'<th scope="col">{escape(e.exercise)}</th>' for e in verdict.exercises)
        rows = ""
        for row in zip(*(exercise.gates for exercise in verdict.exercises), strict=True):
            cells = "".join(f"<td>{_MARKS[g.passed]} {escape(g.figure)}</td>" for g in row)
            rows += f'<tr><th scope="row">{escape(row[0].name)}</th>{cells}</tr>'
        parts.append(
            f"<h2>{escape(verdict.lesson)}</h2><table><tr><th></th>{heads}</tr>{rows}</table><pre>{escape(summary(verdict))}</pre>"
        )
    style = (
        "body{font:15px/1.5 system-ui;margin:2em;color-scheme:light dark}table{border-collapse:collapse}"
        "th,td{padding:.2em .6em;border-bottom:1px solid #8884;text-align:left}pre{white-space:pre-wrap}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Graders graded</title><style>{style}</style>'
        f"<h1>Graders graded</h1>{''.join(parts)}</html>\n"
    )
