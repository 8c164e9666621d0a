"""Playing a test with any function as the student: whatever happens, an outcome comes out."""

import re
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from coursekit.calling import Answer, Failure
from coursekit.checks import Part, axiom, close, detached, unchanged
from coursekit.checks.play import (
    Case,
    GraderError,
    Outcome,
    case_rng,
    expand,
    play,
    play_steps,
    same_answers,
    test_of,
    tests_of,
)
from coursekit.checks.student import Cached, Call, Ended, InProcess, Student
from coursekit.rng import Rng


def double(x):
    return 2.0 * x


def one(function):
    """The test of a function with its only case."""
    test = test_of(function, expand(function), "hidden")
    return test, test.cases[0]


def played(function, student, reference=double):
    answerer = student if hasattr(student, "call") else InProcess({"double": student})
    return play(*one(function), "double", answerer, InProcess({"double": reference}), Rng(1))


def values(agrees, rng):
    """The values agree"""
    agrees(rng.array(3))


def raising(student):
    """A wrong argument raises ValueError"""
    with pytest.raises(ValueError):
        student.double("text")


def clean(student, rng):
    """The argument stays as it is"""
    student.double(rng.array(3))
    unchanged(student)


def arithmetic(student):
    """Twice the half is the whole"""
    assert float(student.double(0.5)) == 1.0


# ------------------------------------------------------------------------------------------- outcomes
def test_a_right_answer_passes_with_its_margin():
    outcome = played(values, lambda x: x + x)
    assert (outcome.status, outcome.message, outcome.compared) == ("pass", "", 1)
    assert outcome.passed
    assert outcome.comparison.max_abs_error == 0.0
    assert len(outcome.answers) == len(outcome.steps) == 1


def test_the_comparison_with_the_least_margin_is_kept():
    def twice(agrees, rng):
        """Two values"""
        agrees(rng.array(2))
        agrees(rng.array(2) * 0 + 1)

    errors = iter([3e-9, 1e-9])
    outcome = played(twice, lambda x: 2 * x * (1 + next(errors)))
    assert outcome.compared == 2
    assert outcome.comparison.max_abs_error / outcome.comparison.scale == pytest.approx(3e-9, rel=1e-3)


def test_a_wrong_answer_fails_with_its_comparison():
    outcome = played(values, lambda x: 3 * x)
    assert outcome.status == "fail"
    assert outcome.message.startswith("largest error")
    assert outcome.discreet == outcome.message
    assert outcome.comparison.stage == "values"
    assert outcome.compared == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "nothing was returned: is there a return statement?"),
        ("junk", "an array was asked, you returned a str"),
        (np.zeros(0), "the shape is (0,), asked is (3,)"),
        (np.full(3, np.nan), "3 of 3 values are not finite (nan or inf), first at index [0]"),
        ({"a": [1, (2, None)]}, "an array was asked, you returned a dict"),
        (torch.zeros(3, dtype=torch.float64), "largest error"),
    ],
)
def test_junk_in_place_of_values_fails(answer, says):
    outcome = played(values, lambda x: answer)
    assert outcome.status == "fail"
    assert outcome.message.startswith(says)


@pytest.mark.parametrize(
    "answer", [None, "text", [1, 2], {"a": 1}, np.zeros((2, 2)), (), b"x", np.array(["s"]), float("nan")]
)
def test_junk_in_a_tests_own_arithmetic_fails_and_does_not_crash(answer):
    assert played(arithmetic, lambda x: answer).status == "fail"


def test_an_answer_that_cannot_be_used_is_told_without_what_it_says():
    outcome = played(arithmetic, lambda x: "0.123 secret")
    assert outcome.message == (
        "the answer could not be used (ValueError: could not convert string to float: '0.123 secret')"
    )
    assert outcome.discreet == "the answer could not be used (ValueError)"


def test_an_error_of_the_student_is_an_error():
    def broken(x):
        return {}["no"]

    outcome = played(values, broken)
    assert outcome.status == "error"
    assert outcome.message == "Your function raised KeyError: 'no'"
    assert outcome.discreet == "Your function raised KeyError"
    assert outcome.failure.name == "KeyError"
    assert outcome.failure.lines[-1].endswith('return {}["no"]')


def test_an_errors_own_name_is_not_repeated_where_discretion_is_asked():
    def sly(x):
        raise type(f"X{x[0]}", (Exception,), {})(str(x))

    outcome = played(values, sly)
    assert outcome.message.startswith("Your function raised X")
    assert outcome.discreet == "Your function raised an error of its own kind"


def test_an_answer_that_cannot_travel_is_a_wrong_answer():
    outcome = played(values, lambda x: {1, 2})
    assert outcome.status == "fail"
    assert outcome.message == (
        "your function's answer could not be read: a set cannot be passed on; use tensors, arrays, numbers, "
        "text, lists, tuples, dicts or tables"
    )
    assert outcome.discreet == (
        "your function returned something that cannot be read; return tensors, arrays, numbers, text, lists, "
        "tuples, dicts or tables"
    )


def test_a_function_that_is_not_written_is_missing():
    def stub(x):
        raise NotImplementedError

    outcome = played(values, stub)
    assert (outcome.status, outcome.message) == ("missing", "this function is not written yet")
    assert outcome.discreet == outcome.message


@pytest.mark.parametrize(
    "error", [MemoryError("too much"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_memory_that_could_not_be_had_is_its_own_status(error):
    def hungry(x):
        raise error

    assert played(values, hungry).status == "memory"


def test_an_interrupt_passes_through():
    def stop(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(values, stop)


class Dying:
    """An answerer whose worker ends."""

    def __init__(self, reason):
        self.reason = reason

    def call(self, call):
        raise Ended(self.reason, "it ended so")

    def call_many(self, calls):
        raise Ended(self.reason, "it ended so")

    def keep(self, value):
        raise Ended(self.reason, "it ended so")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("timeout", "timeout"),
        ("memory", "memory"),
        ("infra", "infra"),
        ("crash", "error"),
        ("output", "error"),
        ("protocol", "error"),
    ],
)
def test_a_worker_that_ends_is_noted_with_its_reason(reason, status):
    outcome = played(values, Dying(reason))
    assert (outcome.status, outcome.message, outcome.ended) == (status, "it ended so", True)
    discreet = "your function gave no answer that can be read" if reason == "protocol" else "it ended so"
    assert outcome.discreet == discreet


@pytest.mark.parametrize("how", ["keep", "map"])
def test_a_worker_may_end_at_any_request(how):
    def test(student):
        """Title"""
        student.keep(1) if how == "keep" else student.map("double", [(1,)])

    assert played(test, Dying("timeout")).status == "timeout"


# ---------------------------------------------------------------------------------------- promised errors
@pytest.mark.parametrize(
    ("student", "status", "says"),
    [
        ("raise ValueError('x')", "pass", ""),
        ("raise UnicodeError('x')", "pass", ""),
        ("raise TypeError('x')", "error", "Your function raised TypeError: x"),
        ("return None", "fail", "an error was promised and none was raised"),
        ("raise NotImplementedError", "missing", "this function is not written yet"),
    ],
)
def test_a_promised_error(student, status, says):
    scope = {}
    exec(f"def double(x):\n    {student}", scope)
    outcome = played(raising, scope["double"])
    assert (outcome.status, outcome.message) == (status, says)


def test_an_error_beside_the_promise_is_an_error():
    def test(student):
        """Title"""
        student.double(1.0)
        with pytest.raises(ValueError):
            student.double("text")

    def always(x):
        raise ValueError("always")

    assert played(test, always).status == "error"


# ---------------------------------------------------------------------------------------- side effects
def test_what_a_call_left_changed_fails_only_the_test_that_asks():
    def spoil(x):
        x *= 2
        return x

    outcome = played(clean, spoil)
    assert outcome.status == "fail"
    assert outcome.message == "x has other values after the call: work on a copy."
    assert outcome.looked_at_changes
    assert played(values, spoil).passed


def test_a_graph_that_is_left_on_the_result_is_seen():
    def test(student):
        """Detached"""
        student.double(torch.ones(2, requires_grad=True))
        detached(student)

    assert played(test, lambda x: (2 * x).detach()).passed
    outcome = played(test, double)
    assert outcome.status == "fail"
    assert outcome.looked_at_graph
    assert played(test, lambda x: x.numpy()).status == "error"


def test_a_call_without_gradients():
    def test(student):
        """Detached by the caller"""
        student.double(torch.ones(2, requires_grad=True), grad=False)
        detached(student)

    assert played(test, double).passed


# ------------------------------------------------------------------------------------------- the grader
def test_a_plain_assert_says_its_message_or_the_title():
    def told(student):
        """The title"""
        got = student.double(1.0)
        assert got == 5, f"{got} where more was asked\nand more"

    def silent(student):
        """The title"""
        if not student.double(1.0) == 5:
            raise AssertionError

    assert played(told, double).message == "2.0 where more was asked"
    assert played(silent, double).message == "The title"


def test_a_fault_of_the_grader_comes_through():
    def broken(x):
        raise ValueError("unfit")

    says = "the reference of double raised ValueError: unfit in a case of its own grader"
    with pytest.raises(GraderError, match=re.escape(says)):
        played(values, double, reference=broken)


def test_arguments_that_cannot_travel_are_no_pass():
    def test(agrees):
        """Title"""
        agrees({1, 2})

    assert played(test, double).status == "fail"


def test_the_students_copy_of_an_argument_is_its_own():
    seen = []

    def test(student, agrees, rng):
        """Title"""
        x = rng.array(2)
        before = x.copy()
        student.double(x)
        close(x, before)
        agrees(x)

    def spoil(x):
        seen.append(x.copy())
        x[:] = 99
        return 2 * seen[-1]

    assert played(test, spoil).passed
    np.testing.assert_array_equal(seen[0], seen[1])


# --------------------------------------------------------------------------------------------- steps
def test_a_table_is_replayed_from_its_steps():
    def table(agrees, rng):
        """A table"""
        for _ in range(3):
            agrees(rng.array(2), tol=1e-3)

    test, _ = one(table)
    assert test.is_table
    baseline = played(table, double)
    assert [step.tol for step in baseline.steps] == [1e-3] * 3
    same = play_steps(baseline.steps, test.title, InProcess({"double": lambda x: 2 * x + 1e-6}))
    assert same.passed
    assert same.compared == 3
    wrong = play_steps(baseline.steps, test.title, InProcess({"double": lambda x: x}))
    fresh = played(table, lambda x: x)
    assert (wrong.status, wrong.message) == (fresh.status, fresh.message)


def both(x):
    return {"double": 2.0 * x, "half": (x / 2, 1.0)}


def of_entries(agrees, rng):
    """Some entries agree"""
    agrees(rng.array(3), entries=("half",))


@pytest.mark.parametrize(
    ("student", "message"),
    [
        (lambda x: {"half": (x / 2, 1.0)}, ""),
        (lambda x: both(x) | {"double": 0.0, "more": 1}, ""),
        (lambda x: {"double": 2.0 * x}, "the result lacks the key 'half'"),
        (lambda x: {"half": (x / 3, 1.0)}, "key 'half', entry 0: largest error"),
        (lambda x: x, "a dict was asked, you returned an ndarray"),
    ],
)
def test_chosen_entries_alone_are_compared(student, message):
    test, case = one(of_entries)
    answerers = [InProcess({"double": f}) for f in (student, both)]
    outcome = play(test, case, "double", *answerers, Rng(1))
    assert outcome.message.startswith(message)
    assert outcome.passed == (not message)
    again = play_steps(outcome.steps, test.title, answerers[0])
    assert (again.status, again.message) == (outcome.status, outcome.message)


@pytest.mark.parametrize("function", [raising, clean, arithmetic])
def test_a_test_that_meets_the_student_is_no_table(function):
    assert not one(function)[0].is_table


# ------------------------------------------------------------------------------------------- student
def test_many_calls_in_one_message():
    def half(x):
        if x < 0:
            raise ValueError("negative")
        return x / 2

    student = Student(InProcess({"half": half}))
    got = student.map("half", [(4.0,), (-1.0,), (6.0,)])
    assert (got[0], got[2]) == (2.0, 3.0)
    assert isinstance(got[1], ValueError)


def test_a_kept_object_is_the_same_in_every_call():
    def count(box):
        box.append(1)
        return len(box)

    student = Student(InProcess({"count": count}))
    box = student.keep([])
    assert [student.count(box), student.count(box)] == [1, 2]
    assert student.count([]) == 1


def test_a_kept_object_meets_the_reference_as_it_was_when_it_was_kept():
    def test(student, agrees):
        """Title"""
        other, kept = student.keep(np.zeros(7)), student.keep(np.ones(3))
        agrees(kept)
        agrees(other)

    def keeps_its_own(x):
        return 2.0 * x

    reference = Cached(InProcess({"double": double}))
    outcome = play(*one(test), "double", InProcess({"double": keeps_its_own}), reference, Rng(1))
    assert outcome.passed, outcome.message


def test_private_names_are_no_functions_of_a_student():
    with pytest.raises(AttributeError):
        _ = Student(InProcess({}))._secret


def test_equal_calls_are_computed_once():
    calls = []

    def counted(x):
        calls.append(x)
        return x

    cached = Cached(InProcess({"f": counted}))
    for _ in range(2):
        assert cached.call(Call("f", (np.ones(2),), {})).ok
    cached.call(Call("f", (np.ones(2),), {"y": 1}))
    cached.call(Call("f", (np.ones(3),), {}))
    cached.call(Call("f", (np.ones(2, np.float32),), {}))
    cached.call(Call("f", (np.ones(2),), {}, {"grad": False}))
    assert len(calls) == 4


# ------------------------------------------------------------------------------------------- collection
def test_a_title_is_the_first_line_and_is_needed():
    def test_titled():
        """First line

        More.
        """

    def test_bare():
        pass

    assert test_of(test_titled, expand(test_titled), "public").title == "First line"
    says = "test_bare has no docstring; its first line is the title that students see"
    with pytest.raises(GraderError, match=says):
        test_of(test_bare, expand(test_bare), "public")


def test_part_axiom_and_date_are_read_off_a_test():
    part = Part("idea", 2)

    @part
    @axiom("dummy")
    @pytest.mark.after_due
    def test_x(agrees):
        """Title"""

    test = test_of(test_x, expand(test_x), "hidden")
    assert (test.part, test.axiom, test.visibility) == (part, "dummy", "after_due")


def test_only_a_modules_own_tests_are_found_in_the_order_of_its_text():
    module = ModuleType("made")
    exec(
        "def helper(): pass\ndef test_b():\n    'B'\ndef test_a():\n    'A'\ntest_value = 3\n",
        module.__dict__,
    )
    module.test_foreign = test_a_title_is_the_first_line_and_is_needed
    assert [test.name for test in tests_of(module, "hidden")] == ["test_b", "test_a"]


POINT = pytest.param(7, id="seven")


def _parametrised():
    @pytest.mark.parametrize("a", [1, POINT, (2, 3)])
    @pytest.mark.parametrize(("b", "c"), [("x", True), pytest.param("y", False, id="why")])
    @pytest.mark.parametrize("d, e", [[4, 5]])  # noqa: PT006, PT007 - other ways that pytest takes
    def test_x(a, b, c, d, e):
        """Title"""

    return test_x


def test_parameters_are_read_as_pytest_reads_them():
    cases = expand(_parametrised())
    assert [case.params for case in cases[:3]] == [
        {"d": 4, "e": 5, "b": "x", "c": True, "a": 1},
        {"d": 4, "e": 5, "b": "x", "c": True, "a": 7},
        {"d": 4, "e": 5, "b": "x", "c": True, "a": (2, 3)},
    ]
    assert [case.id for case in cases] == [f"test_x[0-{b}-{a}]" for b in (0, 1) for a in (0, 1, 2)]


def test_without_parameters_there_is_one_case():
    def test_x():
        """Title"""

    assert [(case.id, case.params) for case in expand(test_x)] == [("test_x", {})]


def test_every_case_has_a_stream_of_its_own():
    def first(*key):
        return float(case_rng(*key).array())

    base = first(1, "02_x", "f", "test_a")
    assert base == first(1, "02_x", "f", "test_a")
    others = [
        (2, "02_x", "f", "test_a"),
        (1, "03_x", "f", "test_a"),
        (1, "02_x", "g", "test_a"),
        (1, "02_x", "f", "test_a[0]"),
    ]
    assert len({base, *(first(*key) for key in others)}) == 5


GRADER = '''
import pytest
from coursekit.checks import Part
from pathlib import Path

part = Part("idea", 1)
SEEN = Path(__file__).with_name("seen.txt")

def note(name, rng, *values):
    with SEEN.open("a") as file:
        file.write(f"{name} {list(values)} {float(rng.array())!r}\\n")

@part
@pytest.mark.parametrize("a", [1, pytest.param(2, id="two"), (3, 4)])
@pytest.mark.parametrize(("b", "c"), [("x", None), ("y", 0.5)])
def test_stacked(agrees, rng, a, b, c):
    """Stacked"""
    agrees(1.0)
    note("stacked", rng, a, b, c)

@part
@pytest.mark.parametrize("a", [10, 20], ids=["ten", "twenty"])
def test_single(rng, student, a):
    """Single"""
    assert student.double(float(a)) == 2.0 * a
    note("single", rng, a)

@part
def test_plain(rng, agrees):
    """Plain"""
    agrees(3.0)
    note("plain", rng)
'''


def test_plain_pytest_plays_the_same_cases_with_the_same_numbers(tmp_path):
    root = tmp_path / "course"
    grader = root / "tests" / "graders" / "05_twice" / "test_double.py"
    for path, text in {
        root / "course.toml": 'title = "T"\nseed = 23\n',
        root / "reference_impl" / "twice.py": 'def double(x):\n    """Twice."""\n    return 2.0 * x\n',
        grader: GRADER,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    result = subprocess.run([*command, str(grader)], capture_output=True, text=True, timeout=120, cwd=root)
    assert "9 passed" in result.stdout, result.stdout
    seen = sorted((grader.parent / "seen.txt").read_text().splitlines())

    ours = []
    module = ModuleType("grader")
    module.__file__ = str(grader)
    exec(GRADER, module.__dict__)
    module.note = lambda name, rng, *values: ours.append(f"{name} {list(values)} {float(rng.array())!r}")
    answerer = InProcess({"double": double})
    for test in tests_of(module, "hidden"):
        for case in test.cases:
            outcome = play(
                test, case, "double", answerer, answerer, case_rng(23, "05_twice", "double", case.id)
            )
            assert outcome.passed, outcome.message
    assert sorted(ours) == seen


# ------------------------------------------------------------------------------------------- equality
def outcome_of(*answers, **facts):
    return Outcome(
        "fail", answers=[a if isinstance(a, Answer) else Answer(value=a) for a in answers], **facts
    )


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.1, False),
        (float("nan"), float("nan"), True),
        (float("inf"), float("inf"), True),
        (1.0, 1, False),
        (np.ones(2), np.ones(2) + 1e-10, True),
        (np.ones(2), np.ones(2, np.float32), False),
        (np.ones(2), np.ones((2, 1)), False),
        (np.array([np.nan, 1]), np.array([np.nan, 1]), True),
        (torch.ones(2), torch.ones(2), True),
        (torch.ones(2), np.ones(2, np.float32), False),
        ({"a": 1.0}, {"a": 1.0}, True),
        ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}, False),
        ([1.0, (2, "x")], [1.0, (2, "x")], True),
        ([1.0], (1.0,), False),
        (None, None, True),
        ("a", "b", False),
        (b"a", b"a", True),
    ],
)
def test_equal_values(a, b, same):
    assert same_answers(outcome_of(a), outcome_of(b)) is same
    assert same_answers(outcome_of(b), outcome_of(a)) is same


def test_errors_are_equal_by_their_class():
    def raised(name, message=""):
        return outcome_of(Answer(error=Failure(name, (), message)))

    assert same_answers(raised("ValueError", "one"), raised("ValueError", "another"))
    assert not same_answers(raised("ValueError"), raised("KeyError"))
    assert not same_answers(raised("ValueError"), outcome_of(1.0))


def test_the_number_of_answers_counts():
    assert not same_answers(outcome_of(1.0), outcome_of(1.0, 1.0))


def test_side_effects_count_where_a_test_asks_for_them():
    from coursekit.probes import Change

    spoiled = Answer(value=1.0, changed=[Change("argument", "x")], requires_grad=True)
    assert same_answers(outcome_of(1.0), outcome_of(spoiled))
    assert not same_answers(outcome_of(1.0, looked_at_changes=True), outcome_of(spoiled))
    assert not same_answers(outcome_of(1.0, looked_at_graph=True), outcome_of(spoiled))
    other = Answer(value=1.0, changed=[Change("argument", "another sentence")])
    assert same_answers(outcome_of(spoiled, looked_at_changes=True), outcome_of(other))


def test_a_case_without_parameters_is_its_tests_name():
    assert Case("test_x").params == {}
