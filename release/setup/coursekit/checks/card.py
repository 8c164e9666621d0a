"""The card of a check: HTML for the notebook, and its twin in plain text. No script, no extension."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coursekit.checks.notebook import CheckResult, Entry

_SYMBOLS = {True: "✓", False: "✗"}
_WORDS = {True: "pass", False: "not yet"}


def as_text(result: CheckResult) -> str:
    """The card for a terminal or a screen reader."""
    lines = [_headline(result)]
    for entry in result.entries:
        lines.append(f"  {_SYMBOLS[entry.passed]} {_WORDS[entry.passed]:8}{entry.test.title}")
        lines += [f"             {line}" for line in _details(entry)]
    if result.diagnosis:
        lines.append(f"What happened: {result.diagnosis}")
    lines += result.notes
    lines.append(_outlook(result))
    return "\n".join(lines)


def as_html(result: CheckResult) -> str:
    """The card for a notebook; colours work on light and dark ground, and no meaning hangs on them."""
    rows = "".join(_row(entry) for entry in result.entries)
    colour = "#2e7d5b" if result.passed else "#b3590a"
    says = (
        f'<p style="margin:.5em 0"><strong>What happened:</strong> {_prose(result.diagnosis)}</p>'
        if result.diagnosis
        else ""
    )
    notes = "".join(f'<p style="margin:.3em 0;opacity:.8">{escape(note)}</p>' for note in result.notes)
    return (
        f'<section aria-label="Check of {escape(result.exercise)}" style="border-left:4px solid {colour};'
        'padding:.4em .9em;margin:.3em 0;max-width:46em;font-family:system-ui,sans-serif;line-height:1.45">'
        f'<p style="margin:.1em 0 .4em"><strong>{escape(_headline(result))}</strong></p>'
        f'<ul style="list-style:none;margin:0;padding:0">{rows}</ul>{says}{notes}'
        f'<p style="margin:.4em 0 0;opacity:.8">{escape(_outlook(result))}</p></section>'
    )


def _headline(result: CheckResult) -> str:
    done, total = sum(entry.passed for entry in result.entries), len(result.entries)
    return f"{result.exercise}: {done} of {total} public checks pass"


def _outlook(result: CheckResult) -> str:
    if result.hidden:
        return f"{result.hidden} hidden checks run when the notebook is graded."
    return "More checks run when the notebook is graded."


def _row(entry: Entry) -> str:
    details = "".join(f'<br><span style="opacity:.85">{_prose(line)}</span>' for line in _details(entry))
    return (
        '<li style="margin:.25em 0;padding-left:5.6em;text-indent:-5.6em">'
        f'<span style="display:inline-block;width:5.6em;text-indent:0;font-weight:600">'
        f"{_SYMBOLS[entry.passed]} {_WORDS[entry.passed]}</span>"
        f'<span style="text-indent:0">{_prose(entry.test.title)}{details}</span></li>'
    )


def _details(entry: Entry) -> list[str]:
    outcome = entry.outcome
    if outcome.status == "missing":
        return []  # said once for the whole card
    if not entry.passed:
        lines = [outcome.message]
        if outcome.failure is not None:
            lines += list(outcome.failure.lines)
        return [line for line in [*lines, entry.diagnosis] if line]
    comparison = outcome.comparison
    if comparison is None or not comparison.allowed or comparison.max_abs_error is None:
        return []
    if not comparison.max_abs_error:
        return ["exact"]
    return [f"error {comparison.max_abs_error:.1e}, allowed {comparison.allowed:.1e}"]


def _prose(text: str) -> str:
    """Escaped, with `code` set as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
