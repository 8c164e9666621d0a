"""Recorded answers: what public checks compare with where no reference is at hand.

For each public check and for three seeds the build records the reference's answers and those of each
declared mistake, so that a card can name the mistake; for the first seed also by how much legitimate
variants differ, and what the reference gave to ``watch``; and its answers to small cases. The file is
``examples.safetensors`` beside the notebook: one byte array per exercise, holding a :mod:`coursekit.wire`
value.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coursekit import wire
from coursekit.calling import Answer
from coursekit.checks.diagnose import FURTHER_SEEDS, Key
from coursekit.checks.play import GraderError, Outcome
from coursekit.checks.student import Call

EXAMPLES = "examples.safetensors"

_NOT_THERE = (
    "{path} is missing: the checks compare with it. Download the lesson's folder again, whole, "
    "and run the notebook inside it."
)
_OLD = "{path} does not fit the checks beside it. Download the lesson's folder again, whole."


class Recorded:
    """The recorded answers of one exercise's public checks.

    Args:
        tree: ``{"seed", "lesson", "mistakes": [[name, says, try]], "cases": {case: [per seed: {"expected",
            "wrong", "floor", "traces"}]}, "small": [[size, draw, answer]]}``, where ``wrong`` holds the answers
            of each mistake that fails the case, ``floor`` the largest error of a legitimate variant, and
            ``traces`` what the reference watched in each call.
    """

    def __init__(self, tree: dict[str, Any]):
        self.seed: int = tree["seed"]
        self.lesson: str = tree["lesson"]
        self.mistakes: list[tuple[str, str, str]] = [
            (name, says, tries) for name, says, tries in tree["mistakes"]
        ]
        self.small: list[tuple[int, int, Any]] = [
            (size, draw, answer) for size, draw, answer in tree["small"]
        ]
        self._cases: dict[str, list[dict[str, Any]]] = tree["cases"]

    @property
    def count(self) -> int:
        """How many mistakes are recorded."""
        return len(self.mistakes)

    def expected(self, case: str, extra: int = 0) -> _InOrder:
        """The reference's answers to one case, given one after the other."""
        return _InOrder(self._entry(case, extra)["expected"])

    def floor(self, case: str) -> float | None:
        """The largest error that a legitimate variant shows in one case, where one was measured."""
        return self._entry(case, 0)["floor"]

    def traces(self, case: str) -> list[list[tuple[str, Any]]]:
        """What the reference gave to ``watch`` in each call of one case, in order."""
        return [[(name, value) for name, value in trace] for trace in self._entry(case, 0)["traces"]]

    def wrong(self, index: int, key: Key, extra: int = 0) -> Outcome:
        """What the mistake of that index answered to one case."""
        answers = self._entry(key[1].id, extra)["wrong"].get(index)
        if answers is None:
            return Outcome()
        return Outcome("fail", answers=[Answer.from_tree(answer) for answer in answers])

    def _entry(self, case: str, extra: int) -> dict[str, Any]:
        try:
            return self._cases[case][(0, *FURTHER_SEEDS).index(extra)]
        except (KeyError, IndexError):
            raise GraderError(_OLD.format(path=EXAMPLES)) from None


class _InOrder:
    """Answers each call with the next recorded value."""

    def __init__(self, values: list[Any]):
        self._values = iter(values)

    def call(self, call: Call) -> Answer:
        try:
            return Answer(value=next(self._values))
        except StopIteration:
            raise GraderError(_OLD.format(path=EXAMPLES)) from None

    def call_many(self, calls: list[Call]) -> list[Answer]:
        return [self.call(call) for call in calls]

    def keep(self, value: Any) -> wire.Handle:
        raise GraderError("a recorded reference keeps nothing")


def write_recorded(path: Path, trees: dict[str, dict[str, Any]]) -> None:
    """Write the recorded answers of a lesson's exercises; equal answers give equal bytes."""
    from safetensors.numpy import save

    arrays = {
        name: np.frombuffer(wire.pack_bytes(tree), dtype=np.uint8) for name, tree in sorted(trees.items())
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(arrays))


def read_recorded(path: Path, exercise: str) -> Recorded:
    """The recorded answers of one exercise; raises FileNotFoundError with a sentence for a learner."""
    from safetensors import safe_open

    if not path.is_file():
        raise FileNotFoundError(_NOT_THERE.format(path=path))
    with safe_open(path, framework="numpy") as file:
        if exercise not in file.keys():  # noqa: SIM118 - it is no dict
            raise GraderError(_OLD.format(path=path))
        data = file.get_tensor(exercise)
    return Recorded(wire.unpack_bytes(data.tobytes(), wire.Bounds(header=1 << 26, nodes=5_000_000)))
