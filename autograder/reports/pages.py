"""The template environment: compiled once, escaping on, every printed text made harmless."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.reports import text, words
from autograder.reports.markup import rich_text

_TEMPLATES = Path(__file__).with_name("templates")


def _harmless(value: Any) -> Any:
    """What happens to every printed value: markup of our own passes, other text is cleaned."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return text.clean(text.cut(value, 100_000))
    return value


def prose(value: str, limit: int = 2000) -> Markup:
    """Text of a sentence or more as HTML: escaped, `code` in code elements, lines kept."""
    pieces = str(escape(text.block(value, limit))).split("`")
    if len(pieces) % 2 == 0:  # an unpaired mark is a character like any other
        pieces[-2:] = ["`".join(pieces[-2:])]
    marked = [_code(piece) if at % 2 and piece else piece for at, piece in enumerate(pieces)]
    return Markup("".join(marked).replace("\n", "<br>\n"))


def heading(value: str, limit: int = 300) -> Markup:
    """A title as HTML: one line, `code` in code elements."""
    return prose(text.line(value, limit), limit + 100)


def _code(escaped: str) -> str:
    # a short piece of code stays on one line
    return f'<code class="whole">{escaped}</code>' if len(escaped) <= 28 else f"<code>{escaped}</code>"


def verbatim(value: str, limit: int = 4000) -> str:
    """Text for a ``pre`` element: cleaned, lines kept, cut with a notice (escaped by the template)."""
    return text.block(value, limit)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
        auto_reload=False,
    )
    made.filters |= {
        "prose": prose,
        "heading": heading,
        "rich": rich_text,
        "verbatim": verbatim,
        "line": text.line,
        "person": text.name,
        "points": words.points,
        "percent": words.percent,
    }
    made.globals |= {
        "statuses": words.STATUSES,
        "counted": words.counted,
        "listed": words.listed,
        "set_points": words.set_points,
    }
    return made


def render(template: str, **values: Any) -> str:
    """One page; the same values always give the same text."""
    return _environment().get_template(template).render(**values)
