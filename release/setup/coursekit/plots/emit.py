"""How a finished figure reaches its reader: as a small picture with words in a notebook, else as it is."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from coursekit.plots.style import POINTS_PER_INCH, new_figure, styled

COLOURS = 256
"""Colours of a picture's palette: with fewer, a pixel of a noisy picture shows in a colour that it has not."""
_SHARPNESS = 1.5
"""Pixels of the picture per pixel of the page: letters stay clear on fine screens."""

_NO_ALT = (
    '{plot} needs alt="...": a sentence that says what the picture shows, for readers who cannot see it. '
    "Give ax= instead when it is one of several panels."
)
_BOTH = (
    '{plot} takes either ax= or alt=: the picture\'s words belong to panels(..., alt="..."), which makes ax.'
)


def in_notebook() -> bool:
    """Whether a Jupyter kernel shows what is displayed. IPython is not imported for it."""
    core = sys.modules.get("IPython")
    shell = core.get_ipython() if core is not None else None
    return getattr(shell, "kernel", None) is not None


def words(plot: str, alt: str | None, ax: Any = None) -> str:
    """The alternative text, on one line; raises ValueError when it is missing, or given with ``ax``."""
    if ax is not None:
        if alt is not None:
            raise ValueError(_BOTH.format(plot=plot))
        return ""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(_NO_ALT.format(plot=plot))
    return " ".join(alt.split())


def draw(
    plot: str, paint: Callable[[Any], None], width: float, height: float, ax: Any, alt: str | None
) -> Any:
    """Let ``paint(axes)`` draw into ``ax``, or into a figure of its own, which is then shown."""
    text = words(plot, alt, ax)
    with styled():
        if ax is not None:
            paint(ax)
            return None if in_notebook() else ax.figure
        figure = new_figure(width, height)
        paint(figure.subplots())
    return show(figure, text)


def show(figure: Any, alt: str) -> Any:
    """Emit the figure in a notebook and return None; elsewhere return the figure.

    The picture goes into the HTML twin, not under image/png: neither JupyterLab nor nbconvert's usual
    template gives a plain PNG an alternative text. It stands once in the notebook, the words three times.
    """
    if not in_notebook():
        return figure
    from IPython.display import display

    picture = png(figure)
    width = round(int.from_bytes(picture[16:20], "big") / _SHARPNESS)
    code = base64.b64encode(picture).decode("ascii")
    tag = f'<img alt="{escape(alt)}" width="{width}" src="data:image/png;base64,{code}">'
    display({"text/html": tag, "text/plain": alt}, raw=True, metadata={"alt": alt})
    return None


def png(figure: Any) -> bytes:
    """The figure as a PNG with a palette of at most 256 colours; the same bytes on every run."""
    from PIL import Image

    drawn = io.BytesIO()
    with styled():
        figure.savefig(
            drawn,
            format="png",
            dpi=POINTS_PER_INCH * _SHARPNESS,
            bbox_inches="tight",
            pad_inches=0.1,
            metadata={"Software": None},
        )
    drawn.seek(0)
    with Image.open(drawn) as full:
        pixels = np.asarray(full.convert("RGB"))
    out = io.BytesIO()
    _with_palette(pixels).save(out, format="PNG", optimize=True)
    return out.getvalue()


def _with_palette(pixels: np.ndarray) -> Any:
    """The ``(H, W, 3)`` picture with a palette in which white stands and every colour has a near one.

    Each colour weighs as the square root of its area: the few pixels of a line, or at a map's peak, keep
    their colour beside large areas of paper. Pillow's own assignment to a palette is coarser.
    """
    from PIL import Image

    flat = pixels.reshape(-1, 3)
    fine = (flat >> 2).astype(np.int64)  # 64 shades of each primary are told apart, no more
    keys = fine[:, 0] << 12 | fine[:, 1] << 6 | fine[:, 2]
    _, first, place, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    colours = flat[first]
    weighed = np.repeat(colours, np.ceil(np.sqrt(counts)).astype(np.int64), axis=0)
    sample = Image.fromarray(np.ascontiguousarray(weighed[None]))
    chosen = sample.quantize(COLOURS - 1, method=Image.Quantize.MAXCOVERAGE, kmeans=1).getpalette()
    palette = np.array([255, 255, 255, *chosen[: 3 * (COLOURS - 1)]]).reshape(-1, 3)
    away = np.stack([((colours - one) ** 2).sum(axis=1) for one in palette])
    found = Image.fromarray(away.argmin(axis=0).astype(np.uint8)[place].reshape(pixels.shape[:2]))
    found.putpalette(palette.astype(np.uint8).tobytes())
    return found
