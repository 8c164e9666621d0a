"""Pictures and tables of the notebooks: they draw what they are given and compute nothing that is asked.

In a notebook a plot shows itself as a small picture with the words of ``alt`` for those who cannot see it,
and returns None. Elsewhere it returns the matplotlib figure. With ``ax=`` it draws into that axes instead
and shows nothing: :class:`panels` makes several axes that share one picture and one ``alt``.

Colours tell colour-blind readers the same: signed maps run from blue through white at 0 to orange, unsigned
ones from light to dark violet; series differ in line style and marker too. matplotlib is loaded with the
first plot; its settings and its list of open figures stay as they are.
"""

from coursekit.plots.bars import bars
from coursekit.plots.curves import curve
from coursekit.plots.grids import heatmap
from coursekit.plots.landscapes import landscape
from coursekit.plots.maps import show_maps
from coursekit.plots.panels import panels
from coursekit.plots.scatters import scatter
from coursekit.plots.squares import squares
from coursekit.plots.tables import link, table
from coursekit.plots.waterfalls import waterfall

__all__ = [
    "bars",
    "curve",
    "heatmap",
    "landscape",
    "link",
    "panels",
    "scatter",
    "show_maps",
    "squares",
    "table",
    "waterfall",
]
