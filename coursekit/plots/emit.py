"""How a finished figure reaches its reader: as a small picture with words in a notebook, else as it is."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable
from html import escape
from typing import Any

from coursekit.plots.style import POINTS_PER_INCH, new_figure, styled

COLOURS = 64
"""Colours of a picture's palette; 64 keep a plot at a few kilobytes."""
_SHARPNESS = 1.5
"""Pixels of the picture per pixel of the page: letters stay clear on fine screens."""

_NO_ALT = (
    '{plot} needs alt="...": a sentence that says what the picture shows, for readers who cannot see it. '
    "Give ax= instead when it is one of several panels."
)
_BOTH = "{plot} takes either ax= or alt=: the picture's words belong to panels(..., alt=\"...\"), which makes ax."


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
    width = round(figure.get_figwidth() * POINTS_PER_INCH)
    code = base64.b64encode(picture).decode("ascii")
    tag = f'<img alt="{escape(alt)}" width="{width}" src="data:image/png;base64,{code}">'
    display({"text/html": tag, "text/plain": alt}, raw=True, metadata={"alt": alt})
    return None


def png(figure: Any) -> bytes:
    """The figure as a PNG with a palette of at most 64 colours; the same bytes on every run."""
    from PIL import Image

    drawn = io.BytesIO()
    with styled():
        figure.savefig(drawn, format="png", dpi=POINTS_PER_INCH * _SHARPNESS, metadata={"Software": None})
    drawn.seek(0)
    with Image.open(drawn) as full:
        flat = full.convert("RGB")
    small = flat.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE, kmeans=1)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
