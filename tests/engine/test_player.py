"""A grader at work: it proves itself on its reference, and computes each answer once."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from autograder.judge.player import Player
from autograder.judge.seed import seed_fingerprint
from autograder.judge.suite import Grader, load_module, load_suite, public_suite
from coursekit.checks import Part
from coursekit.checks.play import GraderError, case_rng, expand, play, test_of
from coursekit.checks.student import InProcess


@pytest.fixture(scope="module")
def suite(tiny_course):
    return load_suite(tiny_course, "01_tiny", ["shares", "smooth"], 11)


@pytest.fixture(scope="module")
def shares(suite):
    return Player(suite.graders["shares"], suite.seed)


def test_a_suite_holds_what_the_files_declare(suite):
    grader = suite.graders["shares"]
    assert [test.name for test in grader.tests] == [
        "test_rows",
        "test_sums",
        "test_zeros",
        "test_negative",
        "test_untouched",
    ]
    assert [(part.name, part.points) for part in grader.parts] == [
        ("rows", 4),
        ("rows of zeros", 2),
        ("errors and arguments", 3),
    ]
    assert (grader.points, suite.graders["smooth"].points, suite.points) == (9, 6, 15)
    assert len(grader.mistakes) == 5
    assert [way.__name__ for way in grader.alternatives] == ["row_by_row"]
    assert grader.family is None
    assert grader.limits is None
    assert suite.graders["smooth"].limits.wall_s == 2
    assert [test.axiom for test in grader.tests] == ["", "completeness", "", "", ""]
    assert {test.visibility for test in grader.tests} == {"hidden"}


def test_public_checks_take_the_place_of_hidden_tests_and_keep_the_mistakes(tiny_course, suite):
    public = public_suite(tiny_course, suite).graders["shares"]
    assert [test.name for test in public.tests] == ["test_sums", "test_example", "test_zeros"]
    assert [test.tries for test in public.tests] == ["print the sum of each row of your result.", "", ""]
    assert public.family.sizes == (1, 2, 3)
    assert {test.visibility for test in public.tests} == {"public"}
    assert [m.says for m in public.mistakes] == [m.says for m in suite.graders["shares"].mistakes]
    assert public.parts == [m.part for m in public.mistakes[:1]]


def test_the_reference_passes_and_its_answers_are_kept(shares):
    assert all(outcome.passed for outcome in shares.baseline.values())
    assert len(shares.baseline) == 6
    assert shares.values == {"test_rows", "test_sums", "test_zeros"}
    assert 0 < shares.reference_s < 60


def test_a_table_is_replayed_and_gives_what_playing_gives(shares, tiny_course):
    def wrong(counts):
        return counts / 3

    student = InProcess({"shares": wrong})
    for (test, case), extra in itertools.product(shares.baseline, (0, 1)):
        rng = case_rng(shares.seed + extra, "01_tiny", "shares", case.id)
        whole = play(test, case, "shares", student, shares.grader.expected, rng)
        replayed = shares.play((test, case), student, extra)
        assert (replayed.status, replayed.message) == (whole.status, whole.message)
        assert [call.digest for call in replayed.calls] == [call.digest for call in whole.calls]


def test_a_mistake_answers_each_case_once(shares):
    key = list(shares.baseline)[1]
    first = shares.wrong(0, key)
    assert shares.wrong(0, key) is first
    assert shares.wrong(0, key, 1) is not first
    assert not first.passed


def test_another_seed_gives_other_inputs_and_the_same_seed_the_same(suite, shares):
    key = next(iter(shares.baseline))
    other = Player(suite.graders["shares"], 12)
    args = [p.baseline[key].steps[0].call.arguments()[0][0] for p in (shares, other)]
    assert not np.array_equal(*args)
    extra = shares.play(key, InProcess({"shares": suite.graders["shares"].reference}), 1)
    np.testing.assert_array_equal(extra.steps[0].call.arguments()[0][0], args[1])  # 11 + 1 is 12


PART = Part("idea", 1)


def made(function, reference=abs):
    return Grader("f", "09_x", reference, [replace(test_of(function, expand(function), "hidden"), part=PART)])


def test_a_grader_that_fails_its_own_reference_is_refused():
    def test_sick(student):
        """Title"""
        assert student.f(-1.0) == 2.0, "one where two was asked"

    says = "the grader of f fails its own reference in test_sick: one where two was asked"
    with pytest.raises(GraderError, match=re.escape(says)):
        Player(made(test_sick), 1)


def test_a_reference_that_raises_in_its_grader_is_refused():
    def test_sick(agrees):
        """Title"""
        agrees("text")

    with pytest.raises(GraderError, match="the reference of f raised TypeError: bad operand type"):
        Player(made(test_sick), 1)


def course(tmp_path, **files):
    texts = {
        "reference_impl/t.py": "def f(x):\n    return x\n",
        "tests/graders/09_t/test_f.py": (
            "from coursekit.checks import Part\np = Part('p', 1)\n"
            "@p\ndef test_a(agrees):\n    'A'\n    agrees(1.0)\n"
        ),
    } | files
    for path, text in texts.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("tests/graders/09_t/test_f.py", "x = 1\n", "holds no test"),
        (
            "tests/graders/09_t/test_f.py",
            "def test_a(agrees):\n    'A'\n",
            "test_a belongs to no part; decorate it with one, so that it has points",
        ),
        ("tests/graders/09_t/test_f.py", "def test_a(agrees):\n    pass\n", "test_a has no docstring"),
        ("reference_impl/t.py", "f = 3\n", "defines no function f"),
        ("reference_impl/t.py", "def g(x):\n    return x\n", "defines no function f"),
    ],
)
def test_what_an_author_forgot_is_said(tmp_path, path, text, says):
    with pytest.raises(GraderError, match=re.escape(says)):
        load_suite(course(tmp_path, **{path: text}), "09_t", ["f"], 1)


def test_two_courses_in_one_process_keep_their_own_references(tmp_path):
    one = course(tmp_path / "one")
    two = course(tmp_path / "two", **{"reference_impl/t.py": "def f(x):\n    return 5 * x\n"})
    answers = [load_suite(root, "09_t", ["f"], 1).graders["f"].reference(2) for root in (one, two, one)]
    assert answers == [2, 10, 2]


def test_a_module_is_loaded_once_and_a_broken_one_leaves_nothing(tmp_path):
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text("value = []\n")
    bad.write_text("value = 1 / 0\n")
    assert load_module(good, "made_good") is load_module(good, "made_good")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_module(bad, "made_bad")


def test_a_seed_is_named_without_giving_it_away():
    assert seed_fingerprint(3) == seed_fingerprint(3) != seed_fingerprint(4)
    assert re.fullmatch(r"[0-9a-f]{12}", seed_fingerprint(3))
