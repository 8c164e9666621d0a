"""Measuring whole commands: wall time, CPU time and memory of everything they start."""

from __future__ import annotations

import contextlib
import ctypes
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_S = 0.25
_ORPHANS_S = 30.0
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Run:
    """One finished command.

    Attributes:
        wall_s: from its start to its end.
        cpu_s: user and system time of it and of all processes that it started and waited for.
        peak_mb: most memory of the whole tree at one time, shared pages counted once (PSS), sampled
            four times a second.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(
    command: Sequence[str],
    cwd: Path,
    env: dict[str, str] | None = None,
    core: int | None = None,
    log: Path | None = None,
) -> Run:
    """Run a command to its end.

    Args:
        command: program and arguments.
        cwd: where.
        env: variables beside those of this process.
        core: the only processor it and its children may use.
        log: receives what it prints.

    Raises:
        RuntimeError: it failed; with the end of what it printed.
    """
    log = log or cwd / "bench.log"
    _adopt_orphans()
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PATH": _path(), **_ONE_THREAD, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
        )
    peak = _Peak(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime + _orphans_cpu_s()
    megabytes = peak.end()
    if process.returncode:
        end = log.read_text("utf-8", "replace")[-1500:]
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{end}")
    return Run(wall, cpu, megabytes)


def _adopt_orphans() -> None:
    """Have processes whose parent has ended come to this one: bubblewrap does not wait for what it has shut
    in, and without this all that workers compute would be missing from the figures."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this process cannot adopt orphans")


def _orphans_cpu_s() -> float:
    """CPU seconds of processes that were left behind; waits for each."""
    total, until = 0.0, time.monotonic() + _ORPHANS_S
    while time.monotonic() < until:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return total
        if pid:
            total += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(0.01)
    raise RuntimeError(f"processes that the command has left behind still run after {_ORPHANS_S:.0f} s")


def _path() -> str:
    """The search path with the programs of this environment first: nbgrader calls some of them by name."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class _Peak:
    """Watches the memory of a process and its descendants from a thread."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._over = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            self._most = max(self._most, tree_mb(self._pid))

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most


def tree_mb(pid: int) -> float:
    """Memory of a process and its descendants in MB, shared pages counted once."""
    return sum(_pss_kb(process) for process in tree(pid)) / 1024


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found


def _pss_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
