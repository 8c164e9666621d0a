"""How often a function that was handed to another one is called: noted while a check looks on.

It runs beside the student's code and could be forged there: it feeds sentences and gives no points.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

MOST_KEPT = 200


@dataclass
class Calls:
    """Calls of the functions that a function was given.

    Attributes:
        count: how many.
        kept: number of rows, dtype and a checksum of the first row of each of the first 200.
    """

    count: int = 0
    kept: list[tuple[int, str, int]] = field(default_factory=list)


_CALLS: ContextVar[Calls | None] = ContextVar("coursekit_calls", default=None)


def note_call(rows: int, dtype: str, first: int) -> None:
    """Note a call, while :func:`counting`."""
    calls = _CALLS.get()
    if calls is not None:
        calls.count += 1
        if len(calls.kept) < MOST_KEPT:
            calls.kept.append((rows, dtype[:20], first))


@contextmanager
def counting() -> Iterator[Calls]:
    """Collect what :func:`note_call` is told inside the ``with`` block."""
    calls = Calls()
    token = _CALLS.set(calls)
    try:
        yield calls
    finally:
        _CALLS.reset(token)
