"""Several plots in one picture with one alternative text."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from coursekit.plots.emit import show, words
from coursekit.plots.style import WIDE, new_figure, styled


class panels:
    """``n`` axes side by side; the picture is shown when the block ends.

    ``with kit.panels(2, alt="...") as (left, right):`` then ``kit.curve(..., ax=left)`` and so on.

    Args:
        n: number of panels, at least 1.
        columns: panels in a row; as many as fit (3) when not given.
        alt: what the whole picture shows, in words.
        height: of one panel, in inches; the picture is 8 inches wide.
        same_x, same_y: whether all panels have one range on that axis.

    Attributes:
        figure: the matplotlib figure.

    Raises:
        ValueError: no panel, or no alt.
    """

    def __init__(
        self,
        n: int,
        *,
        alt: str | None = None,
        columns: int | None = None,
        height: float = 3.0,
        same_x: bool = False,
        same_y: bool = False,
    ) -> None:
        if n < 1 or (columns is not None and columns < 1):
            raise ValueError(f"panels needs at least one panel and one column: it got {n} and {columns}.")
        self.alt = words("panels", alt)
        wide = min(n, columns or 3)
        rows = -(-n // wide)
        with styled():
            self.figure = new_figure(WIDE, height * rows)
            grid = self.figure.subplots(rows, wide, squeeze=False, sharex=same_x, sharey=same_y)
            self.axes: list[Any] = list(grid.flat)
            for spare in self.axes[n:]:
                spare.remove()
        del self.axes[n:]

    def __enter__(self) -> list[Any]:
        return self.axes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # half a picture helps nobody
            show(self.figure, self.alt)
