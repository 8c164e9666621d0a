"""64 canaries, one for each kind of secret in each place; from inside a worker not one of them is found.

The invariant: no byte of reference, hidden test, seed, tolerance or another submission is within a worker's reach,
on every rung that claims it. The search is shown to work by what it finds on its own side, and by what it finds
from a process that is not shut in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from autograder.worker import bubblewrap
from tests.redteam.canaries import CANARIES, KINDS, OWN_PLACES, PLACES
from tests.redteam.grading import LAUNCHER, NOBODY, ROOT

# rung: how the search is started, by whoever runs the tests
HERE = [sys.executable]
ENDS = ["-m", "tests.redteam.canaries"]
LOCKED = [sys.executable, str(LAUNCHER)]
AS_ROOT = {
    "rung 3, root": (3, HERE),
    "rung 3, ordinary user": (3, [*LOCKED, "--open", "--user", str(NOBODY), "--", *HERE]),
    "rung 2, root": (2, [*LOCKED, "--", *HERE]),
    "rung 1, ordinary user": (1, [*LOCKED, "--user", str(NOBODY), "--", *HERE]),
}
AS_USER = {"rung 3, ordinary user": (3, HERE), "rung 1, ordinary user": (1, [*LOCKED, "--", *HERE])}
RUNGS = AS_ROOT if os.getuid() == 0 else AS_USER


def search(command: list[str], where: str) -> SimpleNamespace:
    done = subprocess.run([*command, *ENDS, where], cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-2000:]
    return SimpleNamespace(**json.loads(done.stdout))


@pytest.fixture(scope="module", params=RUNGS.values(), ids=RUNGS)
def found(request) -> SimpleNamespace:
    """What the search found on a rung."""
    rung, command = request.param
    if rung == 3 and bubblewrap.program() is None:
        pytest.skip("no bubblewrap on this machine: apt install bubblewrap")
    result = search(command, "worker")
    assert result.rung == rung, result.reasons
    return result


def test_there_are_64():
    assert len(set(CANARIES)) == 64


def test_the_search_finds_what_is_on_its_own_side(found):
    for places, place in zip(found.own, OWN_PLACES, strict=True):
        assert place in places
    assert found.files > 3000
    assert found.bytes > 100e6


@pytest.mark.parametrize("number", range(64), ids=[f"{kind}, in {place}" for kind, place in CANARIES])
def test_the_canary_is_not_found(found, number):
    assert number not in found.canaries


def test_nothing_else_with_such_a_mark_is_found(found):
    assert found.others == []


def test_a_process_that_is_not_shut_in_finds_them():
    found = search(HERE, "process")
    readable = {(kind, place) for kind in KINDS for place in (*PLACES[:4], PLACES[7])}
    assert readable <= {CANARIES[number] for number in found.canaries}
