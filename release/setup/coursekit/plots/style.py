"""Colours, line styles and type sizes that all plots share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

SERIES = ("#0d4787", "#d9700e", "#2f8f6f", "#8a3f9b", "#4aa3d8", "#7a5a1e", "#c2417c", "#5b6168")
"""Told apart with each kind of colour blindness, and by lightness; the first four suffice for most plots."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.5, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "++")

INK, MUTED, GRID, NOTHING = "#20242a", "#565d66", "#d9dce0", "#b4b8be"
SIGNED = ("#0d4787", "#679ecd", "#f6f5f2", "#ee9955", "#9e3a08")
UNSIGNED = ("#faf8f2", "#d6c4e2", "#a07cbe", "#623a8e", "#260c42")
"""The anchors of the two colour maps; the maps on feedback pages have the same."""

POINTS_PER_INCH = 96
"""Pixels of the page per inch of a figure, so that a figure 8 inches wide fills a notebook."""
WIDE = 8.0
"""Width of a figure in inches, as a notebook is wide."""

_RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "text.color": INK,
    "text.antialiased": True,
    "figure.facecolor": "white",
    "figure.edgecolor": "white",
    "savefig.facecolor": "auto",
    "axes.facecolor": "white",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "normal",
    "axes.titlelocation": "center",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "grid.linestyle": "-",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "lines.linewidth": 1.9,
    "lines.markersize": 5.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "hatch.linewidth": 0.7,
    "image.interpolation": "nearest",
    "image.origin": "upper",
    "figure.constrained_layout.use": False,
}


@contextmanager
def styled() -> Iterator[None]:
    """matplotlib with the course's settings; afterwards with the person's own."""
    import matplotlib

    with matplotlib.rc_context(_RC):
        yield


def new_figure(width: float, height: float, layout: str = "constrained") -> Any:
    """A white figure that pyplot knows nothing of, so nobody has to close it. Sizes are in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=POINTS_PER_INCH, layout=layout)
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    engine.set(w_pad=0.07, h_pad=0.07)
    return figure


@cache
def colours(signed: bool) -> Any:
    """The colour map of signed or of unsigned values; undefined values are grey."""
    from matplotlib.colors import LinearSegmentedColormap

    made = LinearSegmentedColormap.from_list(
        "signed" if signed else "unsigned", SIGNED if signed else UNSIGNED
    )
    return made.with_extremes(bad=NOTHING)


def norm(low: float, high: float, signed: bool) -> Any:
    """How values become colours: 0 in the middle where they are signed."""
    from matplotlib.colors import Normalize

    if signed:
        reach = max(abs(low), abs(high)) or 1.0
        return Normalize(-reach, reach)
    return Normalize(low, high if high > low else low + 1.0)


def dress(ax: Any, xlabel: str, ylabel: str, title: str) -> None:
    """Labels, title and a quiet grid."""
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if title:
        ax.set_title(title)
    ax.grid(True)


def slant(ax: Any, names: list[str]) -> dict[str, Any]:
    """How names below an axes are turned: not at all where they have room."""
    place = ax.get_subplotspec()
    wide = ax.figure.get_figwidth() / (place.get_gridspec().ncols if place is not None else 1)
    room = 13 * (wide - 0.8) / len(names)  # letters that a name can have
    if max(map(len, names)) <= room:
        return {}
    return {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}


def legend(ax: Any, count: int) -> None:
    """A legend inside for few entries, beside the plot for many."""
    if count <= 4:
        ax.legend(loc="best")
    else:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
