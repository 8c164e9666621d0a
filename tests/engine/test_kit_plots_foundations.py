"""Waterfalls, squares, landscapes and links: what is drawn where, and what is said of bad input."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

import coursekit as kit

TABLES = {"left": [[0.25, 1.0]], "top": [[0.25, 0.5]], "side": [[0.5, 0.0]], "sign": [[1, 0]]}


def only_axes(figure):
    (ax,) = figure.axes
    return ax


def words(ax):
    return [text.get_text().strip() for text in ax.texts]


# ----------------------------------------------------------------------------------------------- waterfalls
def test_each_bar_starts_where_the_last_one_ended():
    ax = only_axes(kit.waterfall(["a", "b", "c"], [1.0, -3.0, 0.5], 10.0, label="score", alt="x"))
    spans = sorted((bar.get_y(), bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)
    assert [round(start, 9) for _, start, _ in spans] == [10.0, 7.0, 8.0]
    assert [round(end, 9) for _, _, end in spans] == [7.0, 8.0, 8.5]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a", "c"]  # the largest first
    assert {"−3.00", "+1.00", "+0.50", "base 10.00", "total 8.50"} <= set(words(ax))
    assert ax.get_xlabel() == "score"


def test_signs_differ_in_more_than_colour_and_the_given_order_can_be_kept():
    ax = only_axes(kit.waterfall(["a", "b"], [1.0, -3.0], 0, label="score", sort=False, alt="x"))
    up, down = sorted(ax.patches, key=lambda bar: bar.get_y())
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert (up.get_hatch() or "", down.get_hatch()) == ("", "///")
    assert to_hex(up.get_facecolor()) != to_hex(down.get_facecolor())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["a"], [1.0, 2.0], 0), "waterfall needs one step for each name: 1 names, 2 steps"),
        (([], [], 0), "waterfall needs one step for each name"),
        ((["a"], [np.nan], 0), "cannot show steps that are not finite"),
        ((["a"], [1.0], np.inf), "cannot show steps that are not finite"),
        ((["a"], ["b"], 0), "steps cannot be drawn: numbers are needed"),
    ],
)
def test_waterfalls_that_cannot_be_drawn(arguments, says):
    with pytest.raises(ValueError, match=says):
        kit.waterfall(*arguments, label="score", alt="x")


# -------------------------------------------------------------------------------------------------- squares
def test_squares_lie_where_they_are_put():
    ax = only_axes(kit.squares(**TABLES, rows=["unit"], columns=["first", "second"], alt="x"))
    (drawn,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]  # nothing where the sign is 0
    assert (drawn.get_x(), drawn.get_y(), drawn.get_width(), drawn.get_height()) == (0.25, 0.25, 0.5, 0.5)
    assert to_hex(drawn.get_facecolor()) == "#ffffff"
    assert ax.get_xlim() == (0, 2)
    assert ax.get_ylim() == (1, 0)  # row 0 at the top
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["first", "second"]


def test_negative_ones_are_black_and_cells_are_numbered_without_names():
    ax = only_axes(kit.squares(**TABLES | {"sign": [[-1, -1]]}, alt="x"))
    (drawn,) = ax.patches  # the other one has no size
    assert to_hex(drawn.get_facecolor()) == "#000000"
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"sign": [[1, 0, 1]]},
            r"squares needs four tables of one shape, and got left \(1, 2\).*sign \(1, 3\)",
        ),
        ({"rows": ["a", "b"]}, "rows needs one entry for each of the rows: 1, not 2"),
        ({"left": [1, 2]}, "left has shape"),
    ],
)
def test_squares_that_cannot_be_drawn(change, says):
    with pytest.raises(ValueError, match=says):
        kit.squares(**TABLES | change, alt="x")


# ------------------------------------------------------------------------------------------------ landscapes
def a_landscape(**change):
    what = {
        "names": ["old", "new", "newer", "other"],
        "years": [1953, 2017, 2017, 2021],
        "columns": ["input", "input", "input", "circuit"],
        "forms": ["local", "local", "global", "global"],
        "fills": ["white", "black", "black", "white"],
        "bands": [1990, 2017, 2020],
        "alt": "x",
    }
    return kit.landscape(**what | change)


def test_names_stand_in_their_column_and_band():
    ax = only_axes(a_landscape())
    place = {text.get_text(): text.get_position() for text in ax.texts}
    assert place["old"][0] == place["new"][0] == place["newer"][0] < place["other"][0]
    assert place["old"][1] < place["new"][1] < place["newer"][1] < place["other"][1]  # down, by year
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["input", "circuit"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["1953–2016", "2017–2019", "2020–2021"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["local", "global", "white", "black"]


def test_marks_tell_form_and_fill():
    ax = only_axes(a_landscape())
    old, new, newer, _ = ax.collections[-4:]
    assert len(old.get_paths()[0].vertices) == len(new.get_paths()[0].vertices)
    assert len(newer.get_paths()[0].vertices) != len(new.get_paths()[0].vertices)
    assert to_hex(old.get_facecolor()[0]) == "#ffffff"
    assert to_hex(new.get_facecolor()[0]) == to_hex(new.get_edgecolor()[0])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"bands": [2017, 1990]}, r"bands must rise, and got \[2017, 1990\]"),
        ({"bands": []}, "bands must rise"),
        ({"order": ["input"]}, "order must hold every column"),
        ({"fills": ["a", "b", "c", "a"]}, "tells 4 forms and 2 fills apart, not 2 and 3"),
        ({"names": ["a"]}, "names needs one entry for each of the years: 4, not 1"),
    ],
)
def test_landscapes_that_cannot_be_drawn(change, says):
    with pytest.raises(ValueError, match=says):
        a_landscape(**change)


# ----------------------------------------------------------------------------------------------------- links
def test_a_link_is_its_words_in_text():
    entry = kit.link("lesson 2", "../02_maps/02_maps.ipynb")
    assert entry == "lesson 2"
    assert kit.table([[entry, 1]], ["where", "n"]).split("\n")[-1] == "lesson 2  1"


def test_a_link_leads_somewhere_in_html_and_is_escaped():
    from coursekit.plots.tables import _html

    entry = kit.link("<a> & b", "https://arxiv.org/abs/1606.03490?x=1&y=2")
    cell = '<td style="text-align: left"><a href="https://arxiv.org/abs/1606.03490?x=1&amp;y=2">&lt;a&gt; &amp; b</a></td>'
    assert cell in _html([[entry]], [], [False], "")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://a.b", 'https://a"b', "/etc/passwd", "a b", ""]
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match="is no https address and no place of a file"):
        kit.link("x", address)
