"""What the zygote knows and does about one running worker."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import time
from typing import Any

from . import census, sweep

_LOOK_SECONDS = 0.05
_SLACK_MB = 64
_MOST_FILES = 4096
_MANY_THREADS = 8
_LAST = 19
_KIBIBYTES = 1024
_KILLED = "a worker was killed from outside, perhaps because this machine ran out of memory"


class Worker:
    """One worker: its limits, and why and how it ended.

    Args:
        pid: its process, as the zygote sees it.
        uid: its user id (where it has one of its own).
        ending: socket to the judge; it hangs up to end the worker, and gets the report.
        news: socket on which the worker says that it is hardened.
        limits: the session's limits as a dict.
        held: KiB of private memory that every process of the worker inherits from the zygote.
        folder: scratch folder to remove at the end, if it is a real one.
        layers: names of the layers around it.
    """

    def __init__(
        self,
        pid: int,
        uid: int,
        ending: socket.socket,
        news: socket.socket,
        limits: dict[str, Any],
        held: int,
        folder: str | None,
        layers: tuple[str, ...],
    ) -> None:
        self.pid, self.uid, self.ending = pid, uid, ending
        self.limits, self.held, self.folder = limits, held, folder
        self.layers = layers
        self.news: socket.socket | None = news
        self.proc: int | None = None
        self.reason = ""
        self.failure: str | None = "the worker ended while it set itself up"
        self.peak_kib = 0
        self.started = time.monotonic()
        self.next_look = self.started + _LOOK_SECONDS

    def descriptors(self) -> list[int]:
        """Files to wait for."""
        files = [] if self.reason else [self.ending.fileno()]
        return files if self.news is None else [*files, self.news.fileno()]

    def attend(self, events: set[int], now: float) -> None:
        """Look after the worker, if something happened or it is time to."""
        if self.news is not None and self.news.fileno() in events:
            self._hear()
        if self.reason:
            self.next_look = now + 1.0
            return
        if self.ending.fileno() in events:
            self.peak_kib = max(self.peak_kib, self._high_water())
            self.kill("closed")
        elif now - self.started > self.limits["wall_s"]:
            self.kill("timeout")
        elif now >= self.next_look:
            self.next_look = now + _LOOK_SECONDS
            held, threads = self._holds()
            if threads > _MANY_THREADS and "priority" in self.layers:
                self._give_way()
            self.peak_kib = max(self.peak_kib, held)
            if "memory" in self.layers and held > (self.limits["memory_mb"] + _SLACK_MB) * _KIBIBYTES:
                self.kill("memory")
            elif "disk" in self.layers and self._writes_too_much():
                self.kill("disk")

    def kill(self, reason: str) -> None:
        """End the worker: in a sandbox the kernel ends every process of its namespace with it."""
        self.reason = self.reason or reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if "sweep" in self.layers:
            sweep.sweep([self.uid])

    def report(self, status: int, usage: Any) -> None:
        """Tell the judge how it ended, and tidy up."""
        if self.news is not None:
            self._hear()
        if "sweep" in self.layers:
            self._sweep()
        elif self.folder is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        cpu = usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        reason = self.reason
        if self.failure is not None and reason in ("", "exit"):
            reason = "infra"
        elif not reason:
            reason = "exit" if code >= 0 else "signal"
            if code in (-signal.SIGKILL, -signal.SIGXCPU) and cpu > self.limits["cpu_s"] - 0.3:
                reason = "cpu"
            elif code == -signal.SIGKILL and self.proc is not None:
                # process 1 of a pid namespace is deaf to that signal from inside: somebody outside sent it
                reason, self.failure = "infra", _KILLED
        message = {
            "exit": code,
            "reason": reason,
            "wall_s": round(time.monotonic() - self.started, 4),
            "cpu_s": round(cpu, 4),
            "peak_mb": round(self.peak_kib / _KIBIBYTES, 1),
            "failure": self.failure,
        }
        with contextlib.suppress(OSError):
            self.ending.sendall(json.dumps(message).encode())
        self.ending.close()
        if self.proc is not None:
            os.close(self.proc)

    def _sweep(self) -> None:
        """End and bury all that its user still has: by now every one of them is, or becomes, this one's child."""
        sweep.sweep([self.uid])
        while left := census.orphans(self.uid):
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(int(pid), 0)

    def _hear(self) -> None:
        """The worker's own word that its sandbox stands, said before any student code runs."""
        message, descriptors = b"", []
        with contextlib.suppress(OSError):
            self.news.setblocking(False)
            message, descriptors, _, _ = socket.recv_fds(self.news, 1 << 14, 1)
        self.proc = descriptors[0] if descriptors else None
        if message:
            self.failure = json.loads(message).get("failed")
        self.news.close()
        self.news = None

    def _holds(self) -> tuple[int, int]:
        """KiB of private and shared memory of all its processes, beyond what was inherited; their threads."""
        total = threads = 0
        for name in self._processes():
            status = self._status(name)
            total += max(0, status.get("RssAnon", 0) + status.get("RssShmem", 0) - self.held)
            threads += status.get("Threads", 0)
        return total, threads

    def _give_way(self) -> None:
        """Put all its threads behind everybody else's: many of them would take the processors from other workers.

        What they start inherits that, and none of them may take it back.
        """
        with self._acting():
            for pid in census.below(str(self.pid)):
                with contextlib.suppress(OSError):  # it has just ended
                    for thread in os.listdir(f"/proc/{pid}/task"):
                        os.setpriority(os.PRIO_PROCESS, int(thread), _LAST)

    def _acting(self) -> contextlib.AbstractContextManager[None]:
        return sweep.acting_as(self.uid) if self.uid and "uid" in self.layers else contextlib.nullcontext()

    def _processes(self) -> list[str]:
        if self.proc is not None:
            with contextlib.suppress(OSError):  # it has just ended
                return list(filter(str.isdigit, os.listdir(self.proc)))
        if "sweep" in self.layers:
            return census.family(self.pid, self.uid)
        return [str(self.pid)]

    def _writes_too_much(self) -> bool:
        """Whether its folder has outgrown what is allowed. Where a file system has a size, nobody need ask."""
        size, files = census.kept(self.folder, _MOST_FILES)
        processes = self._processes()
        with self._acting():
            size += census.removed(processes)
        return files > _MOST_FILES or size > self.limits["scratch_mb"] << 20

    def _high_water(self) -> int:
        """The most KiB that its first process has held; the libraries' files are no memory of its own."""
        status = self._status(str(self.pid) if self.proc is None else "1")
        return max(0, status.get("VmHWM", 0) - status.get("RssFile", 0) - self.held)

    def _status(self, process: str) -> dict[str, int]:
        """The numbers of a process's status, KiB for memory; empty when it has ended or none can be had."""
        if self.proc is None:
            return read_status(f"/proc/{process}/status")
        return read_status(f"{process}/status", self.proc)


def read_status(path: str, folder: int | None = None) -> dict[str, int]:
    """The numbers in a status file of /proc, which ``folder`` may stand for."""
    try:
        with open(path, opener=lambda name, flags: os.open(name, flags, dir_fd=folder)) as file:
            fields = [line.split() for line in file]
    except OSError:
        return {}
    return {field[0].rstrip(":"): int(field[1]) for field in fields if len(field) > 1 and field[1].isdigit()}


def failed_to_start(ending: int, why: str) -> None:
    """Report a worker that never was."""
    with socket.socket(fileno=ending) as connection, contextlib.suppress(OSError):
        connection.sendall(json.dumps({"exit": None, "reason": "infra", "failure": why}).encode())
