"""Points in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import MARKERS, MUTED, SERIES, dress, legend
from coursekit.plots.values import line, same_count, texts


def scatter(
    x: Any,
    y: Any,
    *,
    xlabel: str,
    ylabel: str,
    groups: Any = None,
    names: Any = None,
    title: str = "",
    diagonal: bool = False,
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw one point for each entry of ``x`` and ``y``, both ``(n,)``.

    Args:
        xlabel, ylabel: quantity and unit.
        groups: ``n`` labels; each group has its colour, its marker and its entry in the legend.
        names: ``n`` texts, written beside the points.
        diagonal: draw the line on which both are equal.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: lengths that do not fit, or something that is no number.
    """
    x, y = line(x, "x"), line(y, "y")
    if not len(x):
        raise ValueError("There is nothing to draw: x is empty.")
    same_count(y, "y", len(x), "the values of x")
    labels = np.array(
        texts(groups, "groups", len(x), "the values of x") if groups is not None else [""] * len(x)
    )
    written = texts(names, "names", len(x), "the values of x") if names is not None else []
    kinds = list(dict.fromkeys(labels.tolist()))

    def paint(ax: Any) -> None:
        dress(ax, xlabel, ylabel, title)
        many = len(x) > 300
        for i, kind in enumerate(kinds):
            of_kind = labels == kind
            ax.scatter(
                x[of_kind],
                y[of_kind],
                s=12 if many else 30,
                c=SERIES[i % len(SERIES)],
                marker=MARKERS[i % len(MARKERS)],
                alpha=0.55 if many else 0.85,
                linewidths=0.5,
                edgecolors="white",
                label=kind or None,
                zorder=2,
            )
        for place, text in zip(zip(x, y, strict=True), written, strict=False):
            ax.annotate(text, place, xytext=(5, 4), textcoords="offset points", fontsize=8.5)
        if diagonal:
            middle = float(np.nanmean(x))
            ax.axline((middle, middle), slope=1, color=MUTED, linewidth=1.0, linestyle="--", zorder=1)
        if groups is not None:
            legend(ax, len(kinds))

    return draw("scatter", paint, 6.2, 4.4, ax, alt)
