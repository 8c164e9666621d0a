"""The worker that is started once to see which layers work here: its limits, and what it tries behind them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

LIMITS = {
    "wall_s": 10,
    "cpu_s": 10,
    "memory_mb": 256,
    "processes": 8,
    "file_mb": 1,
    "output_kb": 1,
    "output_mb": 1,
    "reply_mb": 1,
    "scratch_mb": 1,
}

_NOT_READABLE = "workers cannot read {path}"
_CLOSED = "other users cannot enter {folder}: chmod o+x {folder}"


def check() -> None:
    """What every worker needs: its libraries, a file of its own, a thread.

    Raises:
        OSError: one of them cannot be had behind these layers, and why.
    """
    for path in (Path(os.__file__), Path(__file__)):
        try:
            path.read_bytes()
        except OSError:
            raise OSError(_why_not(path)) from None
    note = Path("trial.txt")
    note.write_text("a")
    note.unlink()
    thread = threading.Thread(target=os.getpid)
    thread.start()
    thread.join()


def _why_not(path: Path) -> str:
    for folder in reversed(Path(os.path.realpath(path)).parents):
        if not os.access(folder, os.X_OK):
            return _CLOSED.format(folder=folder)
    return _NOT_READABLE.format(path=path)
