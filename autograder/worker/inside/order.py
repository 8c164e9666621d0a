"""What the zygote tells a new worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Order:
    """One worker to start.

    Attributes:
        mode: ``root`` or ``user`` (in bubblewrap, started by root or by anybody else), or ``process``.
        layers: names of the layers to put up.
        limits: the session's limits as a dict.
        uid: the worker's own user id, where it is root that starts it.
        scratch: the folder it may write in.
        readable: file with the list of what may be read (mode ``process``).
        parent: process id of the zygote (mode ``process``).
        trial: whether it only has to harden itself and report.
        calls: socket of requests and replies.
        output: where printed text goes.
        news: socket to the zygote: a report when hardening is done.
    """

    mode: str
    layers: tuple[str, ...]
    limits: dict[str, Any]
    uid: int
    scratch: str
    readable: str
    parent: int
    trial: bool
    calls: int
    output: int
    news: int
