"""Curves: one or several series over an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import DASHES, MARKERS, SERIES, WIDE, dress, legend, slant
from coursekit.plots.values import line, plain, series, texts

_MOST_MARKED = 25
_LOGS = (False, True, "x", "y")


def curve(
    x: Any,
    y: Any,
    *,
    xlabel: str,
    ylabel: str,
    title: str = "",
    log: bool | str = False,
    band: Any = None,
    level: float | None = None,
    limits: tuple[float, float] | None = None,
    key: bool = True,
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw one or several series over ``x``.

    Args:
        x: ``(n,)`` numbers, or ``n`` texts, which stand at equal distances.
        y: ``(n,)`` values, or ``{label: (n,) values}``. Where a value is nan the line has a gap.
        xlabel, ylabel: quantity and unit.
        log: True for two logarithmic axes, "x" or "y" for one. Values up to 0 are left out there.
        band: ``(low, high)`` of ``(n,)`` each, or ``{label: (low, high)}``: shaded behind the line.
        level: height of a thin reference line.
        limits: lowest and highest value of the vertical axis.
        key: whether the labels of the series are shown; one key is enough for panels with the same series.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: lengths that do not fit, something that is no number, a logarithm with nothing above 0.
    """
    if log not in _LOGS:
        raise ValueError(f'log={log!r} is not known: give True for both axes, "x" or "y" for one.')
    places, names = _places(x)
    lines = series(y, len(places), "the values of x")
    bands = _bands(band, lines)
    log_x, log_y = log in (True, "x"), log in (True, "y")
    if log_x and names:
        raise ValueError('x holds texts, which have no logarithm: give log="y" or numbers.')
    for label, row in [("x", places)] * log_x + [(label or "y", row) for label, row in lines.items()] * log_y:
        if not (row > 0).any():
            raise ValueError(f"{label} has no value above 0, so a logarithmic axis cannot show it.")

    def paint(ax: Any) -> None:
        dress(ax, xlabel, ylabel, title)
        if log_x:
            ax.set_xscale("log", nonpositive="mask")
        if log_y:
            ax.set_yscale("log", nonpositive="mask")
        if level is not None:
            ax.axhline(level, color="#565d66", linewidth=1.0, zorder=1)
        few = len(places) <= _MOST_MARKED
        for i, (label, row) in enumerate(lines.items()):
            colour = SERIES[i % len(SERIES)]
            if label in bands:
                ax.fill_between(places, *bands[label], color=colour, alpha=0.18, linewidth=0)
            ax.plot(
                places,
                row,
                color=colour,
                linestyle=DASHES[i % len(DASHES)],
                marker=MARKERS[i % len(MARKERS)] if few else None,
                label=label or None,
            )
        if names:
            ax.set_xticks(places, names, **slant(ax, names))
        elif log_x and few:
            _name_powers(ax, places)
        if limits is not None:
            ax.set_ylim(*limits)
        if key and "" not in lines:
            legend(ax, len(lines))

    return draw("curve", paint, WIDE, 3.6, ax, alt)


def _places(x: Any) -> tuple[np.ndarray, list[str]]:
    """Where the points stand, and their names when x holds texts."""
    x = plain(x)
    if not isinstance(x, (str, Mapping)) and len(x) and all(isinstance(one, str) for one in x):
        return np.arange(len(x), dtype=np.float64), texts(x, "x", len(x), "its texts")
    found = line(x, "x")
    if not len(found):
        raise ValueError("There is nothing to draw: x is empty.")
    return found, []


def _bands(band: Any, lines: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    if band is None:
        return {}
    named = dict(band) if isinstance(band, Mapping) else {next(iter(lines)): band}
    found = {}
    for label, pair in named.items():
        if label not in lines:
            raise ValueError(f"The band {label!r} belongs to no series: there are {', '.join(lines)}.")
        if len(pair) != 2:
            raise ValueError(
                f"The band {label!r} has {len(pair)} rows: give two, the lower and the upper edge."
            )
        count = len(lines[label])
        edges = series({"low": pair[0], "high": pair[1]}, count, "the values of x")
        found[label] = (edges["low"], edges["high"])
    return found


def _name_powers(ax: Any, places: np.ndarray) -> None:
    """Steps such as 1, 2, 4 ... 256 are written under a logarithmic axis as they are."""
    from matplotlib.ticker import NullLocator

    if len(places) <= 12 and (places == np.round(places)).all():
        ax.set_xticks(places, [f"{one:g}" for one in places])
        ax.xaxis.set_minor_locator(NullLocator())
