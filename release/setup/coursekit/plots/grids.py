"""Heat maps: a table of numbers as colours."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import WIDE, colours, norm
from coursekit.plots.values import finite_range, square, texts

_MOST_WRITTEN = 14


def heatmap(
    values: Any,
    *,
    rows: Any = None,
    columns: Any = None,
    label: str = "",
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    signed: bool | None = None,
    limits: tuple[float, float] | None = None,
    form: str = ".2f",
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw a table of numbers, shape ``(R, C)``, as coloured cells.

    Args:
        rows, columns: ``R`` and ``C`` texts; without them the cells are numbered from 0.
        label: quantity and unit, written at the colour scale.
        signed: colours around 0 (True) or from low to high (False); when not given, around 0 where a value
            is negative.
        limits: values at the two ends of the colours; the range of ``values`` when not given.
        form: how the numbers in the cells are written, as in ``format``; "" leaves them out, as do more than
            14 rows or columns.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: not rows and columns, names that do not fit, something that is no number.
    """
    array = square(values, "values")
    high, wide = array.shape
    left = texts(rows, "rows", high, "the rows of values") if rows is not None else []
    below = texts(columns, "columns", wide, "the columns of values") if columns is not None else []
    low_end, high_end = finite_range(array) if limits is None else limits
    around_zero = bool(low_end < 0) if signed is None else signed
    scale = norm(low_end, high_end, around_zero)
    slanted = sum(map(len, below)) > 62 or (bool(below) and max(map(len, below)) > 62 // wide)

    def paint(ax: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        drawn = ax.imshow(array, cmap=colours(around_zero), norm=scale, aspect="auto")
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        if title:
            ax.set_title(title)
        ax.tick_params(length=0)
        for edge in ax.spines.values():
            edge.set_visible(False)
        if below:
            turn = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
            ax.set_xticks(range(wide), below, **turn)
        if left:
            ax.set_yticks(range(high), left)
        for axis, named in ((ax.xaxis, below), (ax.yaxis, left)):
            if not named:
                axis.set_major_locator(MaxNLocator(20, integer=True, min_n_ticks=1))
        ax.set_xticks(np.arange(1, wide) - 0.5, minor=True)
        ax.set_yticks(np.arange(1, high) - 0.5, minor=True)
        if max(high, wide) <= 40:
            ax.grid(True, which="minor", color="white", linewidth=1.2)
            ax.tick_params(which="minor", length=0)
        if form and max(high, wide) <= _MOST_WRITTEN:
            _write(ax, array, drawn, form)
        ax.figure.colorbar(drawn, ax=ax, label=label, pad=0.02, fraction=0.05)

    longest = max(map(len, left), default=2)
    width = min(WIDE, max(3.6, 0.075 * longest + 0.62 * wide + 1.4))
    height = min(8.0, max(2.2, 0.42 * high + 0.5 + (0.055 * max(map(len, below)) if slanted else 0.0)))
    return draw("heatmap", paint, width, height, ax, alt)


def _write(ax: Any, array: np.ndarray, drawn: Any, form: str) -> None:
    for (i, j), value in np.ndenumerate(array):
        red, green, blue, _ = drawn.cmap(drawn.norm(value)) if np.isfinite(value) else (0.7, 0.7, 0.7, 1)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
        text = format(value, form).replace("-", "−") if np.isfinite(value) else str(value)
        ax.text(j, i, text, ha="center", va="center", fontsize=8.5, color="white" if dark else "#20242a")
