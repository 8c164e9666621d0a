"""Attacks as files: what each tries, what must happen, and which layer stops it."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
KINDS = ("code", "notebooks", "archives", "wire")
FIELDS = ("intent", "must", "invariant", "layer", "control", "succeeds")
SIGNS = {
    "marks": "points for a wrong answer",
    "leak": "something hidden comes out",
    "reached": "the attack says that it got where it wanted",
    "stopped": "somebody's work is not graded, or the grader itself ends",
    "polluted": "the next student's honest work loses points",
    "outlived": "a process of it runs on when its grading is over",
    "accepted": "the judge takes the bytes for an answer",
    "opened": "what must stay data is opened, run or written elsewhere",
}
INVARIANTS = {
    "I1": "nothing of reference, hidden test, seed, tolerance or another submission is within reach",
    "I2": "what a worker sends becomes a value through the decoder alone",
    "I3": "a point is given only by the judge's own comparison",
    "I4": "nobody else is seen, signalled, changed, starved or outlived",
    "I5": "no path of the machine, no network and no right of the grader's is within reach",
    "I6": "what comes in is data: read within bounds, shown as text",
    "I7": "what runs out of bounds loses the exercise in which it does, and nothing else",
}


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name, kind, path: of its file.
        intent: what it tries.
        must: what must be true of its record: ``saliency fail 0, share pass 5`` and the like.
        invariant: key of :data:`INVARIANTS`.
        layer: what stops it.
        control: how that layer is taken away, so that it succeeds.
        succeeds: key of :data:`SIGNS`: what one would see if it did.
    """

    name: str
    kind: str
    path: Path
    intent: str
    must: dict[str, tuple[frozenset[str], float]] = field(hash=False)
    invariant: str = ""
    layer: str = ""
    control: str = ""
    succeeds: str = ""

    @property
    def text(self) -> str:
        """Its file, as it is."""
        return self.path.read_text(encoding="utf-8")

    def module(self) -> ModuleType:
        """Its file, run by us: for what is built, not for what a student hands in."""
        spec = importlib.util.spec_from_file_location(f"redteam_{self.kind}_{self.name}", self.path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def attacks(kind: str = "") -> list[Attack]:
    """All attacks, or those of one kind, by name."""
    kinds = [kind] if kind else KINDS
    return [read(path) for one in kinds for path in sorted((HERE / "attacks" / one).glob("*.py"))]


def read(path: Path) -> Attack:
    """One attack from its file; ValueError when its head lacks something."""
    head = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        found = re.fullmatch(r"# (\w+): (.*)", line)
        if not found:
            break
        head[found[1]] = found[2].strip()
    if tuple(head) != FIELDS:
        raise ValueError(f"{path.name}: its head has {tuple(head)}, wanted are {FIELDS}")
    if head["invariant"] not in INVARIANTS or head["succeeds"] not in SIGNS:
        raise ValueError(f"{path.name}: no such invariant or sign of success")
    must = _must(head.pop("must"), path)
    return Attack(path.stem, path.parent.name, path, must=must, **head)


def _must(text: str, path: Path) -> dict[str, tuple[frozenset[str], float]]:
    """``saliency fail|error 0, share pass 5`` as statuses and points by name; ``record`` is the whole."""
    found = {}
    for part in text.split(", "):
        words = re.fullmatch(r"(\w+) ([\w|]+) (-?[\d.]+)", part)
        if not words:
            raise ValueError(f"{path.name}: {part!r} is not of the form: name status points")
        found[words[1]] = (frozenset(words[2].split("|")), float(words[3]))
    return found
