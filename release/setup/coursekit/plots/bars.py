"""Bars: one or several values for each of a few things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from coursekit.plots.emit import draw
from coursekit.plots.style import HATCHES, MUTED, SERIES, WIDE, legend
from coursekit.plots.values import plain, series, texts

_MOST_NUMBERS = 24


def bars(
    names: Any,
    values: Any,
    *,
    label: str,
    title: str = "",
    errors: Any = None,
    stacked: bool = False,
    horizontal: bool | None = None,
    form: str = ".2g",
    limits: tuple[float, float] | None = None,
    ax: Any = None,
    alt: str | None = None,
) -> Any:
    """Draw bars from 0, side by side where there are several series.

    Args:
        names: ``n`` texts, one for each bar or group of bars.
        values: ``(n,)`` numbers, or ``{label: (n,) numbers}`` for groups.
        label: quantity and unit of the values.
        errors: half lengths of the error bars, in the form of ``values``.
        stacked: put the series on one another, not side by side; the values must not be negative.
        horizontal: bars lie; when not given they do where names are long.
        form: how the numbers at the bars are written, as in ``format``; "" leaves them out. They are left
            out where there are more than 24 bars.
        limits: lowest and highest value of the axis.

    Returns:
        None in a notebook, else the matplotlib figure.

    Raises:
        ValueError: lengths that do not fit, something that is no number, negative values in a stack.
    """
    names = texts(names, "names", len(plain(names)), "the names")
    if not names:
        raise ValueError("There is nothing to draw: names is empty.")
    rows = series(values, len(names), "the names")
    spread = _errors(errors, rows, len(names))
    if stacked and any((row < 0).any() for row in rows.values()):
        raise ValueError("Stacked bars add up, so none may be negative: give stacked=False.")
    lying = horizontal if horizontal is not None else _are_long(names)
    bars_in_group = 1 if stacked else len(rows)
    thickness = 0.78 / bars_in_group
    places = np.arange(len(names), dtype=np.float64)

    def paint(ax: Any) -> None:
        base = np.zeros(len(names))
        numbered = form and len(names) * len(rows) <= _MOST_NUMBERS
        for i, (name, row) in enumerate(rows.items()):
            at = places + (0.0 if stacked else (i - (bars_in_group - 1) / 2) * thickness)
            look = {
                "color": SERIES[i % len(SERIES)],
                "edgecolor": "white",
                "linewidth": 0.6,
                "hatch": HATCHES[i % len(HATCHES)],
                "label": name or None,
            }
            whisker = {"ecolor": "#20242a", "capsize": 3}
            if lying:
                error = {"xerr": spread[name], "error_kw": whisker} if name in spread else {}
                drawn = ax.barh(at, row, thickness, left=base if stacked else 0.0, **look, **error)
            else:
                error = {"yerr": spread[name], "error_kw": whisker} if name in spread else {}
                drawn = ax.bar(at, row, thickness, bottom=base if stacked else 0.0, **look, **error)
            if numbered:
                _write(ax, drawn, row, form, stacked)
            base = base + np.nan_to_num(row)
        _axes(ax, places, names, label, lying)
        if limits is not None:
            (ax.set_xlim if lying else ax.set_ylim)(*limits)
        if title:
            ax.set_title(title)
        if "" not in rows:
            legend(ax, len(rows))

    height = 0.9 + max(0.34 * len(names) * max(1.0, bars_in_group * 0.6), 1.6) if lying else 3.4
    return draw("bars", paint, WIDE, height, ax, alt)


def _are_long(names: list[str]) -> bool:
    """Whether names would overlap under standing bars."""
    return sum(map(len, names)) + 2 * len(names) > 95 or max(map(len, names)) > 100 // len(names)


def _errors(errors: Any, rows: dict[str, np.ndarray], count: int) -> dict[str, np.ndarray]:
    if errors is None:
        return {}
    if not isinstance(errors, Mapping):
        errors = {next(iter(rows)): errors}
    unknown = [str(one) for one in errors if one not in rows]
    if unknown:
        raise ValueError(f"errors names {', '.join(unknown)}, which values does not.")
    found = series(errors, count, "the names")
    if any((row < 0).any() for row in found.values()):
        raise ValueError("Error bars have half lengths, which cannot be negative.")
    return found


def _write(ax: Any, drawn: Any, row: np.ndarray, form: str, inside: bool) -> None:
    words = [format(one, form).replace("-", "−") if np.isfinite(one) else "" for one in row]
    if inside:
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
        ax.bar_label(drawn, words, label_type="center", fontsize=8.5, bbox=box)
    else:
        ax.bar_label(drawn, words, padding=2.5, fontsize=8.5)


def _axes(ax: Any, places: np.ndarray, names: list[str], label: str, lying: bool) -> None:
    if lying:
        ax.set_yticks(places, names)
        ax.set_ylim(len(places) - 0.5, -0.5)  # the first name on top
        ax.set_xlabel(label)
        ax.axvline(0, color=MUTED, linewidth=0.9)
        ax.grid(True, axis="x")
        ax.margins(x=0.1)
    else:
        ax.set_xticks(places, names)
        ax.set_xlim(-0.6, len(places) - 0.4)
        ax.set_ylabel(label)
        ax.axhline(0, color=MUTED, linewidth=0.9)
        ax.grid(True, axis="y")
        ax.margins(y=0.12)
    ax.tick_params(axis="y" if lying else "x", length=0)
