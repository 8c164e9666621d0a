"""Attacks that a generator makes, and bytes that nobody meant, with a fixed budget; `make soak` has a larger one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.worker import bubblewrap
from tests.redteam.judging import Judge, judging
from tests.redteam.mixing import mixtures, parts
from tests.redteam.targets import TARGETS, seeds

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "database": None}


@pytest.fixture(scope="module")
def judge():
    if bubblewrap.program() is None:
        pytest.skip("no bubblewrap on this machine: apt install bubblewrap")
    with judging() as one:
        yield one


@settings(max_examples=40, **CALM)
@given(code=mixtures())
def test_a_mixture_of_attacks_reaches_nothing(judge: Judge, code: str):
    compile(code, "mixture", "exec")
    assert judge.faults(code) == []


def test_honest_work_after_all_of_them_has_its_points(judge: Judge):
    assert judge.honest()


def test_mixtures_are_made_of_most_attacks():
    assert len(parts()) > 60


def test_a_judge_that_is_cheated_is_noticed(judge: Judge):
    """The right answer is what a successful attack would look like."""
    from tests.redteam.course import RIGHT

    assert judge.faults(RIGHT["saliency"]) == ["10.0 points"]
    assert "REACHED" in judge.faults("def saliency(*a):\n    print('REACHED')\n")[0]


@pytest.mark.parametrize("target", TARGETS)
def test_any_change_of_valid_bytes_is_read_or_refused(target: str):
    valid = seeds(target)
    changes = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6), st.integers(0, 6)), max_size=8)

    @settings(max_examples=150, **CALM)
    @given(data=st.sampled_from(valid), changes=changes)
    def holds(data: bytes, changes: list[tuple[int, bytes, int]]) -> None:
        changed = bytearray(data)
        for at, new, gone in changes:
            at %= len(changed) + 1
            changed[at : at + gone] = new
        TARGETS[target](bytes(changed))

    holds()


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_are_read_or_refused(target: str):
    @settings(max_examples=150, **CALM)
    @given(data=st.binary(max_size=2000))
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()
