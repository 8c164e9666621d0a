"""Playing a test: the same test with any function as the student and any seed.

A test takes everything from its arguments. That one rule serves grading, the search for declared
mistakes, further inputs, recorded examples and the check in a notebook.
"""

from __future__ import annotations

import builtins
import inspect
import itertools
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from coursekit.calling import UNSENDABLE, Answer, Failure
from coursekit.checks.compare import Comparison, Mismatch, close, compare, entry, name_of, noting
from coursekit.checks.student import Answerer, Call, Ended, RemoteError, Student
from coursekit.rng import Rng
from coursekit.wire import WireError

_RAISED = "Your function raised {failure}"
_RAISED_SOME = "Your function raised {name}"
_RAISED_OWN = "Your function raised an error of its own kind"
_NOT_SENT = (
    "your function returned something that cannot be read; return tensors, arrays, numbers, text, lists, "
    "tuples, dicts or tables"
)
_NOT_RAISED = "an error was promised and none was raised"
_NO_ANSWER = "your function gave no answer that can be read"
_UNUSABLE = "the answer could not be used ({problem})"
_UNWRITTEN = "this function is not written yet"
_CANNOT_TRAVEL = "your function's answer could not be read: {problem}"
_NEVER_CALLED = "your function never calls predict; "
_ERRORS = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) | {
    "LinAlgError"
}
"""Class names that may be repeated: nothing can be hidden in them."""


_TRY = re.compile(r"^Try:(.*?)(?:\n[ \t]*\n|\Z)", re.MULTILINE | re.DOTALL)


class GraderError(Exception):
    """A grader, reference or public check is itself at fault."""


@dataclass(frozen=True, eq=False)
class Case:
    """One set of parameters of a test; ``id`` is the test's name with the place of each parameter."""

    id: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Test:
    """One test with all its cases.

    Attributes:
        name: of the function.
        title: first line of its docstring; what the student sees.
        function: the test itself.
        cases: at least one.
        part: the :class:`~coursekit.checks.parts.Part` it belongs to, in a grader.
        axiom: name of the axiom it measures, or "".
        visibility: public, hidden or after_due.
        tries: what to do when it fails, from the paragraph of its docstring that begins with ``Try:``.
    """

    __test__ = False

    name: str
    title: str
    function: Callable[..., Any]
    cases: tuple[Case, ...]
    part: Any = None
    axiom: str = ""
    visibility: str = "hidden"
    tries: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.function).parameters)

    @property
    def is_table(self) -> bool:
        """Whether the test is a mere table of cases: no answer can influence what it asks next."""
        return "student" not in self.arguments


@dataclass(frozen=True, eq=False)
class Step:
    """One `agrees` of a test: the call, what was expected, and how the two were compared."""

    call: Call
    expected: Any
    tol: float | None
    scale: float | None
    nan_equal: bool
    entries: tuple[Any, ...] = ()

    def demand(self, got: Any) -> None:
        """Raises Mismatch unless ``got`` is what was expected."""
        for place in self.entries:
            part = entry(got, place, self.expected)
            try:
                close(part, self.expected[place], self.tol, self.scale, self.nan_equal)
            except Mismatch as error:
                where, inner = name_of(place), error.comparison.where
                error.comparison.where = f"{where}, {inner}" if inner else where
                raise Mismatch(error.comparison) from None
        if not self.entries:
            close(got, self.expected, self.tol, self.scale, self.nan_equal)


@dataclass
class Outcome:
    """What playing one case gave.

    Attributes:
        status: pass, fail, error (the student's function raised), missing, timeout, memory or infra.
        message: one sentence when it is no pass.
        discreet: the same without any text that the student's code wrote: a call can put its inputs there.
        comparison: the failing comparison, or the passing one with the least margin.
        compared: how many comparisons of values were made.
        calls, answers: every call of the student's functions and its answer, in order.
        looked_at_changes: whether the test asked what the call left changed.
        looked_at_graph: whether the test asked if the result was detached.
        failure: what the student's function raised.
        steps: every `agrees` that was reached.
        ended: whether the worker that ran the student's code ended.
    """

    status: str = "pass"
    message: str = ""
    discreet: str = ""
    comparison: Comparison | None = None
    compared: int = 0
    calls: list[Call] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    looked_at_changes: bool = False
    looked_at_graph: bool = False
    failure: Failure | None = None
    steps: list[Step] = field(default_factory=list)
    ended: bool = False

    @property
    def passed(self) -> bool:
        return self.status == "pass"


class Agrees:
    """`agrees(*arguments)`: student and reference on the same arguments, compared.

    ``entries=("coef", "intercept")`` compares these keys of a dict, or places of a tuple, and no others.
    """

    def __init__(self, name: str, student: Student, reference: Answerer, outcome: Outcome):
        self._name, self._student, self._reference, self._outcome = name, student, reference, outcome

    def __call__(
        self,
        *args: Any,
        tol: float | None = None,
        scale: float | None = None,
        nan_equal: bool = False,
        entries: tuple[Any, ...] = (),
        **kwargs: Any,
    ) -> None:
        call = Call(self._name, args, kwargs)
        expected = self._reference.call(self._student._whole(call))
        if expected.error is not None:
            raise GraderError(
                f"the reference of {self._name} raised {expected.error} in a case of its own grader"
            )
        step = Step(call, expected.value, tol, scale, nan_equal, entries)
        self._outcome.steps.append(step)
        step.demand(self._student._answer(call))


def record(outcome: Outcome, comparison: Comparison) -> None:
    """Note a passing comparison; the one nearest to its tolerance is kept."""
    outcome.compared += 1
    if outcome.comparison is None or _use(comparison) >= _use(outcome.comparison):
        outcome.comparison = comparison


def _use(comparison: Comparison) -> float:
    if comparison.max_abs_error is None or not comparison.allowed:
        return -1.0
    return comparison.max_abs_error / comparison.allowed


def case_rng(seed: int, lesson: str, exercise: str, case: str) -> Rng:
    """The stream of numbers of one case: no grader writes a seed."""
    return Rng(seed, *(zlib.crc32(text.encode()) for text in (lesson, exercise, case)))


def play(test: Test, case: Case, exercise: str, student: Answerer, reference: Answerer, rng: Rng) -> Outcome:
    """Run one case of ``test`` with ``student`` answering as the function ``exercise``.

    Whatever happens, the result is an outcome; only a fault of the grader itself
    (:class:`GraderError`) and a passing interrupt come through. No silence counts as a pass.
    """
    outcome, facade = Outcome(), Student(student)
    agrees = Agrees(exercise, facade, reference, outcome)
    pool = {**case.params, "student": facade, "agrees": agrees, "rng": rng}
    _run(lambda: test.function(**{name: pool[name] for name in test.arguments}), outcome, facade, test.title)
    return outcome


def play_steps(steps: list[Step], title: str, student: Answerer) -> Outcome:
    """Run the recorded steps of a table test: the same outcome as :func:`play`, without building its inputs."""
    outcome, facade = Outcome(), Student(student)

    def steps_in_turn() -> None:
        for step in steps:
            outcome.steps.append(step)
            step.demand(facade._answer(step.call))

    _run(steps_in_turn, outcome, facade, title)
    return outcome


def _run(body: Callable[[], None], outcome: Outcome, facade: Student, title: str) -> None:
    try:
        with noting(partial(record, outcome)):
            body()
    except Mismatch as error:
        outcome.status, outcome.comparison = "fail", error.comparison
        outcome.message, outcome.discreet = str(error), error.comparison.discreet
        outcome.compared += 1
        if facade.never_asked:
            outcome.message = _NEVER_CALLED + outcome.message
            outcome.discreet = outcome.discreet and _NEVER_CALLED + outcome.discreet
    except RemoteError as error:
        outcome.failure = error.failure
        outcome.status = _status_of(error.failure)
        outcome.message, outcome.discreet = _said_of(error.failure, outcome.status)
    except Ended as error:
        outcome.ended = True
        outcome.status = error.reason if error.reason in ("timeout", "memory", "infra") else "error"
        outcome.message = str(error)
        outcome.discreet = _NO_ANSWER if error.reason == "protocol" else ""
    except AssertionError as error:
        outcome.status, outcome.message = "fail", str(error).partition("\n")[0] or title
    except pytest.fail.Exception as error:
        outcome.status = "fail"
        outcome.message = _NOT_RAISED if "DID NOT RAISE" in str(error) else str(error)
    except WireError as error:
        outcome.status, outcome.message = "fail", _CANNOT_TRAVEL.format(problem=error)
        outcome.discreet = _NO_ANSWER
    except GraderError:
        raise
    except Exception as error:  # the test's own arithmetic on an odd answer
        outcome.status = "fail"
        outcome.message = _UNUSABLE.format(problem=f"{type(error).__name__}: {str(error)[:200]}")
        outcome.discreet = _UNUSABLE.format(problem=type(error).__name__)
    outcome.discreet = outcome.discreet or outcome.message
    outcome.calls, outcome.answers = facade._calls, facade._answers
    outcome.looked_at_changes = facade._looked_at_changes
    outcome.looked_at_graph = facade._looked_at_graph


def _status_of(failure: Failure) -> str:
    if failure.name == "NotImplementedError":
        return "missing"
    if failure.name == UNSENDABLE:
        return "fail"  # it raised nothing: what it returned has a type that no exercise asks for
    refused = failure.name == "RuntimeError" and "can't allocate memory" in failure.message  # torch's own way
    return "memory" if refused or failure.is_a("MemoryError") else "error"


def _said_of(failure: Failure, status: str) -> tuple[str, str]:
    """What is said of an error, in full and discreetly."""
    if status == "missing":
        return _UNWRITTEN, _UNWRITTEN
    if failure.name == UNSENDABLE:
        return _CANNOT_TRAVEL.format(problem=failure.message), _NOT_SENT
    some = _RAISED_SOME.format(name=failure.name) if failure.name in _ERRORS else _RAISED_OWN
    return _RAISED.format(failure=failure), some


def tests_of(module: ModuleType, visibility: str) -> list[Test]:
    """Every test of a module in the order of its text, found without pytest's collection.

    Understands ``pytest.mark.parametrize`` (stacked too), parts and axioms. Case identifiers are
    places, not values, and equal those that :func:`case_id` gives for pytest's own items.
    """
    functions = [
        value
        for name, value in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return [test_of(function, expand(function), visibility) for function in functions]


def test_of(function: Callable[..., Any], cases: list[Case], visibility: str) -> Test:
    """A test with the given cases; title, part, axiom and next step are read off the function."""
    marks = {mark.name: mark for mark in getattr(function, "pytestmark", [])}
    doc = inspect.getdoc(function) or ""
    title = doc.partition("\n")[0].strip()
    if not title:
        raise GraderError(
            f"{function.__name__} has no docstring; its first line is the title that students see"
        )
    return Test(
        function.__name__,
        title,
        function,
        tuple(cases),
        part=marks["part"].args[0] if "part" in marks else None,
        axiom=marks["axiom"].args[0] if "axiom" in marks else "",
        visibility="after_due" if "after_due" in marks else visibility,
        tries=_tries(function.__name__, doc),
    )


def _tries(name: str, doc: str) -> str:
    """The text after ``Try:``, to the end of its paragraph, on one line."""
    found = _TRY.search(doc)
    if found is None:
        return ""
    says = " ".join(found[1].split())
    if not says:
        raise GraderError(
            f"{name}: nothing stands after `Try:` in its docstring; say what to do, or leave it out"
        )
    return says


test_of.__test__ = tests_of.__test__ = False  # type: ignore[attr-defined]


def case_id(name: str, places: list[int]) -> str:
    """``test_x`` without parameters, ``test_x[2]``, ``test_x[0-2]`` with them."""
    return f"{name}[{'-'.join(map(str, places))}]" if places else name


def expand(function: Callable[..., Any]) -> list[Case]:
    axes = []
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names = (
                [n.strip() for n in mark.args[0].split(",")]
                if isinstance(mark.args[0], str)
                else list(mark.args[0])
            )
            axes.append([dict(zip(names, _row(v, len(names)), strict=True)) for v in mark.args[1]])
    cases = []
    for places in itertools.product(*(range(len(axis)) for axis in axes)):
        params: dict[str, Any] = {}
        for axis, place in zip(axes, places, strict=True):
            params |= axis[place]
        cases.append(Case(case_id(function.__name__, list(places)), params))
    return cases


def _row(value: Any, count: int) -> tuple:
    """The values of one set of parameters, one for each name, as pytest reads it."""
    if isinstance(value, type(pytest.param())):
        return value.values
    return tuple(value) if count > 1 else (value,)


# --------------------------------------------------------------------------------- equality of answers
def same_answers(a: Outcome, b: Outcome) -> bool:
    """Whether two functions gave the same answers to one case, within the tolerance of values."""
    if a is b:
        return True
    if len(a.answers) != len(b.answers):
        return False
    changes = a.looked_at_changes or b.looked_at_changes
    graph = a.looked_at_graph or b.looked_at_graph
    return all(_same(x, y, changes, graph) for x, y in zip(a.answers, b.answers, strict=True))


def _same(a: Answer, b: Answer, with_changes: bool, with_graph: bool) -> bool:
    if with_changes and {c.kind for c in a.changed} != {c.kind for c in b.changed}:
        return False
    if with_graph and a.requires_grad != b.requires_grad:
        return False
    if a.error is not None or b.error is not None:
        return a.error is not None and b.error is not None and a.error.name == b.error.name
    return _same_values(a.value, b.value)


def _same_values(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same_values(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same_values, a, b))
    if getattr(a, "dtype", None) != getattr(b, "dtype", None):
        return False
    if isinstance(a, float):
        return a == b or (a != a and b != b) or compare(a, b).ok
    try:
        return compare(a, b, nan_equal=True).ok
    except TypeError:
        return bool(a == b)
