"""User ids for workers, where root starts them: no two zygotes of a machine have one in common."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path

from .inside.sweep import UIDS

_FAR_ABOVE = 1 << 30  # of the ids of real users, and of the users of containers
_RANGES = 1 << 22
_TRIES = 64

_TOO_FEW = "this container knows too few user ids to give workers their own"
_NONE_FREE = "no range of user ids is free for workers ({tried} were tried)"


class Users:
    """A range of ids that is this zygote's until :meth:`release`; a process that is killed releases it too.

    Attributes:
        first: the first of ``UIDS`` ids, a multiple of that number.
    """

    def __init__(self) -> None:
        lowest, count = _ranges()
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for _ in range(_TRIES):
            self.first = lowest + UIDS * secrets.randbelow(count)
            # A name that only one open socket can have, and that leaves no file behind.
            with contextlib.suppress(OSError):
                self._claim.bind(f"\0autograder-users-{self.first}")
                return
        self._claim.close()
        raise RuntimeError(_NONE_FREE.format(tried=_TRIES))

    def release(self) -> None:
        """Give the range back."""
        self._claim.close()


def _ranges(uid_map: Path = Path("/proc/self/uid_map")) -> tuple[int, int]:
    """The lowest usable id, and how many ranges there are from it on.

    A container may know 65,536 users only: then those of its upper half, but for the topmost range, in which
    ``nobody`` is.
    """
    spans = [line.split() for line in uid_map.read_text().splitlines()]
    start, length = max(((int(first), int(length)) for first, _, length in spans), key=lambda span: span[1])
    if start + length > _FAR_ABOVE + _RANGES * UIDS:
        return _FAR_ABOVE, _RANGES
    if start + length < 1 << 16:
        raise RuntimeError(_TOO_FEW)
    lowest = -(-(start + length // 2) // UIDS) * UIDS
    return lowest, max(1, (start + length - lowest) // UIDS - 1)
