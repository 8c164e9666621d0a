"""Ends every process of a worker's user, for machines on which no pid namespace can be made.

A process that was started twice over, in a session of its own, has no parent that could be asked for it; what it
cannot change is its user. ``kill(-1)`` reaches all that the caller may signal, in one step that no fork escapes. So
the caller takes that user as its effective one. Its real one is then a user that no worker has: with root there,
``kill(-1)`` would end the machine; with the worker's, the worker could end the caller first.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator

UIDS = 256
"""User ids that belong to one zygote, from a multiple of this on; the last one is never a worker's."""


_LOWEST = 1 << 15
_NOT_A_WORKER = "user id {user} is no worker's"


def sweep(users: Iterable[int]) -> None:
    """End every process of these users. The caller is root, with one thread."""
    for user in users:
        with acting_as(user), contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


@contextlib.contextmanager
def acting_as(user: int) -> Iterator[None]:
    """With the rights of ``user`` and none of root's, for a moment. Raises ValueError for a user who may be real."""
    if user < _LOWEST:  # as root, kill(-1) would end the machine
        raise ValueError(_NOT_A_WORKER.format(user=user))
    os.setegid(user)
    os.setresuid(user | (UIDS - 1), user, 0)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setresuid(0, 0, 0)
        os.setegid(0)


def main() -> None:
    """End every process of a zygote that cannot do so any more: root's, with the first user id as argument."""
    first = int(sys.argv[1])
    sweep(range(first, first + UIDS - 1))
