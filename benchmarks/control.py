"""What a session could cost at least, and what it costs.

The control: a process in the same sandbox, with the same libraries loaded, forks twice into a fresh pid
namespace, does one small matrix product with its gradient, and exits. A session forks, hardens itself,
loads a small submission, answers one call and ends. Both are measured in turn, so that other load on the
machine falls on both.

    python benchmarks/control.py 50
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType

_MODULE = "worker_control"
_SOURCE = "import torch\n\n\ndef double(x):\n    return 2 * x\n"


class Control:
    """The loaded process of the control measurement; a context manager. Needs bubblewrap."""

    def __enter__(self) -> Control:
        from autograder.worker import bubblewrap
        from autograder.worker.layout import PACKAGES, build_layout

        layout = build_layout()
        layout = replace(layout, packages={**layout.packages, f"{_MODULE}.py": Path(__file__).resolve()})
        code = (
            f"import sys; sys.path.append({PACKAGES!r}); import {_MODULE}; {_MODULE}.inside(int(sys.argv[1]))"
        )
        self._connection, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()
        with theirs:
            self._process = bubblewrap.spawn(layout, theirs.fileno(), self._errors, code)
        self._lines = self._connection.makefile("r")
        if self._lines.readline() != "ready\n":
            self._errors.seek(0)
            raise RuntimeError(self._errors.read()[-500:].decode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._connection.close()
        self._process.wait()
        self._errors.close()

    def run(self) -> tuple[float, float]:
        """Wall and CPU seconds of one run."""
        self._connection.sendall(b".")
        wall, cpu = json.loads(self._lines.readline())
        return wall, cpu


def control(n: int) -> list[float]:
    """Wall seconds of ``n`` runs of the control."""
    with Control() as process:
        return [process.run()[0] for _ in range(n)]


def session(zygote) -> tuple[float, float]:
    """Wall and CPU seconds of one whole session of a tiny submission with one call."""
    started = time.perf_counter()
    worker = zygote.session()
    cells = [{"index": 0, "source": _SOURCE}]
    worker.request({"op": "load", "cells": cells, "stubs": {"double": ""}}, wall_s=10)
    worker.request({"op": "call", "name": "double", "args": [1.5], "kwargs": {}}, wall_s=10)
    ending = worker.close()
    return time.perf_counter() - started, ending.cpu_s


def compare(n: int) -> dict[str, float]:
    """Medians of ``n`` control runs and ``n`` sessions, taken in turn, and their ratio."""
    from autograder.worker import Zygote

    with Zygote("strict") as zygote, Control() as process:
        session(zygote)
        process.run()
        runs = [(process.run(), session(zygote)) for _ in range(n)]
    walls = [statistics.median(run[side][0] for run in runs) for side in (0, 1)]
    cpus = [statistics.median(run[side][1] for run in runs) for side in (0, 1)]
    return {
        "control_wall_ms": 1000 * walls[0],
        "session_wall_ms": 1000 * walls[1],
        "ratio": walls[1] / walls[0],
        "control_cpu_ms": 1000 * cpus[0],
        "session_cpu_ms": 1000 * cpus[1],
        "fastest_control_ms": 1000 * min(run[0][0] for run in runs),
        "fastest_session_ms": 1000 * min(run[1][0] for run in runs),
    }


# ------------------------------------------------------------------------------------- inside the sandbox
def inside(fd: int) -> None:
    """What the control's process does: load, then one measurement for every byte it receives."""
    import gc

    from worker_inside import system, warm

    connection = socket.socket(fileno=fd)
    warm.warm()
    gc.collect()
    gc.freeze()
    connection.sendall(b"ready\n")
    while connection.recv(1):
        started = time.perf_counter()
        first = os.fork()
        if first == 0:
            system.unshare(system.CLONE_NEWPID)
            second = os.fork()
            if second == 0:
                _work()
                os._exit(0)
            os.waitpid(second, 0)
            os._exit(0)
        usage = os.wait4(first, 0)[2]
        wall = time.perf_counter() - started
        connection.sendall(json.dumps([wall, usage.ru_utime + usage.ru_stime]).encode() + b"\n")


def _work() -> None:
    import torch

    weights = torch.ones(64, 64, requires_grad=True)
    (weights @ weights).sum().backward()


if __name__ == "__main__":
    print(
        json.dumps(
            {name: round(value, 2) for name, value in compare(int((sys.argv[1:] or ["30"])[0])).items()}
        )
    )
