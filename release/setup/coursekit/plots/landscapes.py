"""A landscape: named things in columns by kind and in bands by year, with marks for two more properties."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import GRID, INK, MUTED, SERIES, WIDE
from coursekit.plots.values import line, texts

_FORMS = ("o", "s", "D", "^")
_LINE = 0.155
"""Height of one line of text, in inches."""
_MARK = 3.5
"""Room for a mark and its distance, in letters."""


def landscape(
    names: Any,
    years: Any,
    columns: Any,
    forms: Any,
    fills: Any,
    *,
    bands: Sequence[int],
    order: Sequence[str] | None = None,
    title: str = "",
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Write ``n`` names where they belong: one column for each kind, one band for each span of years.

    Args:
        names: ``n`` texts.
        years: ``(n,)`` whole numbers.
        columns: ``n`` texts; equal ones share a column.
        forms: ``n`` texts of up to four kinds, told apart by the form of the mark.
        fills: ``n`` texts of two kinds, told apart by a hollow or a filled mark.
        bands: first year of each band, rising; names older than the first belong to it too.
        order: the columns from left to right; as they are met, if not given.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: lengths that do not fit, too many kinds, bands that do not rise.
    """
    when = line(years, "years")
    count = len(when)
    labels = texts(names, "names", count, "the years")
    kinds, shapes, inks = (
        texts(value, what, count, "the years")
        for value, what in ((columns, "columns"), (forms, "forms"), (fills, "fills"))
    )
    places = list(order) if order is not None else list(dict.fromkeys(kinds))
    marks, halves = list(dict.fromkeys(shapes)), list(dict.fromkeys(inks))
    if not count or set(kinds) - set(places):
        raise ValueError("landscape needs at least one name, and order must hold every column.")
    if len(marks) > len(_FORMS) or len(halves) > 2:
        raise ValueError(f"landscape tells 4 forms and 2 fills apart, not {len(marks)} and {len(halves)}.")
    if not len(bands) or any(b <= a for a, b in pairwise(bands)):
        raise ValueError(f"bands must rise, and got {list(bands)}.")
    band = np.maximum(np.searchsorted(bands, when, side="right") - 1, 0)
    cells = {
        (b, kind): sorted(
            (i for i in range(count) if band[i] == b and kinds[i] == kind), key=lambda i: (when[i], labels[i])
        )
        for b in range(len(bands))
        for kind in places
    }
    longest = [max([len(labels[i]) for i in range(count) if kinds[i] == kind], default=8) for kind in places]
    edges = np.concatenate([[0.0], np.cumsum([length + _MARK for length in longest])])
    heights = [max(1, *(len(cells[b, kind]) for kind in places)) + 0.7 for b in range(len(bands))]
    tops = np.concatenate([[0.0], np.cumsum(heights)])

    def paint(ax: Any) -> None:
        ax.set_xlim(0, edges[-1])
        ax.set_ylim(tops[-1], 0)
        for b in range(len(bands)):
            if b % 2 == 0:
                ax.axhspan(tops[b], tops[b + 1], color=GRID, alpha=0.45, linewidth=0, zorder=0)
        for (b, kind), inside in cells.items():
            for row, i in enumerate(inside):
                x, y = edges[places.index(kind)] + 0.3 * _MARK, tops[b] + row + 0.85
                filled = inks[i] == halves[-1] and len(halves) > 1
                colour = SERIES[marks.index(shapes[i])]
                ax.scatter(
                    [x],
                    [y],
                    s=20,
                    marker=_FORMS[marks.index(shapes[i])],
                    facecolors=colour if filled else "white",
                    edgecolors=colour,
                    linewidths=1.2,
                    zorder=2,
                )
                ax.text(x + 0.4 * _MARK, y, labels[i], va="center", ha="left", fontsize=7.0, color=INK)
        for edge in edges[1:-1]:
            ax.axvline(edge, color="white", linewidth=2, zorder=1)
        ax.set_xticks((edges[:-1] + edges[1:]) / 2, places, fontweight="bold")
        ax.xaxis.tick_top()
        ax.set_yticks((tops[:-1] + tops[1:]) / 2, _band_names(bands, when))
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        _key(ax, marks, halves)
        if title:
            ax.set_title(title, pad=24)

    return draw("landscape", paint, WIDE, 0.9 + _LINE * float(tops[-1]), ax, alt)


def _band_names(bands: Sequence[int], when: np.ndarray) -> list[str]:
    names = []
    for place, first in enumerate(bands):
        last = bands[place + 1] - 1 if place + 1 < len(bands) else int(max(when.max(), first))
        first = int(min(first, when.min())) if place == 0 else first
        names.append(str(first) if first == last else f"{first}–{last}")
    return names


def _key(ax: Any, marks: list[str], halves: list[str]) -> None:
    from matplotlib.lines import Line2D

    def mark(form: str, colour: str, filled: bool, label: str) -> Any:
        return Line2D(
            [],
            [],
            linestyle="",
            marker=form,
            markersize=5,
            markerfacecolor=colour if filled else "white",
            markeredgecolor=colour,
            label=label,
        )

    entries = [mark(_FORMS[i], SERIES[i], True, name) for i, name in enumerate(marks)]
    entries += [mark("o", MUTED, i > 0, name) for i, name in enumerate(halves)]
    ax.legend(handles=entries, loc="upper center", bbox_to_anchor=(0.45, -0.005), ncols=len(entries))
