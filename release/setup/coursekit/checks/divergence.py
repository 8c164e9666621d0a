"""First divergence: which of the named intermediates differs first from the reference's.

The reference gives its intermediate results to ``coursekit.watch`` by name, and the build records them on
the worked examples. A learner who watches the same names in their own function is told where it departs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coursekit.checks.compare import Comparison, compare
from coursekit.checks.student import Answerer, Call


@dataclass(frozen=True)
class Divergence:
    """How far a function agrees with the reference on the way to its answer.

    Attributes:
        agree: names that both watch and whose values are equal, in the reference's order.
        differs: the first name whose values differ, or "".
        comparison: of that name's values.
        unwatched: names of the reference that the learner does not watch.
    """

    agree: tuple[str, ...]
    differs: str
    comparison: Comparison | None
    unwatched: tuple[str, ...]

    @property
    def says(self) -> str:
        """One or two sentences; empty when nothing that is watched can be compared."""
        same = (
            f"`{'`, `'.join(self.agree)}` agree{'s' * (len(self.agree) == 1)} with ours" if self.agree else ""
        )
        if self.differs and self.comparison is not None:
            first = f"`{self.differs}` is the first that differs: {self.comparison.message}"
            return f"{same}; {first}." if same else f"Of what you watch, {first}."
        return f"{same}: the difference arises after that." if same else ""


def traced(call: Call) -> Call:
    """The same call, whose answer brings along what is watched."""
    args, kwargs = call.values
    return Call(call.name, tuple(args), kwargs, {**call.options, "trace": True})


def divergence(
    student: Answerer, calls: list[Call], traces: list[list[tuple[str, Any]]]
) -> Divergence | None:
    """Compare what ``student`` watches in each call with what the reference watched there.

    Args:
        student: answers the calls once more.
        calls: of one worked example, in order.
        traces: what the reference watched in each, name and value.
    """
    agree: dict[str, None] = {}
    names = tuple(dict.fromkeys(name for trace in traces for name, _ in trace))
    watched: set[str] = set()
    for call, ours in zip(calls, traces, strict=False):
        answer = student.call(traced(call))
        theirs: dict[str, list[Any]] = {}
        for name, value in answer.trace:
            theirs.setdefault(name, []).append(value)
        watched |= set(theirs)
        seen: dict[str, int] = {}
        for name, value in ours:
            place = seen[name] = seen.get(name, -1) + 1
            if place >= len(theirs.get(name, [])):
                continue  # not watched, or not so often
            comparison = _compared(theirs[name][place], value)
            if not comparison.ok:
                left = tuple(one for one in names if one not in watched)
                return Divergence(tuple(one for one in agree if one != name), name, comparison, left)
            agree[name] = None
    if not names:
        return None
    return Divergence(tuple(agree), "", None, tuple(one for one in names if one not in watched))


def _compared(theirs: Any, ours: Any) -> Comparison:
    try:
        return compare(theirs, ours, nan_equal=True)
    except TypeError as error:
        return Comparison(False, "type", str(error))
