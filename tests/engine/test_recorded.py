"""Recorded answers stand in for the reference and for the mistakes, in a learner's notebook."""

import re

import numpy as np
import pytest

from autograder.authoring.examples import record_examples
from autograder.course import load_course
from autograder.judge.player import Player
from autograder.judge.suite import load_suite, public_suite
from coursekit.checks.diagnose import FURTHER_SEEDS
from coursekit.checks.play import GraderError
from coursekit.checks.recorded import EXAMPLES, Recorded, read_recorded, write_recorded
from coursekit.checks.student import Call

ONE = {
    "seed": 3,
    "lesson": "09_x",
    "mistakes": [["double", "You double it.", ""]],
    "cases": {
        "test_a": [
            {"expected": [1.0, np.ones(2)], "wrong": {}, "floor": 1e-16, "traces": [[["total", 2.0]]]}
            for _ in range(3)
        ]
    },
    "small": [[1, 0, 3.0]],
}


def test_the_file_gives_back_what_was_written(tmp_path):
    write_recorded(tmp_path / "sub" / EXAMPLES, {"f": ONE, "g": {**ONE, "seed": 4}})
    recorded = read_recorded(tmp_path / "sub" / EXAMPLES, "f")
    assert (recorded.seed, recorded.lesson, recorded.count) == (3, "09_x", 1)
    assert recorded.mistakes == [("double", "You double it.", "")]
    assert recorded.small == [(1, 0, 3.0)]
    assert recorded.floor("test_a") == 1e-16
    assert recorded.traces("test_a") == [[("total", 2.0)]]
    assert read_recorded(tmp_path / "sub" / EXAMPLES, "g").seed == 4


def test_equal_answers_give_equal_bytes(tmp_path):
    write_recorded(tmp_path / "a", {"f": ONE, "g": ONE})
    write_recorded(tmp_path / "b", {"g": ONE, "f": ONE})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_expected_values_come_one_after_the_other():
    reference = Recorded(ONE).expected("test_a")
    call = Call("f", (), {})
    assert reference.call(call).value == 1.0
    assert reference.call_many([call])[0].value.tolist() == [1.0, 1.0]
    says = (
        "examples.safetensors does not fit the checks beside it. Download the lesson's folder again, whole."
    )
    with pytest.raises(GraderError, match=re.escape(says)):
        reference.call(call)
    with pytest.raises(GraderError, match="keeps nothing"):
        reference.keep(1)


def test_each_reading_begins_anew():
    recorded = Recorded(ONE)
    for _ in range(2):
        assert recorded.expected("test_a").call(Call("f", (), {})).value == 1.0


@pytest.mark.parametrize("ask", [("test_b", 0), ("test_a", 7)])
def test_a_case_that_was_not_recorded_is_an_old_file(ask):
    with pytest.raises((GraderError, ValueError)):
        Recorded(ONE).expected(*ask)


def test_a_missing_file_is_said_to_a_learner(tmp_path):
    path = tmp_path / EXAMPLES
    says = (
        f"{path} is missing: the checks compare with it. Download the lesson's folder again, whole, and run the "
        "notebook inside it."
    )
    with pytest.raises(FileNotFoundError, match=re.escape(says)):
        read_recorded(path, "f")


def test_an_exercise_that_is_not_in_the_file_is_an_old_file(tmp_path):
    write_recorded(tmp_path / EXAMPLES, {"f": ONE})
    with pytest.raises(GraderError, match="does not fit the checks beside it"):
        read_recorded(tmp_path / EXAMPLES, "g")


# ------------------------------------------------------------------------------- as the build records
@pytest.fixture(scope="module")
def players(tiny_course):
    course = load_course(tiny_course)
    suite = load_suite(tiny_course, "01_tiny", ["shares", "smooth"], course.seed)
    return {n: Player(g, course.seed) for n, g in public_suite(tiny_course, suite).graders.items()}


def test_records_say_what_playing_says(tiny_course, players):
    for name, player in players.items():
        recorded = read_recorded(tiny_course / "release" / "01_tiny" / EXAMPLES, name)
        assert recorded.count == player.count
        assert recorded.seed == 11
        for test in player.grader.tests:
            for case in test.cases:
                for extra in (0, *FURTHER_SEEDS):
                    expected = recorded.expected(case.id, extra)
                    for step in player.play((test, case), player.grader.expected, extra).steps:
                        np.testing.assert_array_equal(expected.call(step.call).value, step.expected)
                    for index in range(player.count):
                        live = player.wrong(index, (test, case), extra)
                        stored = recorded.wrong(index, (test, case), extra)
                        assert stored.passed == live.passed
                        if not live.passed:
                            assert [a.ok for a in stored.answers] == [a.ok for a in live.answers]


def test_recording_twice_gives_the_same_bytes(tiny_course, tmp_path):
    record_examples(load_course(tiny_course).find_lesson("01_tiny"), tmp_path / EXAMPLES)
    assert (tmp_path / EXAMPLES).read_bytes() == (tiny_course / "release/01_tiny" / EXAMPLES).read_bytes()


def test_nothing_of_the_reference_or_the_hidden_grader_is_in_the_file(tiny_course, tiny):
    data = (tiny_course / "release" / "01_tiny" / EXAMPLES).read_bytes()
    for text in (
        "np.where",
        "keepdims",
        "largest count of the row: divide",
        "test_negative",
        str(tiny_course),
    ):
        assert (text.encode() in data) == (text == "largest count of the row: divide"), text
    assert b"a count is negative" not in data  # the message of an error
