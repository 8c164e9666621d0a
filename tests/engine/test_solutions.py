"""The committed solutions as a reader finds them: whole, without errors, with every extra installed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(ROOT.glob("solutions/*/*.ipynb"))
MOST_BYTES = 600_000


def notebook(path):
    return nbformat.read(path, as_version=4)


def outputs(path):
    return [(n, out) for n, cell in enumerate(notebook(path).cells) for out in cell.get("outputs", [])]


def words(output):
    return output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))


class Pictures(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.alts = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))


def test_there_is_one_notebook_for_each_lesson():
    sources = sorted(path.name for path in (ROOT / "source").iterdir() if re.match(r"\d\d_", path.name))
    assert [path.stem for path in NOTEBOOKS] == sources


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_everything_ran_and_nothing_was_missing(path):
    found = outputs(path)
    assert len(found) > 10
    for cell, output in found:
        assert output.output_type != "error", (cell, output)
        assert output.get("name") != "stderr", (cell, output)
        for phrase in ("is not installed", "not written yet", "is left out"):
            assert phrase not in words(output), (cell, words(output))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_check_passes_and_the_libraries_agree(path):
    text = "\n".join(words(output) for _, output in outputs(path))
    cards = re.findall(r"(\w+): (\d+) of (\d+) public checks pass", text)
    checked = [cell.source for cell in notebook(path).cells if re.match(r"check\(\w+\)", cell.source)]
    assert len(cards) == len(checked) > 0
    assert all(passed == count for _, passed, count in cards), cards
    tables = [
        words(output).split("\n")
        for _, output in outputs(path)
        if words(output).split("\n")[0].startswith("your function") and "equal" in words(output)
    ]
    assert tables, "no table compares the learner's functions with a library's"
    for lines in tables:
        verdicts = [line.split()[-1] for line in lines[2:] if line.strip()]
        assert set(verdicts) == {"yes"}, "\n".join(lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_small_and_every_picture_has_words(path):
    assert path.stat().st_size < MOST_BYTES
    pictures = 0
    for _, output in outputs(path):
        assert "image/png" not in output.get("data", {}), "a picture without words: draw it with kit's plots"
        alts = Pictures(str(output.get("data", {}).get("text/html", ""))).alts
        pictures += len(alts)
        assert all(alt and len(alt) > 20 for alt in alts), alts
    assert pictures >= 3
