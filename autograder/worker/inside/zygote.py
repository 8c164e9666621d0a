"""The process that has loaded everything, and is forked once for each session.

It runs trusted code only, in one thread, as one loop: it starts workers, watches their time and memory,
ends them when they must end or when the judge hangs up, and reports how they ended.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time

from . import child, sweep, system, warm
from .frames import FRAME
from .order import Order
from .spares import Spare
from .watching import Worker, failed_to_start, read_status

_DESCRIPTORS = 3
_SETUP_SECONDS = 20.0


def main(control_fd: int) -> None:
    """Serve until the judge hangs up."""
    control = socket.socket(fileno=control_fd)
    os.set_inheritable(control_fd, False)
    config = json.loads(_read_frame(control)[0])
    zygote = _Zygote(control, config)
    try:
        zygote.try_one()
        missing = zygote.load()
        _say(control, {"ready": True, "missing": missing})
        zygote.tell_of_spare()
    except Exception as error:
        _say(control, {"failed": f"{type(error).__name__}: {error}"})
        return
    sys.stdout.flush()
    sys.stderr.flush()
    zygote.held = read_status("/proc/self/status").get("RssAnon", 0)
    order = zygote.serve()
    del zygote, control  # a worker keeps none of the zygote's files
    if order is not None:
        child.live(order)


class _Zygote:
    def __init__(self, control: socket.socket, config: dict) -> None:
        self.control = control
        self.mode = config["mode"]
        self.layers = tuple(config["layers"])
        self.scratch = config["scratch"]
        self.readable = config["readable"]
        self.uid_base = config["uid_base"]
        self.workers: dict[int, Worker] = {}
        self.numbers = itertools.count()
        self.held = 0
        self.libraries = [] if config["light"] else config["libraries"]
        self.spare = None if config["forks"] else Spare([])
        self.pid = os.getpid()
        self.own_pids = (
            None
            if self.mode == "process" or "pid" not in self.layers
            else os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        )
        self.announced = False
        self.wake, wake_end = os.pipe()
        for fd in (self.wake, wake_end):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        if sys.platform == "linux":
            system.hide_memory()
        if "sweep" in self.layers:
            system.adopt_orphans()

    # ------------------------------------------------------------------------------------- workers
    def try_one(self) -> None:
        """Start one worker that only hardens itself, and say which layers it has."""
        from . import trial

        ours, theirs = socket.socketpair()
        calls, output = os.open(os.devnull, os.O_RDWR), os.open(os.devnull, os.O_RDWR)
        folder, scratch = self._scratch(self.uid_base)
        order = self._order(trial.LIMITS, self.uid_base, scratch, True, (calls, output, theirs.fileno()))
        if self.spare is not None:
            self.spare.ready()
        pid = self._launch(order)
        if pid == 0:
            child.live(order)
        os.close(calls)
        os.close(output)
        theirs.close()
        ours.settimeout(_SETUP_SECONDS)
        message, descriptors, _, _ = socket.recv_fds(ours, 1 << 14, 1)
        for fd in descriptors:
            os.close(fd)
        os.waitpid(pid, 0)
        ours.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        report = json.loads(message) if message else {"failed": "the worker ended while it set itself up"}
        if "layers" not in report:
            raise RuntimeError(report["failed"])
        _say(self.control, {"layers": report["layers"]})

    def load(self) -> list[str]:
        """Load the libraries, here or in the first worker that is started ahead of need; what is missing."""
        if self.spare is not None:
            self.spare = Spare(self.libraries)
            return self.spare.ready()["missing"]
        if self.libraries == []:
            return []
        missing = warm.warm(self.libraries)
        gc.collect()
        gc.freeze()
        return missing

    def tell_of_spare(self) -> None:
        """The judge asks for a worker only when one is ready: the time of a request is the student's."""
        if self.spare is not None:
            _say(self.control, {"spare": self.spare.pid})
            self.announced = True

    def serve(self) -> Order | None:
        """Run until the judge hangs up (None), or return, in a new worker, what that worker has to do."""
        while True:
            events = self._wait()
            if self.wake in events:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 1 << 12)
                self._reap()
            now = time.monotonic()
            for worker in list(self.workers.values()):
                worker.attend(events, now)
            if self.spare is not None and self.spare.fileno() in events and not self.announced:
                self._hear_spare()
            if self.control.fileno() in events:
                message, descriptors = _read_frame(self.control)
                if not message:
                    return self._stop()
                order = self._start(json.loads(message), descriptors)
                if order is not None:
                    return order

    def _start(self, message: dict, descriptors: list[int]) -> Order | None:
        calls, output, ending = descriptors
        limits = message["limits"]
        news, theirs = socket.socketpair()
        uid = self._free_uid()
        try:
            folder, scratch = self._scratch(uid)
            order = self._order(limits, uid, scratch, False, (calls, output, theirs.fileno()))
            pid = self._launch(order)
        except OSError as error:
            failed_to_start(ending, f"no worker can be started: {error}")
        else:
            if pid == 0:
                theirs.detach()  # the order names it
                return order
            held = read_status(f"/proc/{pid}/status").get("RssAnon", 0) if self.spare else self.held
            self.workers[pid] = Worker(
                pid, uid, socket.socket(fileno=ending), news, limits, held, folder, self.layers
            )
            if self.spare is not None:
                self.spare, self.announced = Spare(self.libraries), False
        for fd in (calls, output):
            os.close(fd)
        theirs.close()
        return None

    def _order(self, limits: dict, uid: int, scratch: str, trial: bool, files: tuple[int, int, int]) -> Order:
        return Order(self.mode, self.layers, limits, uid, scratch, self.readable, self.pid, trial, *files)

    def _scratch(self, uid: int) -> tuple[str | None, str]:
        """A real folder to remove in the end, if there is one, and the folder to write in."""
        if self.mode != "process":
            return None, self.scratch
        folder = os.path.join(self.scratch, str(next(self.numbers)))
        os.mkdir(folder, 0o700)
        if "uid" in self.layers:
            os.chown(folder, uid, uid)
        return folder, folder

    def _free_uid(self) -> int:
        """A user id that no living worker has, the one used last comes last; 0 where this is not root's to give."""
        if not self.uid_base:  # workers have no user ids of their own
            return 0
        taken = {worker.uid for worker in self.workers.values()}
        while (uid := self.uid_base + next(self.numbers) % (sweep.UIDS - 1)) in taken:
            pass
        return uid

    def _launch(self, order: Order) -> int:
        """Start a worker: its process id, or 0 in a fork that has to become it."""
        return self._fork() if self.spare is None else self.spare.take(order)

    def _hear_spare(self) -> None:
        try:
            self.spare.ready()
        except RuntimeError as error:
            _say(self.control, {"failed": str(error)})
            self.announced = True  # the judge starts this process again
        else:
            self.tell_of_spare()

    def _fork(self) -> int:
        """Fork; inside a sandbox the child is process 1 of a pid namespace of its own."""
        if self.own_pids is None:
            return os.fork()
        system.unshare(system.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                system.setns(self.own_pids, system.CLONE_NEWPID)
        return pid

    # ------------------------------------------------------------------------------------- the loop
    def _wait(self) -> set[int]:
        poll = select.poll()
        files = [self.control.fileno(), self.wake]
        if self.spare is not None and not self.announced:
            files.append(self.spare.fileno())
        for fd in files:
            poll.register(fd, select.POLLIN)
        now = time.monotonic()
        timeout = None
        for worker in self.workers.values():
            for fd in worker.descriptors():
                poll.register(fd, select.POLLIN)
            left = max(0.0, worker.next_look - now) * 1000 + 1
            timeout = left if timeout is None else min(timeout, left)
        return {fd for fd, _ in poll.poll(timeout)}

    def _reap(self) -> None:
        if "sweep" in self.layers:
            return self._reap_all()
        for pid in list(self.workers):
            try:
                ended, status, usage = os.wait4(pid, os.WNOHANG)
            except ChildProcessError:
                ended, status, usage = pid, 0, resource.getrusage(resource.RUSAGE_CHILDREN)
            if ended:
                self.workers.pop(pid).report(status, usage)

    def _reap_all(self) -> None:
        """With the processes of a worker that have become this one's: those are of no account."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                if ended[0] in self.workers:
                    self.workers.pop(ended[0]).report(*ended[1:])

    def _stop(self) -> None:
        for worker in self.workers.values():
            worker.kill("closed")
        for pid in list(self.workers):
            with contextlib.suppress(ChildProcessError):
                _, status, usage = os.wait4(pid, 0)
                self.workers.pop(pid).report(status, usage)
        if self.spare is not None:
            self.spare.end()
        if self.mode == "process":  # a judge that was killed cannot tidy up
            shutil.rmtree(os.path.dirname(self.scratch), ignore_errors=True)


def _read_frame(control: socket.socket) -> tuple[bytes, list[int]]:
    """One message of FRAME bytes, with the files that came along; empty when the judge has hung up."""
    message, descriptors, _, _ = socket.recv_fds(control, FRAME, _DESCRIPTORS)
    while message and len(message) < FRAME:
        more = control.recv(FRAME - len(message))
        if not more:
            return b"", descriptors
        message += more
    return message, descriptors


def _say(control: socket.socket, message: dict) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(message).encode() + b"\n")
