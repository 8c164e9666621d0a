"""The class table, the story of a notebook and the grades file, as plain text."""

from __future__ import annotations

import csv
import importlib.util
import io
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from autograder.records import view
from autograder.reports import class_table, console, grades_csv, plain_text, story
from autograder.reports.grades import cell
from autograder.reports.words import STATUSES

_spec = importlib.util.spec_from_file_location("reports_class", Path(__file__).with_name("reports_class.py"))
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

EVIL = "\x1b[31mred\x1b]0;title\x07\u202eslip[bold]:smile:\r\nline"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def records() -> dict:
    return {r.student: r for r in made.make_class()}


def printed(renderable, stream: io.StringIO, width: int = 80) -> str:
    console(stream, width).print(renderable)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_class_table_has_a_line_per_student_and_a_symbol_per_exercise():
    lines = plain_text(class_table(made.make_class(), made.FACTS), 80).splitlines()
    assert lines[0] == "Lesson 02 · Gradient attribution · 14 notebooks"
    birch = next(line for line in lines if line.startswith("birch"))
    assert birch.split() == [
        "birch",
        "67/92",
        "73",
        "%",
        "◐",
        "partial",
        "◐",
        "✓",
        "◐",
        "✓",
        "✓",
        "✓",
        "✓",
        "◷",
        "◐",
    ]
    assert "3 integrated_gradients" in "\n".join(lines)
    assert "median 88 % · 2 with full marks · 2 could not be read or run" in "\n".join(lines)


def test_every_symbol_in_the_table_is_explained():
    said = plain_text(class_table(made.make_class(), made.FACTS), 120)
    table, legend = said.split("\n1 ", 1)
    for status, kind in STATUSES.items():
        if kind.symbol in table.split("\n", 2)[2]:
            assert f"{kind.symbol} {status}" in legend


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_nothing_is_wider_than_the_terminal(width):
    long_name = replace(records()["birch"], student="a very long name " * 20)
    everyone = [*made.make_class(), long_name]
    shown = [class_table(everyone, made.FACTS), *(story(r, made.FACTS, every_test=True) for r in everyone)]
    for one in shown:
        for line in plain_text(one, width).splitlines():
            assert cell_len(line) <= width


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch):
    shown = story(records()["birch"], made.FACTS)
    assert "\x1b[" in printed(shown, Terminal())
    assert "\x1b" not in printed(shown, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(shown, Terminal())
    assert "\x1b" not in plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in printed(shown, Terminal())


def test_ascii_terminals_get_ascii():
    class Old(Terminal):
        encoding = "ascii"

    everyone = [*made.make_class(), replace(records()["birch"], student="Åsa 李")]
    text = printed(class_table(everyone, made.FACTS, ["José’s file – unreadable"]), Old())
    text += printed(story(everyone[-1], made.FACTS, every_test=True), Old())
    text.encode("ascii")
    assert "/ partial" in text
    assert "T timeout" in text
    assert "Asa \\u674e" in text
    assert "Jose's file - unreadable" in text


def test_hostile_texts_stay_on_their_line_and_are_no_markup():
    base = records()["birch"]
    exercises = [
        replace(e, diagnosis=EVIL, next_step=EVIL, notes=[EVIL],
                tests=[replace(t, title=EVIL, message=EVIL, output=EVIL, exception=EVIL) for t in e.tests])
        for e in base.exercises
    ]  # fmt: skip
    evil = replace(base, student=EVIL, notes=[EVIL], exercises=exercises)
    shown = printed(class_table([evil], None, [EVIL]), io.StringIO(), 100)
    lines = shown.splitlines()
    assert any(line.startswith("red[U+202E]slip[bold]:smile: line") for line in lines)
    shown += printed(story(evil, every_test=True), io.StringIO(), 100)
    assert not set(shown) & set("\x1b\u202e\x07\r")
    assert "[bold]" in shown


def test_story_tells_what_went_wrong_and_what_to_try():
    told = plain_text(story(view(records()["hornbeam"]), made.FACTS), 100)
    assert "81 of 92 points" in told
    assert "6 of 8 exercises are right and 2 are partly right." in told
    assert "◐ partial  10/16  Integrated gradients\n  You take the left end of each step" in told
    assert "→ Print your `alphas` for `steps = 2`" in told
    assert "4 tests failed for the same reason, at no cost" in told
    assert "error 0.4, allowed 1.3e-8" in told
    assert "31 million times the allowed error" in told
    assert "·····▓··········" in told
    assert "in the whole column 5" in told
    assert told.count("·····▓··········") == 12  # the second test shows no second map


def test_ruler_in_characters_shows_inside_and_outside():
    told = plain_text(story(records()["hornbeam"], made.FACTS, every_test=True), 100)
    marks = [line.strip().split("  ")[0] for line in told.splitlines() if "allowed 1.3e-8" in line]
    assert any(m.index("X") > m.index("|") for m in marks if "X" in m)
    assert all(m.index("o") < m.index("|") for m in marks if "o" in m)
    assert {"o", "X"} <= set("".join(marks))


def test_story_hides_what_the_view_hides_and_shows_the_instructor_the_rest():
    fir = records()["fir"]
    assert "0.123456" not in plain_text(story(view(fir), made.FACTS))
    assert "hidden input was" in plain_text(story(fir, made.FACTS))


@pytest.mark.parametrize(
    ("student", "sentence"),
    [
        ("larch", "This notebook could not be read, so nothing in it was graded."),
        ("juniper", "This notebook could not be graded through no fault of yours"),
        ("alder", "A person gave 7 of 8 more points."),
        ("birch", "Concept questions: 1 of 3 right"),
        ("beech", "Cell 9 line 2: NameError"),
    ],
)
def test_story_of_whole_notebooks(student, sentence):
    assert sentence in " ".join(plain_text(story(records()[student], made.FACTS), 200).split())


def test_no_records_is_a_sentence():
    assert plain_text(class_table([])) == "No records here yet: grade a folder of notebooks first.\n"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_grades_have_a_row_per_record():
    rows = {r["student"]: r for r in rows_of(grades_csv(made.make_class(), made.FACTS))}
    assert len(rows) == 14
    assert list(rows["alder"]) == [
        "student", "lesson", "score", "max_score", "status", *made.PLAN, "questions", "manual", "manual_max",
        "handed_in", "late_percent", "late_points", "counts",
    ]  # fmt: skip
    birch = rows["birch"]
    assert (birch["score"], birch["max_score"], birch["status"]) == ("67", "92", "partial")
    assert (birch["saliency"], birch["integrated_gradients"], birch["questions"]) == ("3", "10", "4")
    assert (birch["manual"], birch["manual_max"], rows["alder"]["manual"]) == ("", "8", "7")
    assert (rows["larch"]["score"], rows["larch"]["saliency"]) == ("0", "")
    assert rows["juniper"]["score"] == ""  # a failure of the engine is no grade


def test_grades_of_several_lessons_stand_side_by_side():
    other = replace(
        records()["ash"], lesson="03_b", exercises=[replace(made.passing("saliency"), name="new_one")]
    )
    rows = rows_of(grades_csv([other, records()["ash"]], made.FACTS))
    assert [(r["lesson"], r["saliency"], r["new_one"]) for r in rows] == [
        (made.LESSON, "8", ""),
        ("03_b", "", "8"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", "%", "＝", " =", "\t=", "\n="])
def test_no_cell_is_a_formula(start):
    name = f'{start}HYPERLINK("http://x","y")'
    text = grades_csv([replace(records()["ash"], student=name, lesson=name)])
    (row,) = rows_of(text)
    assert row["student"][0] == "'"
    assert 'HYPERLINK("http://x","y")' in row["student"]
    assert row["student"] == row["lesson"] == cell(name)


@pytest.mark.parametrize("name", ['a,"b"', "o'neil", "two\nlines", "李小龍", "José", "-anna", "a;b", " lead"])
def test_ordinary_names_survive(name):
    (row,) = rows_of(grades_csv([replace(records()["ash"], student=name)]))
    assert row["student"].removeprefix("'") == name
    assert row["status"] == "partial"


def test_control_characters_do_not_reach_the_grades():
    text = grades_csv([replace(records()["ash"], student="a\x00b\x1b[2J\u202e\ud800" + "x" * 10_000)])
    assert not set(text) & set("\x00\x1b\u202e\ud800")
    text.encode("utf-8")
    (row,) = rows_of(text)
    assert row["student"].startswith("a[U+0000]b[U+202E][U+D800]xxx")
    assert "more characters)" in row["student"]
