"""Flashcards: which are due, in the terminal and as a deck that Anki's own library reads."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.cli import cards as deck
from autograder.cli.progress import Progress, ProgressUnreadable
from autograder.course import load_course

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


def run(course, *words, say=""):
    command = [sys.executable, "-m", "autograder", "flashcards", *words]
    return subprocess.run(
        command, cwd=course, input=say, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def course(small_course):
    text = """
[[flashcard]]
front = "Which sign has $\\\\frac{1}{k}$ for **negative** `k`?"
back = "Negative: $-1 < 0$ & so on."
"""
    path = small_course.root / "source/02_scaling/quiz.toml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("[reflection]", text + "\n[reflection]"), encoding="utf-8")
    return small_course.root


def test_new_cards_come_in_order_and_known_ones_when_they_are_due(course, tmp_path):
    cards = deck.cards_of(load_course(course).lessons)
    progress = Progress(tmp_path)
    assert deck.due(cards, progress, NOW, 1) == cards[:1]
    wait = deck.rate(progress, cards[0], "3", NOW)
    assert timedelta(minutes=5) < wait < timedelta(hours=1)
    assert deck.due(cards, progress, NOW, 10) == cards[1:]
    assert deck.due(cards, progress, NOW + wait, 0) == cards[:1]
    again = deck.rate(progress, cards[1], "1", NOW)
    assert again < wait
    assert deck.due(cards, progress, NOW + timedelta(days=1), 0) == [cards[1], cards[0]]
    easy = deck.rate(progress, cards[0], "4", NOW + wait)
    assert easy > timedelta(days=1)


def test_a_session_saves_every_rating_and_takes_up_where_it_stopped(course):
    done = run(course, say="\n3\n\nperhaps\nq\n")
    assert done.returncode == 0, done.stderr
    assert "Card 1 of 2, lesson 2" in done.stdout
    assert "A scaled list." in done.stdout
    assert "good: it comes again in 10 minutes." in done.stdout
    assert "'perhaps' is none of these." in done.stdout
    assert "Which sign has 1/k for negative `k`?" in done.stdout
    assert "1 of 2 cards done." in done.stdout
    saved = json.loads((course / "work" / "progress.json").read_text())
    assert len(saved["flashcards"]) == 1
    listed = json.loads(run(course, "--json").stdout)
    assert [row["back"] for row in listed["due"]] == ["Negative: $-1 < 0$ & so on."]
    assert "1 of 1 cards done. Well done." in run(course, say="\n4\n").stdout
    assert "Nothing is due. The next card comes in" in run(course).stdout


def test_the_end_of_the_input_ends_the_session(course):
    done = run(course, say="")
    assert (done.returncode, "0 of 2 cards done." in done.stdout) == (0, True)


def test_a_broken_progress_file_is_left_as_it_is(course):
    path = course / "work" / "progress.json"
    path.parent.mkdir()
    for text in (
        "{",
        '{"schema": 9}',
        '{"schema": 1, "lessons": {"a": {"b": {"c": 1}}}, "flashcards": {}}',
        "[]",
    ):
        path.write_text(text)
        with pytest.raises(ProgressUnreadable):
            Progress(path.parent)
        done = run(course)
        assert done.returncode == 1
        assert "cannot be read" in done.stderr
        assert "move it away to begin anew" in done.stderr
        assert path.read_text() == text


@pytest.mark.parametrize("root", [None, ROOT], ids=["small", "whole"])
def test_anki_itself_imports_the_deck(course, root, tmp_path):
    pytest.importorskip(
        "anki", reason="Anki's library is missing: `pip install -c constraints.txt anki` ends this skip"
    )
    from anki.collection import Collection, ImportAnkiPackageRequest

    source = root or course
    path = tmp_path / "deck.apkg"
    done = run(source, "--anki", str(path))
    assert done.returncode == 0, done.stderr
    cards = deck.cards_of(load_course(source).lessons)
    assert done.stdout.startswith(f"{len(cards)} cards: ")
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        for _ in range(2):  # the second time nothing is doubled
            collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path)))
            assert collection.note_count() == len(cards)
        notes = [collection.get_note(number) for number in collection.find_notes("")]
        for note in notes:
            for field in note.fields:
                assert field.count(r"\\(") == 0
                assert field.count("$") == 0
                assert field.count(r"\\(".replace("\\\\", "\\")) == field.count("\\)")
        if root is None:
            fronts = {note.fields[0] for note in notes}
            assert (
                r"Which sign has \\(\\frac{1}{k}\\) for <strong>negative</strong> <code>k</code>?".replace(
                    "\\\\", "\\"
                )
                in fronts
            )
            assert {deck_name.name for deck_name in collection.decks.all_names_and_ids()} >= {
                "A small course::02 Scaling and shifting"
            }
    finally:
        collection.close()
