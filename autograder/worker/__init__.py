"""Runs student code in a process that holds nothing worth stealing.

``Zygote`` starts a sandboxed process that has every library loaded; ``zygote.session()`` forks it for
one submission; ``session.request()`` asks the fork to load cells and call functions. The code that runs
inside is in ``inside/`` and imports nothing else of the engine.
"""

from .limits import Ending, IsolationUnavailable, Limits, WorkerDied
from .session import Session
from .zygote import Zygote, isolation_layers

__all__ = [
    "Ending",
    "IsolationUnavailable",
    "Limits",
    "Session",
    "WorkerDied",
    "Zygote",
    "isolation_layers",
]
