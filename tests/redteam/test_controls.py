"""The suite can fail: without the layer that stops it, each attack succeeds."""

from __future__ import annotations

import os

import pytest

import coursekit
from tests.redteam.case import attacks
from tests.redteam.course import RIGHT, ZEROS
from tests.redteam.peers import TESTS

EVERY = sorted(attacks(), key=lambda attack: attack.control)  # zygotes without the same layers are shared


@pytest.mark.parametrize("attack", EVERY, ids=[f"{a.control}: {a.name}" for a in EVERY])
def test_it_succeeds_where_its_layer_is_missing(controls, attack):
    if attack.name == "package_opened_for_writing" and not os.access(coursekit.__file__, os.W_OK):
        pytest.skip(
            "the packages are another user's, who alone can show this: run pytest tests/redteam as their owner"
        )
    assert attack.succeeds in controls.signs(attack)


WIRE = attacks("wire")


@pytest.mark.parametrize("attack", WIRE, ids=[a.name for a in WIRE])
def test_the_same_exchange_is_refused_where_the_layer_is_there(controls, attack):
    assert attack.succeeds not in controls.checked_wire(attack)


@pytest.mark.parametrize("style", [*TESTS, "script", "unittest", "pickle", "stdout", "file", "cpu_time"])
def test_the_grader_in_one_process_grades_honest_work(controls, style, tmp_path):
    """Else an attack might succeed there only because everything does."""
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(RIGHT["saliency"])
    wrong.write_text(ZEROS)
    expected = set() if style in ("equal",) else {"marks"}  # == of two tensors is no truth value
    assert set(controls.ask_peer(right, style)["signs"]) == expected
    assert set(controls.ask_peer(wrong, style)["signs"]) == set()
