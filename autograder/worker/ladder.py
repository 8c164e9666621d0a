"""The rungs: which layers stand together where, and in which order they are tried."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

_EVERYWHERE = ("rlimits", "descriptors", "environment", "memory", "priority")
_SPACES = ("pid", "mount", "ipc", "uts", "net")


@dataclass(frozen=True)
class Rung:
    """One way to shut workers in.

    Attributes:
        number: 3 (bubblewrap), 2 (root, without namespaces), 1 (an ordinary user, without namespaces) or
            0 (no wall around the files).
        layers: what is put up, as far as it is to be had.
        needed: those of them without which it is not this rung.
    """

    number: int
    layers: tuple[str, ...]
    needed: frozenset[str]

    @property
    def bubblewrap(self) -> bool:
        """Whether the zygote itself is started in a sandbox."""
        return self.number == 3


def _rung(number: int, layers: tuple[str, ...], optional: tuple[str, ...] = ()) -> Rung:
    layers = (*layers, *_EVERYWHERE)
    return Rung(number, layers, frozenset(layers) - frozenset(optional))


NAMESPACES = _rung(
    3,
    ("bubblewrap", "files", "packages", *_SPACES, "uid", "capabilities", "landlock", "seccomp"),
    ("landlock", "seccomp"),
)
OWN_USER = _rung(2, ("landlock", "packages", "uid", "capabilities", "seccomp", "sweep", "disk"))
SAME_USER = _rung(1, ("landlock", "packages", "capabilities", "seccomp", "processes", "disk"))
FILTERED = _rung(0, ("seccomp", "processes", "disk"))
LIMITS = _rung(0, ("disk",), _EVERYWHERE)


STOPS = {
    3: (
        "files: none of this machine's but a read-only list; no path of it shows, no other file can be written",
        "processes: no other one exists; each submission's end with it, however they were started",
        "network: none, and no socket can be made",
        "rights: none; system calls that are not on a list are refused",
        "memory, scratch space, processes, computing time and printed text: limited",
    ),
    2: (
        "files: none but a list can be read, none but its own written",
        "processes: it has a user of its own, can signal no other, and all of that user's end with it",
        "network: no socket can be made",
        "rights: none; system calls that are not on a list are refused",
        "memory, scratch space, processes, computing time and printed text: limited",
    ),
    1: (
        "files: none but a list can be read, none but its own written",
        "processes: none can be started, and no other one signalled",
        "network: no socket can be made",
        "rights: none gained; system calls that are not on a list are refused",
        "memory, scratch space, computing time and printed text: limited",
    ),
    0: (
        "the answers: they are in another process, here too",
        "memory, computing time and printed text: limited",
    ),
}
"""What each rung stops."""

LEAVES_OPEN = {
    3: ("the kernel is shared: who needs more puts the whole of grading into a virtual machine",),
    2: (
        "whether a path of this machine exists, and how large it is, can be asked; host name and load can be read",
        "scratch space is looked at twenty times a second: it can be exceeded for a moment",
    ),
    1: (
        "whether a path of this machine exists, and how large it is, can be asked; host name and load can be read",
        "scratch space is looked at twenty times a second: it can be exceeded for a moment",
        "it runs as your user, or as root without rights: the kernel's list alone keeps it from your files",
    ),
    0: (
        "it runs with your rights: it can read and write your files, hidden graders and submissions among them",
        "outside of Linux it can also use the network and start processes, and memory has no limit",
        "libraries that do exercises can be put back on its path",
    ),
}
"""What each rung leaves open."""


def rungs(isolation: str) -> list[Rung]:
    """What to try, the best first.

    Args:
        isolation: ``best``, ``strict`` or ``plain``.
    """
    if isolation == "strict":
        return [NAMESPACES]
    if isolation == "plain" or sys.platform != "linux":
        walled = []
    elif os.geteuid() == 0:
        walled = [NAMESPACES, OWN_USER, SAME_USER]
    else:
        walled = [NAMESPACES, SAME_USER]
    return [*walled, FILTERED, LIMITS] if sys.platform == "linux" else [LIMITS]
