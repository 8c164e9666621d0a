"""Starts and keeps the process that sessions are forked from."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from . import bubblewrap, plain
from .advice import next_step
from .inside.frames import FRAME
from .ladder import Rung, rungs
from .layers import checked
from .layout import SCRATCH, Layout, build_layout
from .limits import IsolationUnavailable, Limits, WorkerDied
from .scratch import Scratch
from .session import Session
from .users import Users

ISOLATIONS = ("best", "strict", "plain")

_UP_SECONDS = 30.0
_READY_SECONDS = 180.0
_END_SECONDS = 10.0

_NO_PROGRAM = "bubblewrap is not installed."
_NO_START = "bubblewrap does not start here ({reason})."
_NO_RUNG = "rung {number} cannot be had here ({reason})."
_ASKED = "you asked for no sandbox."
_NO_LINUX = "sandboxes need Linux."
_TOP = "higher rungs are left out for a test."
_OFF = "bubblewrap is switched off for a test."
_STRICT = "{why} Grading with --isolation strict needs a sandbox: {fix}, or choose --isolation best."
_LESS = (
    "LESS ISOLATED, rung {number} of 3: {why} Student code is shut in, but not as well as it could be "
    "(autograder doctor says what stays open): {fix}."
)
_NOT = (
    "NOT ISOLATED: {why} Student code runs with your rights and can read your files, the hidden graders too. "
    "Grade only work you trust, or {fix}."
)
_MISSING = "{layers} missing"
_FAILED = "the worker process did not start: {reason}"
_NOT_STARTED = "the zygote is not running: call start() first, or use it in a with statement"
_TEST = "A TEST, layers switched off: {names}. {notice}"


class Zygote:
    """A process that has loaded every library, in the best sandbox that really starts here.

    Use it as a context manager, from one thread. Several zygotes may run at once.

    Args:
        isolation: ``best`` takes what can be had and says so; ``strict`` refuses anything but the
            bubblewrap sandbox; ``plain`` takes no sandbox.
        light: load no library (to see quickly which layers work).
        layout: what workers can import, if not the usual.
        forks: whether workers are forks of one loaded process. On macOS such a fork may be ended by the
            system; there each worker is a process of its own, started ahead of need (rung 0 only).
        top: FOR TESTS ONLY: the highest rung to try.
        without: FOR TESTS ONLY: names of :data:`~autograder.worker.layers.LAYERS` to leave out. A record
            of such a worker does not list them, and ``notice`` says it. ValueError for any other name.
        libraries: modules that are loaded before workers are forked, if not the usual.

    Attributes:
        layers: names of the layers around each worker.
        rung: 3 for the bubblewrap sandbox, 2 for root without namespaces, 1 for an ordinary user without
            namespaces, 0 for no wall around the files.
        notice: what people must be told about the isolation, or an empty string.
        reasons: why each higher rung cannot be had.
        advice: the command that gets the next rung.
        missing: modules of coursekit that could not be loaded.
    """

    def __init__(
        self,
        isolation: str = "best",
        *,
        light: bool = False,
        layout: Layout | None = None,
        top: int = 3,
        forks: bool = sys.platform != "darwin",
        without: Iterable[str] = (),
        libraries: Sequence[str] | None = None,
    ) -> None:
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation is one of {', '.join(ISOLATIONS)}, not {isolation!r}")
        self.isolation = isolation
        self.layers: list[str] = []
        self.rung = 0
        self.notice = ""
        self.reasons: list[str] = []
        self.advice = ""
        self.missing: list[str] = []
        self._light = light
        self._layout = layout
        self._top = top if forks else 0
        self._forks = forks
        self._without = checked(without)
        self._libraries = None if libraries is None else list(libraries)
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._received = b""
        self._ready = False
        self._folder: Scratch | None = None
        self._errors: Any = None
        self._users: Users | None = None

    def __enter__(self) -> Zygote:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------- start
    def start(self, *, wait: bool = True) -> None:
        """Start the process.

        Args:
            wait: until every library is loaded. Otherwise the first session waits for that.

        Raises:
            IsolationUnavailable: ``strict`` was asked and cannot be had.
            RuntimeError: the process does not start at all.
        """
        if self._process is not None:
            return
        if self._layout is None:
            self._layout = build_layout(everything="packages" in self._without)
        reasons = self.reasons = []
        if self.isolation == "plain" or sys.platform != "linux":
            reasons.append(_ASKED if self.isolation == "plain" else _NO_LINUX)
        ladder = [rung for rung in rungs(self.isolation) if rung.number <= self._top]
        if self._top < 3:
            reasons.append(_TOP)
        for rung in ladder:
            if not (reason := self._try(rung)):
                break
            reasons.append(reason)
        else:
            self._give_up(reasons)
        if self.rung < 3:
            notice = _LESS if self.rung else _NOT
            self.advice = next_step(self.rung, reasons)
            self.notice = notice.format(number=self.rung, why=_sentence(reasons[0]), fix=self.advice)
        if self._without:
            self.notice = _TEST.format(names=", ".join(sorted(self._without)), notice=self.notice).strip()
        if wait:
            self.wait()

    def wait(self) -> None:
        """Until every library is loaded."""
        if self._control is None:
            raise RuntimeError(_NOT_STARTED)
        if not self._ready:
            self.missing = self._hear(_READY_SECONDS)["missing"]
            self._ready = True

    def _try(self, rung: Rung) -> str:
        """Start the process on this rung; returns why it cannot be had, or an empty string."""
        if rung.bubblewrap and "bubblewrap" in self._without:
            return _OFF
        if rung.bubblewrap and bubblewrap.program() is None:
            return _NO_PROGRAM
        asked = frozenset(rung.layers) - self._without
        if "uid" not in asked:  # there is no user then by whom a worker's processes could be found
            asked -= {"sweep"}
        for again in (True, False):
            try:
                self._begin(rung, asked)
                if missing := (rung.needed & asked) - set(self.layers):
                    raise RuntimeError(_MISSING.format(layers=", ".join(sorted(missing))))
            except (RuntimeError, OSError) as error:
                self.close()
                if again:  # what was killed from outside while it started is no missing sandbox
                    continue
                return (_NO_START if rung.bubblewrap else _NO_RUNG).format(number=rung.number, reason=error)
            break
        self.rung = rung.number
        return ""

    def _give_up(self, reasons: list[str]) -> None:
        if self.isolation == "strict":
            raise IsolationUnavailable(_STRICT.format(why=reasons[0], fix=next_step(-1, reasons)))
        raise RuntimeError(_FAILED.format(reason=reasons[-1]))

    def _begin(self, rung: Rung, asked: frozenset[str]) -> None:
        if os.name == "posix" and os.geteuid() == 0 and "uid" in asked:
            self._users = Users()
        self._control, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (close() closes it)
        config = {"layers": [layer for layer in rung.layers if layer in asked], "light": self._light}
        config["forks"] = self._forks
        config |= {"mode": bubblewrap.mode(), "scratch": SCRATCH, "readable": ""}
        config["libraries"] = self._libraries
        config["uid_base"] = self._users.first if self._users is not None else 0
        with theirs:
            if rung.bubblewrap:
                without = self._without
                self._process = bubblewrap.spawn(self._layout, theirs.fileno(), self._errors, without=without)
            else:
                self._folder = plain.private_folder(asked)
                folder = self._folder.path
                config |= {"mode": "process", "scratch": str(folder / plain.SCRATCH)}
                config["readable"] = str(folder / plain.READABLE)
                self._process = plain.spawn(self._layout, theirs.fileno(), self._errors, folder, asked)
        with contextlib.suppress(OSError):  # gone already: what it printed says why
            self._control.sendall(_frame(config))
        self.layers = self._hear(_UP_SECONDS)["layers"]

    def _hear(self, seconds: float) -> dict[str, Any]:
        """The zygote's next line; RuntimeError with what it printed when none comes."""
        self._control.settimeout(seconds)
        try:
            while b"\n" not in self._received:
                part = self._control.recv(1 << 14)
                if not part:
                    break
                self._received += part
        except TimeoutError:
            raise RuntimeError(f"nothing was heard of it for {seconds:g} s") from None
        except ConnectionError:
            self._received = b""
        line, _, self._received = self._received.partition(b"\n")
        if not line:
            raise RuntimeError(self._printed() or "it ended without a word")
        message = json.loads(line)
        if "failed" in message:
            raise RuntimeError(message["failed"])
        return message

    def _printed(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._errors.seek(0)
        return self._errors.read()[-500:].decode("utf-8", "replace").strip()

    # ------------------------------------------------------------------------------------- sessions
    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def session(self, limits: Limits | None = None) -> Session:
        """A fresh worker, forked now. A zygote that was ended from outside is started again first.

        Raises:
            RuntimeError: the zygote was never started, or does not start again.
            WorkerDied: it ended just now (reason ``infra``); ask again.
        """
        if self._process is not None and not self.alive:
            self.close()
            self.start()
        self.wait()
        if not self._forks:
            self._hear_of_spare()
        limits = limits or Limits()
        message = _frame({"limits": limits.as_dict()})
        self._control.settimeout(_END_SECONDS)
        try:
            return Session(limits, lambda files: _send(self._control, message, files))
        except OSError:
            raise WorkerDied("infra", "the zygote has ended") from None

    def _hear_of_spare(self) -> None:
        try:
            self._hear(_READY_SECONDS)
        except RuntimeError as error:
            self._process.kill()  # so that the next session starts another
            raise WorkerDied("infra", str(error)) from None

    @property
    def standing(self) -> list[str]:
        """What a record says of the isolation: the rung, then the layers."""
        return [f"rung {self.rung}", *self.layers]

    # ------------------------------------------------------------------------------------- end
    def close(self) -> None:
        """End the zygote and every worker of it. May be called again."""
        if self._control is not None:
            self._control.close()  # its loop ends, and with its namespace every process in it
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.returncode != 0 and self._users is not None and "sweep" in self.layers:
                plain.sweep(self._layout, self._users.first)
            self._process = None
        if self._users is not None:
            self._users.release()
            self._users = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        if self._folder is not None:
            self._folder.close()
            self._folder = None
        self._ready, self._received = False, b""


def isolation_layers(isolation: str = "best") -> list[str]:
    """The rung and the layers that really start on this machine, found out by starting them (no library is loaded).

    Raises:
        IsolationUnavailable: ``strict`` was asked and cannot be had.
    """
    with Zygote(isolation, light=True) as zygote:
        return zygote.standing


def _sentence(reason: str) -> str:
    return reason[0].upper() + reason[1:]


def _frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    if len(data) > FRAME:
        raise RuntimeError(f"a message of {len(data)} bytes to the zygote: choose a shorter TMPDIR")
    return data.ljust(FRAME)


def _send(control: socket.socket, message: bytes, files: list[int]) -> None:
    sent = socket.send_fds(control, [message], files)
    if sent < len(message):
        control.sendall(message[sent:])
