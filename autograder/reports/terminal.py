"""Reports for the terminal: the class as a table, one notebook as a story.

Both are rich renderables that fit the width they are given, say every status in a symbol and (where
there is room) a word, and use plain ASCII where the terminal has no more. :func:`console` makes the
console to print them with: no escape codes at all when the output is no terminal or ``NO_COLOR`` is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from autograder.records import Record, Status
from autograder.reports import text, words
from autograder.reports.classroom import Cell, Classroom, StudentRow, classrooms
from autograder.reports.facts import CourseFacts

TONES = {"good": "green", "half": "yellow", "bad": "red", "none": "dim", "note": "cyan"}


def console(stream: TextIO | None = None, width: int | None = None) -> Console:
    """A console for these reports, on standard output unless told otherwise.

    Foreign text is never read as markup, highlighted or turned into emoji. ``NO_COLOR`` (any value but
    the empty one) and ``TERM=dumb`` switch every escape code off, not only the colours.
    """
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Console(
        file=stream,
        width=width,
        color_system=None if plain else "auto",
        force_terminal=False if plain else None,
        markup=False,
        highlight=False,
        emoji=False,
    )


class Glyphs:
    """The characters of one rendering: rich ones, or their ASCII twins."""

    def __init__(self, ascii_only: bool) -> None:
        self.ascii = ascii_only
        self.full, self.empty = ("#", ".") if ascii_only else ("━", "─")
        self.step, self.rest = ("->", "-") if ascii_only else ("→", "·")
        self.bands = " .+*#" if ascii_only else "·░▒▓█"

    def say(self, foreign: str) -> str:
        """Any text in the characters that this terminal has."""
        return text.ascii_only(foreign) if self.ascii else foreign

    def mark(self, status: Status, word: bool = False) -> Text:
        """Symbol of a status, with its word when there is room."""
        kind = words.STATUSES[status]
        symbol = kind.plain if self.ascii else kind.symbol
        return Text(f"{symbol} {status}" if word else symbol, style=TONES[kind.tone])

    def bar(self, share: float, width: int) -> Text:
        """A bar of ``width`` characters, never full or empty unless the share is."""
        filled = round(share * width)
        if 0 < share < 1:
            filled = min(width - 1, max(1, filled))
        return Text(self.full * filled, style="green").append(self.empty * (width - filled), style="dim")


class ClassTable:
    """The class as a table per lesson; made by :func:`class_table`."""

    def __init__(self, rooms: list[Classroom], problems: list[str]) -> None:
        self._rooms = rooms
        self._problems = problems

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from shown(console, options, self._pieces(Glyphs(options.ascii_only), options.max_width))

    def _pieces(self, glyphs: Glyphs, width: int) -> Iterator[RenderableType]:
        for index, room in enumerate(self._rooms):
            if index:
                yield Text()
            yield from _room(room, glyphs, width)
        if not self._rooms:
            yield Text("No records here yet: grade a folder of notebooks first.")
        for problem in self._problems:
            yield Text("! ", style="red").append(glyphs.say(text.line(problem, 600)))


def class_table(
    records: Iterable[Record], facts: CourseFacts | None = None, problems: Iterable[str] = ()
) -> RenderableType:
    """The class: one line per student, a symbol per exercise, what the symbols mean, and the middle.

    ``problems`` are sentences (of grading) that are printed below the table.
    """
    return ClassTable(classrooms(records, facts), list(problems))


def shown(console: Console, options: ConsoleOptions, pieces: Iterable[RenderableType]) -> RenderResult:
    """The pieces as they are, or in ASCII to the last character where the terminal has no more."""
    if not options.ascii_only:
        yield from pieces
        return
    for piece in pieces:
        for line in console.render_lines(piece, options, pad=False):
            yield from (Segment(text.ascii_only(s.text), s.style) for s in line)
            yield Segment.line()


def packed(items: Iterable[Text], gap: str, width: int) -> Iterator[Text]:
    """Lines of at most ``width`` that hold whole items, ``gap`` between them."""
    line: list[Text] = []
    for item in items:
        if line and sum(map(len, line)) + len(gap) * len(line) + len(item) > width:
            yield Text(gap).join(line)
            line = []
        line.append(item)
    if line:
        yield Text(gap).join(line)


def plain_text(renderable: RenderableType, width: int = 80) -> str:
    """What a renderable looks like without any terminal, as text."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        made = console(nowhere, width)
        with made.capture() as captured:
            made.print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _room(room: Classroom, glyphs: Glyphs, width: int) -> Iterator[RenderableType]:
    number = f"Lesson {text.line(room.facts.number, 10)} · " if room.facts.number else ""
    head = f"{number}{text.line(room.facts.title, 80)} · {words.counted(len(room.rows), 'notebook')}"
    yield Text(glyphs.say(head), style="bold")
    yield _table(room, glyphs, width)
    keys = [f"{i} {text.line(name, 40)}" for i, (name, _, _) in enumerate(room.names, 1)]
    if room.questions:
        keys.append("Q concept questions")
    yield from packed((Text(glyphs.say(key), style="dim") for key in keys), "  ", width)
    yield from packed(_symbols(room, glyphs), "  ", width)
    yield Text(_middle(room))


def _table(room: Classroom, glyphs: Glyphs, width: int) -> Table:
    marks_wide = len(room.names) + 1 <= (width - 46) // 3
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("student", no_wrap=True, overflow="ellipsis", min_width=8, max_width=max(12, width // 3))
    table.add_column("points", justify="right", no_wrap=True)
    if width >= 60:
        table.add_column("", justify="right", no_wrap=True)
    if width >= 100:
        table.add_column("", no_wrap=True)
    table.add_column("status" if width >= 60 else "", no_wrap=True)
    gap = " " if marks_wide or width >= 72 else ""
    heads = [str(i) if i < 10 or gap else str(i % 10) for i in range(1, len(room.names) + 1)]
    if room.questions:
        heads.append("Q")
    size = max(map(len, heads), default=1) if gap else 1
    table.add_column(Text(gap.join(h.rjust(size) for h in heads)), no_wrap=True)
    for row in room.rows:
        cells: list[RenderableType] = [Text(glyphs.say(text.name(row.student))), Text(_score(row))]
        if width >= 60:
            cells.append(Text("" if row.record.status == "infra" else words.percent(row.share)))
        if width >= 100:
            cells.append(glyphs.bar(row.share, 12))
        cells.append(glyphs.mark(row.record.status, word=width >= 60))
        found = [*row.cells, row.quiz] if room.questions else row.cells
        cells.append(Text(gap).join(_small(cell, glyphs, size) for cell in found))
        table.add_row(*cells)
    return table


def _small(cell: Cell | None, glyphs: Glyphs, size: int) -> Text:
    mark = glyphs.mark(cell.status) if cell else Text(" ")
    return Text(" " * (size - 1)).append_text(mark)


def _score(row: StudentRow) -> str:
    score = None if row.record.status == "infra" else row.record.score
    late = f" late: {words.points(row.counts)}" if row.record.late else ""
    return f"{words.points(score)}/{words.points(row.record.max_score)}{late}"


def _symbols(room: Classroom, glyphs: Glyphs) -> list[Text]:
    used = {cell.status for row in room.rows for cell in [*row.cells, row.quiz] if cell}
    used |= {row.record.status for row in room.rows}
    return [glyphs.mark(s, word=True) for s in words.STATUSES if s in used]


def _middle(room: Classroom) -> str:
    said = [f"median {words.percent(room.median)}", f"{room.full} with full marks"]
    if room.stopped:
        said.append(f"{len(room.stopped)} could not be read or run")
    if room.waiting:
        said.append(f"{words.counted(room.waiting, 'text')} to be marked by a person")
    return " · ".join(said)
