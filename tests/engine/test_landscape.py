"""The data behind lesson 01's landscape: complete, consistent, and leading to lessons that exist."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "source" / "01_interpretability_foundations" / "files"


def rows(name):
    return list(csv.DictReader((FILES / name).read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def methods():
    return rows("landscape.csv")


def test_every_entry_is_whole(methods):
    for one in methods:
        assert set(one) == {"method", "lesson", "year", "scope", "access", "object", "paper", "source"}
        assert all(one[key] == one[key].strip() != "" for key in set(one) - {"source"}), one
        assert one["scope"] in {"local", "global", "both"}, one
        assert one["access"] in {"white box", "black box"}, one
        assert one["object"] in {"input", "feature", "concept", "example", "circuit"}, one
        assert 1950 <= int(one["year"]) <= 2026, one
        assert re.fullmatch(r"(arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4,9}/\S+)?", one["source"]), one
        assert re.match(r"[^:]+: \S", one["paper"]), one


def test_an_arxiv_number_is_not_younger_than_the_year_of_its_paper(methods):
    """Numbers begin with year and month; a paper can appear in print after it, and old papers were put there later."""
    put_there_later = {"Direct and indirect effects"}
    for one in methods:
        if one["source"].startswith("arXiv:") and one["method"] not in put_there_later:
            assert 2000 + int(one["source"][6:8]) <= int(one["year"]), one


def test_methods_are_named_once_and_in_the_order_of_lessons_and_years(methods):
    names = [one["method"] for one in methods]
    assert len(set(names)) == len(names)
    order = [(int(one["lesson"]), int(one["year"])) for one in methods]
    assert order == sorted(order)


def test_every_lesson_has_methods_and_one_paper_has_one_name(methods):
    assert {int(one["lesson"]) for one in methods} == set(range(1, 17))
    by_source = {}
    for one in methods:
        if one["source"]:
            by_source.setdefault(one["source"], set()).add(one["paper"])
    assert all(len(papers) == 1 for papers in by_source.values())


def test_links_lead_to_the_lessons_that_exist():
    lessons = {int(one["number"]): one["slug"] for one in rows("lessons.csv")}
    assert sorted(lessons) == list(range(1, 17))
    assert all(slug.startswith(f"{number:02d}_") for number, slug in lessons.items())
    present = {path.name for path in (ROOT / "source").iterdir() if re.match(r"\d\d_", path.name)}
    assert present <= set(lessons.values())
