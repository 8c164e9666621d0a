"""The kit's plots: what they show in a notebook, what they return elsewhere, and what they say of bad input."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image

import coursekit as kit
from coursekit.plots.emit import png

ROOT = Path(__file__).resolve().parents[2]
QUOTED = 'A "bolt" & its map: 3 < 4.'

CELLS = [
    "import warnings\nwarnings.simplefilter('error')\nimport numpy as np, torch, matplotlib\n"
    "import coursekit as kit\nsettings = dict(matplotlib.rcParams)",
    "g = np.random.default_rng(0)\n"
    f"kit.show_maps([g.random((3, 12, 16)), g.normal(size=(12, 16))], titles=['picture', 'map'], "
    f"signed=True, alt={QUOTED!r})",
    "kit.curve([1, 2, 4], {'a': [1, 2, 3], 'b': torch.ones(3, requires_grad=True)}, xlabel='steps', "
    "ylabel='gap', log=True, alt='Two\\n lines.')",
    "with kit.panels(2, alt='Two panels.') as (left, right):\n"
    "    kit.curve([1, 2], [1, 2], xlabel='x', ylabel='y', ax=left)\n"
    "    kit.bars(['a', 'b'], [1, 2], label='points', ax=right)",
    "kit.table([['<one>', 0.123456, None]], ['name', 'value', 'note'], caption='A & B')",
    "kit.curve([1], [1], xlabel='x', ylabel='y')",
    "with kit.panels(2, alt='Half a picture.') as (left, right):\n"
    "    kit.bars(['a', 'b'], [1, 2], label='points', ax=left)\n"
    "    kit.bars(['a', 'b'], [1, 2, 3], label='points', ax=right)",
    "from matplotlib import pyplot\nprint(dict(matplotlib.rcParams) == settings, pyplot.get_fignums())",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    folder = tmp_path_factory.mktemp("plots")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
    }
    client = NotebookClient(made, kernel_name="python3", allow_errors=True, timeout=120)
    client.execute(cwd=str(folder), env=environment)
    nbformat.validate(made)
    return made


class Images(HTMLParser):
    """Attributes of every <img>."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def shown(notebook: nbformat.NotebookNode, cell: int) -> nbformat.NotebookNode:
    (output,) = notebook.cells[cell].outputs
    return output


def picture(output: nbformat.NotebookNode) -> tuple[bytes, dict[str, str | None]]:
    (image,) = Images(output.data["text/html"]).found
    return base64.b64decode(image["src"].removeprefix("data:image/png;base64,")), image


@pytest.mark.parametrize(("cell", "alt"), [(1, QUOTED), (2, "Two lines."), (3, "Two panels.")])
def test_the_words_reach_the_output_in_every_form(notebook, cell, alt):
    output = shown(notebook, cell)
    assert output.output_type == "display_data"
    assert picture(output)[1]["alt"] == alt
    assert output.data["text/plain"] == alt
    assert output.metadata["alt"] == alt


@pytest.mark.parametrize("cell", [1, 2, 3])
def test_a_picture_is_a_small_palette_png_and_stands_once(notebook, cell):
    output = shown(notebook, cell)
    data, image = picture(output)
    assert len(data) < 40_000
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.mode == "P"
        assert opened.format == "PNG"
        assert opened.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        assert 500 <= int(image["width"]) <= 800
        assert opened.width == pytest.approx(1.5 * int(image["width"]), abs=1)
    assert set(output.data) == {"text/html", "text/plain"}


def test_nbconvert_shows_the_words(notebook):
    page, _ = HTMLExporter().from_notebook_node(notebook)
    alts = [image.get("alt") for image in Images(page).found]
    assert {QUOTED, "Two lines.", "Two panels."} <= set(alts)


def test_a_table_is_html_with_a_plain_twin(notebook):
    data = shown(notebook, 4).data
    assert "<caption>A &amp; B</caption>" in data["text/html"]
    assert '<th scope="col"' in data["text/html"]
    assert "&lt;one&gt;" in data["text/html"]
    assert data["text/plain"].splitlines() == [
        "A & B",
        "name   value  note",
        "-----  -----  ----",
        "<one>  0.123",
    ]


def test_a_picture_without_words_is_refused(notebook):
    output = shown(notebook, 5)
    assert output.ename == "ValueError"
    assert output.evalue.startswith('curve needs alt="..."')


def test_an_unfinished_block_of_panels_shows_its_error_alone(notebook):
    assert shown(notebook, 6).ename == "ValueError"


def test_settings_and_figures_stay_as_they_were(notebook):
    assert shown(notebook, 7).text == "True []\n"


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape)


LONG = [f"a rather long name {i}" for i in range(6)]
PLOTS = {
    "one map": lambda: kit.show_maps(_random(8, 8), alt="a"),
    "a stack of maps": lambda: kit.show_maps(torch.tensor(_random(7, 8, 8)), signed=True, alt="a"),
    "pictures": lambda: kit.show_maps(torch.rand(16, 3, 12, 16), titles=LONG[:2] * 8, columns=8, alt="a"),
    "channels last": lambda: kit.show_maps([np.zeros((5, 4, 3), np.uint8)], alt="a"),
    "one channel": lambda: kit.show_maps(np.abs(_random(2, 1, 6, 6)), alt="a"),
    "maps of zeros": lambda: kit.show_maps(np.zeros((2, 4, 4)), signed=[True, False], alt="a"),
    "undefined map": lambda: kit.show_maps([np.full((4, 4), np.nan)], clip=0.9, alt="a"),
    "mixed": lambda: kit.show_maps(
        [np.full((3, 6, 6), 0.5), _random(6, 6), abs(_random(6, 6)), _random(9, 3)],
        signed=[False, True, False, True],
        clip=0.99,
        same_scale=True,
        row_titles=["first", "second"],
        columns=2,
        title="All",
        alt="a",
    ),
    "curve": lambda: kit.curve([0, 1], [np.nan, 2], xlabel="x", ylabel="y", level=1, limits=(0, 2), alt="a"),
    "curve of names": lambda: kit.curve(LONG, {str(i): _random(6) for i in range(9)}, xlabel="x", ylabel="y", alt="a"),
    "curve on logs": lambda: kit.curve([1, 10, 100], [0, 1e-3, 1e-5], xlabel="x", ylabel="y", log=True, alt="a"),
    "curve with band": lambda: kit.curve([1, 2], {"a": [1, 2]}, band=([0, 1], [2, 3]), xlabel="x", ylabel="y", alt="a"),
    "bars": lambda: kit.bars(["a", "b"], [-1, np.nan], errors=[1, 1], label="points", alt="a"),
    "bars in groups": lambda: kit.bars(LONG, {str(i): _random(6) for i in range(5)}, label="points", alt="a"),
    "stacked bars": lambda: kit.bars(["a"], {"x": [1], "y": [0]}, stacked=True, label="points", alt="a"),
    "heat map": lambda: kit.heatmap(_random(6, 6), rows=LONG, columns=LONG, label="similarity", alt="a"),
    "large heat map": lambda: kit.heatmap(np.abs(_random(60, 80)), title="t", xlabel="x", ylabel="y", alt="a"),
    "constant heat map": lambda: kit.heatmap([[1, 1]], alt="a"),
    "points": lambda: kit.scatter(_random(5), _random(5), xlabel="x", ylabel="y", names=LONG[:5], diagonal=True, alt="a"),
    "points in groups": lambda: kit.scatter([1, 2], [3, 4], groups=["a", "b"], xlabel="x", ylabel="y", alt="a"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLOTS)
def test_elsewhere_the_figure_comes_back_and_can_be_drawn(name):
    figure = PLOTS[name]()
    assert isinstance(figure, Figure)
    assert len(png(figure)) < 60_000


def test_the_same_plot_gives_the_same_bytes():
    assert png(PLOTS["mixed"]()) == png(PLOTS["mixed"]())


def test_a_rare_colour_survives_the_palette():
    field = np.random.default_rng(0).random((3, 40, 40)) * 0.2 + 0.5
    field[:, 20, 20] = [1.0, 0.0, 0.0]
    with Image.open(io.BytesIO(png(kit.show_maps([field], alt="a")))) as opened:
        colours = np.array([rgb for _, rgb in opened.convert("RGB").getcolors(256)])
    assert (np.abs(colours - [255, 0, 0]).sum(axis=1) < 24).any()


def test_colours_of_signed_maps_meet_at_zero():
    figure = kit.show_maps([[[-1.0, 0.0, 4.0]]], signed=True, alt="a")
    image = figure.axes[0].images[0]
    assert (image.norm.vmin, image.norm.vmax) == (-4, 4)
    assert np.array_equal(np.asarray(image.get_array()), [[-1, 0, 4]])


def test_clip_changes_the_colours_and_not_the_map():
    array = np.arange(101.0).reshape(1, 101)
    image = kit.show_maps([array], clip=0.9, alt="a").axes[0].images[0]
    assert image.norm.vmax == 90
    assert np.array_equal(np.asarray(image.get_array()), array)


def test_arguments_stay_as_they_are():
    tensor = torch.rand(2, 3, 4, 4, requires_grad=True)
    before = tensor.detach().clone()
    kit.show_maps(tensor, alt="a")
    assert torch.equal(tensor, before)
    assert tensor.grad is None


def test_panels_are_as_many_as_asked():
    with kit.panels(5, columns=2, alt="a") as axes:
        kit.heatmap([[1, 2]], ax=axes[4])
    assert len(axes) == 5


def test_tables_take_lists_dicts_and_arrays():
    assert kit.table([{"a": 1, "b": True}]) == "a  b\n-  ---\n1  yes"
    assert kit.table({"x": np.array([1.0, -2.5])}) == "x  1.00  −2.50"
    assert kit.table(torch.tensor([[1, 2], [30, 4]])) == " 1  2\n30  4"
    assert kit.table([["a", "7%"], ["b", "100 %"]]) == "a     7%\nb  100 %"
    assert kit.table([[float("nan"), 12345.6, 100]]) == "nan  1.23e+04  100"


def errors(**extra):
    return {"xlabel": "x", "ylabel": "y", "alt": "a", **extra}


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: kit.show_maps([np.zeros((2, 3, 4, 5))], alt="a"), "Picture 0 has shape (2, 3, 4, 5); a map has (H, W)"),
        (lambda: kit.show_maps([np.zeros((2, 2)), np.zeros((7, 4, 5))], alt="a"), "Picture 1 has shape (7, 4, 5)"),
        (lambda: kit.show_maps([], alt="a"), "There is nothing to draw: the list of pictures is empty."),
        (lambda: kit.show_maps([np.full((3, 4, 4), 200.0)], alt="a"), "Divide by 255 if it counts to 255"),
        (lambda: kit.show_maps([np.full((3, 4, 4), -0.1)], alt="a"), "if it is a map, bring it to (H, W) first"),
        (lambda: kit.show_maps([["a"]], alt="a"), "Picture 0 cannot be drawn: numbers are needed, and this is text."),
        (lambda: kit.show_maps([np.zeros((2, 2))], titles=["a", "b"], alt="a"),
         "titles needs one entry for each of the pictures: 1, not 2."),
        (lambda: kit.show_maps([np.zeros((2, 2))], titles="a", alt="a"), "titles is one text; a list of 1 is needed"),
        (lambda: kit.show_maps([np.zeros((2, 2))], clip=99, alt="a"), "clip=99 is no share of the values"),
        (lambda: kit.show_maps([np.zeros((2, 2))], columns=0, alt="a"), "columns=0: a grid has at least one column."),
        (lambda: kit.show_maps([np.zeros((2, 2))]), 'show_maps needs alt="..."'),
        (lambda: kit.curve([1, 2], {"a": [1, 2, 3]}, **errors()), "The series 'a' needs one entry for each of the values of x: 2, not 3."),
        (lambda: kit.curve([1, 2], [[1, 2]], **errors()), "The series has shape (1, 2); one row of numbers is needed"),
        (lambda: kit.curve([1, 2], [[1], [1, 2]], **errors()), "The series cannot be drawn: its rows have different"),
        (lambda: kit.curve([], [], **errors()), "There is nothing to draw: x is empty."),
        (lambda: kit.curve([1], {}, **errors()), "There is nothing to draw: the series are empty."),
        (lambda: kit.curve([1, 2], [0, -1], log=True, **errors()), "y has no value above 0"),
        (lambda: kit.curve(["a"], [1], log=True, **errors()), "x holds texts, which have no logarithm"),
        (lambda: kit.curve([1], [1], log="z", **errors()), "log='z' is not known"),
        (lambda: kit.curve([1], {"a": [1]}, band={"b": ([1], [1])}, **errors()), "The band 'b' belongs to no series"),
        (lambda: kit.curve([1], [1j], **errors()), "numbers are needed, and this is complex."),
        (lambda: kit.curve([1], [1], ax=Figure().subplots(), **errors()), "curve takes either ax= or alt="),
        (lambda: kit.bars(["a"], [1, 2], label="l", alt="a"), "The series needs one entry for each of the names: 1, not 2."),
        (lambda: kit.bars(["a"], {"x": [-1]}, stacked=True, label="l", alt="a"), "none may be negative"),
        (lambda: kit.bars(["a"], [1], errors=[-1], label="l", alt="a"), "cannot be negative"),
        (lambda: kit.heatmap([1, 2], alt="a"), "values has shape (2,); rows and columns are needed."),
        (lambda: kit.heatmap([[1, 2]], columns=["a"], alt="a"), "columns needs one entry for each of the columns of values: 2, not 1."),
        (lambda: kit.scatter([1, 2], [1], **errors()), "y needs one entry for each of the values of x: 2, not 1."),
        (lambda: kit.panels(0, alt="a"), "panels needs at least one panel"),
        (lambda: kit.panels(2), 'panels needs alt="..."'),
        (lambda: kit.table([]), "There is nothing to show: the table has no rows."),
        (lambda: kit.table([[1], [1, 2]]), "Row 1 needs one entry for each of the entries of row 0: 1, not 2."),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()


def test_the_kit_loads_no_matplotlib_before_the_first_plot():
    source = (
        "import sys, coursekit.plots as p\n"
        "assert 'matplotlib' not in sys.modules and 'IPython' not in sys.modules\n"
        "p.curve([1], [1], xlabel='x', ylabel='y', alt='a')\n"
        "assert 'matplotlib.pyplot' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", source], cwd=ROOT, check=True, timeout=60)
