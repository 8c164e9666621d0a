"""Waterfalls: how numbers add up from a base to a total, one step after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import INK, MUTED, SIGNED, WIDE
from coursekit.plots.values import line, numbers, plain, texts

_UP, _DOWN = SIGNED[3], SIGNED[1]


def waterfall(
    names: Any,
    steps: Any,
    base: float,
    *,
    label: str,
    base_name: str = "base",
    total_name: str = "total",
    sort: bool = True,
    title: str = "",
    form: str = "+.2f",
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw numbers that add up: the first bar starts at ``base``, each further one where the last ended.

    Args:
        names: ``n`` texts, one for each step.
        steps: ``(n,)`` numbers, in the unit of ``base``.
        base: where the first bar starts.
        label: quantity and unit of the axis.
        base_name, total_name: what the start and the end are called.
        sort: steps of the largest size first; else as they are given.
        form: how the numbers at the bars are written, as in ``format``.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: lengths that do not fit, something that is no number, or not finite.
    """
    names = texts(names, "names", len(plain(names)), "the names")
    sizes = line(steps, "steps")
    start = float(numbers(base, "base"))
    if not names or len(sizes) != len(names):
        raise ValueError(f"waterfall needs one step for each name: {len(names)} names, {len(sizes)} steps.")
    if not np.isfinite(sizes).all() or not np.isfinite(start):
        raise ValueError("A waterfall cannot show steps that are not finite.")
    order = np.argsort(-np.abs(sizes), kind="stable") if sort else np.arange(len(sizes))
    sizes, names = sizes[order], [names[i] for i in order]
    ends = start + np.cumsum(sizes)
    begins = ends - sizes

    def paint(ax: Any) -> None:
        places = np.arange(len(sizes))
        drawn = ax.barh(
            places,
            sizes,
            0.62,
            left=begins,
            color=[_UP if size >= 0 else _DOWN for size in sizes],
            hatch=["" if size >= 0 else "///" for size in sizes],
            edgecolor="white",
            linewidth=0.6,
        )
        ax.bar_label(drawn, [format(size, form).replace("-", "−") for size in sizes], padding=3, fontsize=8.5)
        for row in range(len(sizes) - 1):
            ax.plot([ends[row]] * 2, [row - 0.31, row + 1.31], color=MUTED, linewidth=0.8)
        for at, name, row, side in (
            (start, base_name, -0.75, 1),
            (ends[-1], total_name, len(sizes) - 0.25, -1),
        ):
            ax.plot([at] * 2, [row, row + 0.75 * side], color=INK, linewidth=0.9, linestyle="--")
            words = f" {name} {format(at, form.replace('+', '')).replace('-', '−')} "
            ax.text(at, row, words, ha="center", va="bottom" if side > 0 else "top", fontsize=9)
        ax.set_yticks(places, names)
        ax.set_ylim(len(sizes) + 0.25, -1.25)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(label)
        ax.grid(True, axis="x")
        ax.use_sticky_edges = False  # bars would end at the frame, and their numbers beyond it
        ax.margins(x=0.14)
        if title:
            ax.set_title(title)

    return draw("waterfall", paint, WIDE, 1.5 + 0.34 * len(sizes), ax, alt)
