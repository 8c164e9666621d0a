"""The card of a check: HTML for the notebook, and its twin in plain text. No script, no extension.

Both say the same in the same order: what happened and what to try next, each check with its measured error,
the axioms, where the values depart, the picture, the smallest case, what is still to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from coursekit.checks.advice import AXIOMS
from coursekit.pictures import band_palette, data_url, error_words, planes_of, value_palette
from coursekit.ruler import Ruler, ruler
from coursekit.words import counted, percent

if TYPE_CHECKING:
    from coursekit.checks.notebook import CheckResult, Entry
    from coursekit.checks.smallest import SmallCase
    from coursekit.pictures import MapPlanes

_SYMBOLS = {True: "✓", False: "✗"}
_WORDS = {True: "pass", False: "not yet"}
_GOOD, _BAD = "#2c8a62", "#c05f10"
"""They stand off white and off JupyterLab's dark ground alike; no meaning hangs on them."""
_SOFT = "rgba(127,127,127,.13)"
_LINE = "rgba(127,127,127,.45)"


@dataclass(frozen=True)
class Board:
    """One line of the axiom board."""

    axiom: str
    means: str
    gap: str
    passed: bool


def as_text(result: CheckResult) -> str:
    """The card for a terminal or a screen reader."""
    return "\n".join(_text_lines(result))


def _text_lines(result: CheckResult) -> Iterator[str]:
    yield headline(result)
    if result.diagnosis:
        yield f"What happened: {result.diagnosis}"
    if result.next_step:
        yield f"Try next: {result.next_step}"
    told: set[str] = set()
    for entry in result.entries:
        yield f"  {_SYMBOLS[entry.passed]} {_WORDS[entry.passed]:8}{entry.test.title}"
        yield from (f"            {line}" for line in _details(entry, told))
    board = axioms(result)
    if board:
        yield "Axioms:"
        yield from (f"  {_SYMBOLS[b.passed]} {_WORDS[b.passed]:8}{b.axiom}: {b.gap}" for b in board)
    if result.diverged:
        yield f"On the way: {result.diverged}"
    shown = _picture(result)
    if shown is not None:
        yield f"Error map: {error_words(shown.error, shown.height, shown.width)}."
    if result.small is not None:
        yield from small_lines(result.exercise, result.small)
    yield from result.notes
    yield outlook(result)


def small_lines(exercise: str, small: SmallCase) -> Iterator[str]:
    """The smallest counter-example, line by line."""
    yield "Smallest case that it gets wrong:"
    yield from (f"  {name} = {value}" for name, value in small.arguments)
    yield f"  yours:    {small.yours}"
    yield f"  expected: {small.expected}"
    yield f"  Take it in hand: {_take(exercise, small)}"


def _take(exercise: str, small: SmallCase) -> str:
    return f'{exercise}(*kit.small_case("{exercise}", {small.size}, {small.draw}))'


def headline(result: CheckResult) -> str:
    """How many public checks pass."""
    done, total = sum(entry.passed for entry in result.entries), len(result.entries)
    return f"{result.exercise}: {done} of {total} public checks pass"


def outlook(result: CheckResult) -> str:
    """What is still to come."""
    hidden = f"{counted(result.hidden, 'hidden check')}" if result.hidden else "More checks"
    runs = "run" if result.hidden != 1 else "runs"
    awaits = f"{hidden} {runs} when the notebook is graded."
    return awaits if result.passed else f'{awaits} Stuck? hint("{result.exercise}")'


def axioms(result: CheckResult) -> list[Board]:
    """The axioms that the checks measure, with the gap that was found."""
    board = []
    for entry in result.entries:
        name = entry.test.axiom
        if name and entry.outcome.status != "missing":
            means = AXIOMS[name].means if name in AXIOMS else entry.test.title
            board.append(Board(name, means, _gap(entry), entry.passed))
    return board


def _gap(entry: Entry) -> str:
    drawn = _ruler(entry)
    if drawn is None:
        return "holds" if entry.passed else "does not hold"
    return f"gap {drawn.error}, allowed {drawn.allowed}"


def _ruler(entry: Entry) -> Ruler | None:
    comparison = entry.outcome.comparison
    if comparison is None or not comparison.allowed:
        return None
    return ruler(comparison.max_abs_error, comparison.allowed, not entry.passed, entry.floor)


def _picture(result: CheckResult) -> MapPlanes | None:
    """The map of the first failing check that has one."""
    found = (planes_of(entry.outcome.comparison) for entry in result.entries if not entry.passed)
    return next((planes for planes in found if planes is not None), None)


def _details(entry: Entry, told: set[str]) -> list[str]:
    """What is said below a check's title; ``told`` are the errors that were shown already, and grows."""
    outcome, drawn = entry.outcome, _ruler(entry)
    if outcome.status == "missing":
        return []  # said once for the whole card
    lines = [_measured(drawn, entry)] if drawn is not None else []
    if not entry.passed:
        if outcome.message in told and outcome.failure is not None:
            return ["the same error"]
        told.add(outcome.message)
        if drawn is None:
            lines.append(outcome.message)
        if outcome.failure is not None:
            lines += outcome.failure.lines
        lines.append(entry.diagnosis)
    return [line for line in lines if line]


def _measured(drawn: Ruler, entry: Entry) -> str:
    """The ruler in words: error, allowance, where it is worst, and what rounding does to right answers."""
    if drawn.error == "0":
        return "exact"
    comparison = entry.outcome.comparison
    said = [f"error {drawn.error}, allowed {drawn.allowed}: {drawn.says}"]
    if not entry.passed and comparison is not None and comparison.worst_index:
        outside = f", {percent(comparison.outside)} of the values are out" if comparison.outside else ""
        key = f" ({comparison.where})" if comparison.where else ""
        said.append(f"worst at index {list(comparison.worst_index)}{key}{outside}")
    if drawn.floor not in ("", "0"):
        said.append(f"right solutions differ by up to {drawn.floor}")
    return "; ".join(said)


# --------------------------------------------------------------------------------------------- as HTML
def as_html(result: CheckResult) -> str:
    """The card for a notebook, right on light and on dark ground; every sign has its word beside it."""
    colour = _GOOD if result.passed else _BAD
    told: set[str] = set()
    rows = "".join(_row(entry, told) for entry in result.entries)
    parts = [
        f'<p style="margin:.1em 0 .5em;font-size:1.08em"><strong>{escape(headline(result))}</strong></p>',
        _paragraph("What happened:", result.diagnosis),
        _boxed("Try next:", result.next_step),
        f'<ul style="list-style:none;margin:.5em 0;padding:0">{rows}</ul>',
        _board_html(axioms(result)),
        _paragraph("On the way:", result.diverged),
        _picture_html(_picture(result)),
        _small_html(result.exercise, result.small) if result.small else "",
        "".join(f'<p style="margin:.3em 0;opacity:.85">{escape(note)}</p>' for note in result.notes),
        f'<p style="margin:.5em 0 0;opacity:.85">{escape(outlook(result))}</p>',
    ]
    return (
        f'<section aria-label="Check of {escape(result.exercise)}" style="border-left:4px solid {colour};'
        "padding:.4em .9em;margin:.3em 0;max-width:48em;font-family:system-ui,sans-serif;line-height:1.45;"
        f'color:inherit;background:transparent">{"".join(parts)}</section>'
    )


def _paragraph(label: str, text: str) -> str:
    return f'<p style="margin:.4em 0"><strong>{label}</strong> {_prose(text)}</p>' if text else ""


def _boxed(label: str, text: str) -> str:
    if not text:
        return ""
    style = f"margin:.5em 0;padding:.45em .7em;background:{_SOFT};border-radius:4px"
    return f'<p style="{style}"><strong>{label}</strong> {_prose(text)}</p>'


def _row(entry: Entry, told: set[str]) -> str:
    lines = _details(entry, told)
    details = "".join(f'<br><span style="opacity:.88">{_prose(line)}</span>' for line in lines)
    drawn = _ruler(entry)
    bar = _ruler_html(drawn) if drawn is not None and drawn.error != "0" else ""
    colour = _GOOD if entry.passed else _BAD
    return (
        '<li style="margin:.35em 0;padding-left:5.8em;text-indent:-5.8em">'
        '<span style="display:inline-block;width:5.8em;text-indent:0;font-weight:600">'
        f'<span aria-hidden="true" style="color:{colour}">{_SYMBOLS[entry.passed]}</span> '
        f"{_WORDS[entry.passed]}</span>"
        f'<span style="text-indent:0">{_prose(entry.test.title)}{details}{bar}</span></li>'
    )


def _ruler_html(drawn: Ruler) -> str:
    """A bar with the allowed error in its middle, the measured one and the noise floor; the words stand above it."""

    def mark(at: float, style: str) -> str:
        return f'<span style="position:absolute;left:{min(99.0, max(1.0, at))}%;{style}"></span>'

    dot = (
        f"top:-4px;width:12px;height:12px;margin-left:-6px;border-radius:50%;background:{_GOOD}"
        if drawn.inside
        else f"top:-4px;width:11px;height:11px;margin-left:-6px;transform:rotate(45deg);background:{_BAD}"
    )
    noise = (
        mark(drawn.floor_at, f"top:-3px;width:0;height:10px;border-left:2px dotted {_LINE}")
        if drawn.floor_at is not None
        else ""
    )
    return (
        '<span aria-hidden="true" style="display:block;position:relative;text-indent:0;height:4px;width:17em;'
        f"max-width:100%;margin:.5em 0 .55em;background:linear-gradient(90deg,{_GOOD} 50%,{_BAD} 50%);"
        'border-radius:2px;opacity:.95">'
        + mark(50, f"top:-5px;width:2px;height:14px;margin-left:-1px;background:{_LINE}")
        + noise
        + mark(drawn.at, dot)
        + "</span>"
    )


def _board_html(board: list[Board]) -> str:
    if not board:
        return ""
    cell = f'style="text-align:left;padding:.15em .9em .15em 0;border-bottom:1px solid {_LINE};background:transparent"'
    rows = "".join(
        f'<tr style="background:transparent"><th scope="row" {cell}>{escape(one.axiom)}</th>'
        f"<td {cell}>{_prose(one.means)}</td><td {cell}>{escape(one.gap)}</td>"
        f"<td {cell}>{_SYMBOLS[one.passed]} {_WORDS[one.passed]}</td></tr>"
        for one in board
    )
    head = "".join(
        f'<th scope="col" {cell}>{name}</th>' for name in ("Axiom", "It demands", "Measured", "Result")
    )
    return (
        '<table style="border-collapse:collapse;margin:.5em 0;color:inherit;font-size:1em">'
        f'<thead><tr style="background:transparent">{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _picture_html(planes: MapPlanes | None) -> str:
    if planes is None:
        return ""
    height, width = planes.height, planes.width
    palette = value_palette(planes.low, planes.high, planes.signed)
    grow = max(1, min(176 // width, 176 // height))
    figures = ""
    for title, plane, colours in (
        ("Yours", planes.yours, palette),
        ("Expected", planes.expected, palette),
        ("Error", planes.error, band_palette()),
    ):
        words = error_words(plane, height, width) if title == "Error" else f"{height} by {width}"
        figures += (
            '<figure style="margin:0 .8em 0 0;display:inline-block;text-align:left">'
            f'<img src="{data_url(plane, height, width, colours)}" alt="{title} map: {escape(words)}" '
            f'width="{width * grow}" height="{height * grow}" style="image-rendering:pixelated;margin:0">'
            f"<figcaption>{title}</figcaption></figure>"
        )
    said = error_words(planes.error, height, width)
    return (
        f'<div style="margin:.5em 0">{figures}</div>'
        f'<p style="margin:.3em 0">Error map: {escape(said)}. The darker, the larger.</p>'
    )


def _small_html(exercise: str, small: SmallCase) -> str:
    rows = [*small.arguments, ("yours", small.yours), ("expected", small.expected)]
    lines = "".join(
        f'<dt style="font-weight:600;margin:0">{escape(name)}</dt>'
        f'<dd style="margin:0 0 0 1.2em"><code style="background:transparent;color:inherit;white-space:pre-wrap">'
        f"{escape(value)}</code></dd>"
        for name, value in rows
    )
    return (
        '<details style="margin:.5em 0"><summary><strong>Smallest case that it gets wrong</strong>, '
        f'to be worked by hand</summary><dl style="margin:.4em 0">{lines}</dl>'
        f'<p style="margin:.3em 0">Take it in hand: <code style="background:transparent;color:inherit">'
        f"{escape(_take(exercise, small))}</code></p></details>"
    )


def _prose(text: str) -> str:
    """Escaped, with `code` set as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(
        f'<code style="background:transparent;color:inherit">{piece}</code>' if i % 2 else piece
        for i, piece in enumerate(pieces)
    )
