"""The student's functions as answered by a worker; a fresh worker after every death."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder.worker import Limits, Session, WorkerDied, Zygote
from coursekit import wire
from coursekit.calling import Answer
from coursekit.checks.student import Call, Ended

_LOAD_S = 30.0
_LOADS = 4
_CALL_LIMIT = "{detail} (limit of one call of this exercise)"
_BUDGET = "stopped: the limit of {budget:.0f} s for one submission was used up"
_LOAD_SAYS = {
    "timeout": "Cell {cell}: a statement was stopped after its time limit; the rest of the notebook was run without it.",
    "crash": "Cell {cell}: a statement ended the Python process; the rest of the notebook was run without it.",
}


@dataclass
class Loaded:
    """What loading a submission's cells gave.

    Attributes:
        defined: ``filled``, ``stub`` or ``not callable`` by name.
        failed: statements that failed: cell, line, error, text.
        notes: sentences for the record.
        forbidden: for each exercise that uses a name its grader forbids, a sentence.
    """

    defined: dict[str, str] = field(default_factory=dict)
    failed: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    output: str = ""
    forbidden: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Calls of one exercise that are asked in one exchange, and the wall limit of that exchange."""

    calls: list[Call]
    wall_s: float


class Worker:
    """Answers calls with the code of one submission.

    Args:
        zygote: a started zygote.
        cells: ``{"index", "source"}`` of the cells to run.
        stubs: text of each stub by name.
        limits: of a session.
        forbidden: dotted names by exercise that its solution may not use.
        budget_s: wall time of all calls together.
        session: one that was begun already and has been asked nothing.
    """

    def __init__(
        self,
        zygote: Zygote,
        cells: list[dict[str, Any]],
        stubs: dict[str, str],
        limits: Limits,
        forbidden: dict[str, list[str]] | None = None,
        budget_s: float = 300.0,
        session: Session | None = None,
    ):
        self._zygote, self._cells, self._stubs, self._limits = zygote, cells, stubs, limits
        self._begun = session
        self._deadline = time.monotonic() + budget_s
        self._budget_s, self._session, self._kept = budget_s, None, 0
        self._forbidden = forbidden or {}
        self._batches: list[Batch] = []
        self._posted: tuple[Batch, int] | None = None
        self._settled: dict[int, list[Answer]] = {}
        self._ahead: dict[bytes, list[Answer]] = {}
        self._skip: list[list[int]] = []
        self.wall_s = 2.0
        self.gives_tensors = False
        self.loaded = self._load()

    def close(self) -> None:
        """End the session, if one is open."""
        if self._session is not None:
            self._session.close()
            self._session = None
        self._posted = None

    def plan(self, batches: list[Batch]) -> None:
        """Say which calls will be asked ahead, in which order: one batch is computed while another is judged."""
        self._batches = batches

    def ask_ahead(self, calls: list[Call]) -> None:
        """Have ``calls`` answered in one exchange; each answer is given out when an equal call is made.

        When the worker ends over them nothing is kept: each is then asked by itself, within its own
        limit, and the one that fails is known.
        """
        place = next((i for i, batch in enumerate(self._batches) if batch.calls is calls), None)
        self._ahead = {}
        if place is None:
            return
        self._post(self._batches[place])
        self._settle()
        for call, answer in zip(calls, self._settled.pop(id(calls), []), strict=False):
            self._ahead.setdefault(call.digest, []).append(answer)
        if place + 1 < len(self._batches):
            self._post(self._batches[place + 1])

    def _post(self, batch: Batch) -> None:
        """Send a batch, unless that was done already."""
        if id(batch.calls) in self._settled or (self._posted is not None and self._posted[0] is batch):
            return
        self._settle()
        self.revive()
        if self._session is None or not batch.calls:
            return
        packed = [{"name": c.name, "options": c.options, "payload": c.packed} for c in batch.calls]
        try:
            number = self._session.post({"op": "map", "packed": packed}, wall_s=batch.wall_s)
        except WorkerDied:
            self._lose(batch)
        else:
            self._posted = (batch, number)

    def _settle(self) -> None:
        """Collect the answers of the batch that is under way, if one is."""
        if self._posted is None or self._session is None:
            self._posted = None
            return
        (batch, number), self._posted = self._posted, None
        try:
            reply = self._session.collect(number, wall_s=batch.wall_s)
            answers = [Answer.from_tree(tree) for tree in reply["answers"]]
        except (WorkerDied, wire.WireError, KeyError, TypeError):
            self._lose(batch)
        else:
            self._settled[id(batch.calls)] = answers if len(answers) == len(batch.calls) else []

    def _lose(self, batch: Batch) -> None:
        """The worker ended over a batch: a fresh one, and every call of the batch by itself."""
        self._settled[id(batch.calls)] = []
        self.close()
        self.revive()

    def call(self, call: Call) -> Answer:
        ahead = None if call.meets_kept else self._ahead.get(call.digest)
        answer = ahead.pop(0) if ahead else self._call(call)
        return _with_tensor(answer) if self.gives_tensors and answer.ok else answer

    def _call(self, call: Call) -> Answer:
        message = {"op": "call", "name": call.name, "options": call.options, "payload": call.packed}
        return Answer.from_tree(self._exchange(message))

    def call_many(self, calls: list[Call]) -> list[Answer]:
        return [self.call(call) for call in calls]

    def keep(self, value: Any) -> wire.Handle:
        self._kept += 1
        self._exchange({"op": "keep", "id": self._kept, "value": value})
        return wire.Handle(self._kept)

    def revive(self) -> None:
        """Make sure that a living worker with the submission's code is there."""
        if self._session is None:
            self._load()

    def _exchange(self, message: dict[str, Any]) -> Any:
        self._settle()
        if time.monotonic() > self._deadline:
            self.close()
            raise Ended("timeout", _BUDGET.format(budget=self._budget_s))
        if self._session is None:
            raise Ended("crash", "the worker has ended")
        try:
            return self._session.request(message, wall_s=self.wall_s)
        except WorkerDied as death:
            raise self._ended(death) from None

    def _ended(self, death: WorkerDied) -> Ended:
        self.close()
        if death.reason == "infra":
            return Ended("infra", f"the sandbox failed: {death.detail}")
        says = _CALL_LIMIT.format(detail=death.detail) if death.reason == "timeout" else death.detail
        return Ended({"cpu": "timeout"}.get(death.reason, death.reason), says)

    def _load(self) -> Loaded:
        """Run the submission's cells in a fresh worker, leaving out statements that killed one before."""
        notes: list[str] = []
        for _ in range(_LOADS):
            try:
                self._session, self._begun = self._begun or self._zygote.session(self._limits), None
                message = {"op": "load", "cells": self._cells, "stubs": self._stubs, "skip": self._skip}
                message["forbidden"] = self._forbidden
                return _loaded(self._session.request(message, wall_s=_LOAD_S), notes)
            except WorkerDied as death:
                self._session = None
                if death.reason == "infra":
                    raise Ended("infra", f"the sandbox failed: {death.detail}") from None
                if death.progress is None:
                    return Loaded(
                        notes=[*notes, "The notebook's code could not be run; no function was found."]
                    )
                self._skip.append(list(death.progress))
                says = _LOAD_SAYS["timeout" if death.reason in ("timeout", "cpu") else "crash"]
                notes.append(says.format(cell=death.progress[0]))
        return Loaded(
            notes=[*notes, "Too many statements of the notebook had to be stopped; the rest was not run."]
        )


def _with_tensor(answer: Answer) -> Answer:
    """An answer in numpy as the tensor of the same numbers, so that graders can go on computing with it."""
    value = answer.value
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        return answer
    import torch

    return replace(answer, value=torch.from_numpy(np.ascontiguousarray(value).copy()))


def _loaded(reply: Any, notes: list[str]) -> Loaded:
    """The reply to a load as plain data of our own; anything odd in it is left out."""
    if not isinstance(reply, dict):
        return Loaded(notes=notes)
    defined = reply.get("defined")
    failed = reply.get("failed")
    more = reply.get("notes")
    forbidden = reply.get("forbidden")
    return Loaded(
        defined={k: v for k, v in defined.items() if isinstance(k, str) and isinstance(v, str)}
        if isinstance(defined, dict)
        else {},
        failed=[f for f in failed[:100] if isinstance(f, dict)] if isinstance(failed, list) else [],
        notes=notes + ([n[:500] for n in more[:50] if isinstance(n, str)] if isinstance(more, list) else []),
        output=str(reply.get("output", ""))[:4000],
        forbidden={k: v[:500] for k, v in forbidden.items() if isinstance(k, str) and isinstance(v, str)}
        if isinstance(forbidden, dict)
        else {},
    )
