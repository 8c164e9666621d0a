"""Pictures and attribution maps side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.plots.emit import show, words
from coursekit.plots.style import GRID, WIDE, colours, new_figure, norm, styled
from coursekit.plots.values import finite_range, numbers, plain, same_count, texts

_SHAPE = (
    "Picture {i} has shape {shape}; a map has (H, W), a colour picture (3, H, W) with values from 0 to 1. "
    "Several pictures go into a list or along the first axis."
)
_RANGE = (
    "Picture {i} has shape {shape}, so it is a colour picture, and colours run from 0 to 1, but its values run "
    "from {low:.3g} to {high:.3g}. Divide by 255 if it counts to 255; if it is a map, bring it to (H, W) first."
)


@dataclass(frozen=True)
class _Tile:
    array: np.ndarray
    """(H, W) of a map, (H, W, 3) of a picture."""
    signed: bool

    @property
    def is_map(self) -> bool:
        return self.array.ndim == 2


def show_maps(
    maps: Any,
    *,
    titles: Any = None,
    row_titles: Any = None,
    columns: int | None = None,
    signed: bool | Sequence[bool] = False,
    clip: float | None = None,
    same_scale: bool = False,
    title: str = "",
    alt: str | None = None,
) -> Any:
    """Draw pictures and maps in a grid, in the order of reading.

    Args:
        maps: list or stack of them. A map is ``(H, W)`` or ``(1, H, W)``, a colour picture ``(3, H, W)`` or
            ``(H, W, 3)`` with values from 0 to 1; both may be mixed. An array of three axes is a stack of
            maps: put a single colour picture into a list.
        titles: one text for each; "" leaves one out.
        row_titles: one text for each row of the grid, written at its left.
        columns: pictures in a row; at most 5, in rows of about one length, when not given.
        signed: whether maps have a sign: then 0 is white, negative blue, positive orange. Otherwise colours
            run from light at 0 to dark. One for all, or one for each.
        clip: share of a map's values below which lies the end of its colours, such as 0.99: few outliers then
            do not leave the rest pale. It changes the colours, not the map.
        same_scale: one scale of colours for all maps, not one for each.
        title: of the whole figure.
        alt: what the picture shows, in words.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: shapes or ranges that no picture has, counts that do not fit, no alt.
    """
    text = words("show_maps", alt)
    tiles = _tiles(maps, signed)
    names = texts(titles, "titles", len(tiles), "the pictures") if titles is not None else []
    if columns is not None and columns < 1:
        raise ValueError(f"columns={columns}: a grid has at least one column.")
    if clip is not None and not 0 < clip <= 1:
        raise ValueError(
            f"clip={clip} is no share of the values: give one above 0 and up to 1, such as 0.99."
        )
    wide = min(len(tiles), columns or -(-len(tiles) // -(-len(tiles) // 5)))
    high = -(-len(tiles) // wide)
    sides = texts(row_titles, "row_titles", high, "the rows of the grid") if row_titles is not None else []
    scales = _scales(tiles, clip, same_scale)
    with styled():
        figure = _grid(tiles, scales, names, sides, wide, high)
        if title:
            figure.suptitle(title, fontsize=11)
        _keys(figure, tiles, scales, clip, same_scale)
    return show(figure, text)


def _tiles(maps: Any, signed: bool | Sequence[bool]) -> list[_Tile]:
    maps = plain(maps)
    if isinstance(maps, np.ndarray) and maps.ndim < 3:
        maps = [maps]
    found = list(maps)
    if not found:
        raise ValueError("There is nothing to draw: the list of pictures is empty.")
    signs = [signed] * len(found) if isinstance(signed, (bool, np.bool_)) else [bool(one) for one in signed]
    same_count(signs, "signed", len(found), "the pictures")
    return [_Tile(_picture(one, i), sign) for i, (one, sign) in enumerate(zip(found, signs, strict=True))]


def _picture(value: Any, i: int) -> np.ndarray:
    """The value as (H, W) of a map or (H, W, 3) of a colour picture within 0 and 1."""
    given = plain(value)
    array = numbers(given, f"Picture {i}")
    shape = array.shape
    if array.ndim == 3 and shape[0] == 1:
        array = array[0]
    elif array.ndim == 3 and shape[0] == 3:
        array = np.moveaxis(array, 0, 2)
    if 0 in shape or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise ValueError(_SHAPE.format(i=i, shape=shape))
    if array.ndim == 2:
        return array
    if getattr(given, "dtype", None) == np.uint8:
        return array / 255
    if ((array < 0) | (array > 1)).mean() > 0.5:  # a little noise beyond the ends is drawn as the ends
        low, high = finite_range(array)
        raise ValueError(_RANGE.format(i=i, shape=shape, low=low, high=high))
    return np.nan_to_num(np.clip(array, 0, 1), nan=0.7)


def _scales(tiles: list[_Tile], clip: float | None, same: bool) -> list[tuple[float, float]]:
    """Values at the two ends of each tile's colours."""
    ends = [_ends(tile, clip) for tile in tiles]
    if same and (of_maps := [end for end, tile in zip(ends, tiles, strict=True) if tile.is_map]):
        widest = min(low for low, _ in of_maps), max(high for _, high in of_maps)
        ends = [widest] * len(tiles)
    return ends


def _ends(tile: _Tile, clip: float | None) -> tuple[float, float]:
    low, high = finite_range(tile.array)
    if clip is not None and tile.is_map:
        good = tile.array[np.isfinite(tile.array)]
        reach = float(np.quantile(np.abs(good), clip)) if good.size else 0.0
        low, high = max(low, -reach), min(high, reach)
    return min(low, 0.0), max(high, 0.0)


def _grid(
    tiles: list[_Tile],
    scales: list[tuple[float, float]],
    names: list[str],
    sides: list[str],
    wide: int,
    high: int,
) -> Any:
    tall = max(tile.array.shape[0] / tile.array.shape[1] for tile in tiles)
    margin = 0.9 if sides else 0.15
    width = min(WIDE, margin + wide * (2.6 if wide < 4 else 2.0))
    panel = (width - margin) / wide - 0.12
    size = 9.5 if panel > 1.1 else 8.5
    letters = max(6, int(panel * (12.5 if size > 9 else 14)))
    names = [textwrap.fill(name, letters) for name in names]
    lines = [max((name.count("\n") + 1 if name else 0) for name in names[r * wide : (r + 1) * wide] or [""])
             for r in range(high)]  # fmt: skip
    key = 0.5 * len({tile.signed for tile in tiles if tile.is_map})
    figure = new_figure(width, high * (panel * tall + 0.1) + 0.17 * sum(lines) + key + 0.15, "compressed")
    grid = figure.subplots(high, wide, squeeze=False)
    for i, ax in enumerate(grid.flat):
        if i >= len(tiles):
            ax.remove()
            continue
        tile = tiles[i]
        if tile.is_map:
            ax.imshow(tile.array, cmap=colours(tile.signed), norm=norm(*scales[i], tile.signed))
        else:
            ax.imshow(tile.array)
        ax.set_xticks([])
        ax.set_yticks([])
        for edge in ax.spines.values():
            edge.set(visible=True, color=GRID, linewidth=0.8)
        if names and names[i]:
            ax.set_title(names[i], fontsize=size, pad=3)
        if sides and i % wide == 0:
            side = textwrap.fill(sides[i // wide], 14)
            ax.set_ylabel(side, rotation=0, ha="right", va="center", labelpad=6, fontsize=9.5)
    return figure


def _keys(
    figure: Any, tiles: list[_Tile], scales: list[tuple[float, float]], clip: float | None, same: bool
) -> None:
    """A scale of colours below the grid for each kind of map that is in it."""
    from matplotlib.cm import ScalarMappable

    for signed in (False, True):
        of_kind = [i for i, tile in enumerate(tiles) if tile.is_map and tile.signed == signed]
        if not of_kind:
            continue
        shared = same or len(of_kind) == 1
        ends = norm(*scales[of_kind[0]], signed) if shared else norm(-1.0 if signed else 0.0, 1.0, signed)
        bar = figure.colorbar(
            ScalarMappable(ends, colours(signed)),
            ax=figure.axes[: len(tiles)],
            location="bottom",
            aspect=40,
            fraction=0.05,
            shrink=min(1.0, 3.2 / figure.get_figwidth()),
            pad=0.02,
        )
        bar.outline.set(color=GRID, linewidth=0.8)
        bar.ax.tick_params(labelsize=8.5, length=2, pad=2)
        if shared:
            bar.locator = _few()
            bar.update_ticks()
            continue
        largest = "largest" if clip is None else f"{clip:.3g} quantile"
        falls = any(scales[i][0] < 0 for i in of_kind)
        if signed:
            bar.set_ticks([-1, 0, 1], labels=[f"−{largest}", "0", f"{largest} of each map"])
        else:
            bar.set_ticks([0, 1], labels=["smallest" if falls else "0", f"{largest} of each map"])


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5)
