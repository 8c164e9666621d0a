"""Squares on grey, one in each cell of a table: white above 0, black below."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import INK, WIDE
from coursekit.plots.values import square, texts

_GROUND = "#8d9299"
_LETTER = 0.085
"""Width of a letter, in inches."""


def squares(
    left: Any,
    top: Any,
    side: Any,
    sign: Any,
    *,
    rows: Any = None,
    columns: Any = None,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw a square for each entry of four tables ``(R, C)``; row i and column j share the unit cell (j, i).

    Args:
        left, top: upper left corner of each square; y points down, row 0 is at the top.
        side: length of its sides, in cells.
        sign: 1 is white, -1 black, 0 is not drawn.
        rows, columns: ``R`` and ``C`` texts; without them the cells are numbered from 0.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: tables of unlike shape, names that do not fit, something that is no number.
    """
    tables = {"left": left, "top": top, "side": side, "sign": sign}
    read = {name: square(table, name) for name, table in tables.items()}
    shapes = {table.shape for table in read.values()}
    if len(shapes) > 1:
        given = ", ".join(f"{name} {table.shape}" for name, table in read.items())
        raise ValueError(f"squares needs four tables of one shape, and got {given}.")
    high, wide = shapes.pop()
    names_left = texts(rows, "rows", high, "the rows") if rows is not None else list(map(str, range(high)))
    names_below = (
        texts(columns, "columns", wide, "the columns") if columns is not None else list(map(str, range(wide)))
    )
    cell = min(0.42, 6.4 / wide, 6.0 / high)

    def paint(ax: Any) -> None:
        from matplotlib.patches import Rectangle

        ax.set_facecolor(_GROUND)
        for place in np.ndindex(high, wide):
            colour = read["sign"][place]
            if colour != 0 and read["side"][place] > 0:
                corner, size = (read["left"][place], read["top"][place]), read["side"][place]
                shade = "white" if colour > 0 else "black"
                ax.add_patch(Rectangle(corner, size, size, facecolor=shade, edgecolor="none"))
        ax.set_xlim(0, wide)
        ax.set_ylim(high, 0)
        ax.set_aspect("equal")
        crowded = max(map(len, names_below)) * _LETTER > cell
        turn = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if crowded else {}
        ax.set_xticks(np.arange(wide) + 0.5, names_below, **turn)
        ax.set_yticks(np.arange(high) + 0.5, names_left)
        ax.tick_params(length=0)
        for edge in ax.spines.values():
            edge.set_visible(True)
            edge.set_color(INK)
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        if title:
            ax.set_title(title)

    return draw("squares", paint, min(WIDE, 1.8 + cell * wide), 1.3 + cell * high, ax, alt)
