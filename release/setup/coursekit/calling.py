"""One call of a student's function, with everything worth knowing about it."""

from __future__ import annotations

import contextlib
import io
import sys
import sysconfig
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any

from coursekit import wire
from coursekit.calls import MOST_KEPT, Calls, counting
from coursekit.probes import Change, Snapshot, reset_generators
from coursekit.watch import tracing

_OUTPUT_CAP = 4000
_MESSAGE_CAP = 1000
UNSENDABLE = "UnsendableAnswer"
_UNREADABLE = "an argument is in such a state after the call that it cannot be looked at: work on a copy."


@dataclass(frozen=True)
class Failure:
    """What a function raised: class name, the names of all its bases, message, own last lines."""

    name: str
    bases: tuple[str, ...] = ()
    message: str = ""
    lines: tuple[str, ...] = ()

    def is_a(self, base: str) -> bool:
        """Whether the exception was of that class or of one derived from it."""
        return base == self.name or base in self.bases

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass
class Answer:
    """The outcome of one call.

    Attributes:
        value: what the function returned (None when it raised).
        error: what it raised, if anything.
        kind: class name of the returned object.
        requires_grad: whether a returned tensor was still attached to a graph.
        changed: what the call left changed.
        wall_s, cpu_s: seconds of the call itself.
        output: what it printed (capped).
        trace: what it gave to ``coursekit.watch``, when asked for.
        asked: how often it called the functions it was given, see :mod:`coursekit.calls`; a sentence may
            rest on it, points may not.
    """

    value: Any = None
    error: Failure | None = None
    kind: str = ""
    requires_grad: bool = False
    changed: list[Change] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    output: str = ""
    trace: list[tuple[str, Any]] = field(default_factory=list)
    asked: Calls = field(default_factory=Calls)

    @property
    def ok(self) -> bool:
        """Whether the function returned."""
        return self.error is None

    def to_tree(self) -> dict[str, Any]:
        """The answer as a value that :mod:`coursekit.wire` can carry."""
        error, asked = self.error, self.asked
        tree = {
            "value": self.value,
            "error": None
            if error is None
            else [error.name, list(error.bases), error.message, list(error.lines)],
            "kind": self.kind,
            "requires_grad": self.requires_grad,
            "changed": [[change.kind, change.says] for change in self.changed],
            "wall_s": self.wall_s,
            "cpu_s": self.cpu_s,
            "output": self.output,
            "trace": [list(entry) for entry in self.trace],
        }
        if asked.count:
            tree["asked"] = [asked.count, *(list(one) for one in asked.kept)]
        return tree

    @classmethod
    def from_tree(cls, tree: Any) -> Answer:
        """The answer that came over the wire; raises WireError for anything that is none."""
        try:
            error = tree["error"]
            return cls(
                value=tree["value"],
                error=None
                if error is None
                else Failure(_text(error[0]), _texts(error[1]), _text(error[2]), _texts(error[3])),
                kind=_text(tree["kind"]),
                requires_grad=tree["requires_grad"] is True,
                changed=[Change(_text(kind), _text(says)) for kind, says in tree["changed"][:50]],
                wall_s=_seconds(tree["wall_s"]),
                cpu_s=_seconds(tree["cpu_s"]),
                output=_text(tree["output"])[:_OUTPUT_CAP],
                trace=[(_text(name), value) for name, value in tree["trace"][:1000]],
                asked=_calls(tree.get("asked", [0])),
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise wire.WireError("the reply is no answer to a call") from None


def call(
    function: Callable[..., Any],
    args: list[Any],
    kwargs: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    catch: type[BaseException] | tuple[type[BaseException], ...] = Exception,
) -> Answer:
    """Call ``function`` once and report on it.

    Args:
        function: anything callable.
        args, kwargs: its arguments; the caller passes copies that the function may spoil.
        options: ``grad`` (default True): False runs the call inside ``torch.no_grad()``;
            ``trace`` (default False): collect what the function gives to ``coursekit.watch``.
        catch: which exceptions count as the function's answer; others pass through.
    """
    kwargs, options = kwargs or {}, options or {}
    names = _parameter_names(function, len(args)) + list(kwargs)
    snapshot = Snapshot(names, [*args, *kwargs.values()])
    reset_generators()
    answer, printed = Answer(), _Capped()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        trace = stack.enter_context(tracing()) if options.get("trace") else []
        answer.asked = stack.enter_context(counting())
        if options.get("grad", True) is False and "torch" in sys.modules:
            stack.enter_context(sys.modules["torch"].no_grad())
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            answer.value = function(*args, **kwargs)
        except catch as error:
            answer.error = failure(error)
        answer.wall_s, answer.cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    answer.kind = type(answer.value).__name__
    answer.requires_grad = getattr(answer.value, "requires_grad", False) is True
    try:
        answer.changed = snapshot.changes()
    except Exception:  # a model or table taken apart so far that its state cannot be read
        answer.changed = [Change("structure", _UNREADABLE)]
    answer.output, answer.trace = printed.text(), trace
    return answer


def packed(answer: Answer) -> list[Any]:
    """The answer as wire parts; a value that cannot travel becomes an error that names its type."""
    try:
        return wire.pack(answer.to_tree())
    except wire.WireError as error:
        answer.trace, answer.value = [], None
        answer.error = answer.error or Failure(UNSENDABLE, (), str(error))
        return wire.pack(answer.to_tree())


def failure(error: BaseException) -> Failure:
    """An exception as data."""
    try:
        message = str(error)
    except Exception:
        message = ""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if not frame.filename.startswith(_libraries())]
    lines = [f"line {frame.lineno}: {frame.line}" for frame in own if frame.line][-3:]
    bases = tuple(base.__name__ for base in type(error).__mro__[1:])
    return Failure(type(error).__name__, bases, message[:_MESSAGE_CAP], tuple(line[:200] for line in lines))


def _libraries() -> tuple[str, ...]:
    """Folders whose files nobody who reads an error has written."""
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return (*sorted(folders), str(Path(__file__).parent), "<frozen ")


class _Capped(io.TextIOBase):
    """Text that is kept up to a length; a flood costs no memory."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = _OUTPUT_CAP

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._room > 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self._parts)


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    names: tuple[str, ...] = ()
    if isinstance(
        function, FunctionType
    ):  # read off directly: inspect.signature takes longer than many a call
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return [names[i] if i < len(names) else f"argument {i + 1}" for i in range(count)]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[: 4 * _OUTPUT_CAP]


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError
    return tuple(_text(value) for value in values[:50])


def _calls(values: Any) -> Calls:
    count, *kept = values
    if type(count) is not int or not 0 <= count < 2**40:
        raise TypeError
    read = []
    for rows, dtype, first in kept[:MOST_KEPT]:
        if type(rows) is not int or type(first) is not int:
            raise TypeError
        read.append((rows, _text(dtype)[:20], first))
    return Calls(count, read)


def _seconds(value: Any) -> float:
    if not isinstance(value, float) or not 0.0 <= value < 1e9:
        raise TypeError
    return value
