"""Points of an exercise: a table of cases worked by hand."""

from fractions import Fraction

import pytest

from autograder.judge.scoring import score
from autograder.judge.suite import Grader
from coursekit.checks import Part
from coursekit.checks.parts import Mistake
from coursekit.checks.play import Case, Outcome, Test

RULE, FACTOR, CONTRACT = Part("rule", 6), Part("factor", 4), Part("contract", 1)

PLAN = {  # test: its part, its number of cases, whether it compares values
    "values": (RULE, 1, True),
    "grid": (RULE, 3, True),
    "factor": (FACTOR, 1, True),
    "raises": (CONTRACT, 1, False),
    "clean": (CONTRACT, 1, False),
    "dtype": (CONTRACT, 1, False),
}
TESTS = [
    Test(name, name, print, tuple(Case(f"{name}[{i}]") for i in range(count)), part=part)
    for name, (part, count, _) in PLAN.items()
]
VALUES = {name for name, (_, _, compares) in PLAN.items() if compares}
GRADER = Grader("f", "09_x", print, TESTS)

ALL = "pppppppp"
"""One letter for each case in the order above: p passes, f fails, o fails by a fault beside the
named mistake, e raises, t is a time-out, - was not run."""
_LETTERS = {"p": "pass", "f": "fail", "o": "fail", "e": "error", "t": "timeout"}
THIRD = Fraction(1, 3)


def scores(letters, named=None):
    keys = [(test, case) for test in TESTS for case in test.cases]
    outcomes = {k: Outcome(_LETTERS[x]) for k, x in zip(keys, letters, strict=True) if x != "-"}
    mistake = None if named is None else Mistake(named, "You do it wrong.", ("a", "b"))
    explained = frozenset(k for k, x in zip(keys, letters, strict=True) if x == "f" and mistake)
    return score(GRADER, outcomes, VALUES, mistake, explained)


@pytest.mark.parametrize(
    ("letters", "named", "points", "excused"),
    [
        # values grid factor raises clean dtype
        ("p ppp p p p p", None, [3, 3, 4, THIRD, THIRD, THIRD], ""),
        ("f fff f f f f", None, [0, 0, 0, 0, 0, 0], ""),
        ("p ppf p p p p", None, [3, 0, 4, THIRD, THIRD, THIRD], ""),  # all cases of a test must pass
        ("f ppp p p f p", None, [0, 3, 4, THIRD, 0, THIRD], ""),
        # a test that compares no value counts only beside one that does
        ("f fff f p p p", None, [0, 0, 0, 0, 0, 0], ""),
        ("e eee e p f f", None, [0, 0, 0, 0, 0, 0], ""),
        ("f fff p p f f", None, [0, 0, 4, THIRD, 0, 0], ""),
        # one declared mistake explains every failing answer: only its part loses
        ("f fff f p p p", RULE, [0, 0, 4, THIRD, THIRD, THIRD], "factor"),
        ("f fff f p f p", RULE, [0, 0, 4, THIRD, THIRD, THIRD], "factor clean"),
        ("f fff f p p p", FACTOR, [3, 3, 0, THIRD, THIRD, THIRD], "values grid"),
        ("p ppp p f p p", CONTRACT, [3, 3, 4, 0, THIRD, THIRD], ""),
        ("f fff f f f f", CONTRACT, [3, 3, 4, 0, 0, 0], "values grid factor"),
        ("p fpp p p p p", RULE, [3, 0, 4, THIRD, THIRD, THIRD], ""),
        # a fault beside it loses its own test
        ("f fff f o p p", RULE, [0, 0, 4, 0, THIRD, THIRD], "factor"),
        ("f fof f o o o", FACTOR, [3, 0, 0, 0, 0, 0], "values"),
        ("p fof p o p p", RULE, [3, 0, 4, 0, THIRD, THIRD], ""),
        # what was not run earns nothing, named or not
        ("t --- - - - -", None, [0, 0, 0, 0, 0, 0], ""),
        ("p pp- - - - -", None, [3, 0, 0, 0, 0, 0], ""),
        ("p ppp t - - -", None, [3, 3, 0, 0, 0, 0], ""),
        ("f fff - p - -", RULE, [0, 0, 0, THIRD, 0, 0], ""),
    ],
)
def test_points_worked_by_hand(letters, named, points, excused):
    found = scores(letters.replace(" ", ""), named)
    assert [entry.score for entry in found] == points
    assert [entry.test.name for entry in found if entry.excused] == excused.split()


def test_full_marks_are_exactly_the_points_of_all_parts():
    assert sum(entry.score for entry in scores(ALL)) == GRADER.points == 11


def test_shares_are_exact_and_independent_of_the_outcome():
    for letters in (ALL, "ffffffff", "--------"):
        assert [entry.points for entry in scores(letters)] == [3, 3, 4, THIRD, THIRD, THIRD]


def test_no_outcome_at_all_is_no_pass():
    assert all(entry.score == 0 and not entry.passed for entry in scores("--------"))


def test_parts_are_listed_in_the_order_of_their_tests():
    assert GRADER.parts == [RULE, FACTOR, CONTRACT]
