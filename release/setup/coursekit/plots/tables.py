"""Tables: HTML in a notebook, the same in plain text elsewhere."""

from __future__ import annotations

import math
import numbers as kinds
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from coursekit.plots.emit import in_notebook
from coursekit.plots.values import plain, same_count, texts

_ADDRESS = re.compile(r"https://[^\s\"<>]+|(\.\./)*[\w.-]+(/[\w.-]+)*")
_LIKE_A_NUMBER = re.compile(r"[−+-]?\d[\d.,]*(e[−+-]?\d+)? ?%?", re.IGNORECASE)


class Link(str):
    """A text that leads somewhere; where only text can stand, it is its words."""

    address: str


def link(words: str, address: str) -> Link:
    """An entry of a table that leads to another page or notebook.

    Args:
        words: what is read.
        address: a secure web address, or the place of a file beside the notebook.

    Raises:
        ValueError: any other address.
    """
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no https address and no place of a file.")
    made = Link(words)
    made.address = address
    return made


def table(rows: Any, columns: Any = None, *, caption: str = "", digits: int = 3) -> str | None:
    """Show a table.

    Args:
        rows: list of rows, each a list of entries; or a list of dicts with the same keys; or a dict
            ``{name of the row: entries}``, whose names become the first column.
        columns: one heading for each column; for dicts their keys when not given.
        caption: a sentence above the table.
        digits: significant digits of numbers that are not whole.

    Returns:
        None in a notebook, where it is shown; else the table as text.

    Raises:
        ValueError: no rows, rows of different lengths, headings that do not fit.
    """
    if isinstance(rows, Mapping):
        rows = [[name, *_entries(row)] for name, row in rows.items()]
    rows = list(plain(rows))
    if not rows:
        raise ValueError("There is nothing to show: the table has no rows.")
    if isinstance(rows[0], Mapping):
        keys = list(rows[0])
        for i, row in enumerate(rows):
            if set(row) != set(keys):
                raise ValueError(
                    f"Row {i} has the keys {', '.join(map(str, row))}, row 0 {', '.join(map(str, keys))}."
                )
        columns = keys if columns is None else columns
        rows = [[row[key] for key in keys] for row in rows]
    rows = [_entries(row) for row in rows]
    for i, row in enumerate(rows):
        same_count(row, f"Row {i}", len(rows[0]), "the entries of row 0")
    heads = texts(columns, "columns", len(rows[0]), "the entries of a row") if columns is not None else []
    cells = [[_written(entry, digits) for entry in row] for row in rows]
    right = [all(_is_number(row[j]) for row in rows) for j in range(len(rows[0]))]
    text = _text(cells, heads, right, caption)
    if not in_notebook():
        return text
    from IPython.display import display

    display({"text/html": _html(cells, heads, right, caption), "text/plain": text}, raw=True)
    return None


def _entries(row: Any) -> list[Any]:
    row = plain(row)
    if isinstance(row, str) or not hasattr(row, "__iter__"):
        return [row]
    return [plain(one) for one in row]


def _is_number(entry: Any) -> bool:
    """Whether the entry is a number or nothing, or a text such as "7 %": then its column ends at the right."""
    if getattr(entry, "ndim", None) == 0 and hasattr(entry, "item"):
        entry = entry.item()
    if isinstance(entry, str):
        return _LIKE_A_NUMBER.fullmatch(entry) is not None
    return entry is None or (isinstance(entry, kinds.Real) and not isinstance(entry, bool))


def _written(entry: Any, digits: int) -> str:
    if getattr(entry, "ndim", None) == 0 and hasattr(entry, "item"):  # an entry of an array or a tensor
        entry = entry.item()
    if entry is None:
        return ""
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    if isinstance(entry, kinds.Integral):
        return str(entry).replace("-", "−")
    if isinstance(entry, kinds.Real):
        value = float(entry)
        if not math.isfinite(value):
            return str(value).replace("-", "−")
        return f"{value:#.{digits}g}".rstrip(".").replace("-", "−")
    words = " ".join(str(entry).split())
    return link(words, entry.address) if isinstance(entry, Link) else words


def _text(cells: list[list[str]], heads: list[str], right: list[bool], caption: str) -> str:
    lines = [heads, *cells] if heads else cells
    widths = [max(len(line[j]) for line in lines) for j in range(len(right))]
    out = [
        "  ".join(
            entry.rjust(width) if to_right else entry.ljust(width)
            for entry, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]
    if heads:
        out.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([caption, *out] if caption else out)


def _html(cells: list[list[str]], heads: list[str], right: list[bool], caption: str) -> str:
    parts = ["<table>"]
    if caption:
        parts.append(f"<caption>{escape(caption)}</caption>")
    if heads:
        row = "".join(
            f'<th scope="col"{_side(r)}>{escape(h)}</th>' for h, r in zip(heads, right, strict=True)
        )
        parts.append(f"<thead><tr>{row}</tr></thead>")
    parts.append("<tbody>")
    for line in cells:
        row = "".join(f"<td{_side(r)}>{_linked(entry)}</td>" for entry, r in zip(line, right, strict=True))
        parts.append(f"<tr>{row}</tr>")
    parts.append("</tbody></table>")
    return "".join(parts)


def _linked(entry: str) -> str:
    words = escape(entry)
    return f'<a href="{escape(entry.address)}">{words}</a>' if isinstance(entry, Link) else words


def _side(right: bool) -> str:
    return f' style="text-align: {"right" if right else "left"}"'
