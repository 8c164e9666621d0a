"""The sentence on a wrong answer is said only when it holds, also on further inputs."""

import numpy as np
import pytest

from coursekit.checks import Part, close
from coursekit.checks.diagnose import FURTHER_SEEDS, Named, name_mistakes, transform_of
from coursekit.checks.play import Outcome, case_rng, expand, play, test_of
from coursekit.checks.student import Ended, InProcess

PART, OTHER = Part("idea", 2), Part("edge", 1)


def mean_of_rows(x):
    return x.mean(axis=1) if len(x) else np.zeros(0)


@PART
def values(agrees, rng):
    """The mean of each row"""
    agrees(rng.array(3, 4))


@OTHER
def one_row(agrees, rng):
    """One row"""
    agrees(rng.array(1, 4))


TESTS = [test_of(function, expand(function), "hidden") for function in (values, one_row)]

MISTAKES = {
    "sum": lambda x: x.sum(axis=1),
    "first": lambda x: x[:, 0],
    "all": lambda x: np.full(len(x), x.mean()),
    "raise": lambda x: 1 / 0,
}


class Wrongs:
    """The declared mistakes, played."""

    def __init__(self, functions):
        self.functions = list(functions)

    @property
    def count(self):
        return len(self.functions)

    def wrong(self, index, key, extra=0):
        return player(self.functions[index])(key, extra)


def player(function):
    reference = InProcess({"f": mean_of_rows})
    answerer = function if hasattr(function, "call") else InProcess({"f": function})

    def again(key, extra=0):
        return play(*key, "f", answerer, reference, case_rng(5 + extra, "09_x", "f", key[1].id))

    return again


def named(student, mistakes=MISTAKES):
    again = player(student)
    outcomes = {(test, case): again((test, case)) for test in TESTS for case in test.cases}
    found = name_mistakes(Wrongs(mistakes.values()), outcomes, again).main
    return None if found is None else list(mistakes)[found]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_declared_mistake_is_named(name):
    assert named(MISTAKES[name]) == name


@pytest.mark.parametrize(
    ("student", "name"),
    [
        (lambda x: x.mean(axis=1) * x.shape[1], "sum"),
        (lambda x: x.T[0].copy(), "first"),
        (lambda x: {}["no"] if False else 1 / 0, "raise"),
        (lambda x: x.sum(axis=1) * (1 + 1e-10), "sum"),
    ],
)
def test_so_is_whoever_answers_the_same_in_another_way(student, name):
    assert named(student) == name


@pytest.mark.parametrize(
    "student",
    [
        mean_of_rows,
        lambda x: x.sum(axis=1) + 1e-3,
        lambda x: x.max(axis=1),
        lambda x: None,
        lambda x: {}["no"],
    ],
)
def test_no_mistake_is_named_for_another_answer(student):
    assert named(student) is None


def test_a_mistake_that_fails_where_the_student_passes_is_not_the_students():
    def right_for_one_row(x):
        return x.sum(axis=1) if len(x) > 1 else x.mean(axis=1)

    assert named(right_for_one_row) is None
    assert named(right_for_one_row, {"sum": MISTAKES["sum"], "own": right_for_one_row}) == "own"


def test_a_mistake_that_passes_where_the_student_fails_is_not_the_students():
    # the mistake "all" is right for a single row
    assert named(lambda x: MISTAKES["all"](x) if len(x) > 1 else x[:, 0]) is None


@pytest.mark.parametrize("extra", FURTHER_SEEDS)
def test_the_answers_must_be_the_same_on_two_further_seeds(extra):
    key = (TESTS[0], TESTS[0].cases[0])
    special = case_rng(5 + extra, "09_x", "f", key[1].id).array(3, 4)

    def almost(x):
        return x.max(axis=1) if np.array_equal(x, special) else x.sum(axis=1)

    assert named(almost) is None


def test_a_mistake_that_is_right_on_a_further_input_is_still_the_same_mistake():
    key = (TESTS[0], TESTS[0].cases[0])
    special = case_rng(5 + 1, "09_x", "f", key[1].id).array(3, 4)

    def sometimes(shift):
        def function(x):
            right = mean_of_rows(x) * (1 + shift)
            return right if np.array_equal(x, special) else x.sum(axis=1)

        return function

    # both pass there, with answers that differ within the tolerance
    assert named(sometimes(0), {"sometimes": sometimes(5e-9)}) == "sometimes"


def test_of_two_mistakes_that_agree_the_first_is_named():
    assert named(MISTAKES["sum"], {"one": MISTAKES["sum"], "two": MISTAKES["sum"]}) == "one"


def test_without_mistakes_there_is_nothing_to_name():
    assert named(MISTAKES["sum"], {}) is None


def test_what_ended_or_is_missing_is_no_mistake():
    def unwritten(x):
        raise NotImplementedError

    class Dying:
        def call(self, call):
            raise Ended("timeout", "stopped")

    assert named(unwritten, {"unwritten": unwritten}) is None
    again = player(mean_of_rows)
    outcomes = {
        (test, case): Outcome("timeout", "stopped", ended=True) for test in TESTS for case in test.cases
    }
    assert name_mistakes(Wrongs([unwritten]), outcomes, again) == Named()


def test_failing_before_any_answer_names_nothing():
    """Two failures without a single answer have nothing in common."""

    class Silent:
        count = 1

        def wrong(self, index, key, extra=0):
            return Outcome("pass")

    outcomes = {(TESTS[0], TESTS[0].cases[0]): Outcome("fail", "nothing could be asked")}
    assert name_mistakes(Silent(), outcomes, lambda key, extra: Outcome("fail")) == Named()


# ------------------------------------------------------------------------------------- several mistakes
@OTHER
def refuses(student):
    """An empty table is refused"""
    with pytest.raises(ValueError):
        student.f(np.zeros((0, 0)))


@OTHER
def scaled(student, rng):
    """Twice the table, twice the mean"""
    x = rng.array(2, 3)
    close(student.f(2 * x), 2 * mean_of_rows(x))


WIDER = [*TESTS, *(test_of(function, expand(function), "hidden") for function in (refuses, scaled))]


def refusing(function):
    def refuse(x):
        if not x.size:
            raise ValueError("empty")
        return function(x)

    return refuse


KNOWN = {
    "sum": refusing(lambda x: x.sum(axis=1)),
    "first": refusing(lambda x: x[:, 0]),
    "answers": lambda x: x.mean(axis=1) if x.size else x,
    "one row": refusing(lambda x: x.max(axis=1) if len(x) == 1 else x.mean(axis=1)),
}


def several(student, mistakes=KNOWN):
    """The main mistake, how many cases it explains, and the mistakes of single tests."""
    again = player(student)
    outcomes = {(test, case): again((test, case)) for test in WIDER for case in test.cases}
    found = name_mistakes(Wrongs(mistakes.values()), outcomes, again)
    names = list(mistakes)
    main = None if found.main is None else names[found.main]
    return main, len(found.explained), {test: names[i] for test, i in found.of_test.items()}


def test_a_second_fault_does_not_hide_the_first():
    assert several(lambda x: x.sum(axis=1) if x.size else x) == ("sum", 3, {"refuses": "answers"})


def test_a_second_fault_that_nobody_declared_is_left_without_a_sentence():
    without = {name: mistake for name, mistake in KNOWN.items() if name != "answers"}
    assert several(lambda x: x.sum(axis=1) if x.size else x, without) == ("sum", 3, {})


def test_one_mistake_that_explains_all_is_taken_before_one_that_explains_the_values():
    both = {**KNOWN, "both": lambda x: x.sum(axis=1) if x.size else x}
    assert several(both["both"], both) == ("both", 4, {})


def test_values_that_no_single_mistake_gives_have_no_main_one():
    """Wrong for one row in one way, elsewhere in another: two sentences, each for its own test."""

    def student(x):
        if not x.size:
            raise ValueError("empty")
        return x.max(axis=1) if len(x) == 1 else x[:, 0] + 1

    assert several(student) == (None, 0, {"one_row": "one row"})


def test_a_mistake_that_fails_where_the_student_passes_explains_no_single_test_either():
    def student(x):  # the sum, but for a single row
        if not x.size:
            raise ValueError("empty")
        return x.sum(axis=1) if len(x) > 1 else x.mean(axis=1)

    assert several(student) == (None, 0, {})


# ------------------------------------------------------------------------------------------ transforms
def explained(student):
    again = player(student)
    key = (TESTS[0], TESTS[0].cases[0])
    found = transform_of(key, again(key), again)
    return None if found is None else found.key


@pytest.mark.parametrize(
    ("student", "key"),
    [
        (lambda x: -x.mean(axis=1), "negated"),
        (lambda x: 2 * x.mean(axis=1), "times 2"),
        (lambda x: x, "mean over 1"),
        (lambda x: x.mean(axis=1)[:-1], "last missing"),
    ],
)
def test_a_transform_is_named_that_holds_on_all_seeds(student, key):
    assert explained(student) == key


@pytest.mark.parametrize(
    "student",
    [
        mean_of_rows,
        lambda x: x.max(axis=1),
        lambda x: "junk",
        lambda x: 1 / 0,
        lambda x: x.mean(axis=1) * np.array([1.0, 2.0, 3.0]) ** x[0, 0],
    ],
)
def test_nothing_is_said_where_nothing_holds(student):
    assert explained(student) is None


def test_where_every_seed_asks_the_same_there_is_no_further_input():
    def fixed(agrees):
        """A worked example"""
        agrees(np.array([[1.0, 2.0], [3.0, 5.0]]))

    (test,) = [test_of(fixed, expand(fixed), "hidden")]
    again = player(lambda x: -x.mean(axis=1))
    key = (test, test.cases[0])
    assert again(key).comparison.stage == "values"
    assert transform_of(key, again(key), again) is None


@pytest.mark.parametrize("extra", FURTHER_SEEDS)
def test_one_further_input_is_enough_to_refute_a_transform(extra):
    key = (TESTS[0], TESTS[0].cases[0])
    special = case_rng(5 + extra, "09_x", "f", key[1].id).array(3, 4)
    assert explained(lambda x: (1 if np.array_equal(x, special) else -1) * x.mean(axis=1)) is None
    assert explained(lambda x: (3 if np.array_equal(x, special) else -1) * x.mean(axis=1)) is None
