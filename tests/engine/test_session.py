"""Collecting a lesson's hidden graders with pytest, and judging inside its session."""

import re
import subprocess
import sys

import pytest

from autograder.course import load_course
from autograder.judge.player import Player
from autograder.judge.session import with_suite
from coursekit.checks.play import GraderError


@pytest.fixture
def course(tiny, tmp_path):
    root = tiny.write_course(tmp_path / "course")
    yield root
    for name in [n for n, m in sys.modules.items() if str(getattr(m, "__file__", "")).startswith(str(root))]:
        del sys.modules[name]  # one judge meets one course; here several meet in one process


def suites(root, judge=None):
    seen = []
    with_suite(load_course(root).find_lesson("01"), 11, judge or seen.append)
    return seen


def grader(root, name="shares"):
    return root / "tests" / "graders" / "01_tiny" / f"test_{name}.py"


def test_the_graders_are_collected_once_with_their_cases(course):
    (suite,) = suites(course)
    assert (suite.lesson, suite.seed, suite.points) == ("01_tiny", 11, 15)
    assert list(suite.graders) == ["shares", "smooth"]
    assert [case.id for case in suite.graders["shares"].tests[0].cases] == ["test_rows[0]", "test_rows[1]"]
    assert all(Player(one, suite.seed).baseline for one in suite.graders.values())


def test_what_judging_raises_comes_out(course):
    def judge(suite):
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        suites(course, judge)


def test_a_missing_grader_is_named(course):
    grader(course).unlink()
    says = f"01_tiny: the exercise shares has no hidden grader at {grader(course)}"
    with pytest.raises(GraderError, match=re.escape(says)):
        suites(course)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def broken(:\n", "the hidden graders of 01_tiny cannot be collected: "),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("value = 1 / 0\n", "ZeroDivisionError"),
        ("value = 1\n", "holds no test"),
        ("def test_a(agrees):\n    'A'\n", "test_a belongs to no part"),
    ],
)
def test_a_grader_that_cannot_be_collected_says_why(course, text, says):
    grader(course).write_text(text)
    with pytest.raises(GraderError, match=re.escape(says)):
        suites(course)


def test_all_graders_without_tests_is_said_too(course):
    for name in ("shares", "smooth"):
        grader(course, name).write_text("value = 1\n")
    with pytest.raises(GraderError, match="holds no test"):
        suites(course)


JUDGE = """
import sys
from pathlib import Path
from autograder.course import load_course
from autograder.judge.player import Player
from autograder.judge.session import with_suite
from coursekit.checks.student import InProcess

def judge(suite):
    player = Player(suite.graders["smooth"], 11)
    for key in player.baseline:
        outcome = player.play(key, InProcess({"smooth": lambda values, width: values}))
        print(key[1].id, outcome.status, outcome.message, sep="|")

with_suite(load_course(Path(sys.argv[1])).find_lesson("01"), 11, judge)
"""


def test_a_bare_assert_tells_no_hidden_number(course):
    path = grader(course, "smooth")
    path.write_text(re.sub(r"assert got == 6, .*", "assert got == 6", path.read_text()))
    # in a process of its own: here, pytest has a hand in every import of a test
    result = subprocess.run(
        [sys.executable, "-c", JUDGE, str(course)], capture_output=True, text=True, timeout=120, check=True
    )
    assert "test_length|fail|There is one value for every place a window fits\n" in result.stdout


def test_a_configuration_above_the_course_is_not_read(course):
    (course / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (course.parent / "conftest.py").write_text("raise RuntimeError('read')\n")
    assert len(suites(course)) == 1
