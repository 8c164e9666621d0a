"""The rungs: which layers stand together where, and in which order they are tried."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

_EVERYWHERE = ("rlimits", "descriptors", "environment", "memory")
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
    3, ("bubblewrap", "files", "packages", *_SPACES, "uid", "capabilities", "seccomp"), ("seccomp",)
)
OWN_USER = _rung(2, ("landlock", "packages", "uid", "capabilities", "seccomp", "sweep", "disk"))
SAME_USER = _rung(1, ("landlock", "packages", "capabilities", "seccomp", "processes", "disk"))
FILTERED = _rung(0, ("seccomp", "processes", "disk"))
LIMITS = _rung(0, ("disk",), _EVERYWHERE)


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
