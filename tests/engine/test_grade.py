"""Grading one exercise in this process: points, statuses, sentences, and what stays with the instructor."""

import numpy as np
import pytest

from autograder.judge.exercise import grade_exercise, not_played
from autograder.judge.player import Player
from autograder.judge.suite import load_suite
from autograder.records import Record, SubmissionInfo, view
from coursekit.checks.student import Ended, InProcess


@pytest.fixture(scope="module")
def players(tiny_course):
    suite = load_suite(tiny_course, "01_tiny", ["shares", "smooth"], 11)
    return {name: Player(grader, suite.seed) for name, grader in suite.graders.items()}


def function(source, **scope):
    scope |= {"np": np}
    exec(source, scope)
    return scope["f"]


def graded(player, student):
    answerer = student if hasattr(student, "call") else InProcess({player.grader.exercise: student})
    return grade_exercise(player, answerer)


def points(result):
    return {test.id.removeprefix("test_"): test.score for test in result.tests}


def statuses(result):
    return [test.status for test in result.tests]


FULL = {"rows": 2.0, "sums": 2.0, "zeros": 2.0, "negative": 1.5, "untouched": 1.5}


def test_the_reference_has_full_marks_and_nothing_to_say(players):
    for player in players.values():
        result = graded(player, player.grader.reference)
        assert (result.score, result.status) == (result.max_score, "pass")
        assert statuses(result) == ["pass"] * len(result.tests)
        assert (result.diagnosis, result.mistake, result.next_step) == ("", "", "")
        assert result.max_score == player.grader.points


def test_every_alternative_has_full_marks(players):
    for player in players.values():
        for way in player.grader.alternatives:
            assert graded(player, way).status == "pass", way


def test_each_declared_mistake_loses_its_part_and_is_named(players):
    for player in players.values():
        for mistake in player.grader.mistakes:
            result = graded(player, mistake.function(player.grader.reference))
            assert result.diagnosis == mistake.says
            assert result.mistake == mistake.name
            first = next(t for t in result.tests if t.status != "pass" and not t.excused)
            assert result.next_step == f"Change that one thing, then look whether “{first.title}” passes."
            assert result.status == "partial"
            for test in result.tests:
                if test.part != mistake.part.name:
                    assert test.score == test.points
                    assert test.status == "pass" or (test.excused and test.diagnosis == "")
            lost = [test for test in result.tests if test.part == mistake.part.name and test.score == 0]
            assert lost
            assert all(test.diagnosis == mistake.says for test in lost)


JUNK = [
    "def f(*a): return None",
    "def f(*a): return 0",
    "def f(*a): return 'words'",
    "def f(*a): return np.zeros_like(a[0])",
    "def f(*a): return np.full_like(a[0], np.nan)",
    "def f(*a): return np.full_like(a[0], 1e300)",
    "def f(*a): return a[0]",
    "def f(*a): return np.empty((0, 0))",
    "def f(*a): return [[1, 2], {'a': ()}]",
    "def f(*a): return {1, 2}",
    "def f(*a): return f",
    "def f(*a): raise ValueError('always')",
    "def f(*a): raise KeyError",
    "def f(): return 1",
]


@pytest.mark.parametrize("source", JUNK)
def test_junk_earns_nothing_and_breaks_nothing(players, source):
    for player in players.values():
        result = graded(player, function(source))
        assert result.score == 0
        assert result.status in ("fail", "error")
        assert result.diagnosis
        assert result.next_step
        assert all(test.score == 0 and not test.excused for test in result.tests)


def test_a_test_that_compares_no_value_counts_only_beside_one_that_does(players):
    result = graded(players["shares"], function("def f(counts): raise ValueError"))
    assert statuses(result) == ["error", "error", "error", "fail", "error"]
    negative = result.tests[3]
    assert (negative.score, negative.message) == (0, "counts only when some test of the values passes")


def test_a_part_is_lost_by_itself(players):
    source = "def f(counts):\n    total = counts.sum(axis=1, keepdims=True)\n    return counts / np.where(total == 0, 1, total)"
    result = graded(players["shares"], function(source))
    assert points(result) == FULL | {"negative": 0}
    assert (result.score, result.status) == (7.5, "partial")
    assert result.diagnosis == "Negative counts slip through: raise ValueError."


def test_wrong_values_without_a_name_are_told_with_numbers(players):
    result = graded(players["shares"], function("def f(counts): return counts * 0.3 + 0.1"))
    assert result.diagnosis.startswith("Every row is divided by its own sum: largest error")
    assert result.diagnosis.endswith("% of the values are out.")
    rows = result.tests[0]
    assert rows.case == "test_rows[0]"
    assert rows.max_abs_error > rows.allowed > 0
    assert rows.outside == 1.0
    assert len(rows.worst_index) == 2
    assert result.next_step == _ENTRY_BY_ENTRY


def test_a_simple_transform_is_told_where_no_mistake_fits(players):
    source = (
        "def f(counts):\n    if (counts < 0).any():\n        raise ValueError\n"
        "    total = counts.sum(axis=1, keepdims=True)\n    return -counts / np.where(total == 0, 1, total)"
    )
    result = graded(players["shares"], function(source))
    assert result.diagnosis == "Your values are the expected ones with the opposite sign."
    assert result.mistake == ""
    assert points(result) == dict.fromkeys(FULL, 0)


def test_passing_tests_carry_their_margin(players):
    result = graded(players["shares"], lambda counts: players["shares"].grader.reference(counts) * (1 + 1e-9))
    rows = result.tests[0]
    assert rows.status == "pass"
    assert 0 < rows.max_abs_error < rows.allowed
    assert rows.case == ""


_ENTRY_BY_ENTRY = (
    "Take the smallest example and print yours beside what the docstring promises, entry by entry."
)


@pytest.mark.parametrize(
    ("source", "stage"),
    [
        (
            "return counts.astype(int)",
            "Print the dtype of x, of every array that you make yourself, and of the result: one of them is another.",
        ),
        (
            "return counts[0]",
            "An axis was lost: look for a sum, mean, max or squeeze without `dim=`.",
        ),
        ("return {1}", "Look at what the docstring says the function returns, and at your `return` line."),
        (
            "return counts * np.nan",
            "Look for a division by 0 or a logarithm of 0 at that place, and treat that case by itself.",
        ),
        ("return counts * counts", _ENTRY_BY_ENTRY),
        (
            "return counts / undefined",
            "Look at that name: it is misspelt, or used before it is made. The check in your notebook shows where "
            "it is raised.",
        ),
    ],
)
def test_the_next_step_fits_what_went_wrong(players, source, stage):
    assert graded(players["shares"], function(f"def f(counts): {source}")).next_step == stage


# ------------------------------------------------------------------------------------- nothing to play
@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("stub", "The function is still the stub."),
        ("absent", "No function of this name was found."),
        ("not callable", "The name stands for something that is no function."),
        ("nonsense", "No function of this name was found."),
    ],
)
def test_what_is_not_there_is_missing(players, state, says):
    result = grade_exercise(players["shares"], None, state)
    assert (result.status, result.score, result.diagnosis) == ("missing", 0, says)
    assert statuses(result) == ["missing"] * 5
    assert {test.message for test in result.tests} == {says}
    assert [test.points for test in result.tests] == list(FULL.values())


def test_a_function_that_is_not_written_yet_is_no_mistake(players):
    result = graded(players["shares"], function("def f(counts): raise NotImplementedError"))
    assert result.score == 0
    assert result.mistake == ""
    assert "missing" in statuses(result)


def test_an_exercise_that_was_not_played_says_why(players):
    result = not_played(players["smooth"], "infra", "the sandbox failed: it is gone")
    assert (result.status, result.diagnosis) == ("infra", "the sandbox failed: it is gone")
    assert {test.status for test in result.tests} == {"infra"}


# ------------------------------------------------------------------------------------- endings
class Ending(InProcess):
    """Answers like a function, and ends at one of its calls."""

    def __init__(self, name, function, at, reason, says="it ended so"):
        super().__init__({name: function})
        self.left, self.reason, self.says, self.revived = at, reason, says, 0

    def call(self, call):
        self.left -= 1
        if self.left == 0:
            raise Ended(self.reason, self.says)
        return super().call(call)

    def revive(self):
        self.revived += 1


@pytest.mark.parametrize(
    ("reason", "status", "exercise"),
    [
        ("timeout", "timeout", "timeout"),
        ("memory", "memory", "memory"),
        ("crash", "error", "partial"),
        ("infra", "infra", "infra"),
    ],
)
def test_after_an_ending_the_rest_of_the_exercise_is_skipped(players, reason, status, exercise):
    player = players["shares"]
    result = graded(player, Ending("shares", player.grader.reference, 4, reason))
    assert statuses(result) == ["pass", "pass", status, "skipped", "skipped"]
    assert points(result) == {**FULL, "zeros": 0, "negative": 0, "untouched": 0}
    assert result.status == exercise
    assert result.tests[2].message == "it ended so"
    assert result.tests[3].message == "not run: it ended so"
    assert result.diagnosis == "A row of zeros stays a row of zeros: it ended so."


def test_a_test_that_was_begun_and_stopped_is_no_pass(players):
    player = players["smooth"]
    result = graded(player, Ending("smooth", player.grader.reference, 3, "timeout"))
    assert statuses(result) == ["timeout", "skipped", "skipped"]
    assert result.tests[0].case == "test_average[0-2]"
    assert result.score == 0


def test_an_ending_while_the_answers_are_explained_leaves_them_unexplained(players):
    player = players["shares"]
    wrong = player.grader.mistakes[0].function(player.grader.reference)
    usual = graded(player, wrong)
    calls = sum(len(o.answers) for o in player.baseline.values())
    result = graded(player, Ending("shares", wrong, calls + 1, "timeout"))
    assert (usual.score, usual.status) == (5.0, "partial")
    assert (result.score, result.status) == (0.0, "fail")  # not confirmed for all: nothing is excused
    assert not any(test.excused for test in result.tests)


def test_a_forgotten_error_beside_a_declared_mistake_loses_its_own_test_alone(players):
    """Two faults cost what each of them costs, not all."""
    player = players["shares"]
    result = graded(player, InProcess({"shares": lambda counts: counts / counts.sum()}))
    says = "You divide by the sum of the whole table: each row has its own."
    assert points(result) == {**FULL, "rows": 0, "sums": 0, "negative": 0}
    assert result.diagnosis == says
    assert [
        (test.id, test.diagnosis) for test in result.tests if test.status != "pass" and not test.excused
    ] == [
        ("test_rows", says),
        ("test_sums", says),
        ("test_negative", ""),
    ]


def test_a_failure_of_the_machine_while_answers_are_explained_is_never_the_students(players):
    player = players["shares"]
    wrong = player.grader.mistakes[0].function(player.grader.reference)
    calls = sum(len(o.answers) for o in player.baseline.values())
    for at in (calls + 1, calls + 2, calls + 4):
        with pytest.raises(Ended) as caught:
            graded(player, Ending("shares", wrong, at, "infra"))
        assert caught.value.reason == "infra"


# ------------------------------------------------------------------------------------- discretion
LEAKS = [
    "raise ValueError(SECRET + repr(x))",
    "raise type(SECRET + repr(x), (Exception,), {})(SECRET)",
    "raise type(SECRET, (ValueError,), {'__str__': lambda self: SECRET + repr(x)})",
    "return {SECRET + repr(x): 1}",
    "return SECRET + repr(x)",
    "return type(SECRET, (), {})()",
    "return [SECRET, repr(x)]",
    "print(SECRET, repr(x)); return x",
    "print(SECRET, repr(x)); raise KeyError",
    "import sys; print(SECRET, file=sys.stderr); return x + 1",
    "return np.array([SECRET])",
]


@pytest.mark.parametrize("body", LEAKS)
def test_what_a_function_writes_stays_with_the_instructor(players, body):
    results = [
        graded(player, function(f"def f(x, *rest):\n    {body}", SECRET="canary0123456789"))
        for player in players.values()
    ]
    record = Record(
        lesson="01_tiny",
        student="Ada",
        submission=SubmissionInfo(path="Ada.ipynb", sha256=""),
        score=0.0,
        max_score=15.0,
        manual_max=0.0,
        status="fail",
        duration_s=0.0,
        grader_version="",
        seed_fingerprint="",
        isolation=[],
        exercises=results,
    )
    for when in ("before_due", "after_due"):
        assert "canary" not in repr(view(record, "student", when))
    instructors = repr(view(record, "instructor"))
    if "return" not in body or "print" in body:
        assert "canary" in instructors


def test_the_instructor_reads_the_whole_error(players):
    result = graded(players["shares"], function("def f(counts): raise ValueError(f'row {counts[0, 0]}')"))
    rows = result.tests[0]
    assert rows.message == "Your function raised ValueError"
    assert rows.exception.startswith("ValueError: row ")
    assert result.diagnosis == "Every row is divided by its own sum: Your function raised ValueError."
