"""Every attack, handed in among honest work and graded by the real command line: each must fail as its file says."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.redteam.case import INVARIANTS, KINDS, attacks
from tests.redteam.course import TOKENS
from tests.redteam.grading import HONEST
from tests.redteam.surroundings import surroundings

ALL = surroundings()
PAIRS = [(one, attack) for one in ALL for attack in one.attacks()]


def each(graded):
    return pytest.mark.parametrize("graded", ALL, indirect=True, ids=[one.name for one in ALL])(graded)


@pytest.mark.parametrize(
    ("graded", "attack"),
    PAIRS,
    indirect=["graded"],
    ids=[f"{one.name}: {attack.name}" for one, attack in PAIRS],
)
def test_the_attack_fails(graded, attack):
    assert graded.verdict(attack) == [], graded.run()[0].printed[-2000:]


@each
def test_honest_work_beside_it_is_graded_as_ever(graded):
    run, _ = graded.run()
    for name in HONEST:
        seen = run.seen[name]
        assert (name, seen.exercise("saliency"), seen.exercise("share")) == (
            name,
            ("pass", 10.0),
            ("pass", 5.0),
        )


@each
def test_the_batch_is_complete_and_says_what_was_left_out(graded):
    run, _ = graded.run()
    assert {"aaa_honest", "zzz_honest"} <= run.seen.keys()
    assert not [name for name, seen in run.seen.items() if seen.record["status"] == "infra"]
    assert run.exit_code == 2, run.printed[-2000:]  # a link, and entries of archives


@each
def test_nothing_runs_on_and_nothing_was_written_elsewhere(graded):
    assert graded.run()[1] == set()


@each
def test_nothing_hidden_stands_in_what_is_shown_to_the_class(graded):
    run, _ = graded.run()
    for name, text in {**run.pages, "the screen": run.printed}.items():
        for place, token in TOKENS.items():
            assert token not in text or place == "quiz answer", (name, place)
        assert "REACHED" not in text, name


@each
def test_what_students_wrote_is_shown_and_not_obeyed(graded):
    run, _ = graded.run()
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]", run.printed.replace("\r", "\n")
    )
    for name, text in run.pages.items():
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text), name
        assert "<img src=x" not in text, name
        assert "<script>document" not in text, name
    for row in csv.reader(io.StringIO(run.pages["grades.csv"])):
        assert not [cell for cell in row if re.match(r"[=@\t\r]|[+-](?![\d.])", cell)]


@each
def test_the_records_name_the_layers_of_the_rung(graded):
    run, _ = graded.run()
    layers = {
        3: {"pid", "mount", "net", "uid"},
        2: {"landlock", "uid", "sweep"},
        1: {"landlock", "processes"},
    }
    assert {*layers[graded.rung], "seccomp", "rlimits", "descriptors"} <= set(run.isolation)


def test_there_are_eighty_and_each_tries_something_of_its_own():
    every = attacks()
    assert len(every) >= 80
    assert len({attack.intent for attack in every}) == len(every)
    assert {attack.kind for attack in every} == set(KINDS)
    assert {attack.invariant for attack in every} == set(INVARIANTS)
