"""What a worker may use, how it ended, and the errors of a worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Ceilings of one session. The time for a single request, much shorter, is given with the request.

    Attributes:
        wall_s: seconds from the fork to the end of the session.
        cpu_s: CPU seconds of any one process of the session (whole seconds count).
        memory_mb: memory beyond what a worker holds when it starts, of one process and of all together.
        processes: processes and threads at one time (where processes may be started at all).
        file_mb: size of any one file.
        output_kb: how much printed text of a request is kept.
        output_mb: how much may be printed in all before the session is stopped.
        reply_mb: size of one answer.
        scratch_mb: size of the only writable folder.
    """

    wall_s: float = 360.0
    cpu_s: float = 360.0
    memory_mb: int = 2048
    processes: int = 32
    file_mb: int = 16
    output_kb: int = 64
    output_mb: int = 8
    reply_mb: int = 64
    scratch_mb: int = 64

    def as_dict(self) -> dict[str, Any]:
        """The limits as a plain dict, as they are sent to the zygote."""
        return asdict(self)


@dataclass(frozen=True)
class Ending:
    """How a session ended.

    Attributes:
        exit: exit status, minus the signal's number when a signal ended it, None when it is not known.
        reason: ``closed`` (by the judge), ``exit``, ``signal``, ``timeout``, ``memory``, ``cpu``,
            ``disk``, ``output``, ``protocol`` or ``infra`` (the sandbox itself failed).
        wall_s, cpu_s: time used.
        peak_mb: most memory held beyond that of a fresh worker, MB.
        output: the end of what was printed, and not yet returned with a reply.
    """

    exit: int | None
    reason: str
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    output: str = ""


class WorkerDied(Exception):
    """A session ended before it answered; it is closed.

    Attributes:
        reason: ``timeout``, ``memory``, ``cpu``, ``disk``, ``crash``, ``output``, ``protocol`` or ``infra``.
        detail: one sentence.
        progress: ``[cell, statement]`` that ran when a ``load`` ended so, else None.
        ending: the session's :class:`Ending`.
    """

    def __init__(
        self, reason: str, detail: str, progress: list[int] | None = None, ending: Ending | None = None
    ):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.progress = progress
        self.ending = ending


class IsolationUnavailable(RuntimeError):
    """The asked isolation cannot be had on this machine; the message says why and what to do."""
