"""`student`, as tests see it: the functions of a submission, each call answered as data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Protocol

from coursekit import calling, wire
from coursekit.calling import Answer, Failure
from coursekit.calls import Calls


class RemoteError(Exception):
    """The student's function raised; what it raised is in ``failure``."""

    def __init__(self, failure: Failure):
        super().__init__(str(failure))
        self.failure = failure


class RemoteValueError(RemoteError, ValueError):
    """The student's function raised a ValueError (or a class derived from it), as some tests ask for."""


class Ended(Exception):
    """The worker that ran the student's code ended; ``reason`` is timeout, memory, crash or infra."""

    def __init__(self, reason: str, says: str):
        super().__init__(says)
        self.reason = reason


class Call:
    """One call on its way to an answerer: packed once, however many answer it.

    Attributes:
        name: the function.
        options: see :func:`coursekit.calling.call`.
    """

    def __init__(self, name: str, args: tuple, kwargs: dict[str, Any], options: dict[str, Any] | None = None):
        self.name, self.options = name, options or {}
        self.values = [list(args), kwargs]

    @cached_property
    def packed(self) -> bytes:
        """Arguments and keyword arguments on the wire; raises WireError for what cannot travel."""
        return wire.pack_bytes(self.values)

    @cached_property
    def digest(self) -> bytes:
        """Stands for function, arguments and options; equal calls have equal digests."""
        head = repr((self.name, sorted(self.options.items()))).encode()
        return hashlib.blake2b(
            self.packed, digest_size=16, key=hashlib.blake2b(head, digest_size=16).digest()
        ).digest()

    @cached_property
    def meets_kept(self) -> bool:
        """Whether an argument is kept on the other side: then equal calls may be answered differently."""
        args, kwargs = self.values
        return any(isinstance(value, wire.Handle) for value in (*args, *kwargs.values()))

    def arguments(self, resolve: Callable[[int], Any] | None = None) -> tuple[list[Any], dict[str, Any]]:
        """Fresh copies of the arguments."""
        args, kwargs = wire.unpack_bytes(self.packed, wire.TRUSTED, resolve)
        return args, kwargs


class Answerer(Protocol):
    """Whoever answers the calls of a test: a worker, a function in this process, a cache."""

    def call(self, call: Call) -> Answer: ...

    def call_many(self, calls: list[Call]) -> list[Answer]: ...

    def keep(self, value: Any) -> wire.Handle: ...


class InProcess:
    """Answers with functions of this process, behind the same encoding as a worker's.

    Args:
        functions: the callable for each name.
        catch: which exceptions are an answer; others (an interrupt in a notebook) pass through.
    """

    def __init__(self, functions: dict[str, Callable[..., Any]], catch: Any = Exception):
        self._functions, self._catch = functions, catch
        self._kept: list[Any] = []

    def call(self, call: Call) -> Answer:
        args, kwargs = call.arguments(self._kept.__getitem__)
        answer = calling.call(self._functions[call.name], args, kwargs, call.options, self._catch)
        return Answer.from_tree(wire.unpack_bytes(b"".join(calling.packed(answer))))

    def call_many(self, calls: list[Call]) -> list[Answer]:
        return [self.call(call) for call in calls]

    def revive(self) -> None:
        """A function of this process is always there."""

    def ask_ahead(self, calls: list[Call]) -> None:
        """Nothing is gained by asking a function of this process ahead."""

    def keep(self, value: Any) -> wire.Handle:
        self._kept.append(wire.unpack_bytes(wire.pack_bytes(value)))
        return wire.Handle(len(self._kept) - 1)


class Cached:
    """Remembers the answers of another answerer: a reference is computed once for a whole class."""

    def __init__(self, inner: Answerer):
        self._inner, self._answers = inner, {}

    def call(self, call: Call) -> Answer:
        if call.meets_kept:
            return self._inner.call(call)
        answer = self._answers.get(call.digest)
        if answer is None:
            answer = self._answers[call.digest] = self._inner.call(call)
        return answer

    def call_many(self, calls: list[Call]) -> list[Answer]:
        return [self.call(call) for call in calls]

    def keep(self, value: Any) -> wire.Handle:
        return self._inner.keep(value)

    def revive(self) -> None:
        """What is remembered is always there."""

    def ask_ahead(self, calls: list[Call]) -> None:
        """Nothing is gained by asking ahead for what is remembered."""


class Student:
    """The functions of one submission, as attributes: ``student.saliency(model, x, target)``.

    ``student.changed`` lists, in sentences, what the last call left changed; ``student.attached`` is
    whether its result still asks for gradients; ``student.asked`` is how often it called the functions it
    was given (:class:`coursekit.calls.Calls`), for sentences, not for points. ``student.map(name, calls)``
    makes many calls in one message. ``student.keep(value)`` keeps one object on the other side, so that
    several calls meet the same one. The keyword ``grad=False`` runs a call inside ``torch.no_grad()``.
    """

    def __init__(self, answerer: Answerer):
        self._answerer = answerer
        self._kept: dict[wire.Handle, Any] = {}
        self._calls: list[Call] = []
        self._answers: list[Answer] = []
        self._looked_at_changes = False
        self._looked_at_graph = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._call, name)

    @property
    def changed(self) -> list[str]:
        self._looked_at_changes = True
        return [change.says for change in self._answers[-1].changed] if self._answers else []

    @property
    def attached(self) -> bool:
        self._looked_at_graph = True
        return bool(self._answers) and self._answers[-1].requires_grad

    @property
    def asked(self) -> Calls:
        return self._answers[-1].asked if self._answers else Calls()

    @property
    def never_asked(self) -> bool:
        """Whether the last call was given a predictor, returned, and had never called it."""
        if not self._answers or not self._answers[-1].ok or self._answers[-1].asked.count:
            return False
        args, kwargs = self._calls[-1].values
        return any(getattr(type(one), "kind", None) == "predictor" for one in [*args, *kwargs.values()])

    def keep(self, value: Any) -> wire.Handle:
        handle = self._answerer.keep(value)
        self._kept[handle] = wire.unpack_bytes(wire.pack_bytes(value))  # as it is now
        return handle

    def map(self, name: str, calls: list[tuple]) -> list[Any]:
        """One value per tuple of arguments; an error is returned as the exception, not raised."""
        made = [Call(name, tuple(args), {}) for args in calls]
        self._calls += made
        answers = self._answerer.call_many(made)
        self._answers += answers
        return [answer.value if answer.ok else _exception(answer.error) for answer in answers]

    def _whole(self, call: Call) -> Call:
        """The call for someone who keeps nothing: the kept object itself in the place of each handle."""
        args, kwargs = call.values
        if not any(isinstance(value, wire.Handle) for value in [*args, *kwargs.values()]):
            return call

        def of(value: Any) -> Any:
            return self._kept[value] if isinstance(value, wire.Handle) else value

        return Call(call.name, tuple(map(of, args)), {k: of(v) for k, v in kwargs.items()}, call.options)

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        options = {"grad": False} if kwargs.pop("grad", True) is False else {}
        return self._answer(Call(name, args, kwargs, options))

    def _answer(self, call: Call) -> Any:
        self._calls.append(call)
        answer = self._answerer.call(call)
        self._answers.append(answer)
        if answer.error is not None:
            raise _exception(answer.error)
        return answer.value


def _exception(failure: Failure) -> RemoteError:
    return (RemoteValueError if failure.is_a("ValueError") else RemoteError)(failure)
