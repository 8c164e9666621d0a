"""Runs the cells of a submission, statement by statement, and says what they define."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import linecache
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

import coursekit

from . import magics
from .stubs import Stubs

_FUTURE_FLAGS = 0
for _name in __future__.all_feature_names:
    _FUTURE_FLAGS |= getattr(__future__, _name).compiler_flag

_MOST_STEPS = 10_000
_NO_LOOP = "no event loop runs while your work is graded: what is awaited here never came"
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
_DEFINING += (ast.AnnAssign, ast.If, ast.Try, ast.With)
_LOAD_S = 12.0
"""Seconds for all statements of a submission; well within what the judge waits for the load."""
_LATE_S = 0.3
"""Seconds for one statement after that."""

_MAX_TEXT = 500
_MAX_FAILED = 200

_NO_INPUT = "input() has nobody to answer it while your work is graded: give the value in the code instead"
_SLOW = "this statement was stopped after {seconds:g} s"
_SKIPPED = "cell {cell}, line {line}: this statement did not end in an earlier attempt and was left out"
_AGAIN = "{name} is defined in cell {before} and again in cell {after}: the last definition counts"
_STUB_AFTER = "cell {cell} holds an untouched stub of {name}: the definition in cell {before} counts"
_NO_FUNCTION = (
    "{name} stands for no function any more in cell {after}: the definition in cell {before} counts"
)
_LONG = (
    "cell {cell}: the statements before took {seconds:g} seconds together; from here on, those that define nothing "
    "were left out"
)
_EXIT = "exit() was ignored; the statements after it were run"


class StatementTimeout(BaseException):
    """A statement at module level took too long."""


class Loader:
    """One submission's module.

    Attributes:
        namespace: what its cells have defined so far.
    """

    def __init__(self) -> None:
        shell = sys.modules.get("IPython")
        if shell is not None:  # in a notebook it gives what the built-in name gives
            shell.get_ipython = lambda: _Shell()
        self.module = types.ModuleType("__main__")
        self.namespace = self.module.__dict__
        self.namespace.update(
            __builtins__=builtins, display=_nothing, get_ipython=lambda: _Shell(), exit=_leave, quit=_leave
        )
        sys.modules["__main__"] = self.module
        builtins.input = _refuse_input
        coursekit.check = _nothing  # a notebook's own checks are not run again
        self.flags = 0
        self.failed: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.cell_of: dict[str, int] = {}
        self.filled: set[str] = set()

    def load(
        self,
        cells: Iterable[dict[str, Any]],
        stubs: dict[str, str],
        statement_s: float,
        skip: Iterable[Iterable[int]],
        progress: Callable[[int, int], None],
    ) -> dict[str, Any]:
        """Run ``cells`` in order; returns the reply of the ``load`` request without its output.

        Args:
            cells: dicts with ``index`` (the notebook's number of the cell) and ``source``.
            stubs: the exercises' names and the stubs that were given out.
            statement_s: seconds for each statement.
            skip: pairs (cell, statement) that must not run.
            progress: told the cell and statement before each one runs.
        """
        given = Stubs(stubs)
        skipped = {tuple(pair) for pair in skip}
        began, late = time.monotonic(), False
        for cell in cells:
            index = int(cell["index"])
            statements = self._parse(index, str(cell["source"]))
            for number, node in enumerate(statements):
                if (index, number) in skipped:
                    self.notes.append(_SKIPPED.format(cell=index, line=node.lineno))
                    continue
                if not late and time.monotonic() - began > _LOAD_S:
                    late = True
                    self.notes.append(_LONG.format(cell=index, seconds=_LOAD_S))
                if late and not isinstance(node, _DEFINING):
                    continue
                progress(index, number)
                self._statement(index, node, given, _LATE_S if late else statement_s)
        return {
            "ok": True,
            "defined": {name: self._status(name) for name in given.given if name in self.namespace},
            "cell_of": {name: cell for name, cell in self.cell_of.items() if name in self.namespace},
            "failed": self.failed[:_MAX_FAILED],
            "notes": self.notes[:_MAX_FAILED],
        }

    def _status(self, name: str) -> str:
        if name not in self.filled:
            return "stub"
        return "filled" if _is_callable(self.namespace[name]) else "not callable"

    # ------------------------------------------------------------------------------------- cells
    def _parse(self, index: int, source: str) -> list[ast.stmt]:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        name = _filename(index)
        linecache.cache[name] = (len(source), None, [line + "\n" for line in source.split("\n")], name)
        tree = magics.parsed(source)
        if tree is not None:
            return tree.body
        text, notes = magics.clean(source)
        self.notes += [f"cell {index}: {note}" for note in notes]
        try:
            return compile(text, name, "exec", ast.PyCF_ONLY_AST | _AWAIT, dont_inherit=True).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._fail(index, getattr(error, "lineno", None) or 1, error)
            return []

    # ------------------------------------------------------------------------------------- statements
    def _statement(self, index: int, node: ast.stmt, stubs: Stubs, seconds: float) -> None:
        stubbed = stubs.untouched(node)
        kept = stubbed & self.filled & self.namespace.keys()
        if kept:
            for name in sorted(kept):
                self.notes.append(_STUB_AFTER.format(cell=index, name=name, before=self.cell_of[name]))
            return
        before = {name: self.namespace.get(name, _MISSING) for name in stubs.given}
        try:
            self._run(index, node, seconds)
        except BaseException as error:
            self._fail(index, node.lineno, error)
        for name, value in before.items():
            if self.namespace.get(name, _MISSING) is not value and name in self.namespace:
                self._defined(name, index, name in stubbed, value)

    def _run(self, index: int, node: ast.stmt, seconds: float) -> None:
        try:
            self._execute(index, node, seconds, self.flags)
        except NameError:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                raise
            # perhaps a type of a library that is not here: hints are no part of what a function computes
            self._execute(index, node, seconds, self.flags | __future__.annotations.compiler_flag)

    def _execute(self, index: int, node: ast.stmt, seconds: float, flags: int) -> None:
        module = ast.Module([node], [])
        code = compile(module, _filename(index), "exec", flags=flags | _AWAIT, dont_inherit=True)
        if flags == self.flags:
            self.flags |= code.co_flags & _FUTURE_FLAGS
        with _time_limit(seconds):
            if code.co_flags & inspect.CO_COROUTINE:
                _to_the_end(eval(code, self.namespace))
            else:
                exec(code, self.namespace)

    def _defined(self, name: str, index: int, stub: bool, value: object) -> None:
        if name in self.filled and _is_callable(value) and not _is_callable(self.namespace[name]):
            self.namespace[name] = value  # a result under the function's name takes the function from nobody
            self.notes.append(_NO_FUNCTION.format(name=name, after=index, before=self.cell_of[name]))
            return
        if not stub:
            before = self.cell_of.get(name)
            if name in self.filled and before != index:
                self.notes.append(_AGAIN.format(name=name, before=before, after=index))
            self.filled.add(name)
        self.cell_of[name] = index

    def _fail(self, index: int, line: int, error: BaseException) -> None:
        text = _text_of(error)
        if isinstance(error, StatementTimeout):
            name = "TimeoutError"
        else:
            name = type(error).__name__
        if isinstance(error, SystemExit):
            text = _EXIT
        entry = {"cell": index, "line": _line_of(error, index, line), "error": str(name)[:80], "text": text}
        self.failed.append(entry)


_MISSING = object()


def _filename(index: int) -> str:
    return f"<cell {index}>"


def _is_callable(value: object) -> bool:
    try:
        return callable(value)
    except BaseException:  # a class of the student's may answer this question with anything
        return False


def _text_of(error: BaseException) -> str:
    """The message of an exception, whatever its ``__str__`` does."""
    try:
        return str(error)[:_MAX_TEXT]
    except BaseException:
        return "(the error's own message could not be read)"


def _line_of(error: BaseException, index: int, line: int) -> int:
    """The last line of the cell that the error went through."""
    name = _filename(index)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno or line
        trace = trace.tb_next
    return line


def _to_the_end(waiting: Any) -> None:
    """Run what awaits at top level, as a notebook does; there is no event loop, so what needs one fails."""
    try:
        for _ in range(_MOST_STEPS):
            waiting.send(None)
    except StopIteration:
        return
    finally:
        waiting.close()
    raise RuntimeError(_NO_LOOP)


@contextmanager
def _time_limit(seconds: float):
    """Raise :class:`StatementTimeout` in the block when it takes too long, once."""

    def stop(number: int, frame: Any) -> None:
        if armed:
            armed.clear()
            raise StatementTimeout(_SLOW.format(seconds=seconds))

    armed = [True]
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        armed.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)


# ------------------------------------------------------------------------------------- stand-ins
def _refuse_input(prompt: object = "") -> str:
    raise RuntimeError(_NO_INPUT)


def _nothing(*values: object, **options: object) -> None:
    """Stands for the notebook's ``display``: nobody looks."""


def _leave(code: object = None) -> None:
    raise SystemExit(code)


class _Shell:
    """Stands for the notebook's shell: whatever is asked of it, it does nothing."""

    def __getattr__(self, name: str) -> _Shell:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *values: object, **options: object) -> None:
        return None
