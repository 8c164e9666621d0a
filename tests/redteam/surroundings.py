"""Where the attacks are graded: as root and as an ordinary user, on each rung of the ladder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from autograder.worker import bubblewrap
from tests.redteam.case import INVARIANTS, Attack, attacks
from tests.redteam.grading import NOBODY, Place, Run, grade_all, verdict

NOT_CLAIMED = {"host_named": "without namespaces the machine's name can be read, as docs/security.md says"}
"""Attacks of which rungs 2 and 1 do not claim that they fail."""
SANDBOX = frozenset({"I1", "I4", "I5", "I7"})
"""Invariants that are the sandbox's matter; the others are the judge's, and alike everywhere."""
SLOW = {"stuck_while_loading"}
"""Attacks that take half a minute, and are ended by the same hand everywhere: graded in the first surrounding alone."""


@dataclass
class Surrounding:
    """One way of grading.

    Attributes:
        name: as the table says it.
        user: the user id to grade as; None for whoever runs this.
        locked: in a simulated container that allows no namespace (``tests/locked_container.py``).
        invariants: attacks on these are graded there.
        rung: that it is to be on.
        first: whether slow attacks are graded there too.
    """

    name: str
    user: int | None = None
    locked: bool = False
    invariants: frozenset[str] = frozenset(INVARIANTS)
    rung: int = 3
    first: bool = False
    _run: tuple[Run, set[str]] | None = field(default=None, repr=False)

    def unavailable(self) -> str:
        """Why it cannot be had here, with the command that ends this; "" when it can."""
        if self.rung == 3 and bubblewrap.program() is None:
            return "no bubblewrap on this machine: apt install bubblewrap"
        return ""

    def attacks(self) -> list[Attack]:
        """The attacks that are graded there."""
        every = [attack for attack in attacks() if attack.invariant in self.invariants]
        left_out = set() if self.first else SLOW | (NOT_CLAIMED.keys() if self.rung < 3 else set())
        return [attack for attack in every if attack.name not in left_out]

    def verdict(self, attack: Attack) -> list[str]:
        """What is wrong with how an attack was graded here; empty when it has failed as it must."""
        return verdict(attack, self.run()[0], self.rung)

    def run(self, chosen: list[Attack] | None = None) -> tuple[Run, set[str]]:
        """The run, and the signs that were seen on the machine after it; made once.

        Args:
            chosen: attacks to grade, of those that are graded there.
        """
        if self._run is None:
            every = self.attacks()
            if chosen is not None:
                every = [attack for attack in every if attack in chosen]
            with Place(self.user) as place:
                isolation = "strict" if self.rung == 3 else "best"
                run = grade_all(place, every, isolation=isolation, locked=self.locked)
                run.pages = {path.name: path.read_text(errors="replace") for path in run.out.glob("*.*")}
                self._run = run, place.strays()
        return self._run


def surroundings() -> list[Surrounding]:
    """Those that whoever runs this can have: root can be an ordinary user too."""
    if os.getuid() != 0:
        return [
            Surrounding("rung 3, ordinary user", first=True),
            Surrounding("rung 1, ordinary user", locked=True, invariants=SANDBOX, rung=1),
        ]
    return [
        Surrounding("rung 3, root", first=True),
        Surrounding("rung 3, ordinary user", NOBODY, invariants=SANDBOX),
        Surrounding("rung 2, root", locked=True, invariants=SANDBOX, rung=2),
        Surrounding("rung 1, ordinary user", NOBODY, locked=True, invariants=SANDBOX, rung=1),
    ]
