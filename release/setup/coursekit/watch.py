"""Named intermediates: a function tells a check what it has computed so far."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_TRACE: ContextVar[list[tuple[str, Any]] | None] = ContextVar("coursekit_trace", default=None)


def watch(name: str, value: T) -> T:
    """Return ``value``; while a check looks on, note it under ``name``.

    Outside a check this does nothing, so it may stay in a finished function.
    """
    trace = _TRACE.get()
    if trace is not None and len(trace) < 1000:
        trace.append((name, _as_it_is_now(value)))
    return value


def _as_it_is_now(value: Any) -> Any:
    """A copy of an array or tensor: a sum that grows in place would otherwise show its last value only."""
    if hasattr(value, "detach"):
        return value.detach().clone()
    return value.copy() if hasattr(value, "copy") else value


@contextmanager
def tracing():
    """Collect what :func:`watch` is given inside the ``with`` block, in order, as ``(name, value)``."""
    trace: list[tuple[str, Any]] = []
    token = _TRACE.set(trace)
    try:
        yield trace
    finally:
        _TRACE.reset(token)
