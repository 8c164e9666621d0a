"""Starts and keeps the process that sessions are forked from."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import bubblewrap, plain
from .inside.frames import FRAME
from .layers import checked
from .layout import SCRATCH, Layout, build_layout
from .limits import IsolationUnavailable, Limits, WorkerDied
from .session import Session

ISOLATIONS = ("best", "strict", "plain")

_UP_SECONDS = 30.0
_READY_SECONDS = 180.0
_END_SECONDS = 10.0
_FIRST_UID = 1 << 30  # far above the ids of real users, and of containers' users
_UIDS = 256

_NO_PROGRAM = "bubblewrap is not installed."
_NO_LINUX = "sandboxes need Linux."
_NO_START = "bubblewrap does not start here ({reason})."
_STRICT = "{why} Grading with --isolation strict needs a sandbox: {fix}, or choose --isolation best."
_FAILED = "the worker process did not start: {reason}"
_NOT_STARTED = "the zygote is not running: call start() first, or use it in a with statement"
_TEST = "A TEST, layers switched off: {names}. {notice}"
_OFF = "bubblewrap is switched off for a test."
_ADVICE = "run autograder doctor for what this machine allows"


class Zygote:
    """A process that has loaded every library, in the best sandbox that really starts here.

    Use it as a context manager, from one thread. Several zygotes may run at once.

    Args:
        isolation: ``best`` takes what can be had and says so; ``strict`` refuses anything but the
            bubblewrap sandbox; ``plain`` takes no sandbox.
        light: load no library (to see quickly which layers work).
        layout: what workers can import, if not the usual.
        without: FOR TESTS ONLY: names of :data:`~autograder.worker.layers.LAYERS` to leave out. A record
            of such a worker does not list them, and ``notice`` says it. ValueError for any other name.

    Attributes:
        layers: names of the layers around each worker.
        rung: 3 for the bubblewrap sandbox, 0 for an ordinary process.
        notice: what people must be told about the isolation, or an empty string.
        missing: modules of coursekit that could not be loaded.
    """

    def __init__(
        self,
        isolation: str = "best",
        *,
        light: bool = False,
        layout: Layout | None = None,
        without: Iterable[str] = (),
    ) -> None:
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation is one of {', '.join(ISOLATIONS)}, not {isolation!r}")
        self.isolation = isolation
        self.layers: list[str] = []
        self.rung = 0
        self.notice = ""
        self.missing: list[str] = []
        self._light = light
        self._layout = layout
        self._without = checked(without)
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._received = b""
        self._ready = False
        self._folder: tempfile.TemporaryDirectory | None = None
        self._errors: Any = None

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
        why = "you asked for no sandbox." if self.isolation == "plain" else self._try_bubblewrap()
        if why:
            fix = f"make a sandbox possible: {bubblewrap.INSTALL}"
            if why != _NO_PROGRAM:
                fix = _ADVICE
            if self.isolation == "strict":
                raise IsolationUnavailable(_STRICT.format(why=why, fix=fix))
            self._start_plain(why, fix)
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

    def _try_bubblewrap(self) -> str:
        """Start the sandbox; returns why it cannot be had, or an empty string."""
        if sys.platform != "linux":
            return _NO_LINUX
        if "bubblewrap" in self._without:
            return _OFF
        if bubblewrap.program() is None:
            return _NO_PROGRAM
        try:
            self._begin(bubblewrap.mode(), SCRATCH)
        except (RuntimeError, OSError) as error:
            self.close()
            return _NO_START.format(reason=error)
        self.rung = 3
        return ""

    def _start_plain(self, why: str, fix: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        try:
            self._begin("plain", str(Path(self._folder.name) / "scratch"))
        except (RuntimeError, OSError) as error:
            self.close()
            raise RuntimeError(_FAILED.format(reason=error)) from None
        self.rung = 0
        self.notice = plain.NOTICE.format(why=why[0].upper() + why[1:], fix=fix + ".")

    def _begin(self, mode: str, scratch: str) -> None:
        self._control, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (close() closes it)
        with theirs:
            if mode == "plain":
                folder = Path(self._folder.name)
                self._process = plain.spawn(
                    self._layout, theirs.fileno(), self._errors, folder, self._without
                )
            else:
                self._process = bubblewrap.spawn(
                    self._layout, theirs.fileno(), self._errors, without=self._without
                )
        uid_base = _FIRST_UID + self._process.pid * _UIDS  # no two living zygotes share one
        config = {"mode": mode, "scratch": scratch, "uid_base": uid_base, "light": self._light}
        config["without"] = sorted(self._without)
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
        limits = limits or Limits()
        message = _frame({"limits": limits.as_dict()})
        self._control.settimeout(_END_SECONDS)
        try:
            return Session(limits, lambda files: _send(self._control, message, files))
        except OSError:
            raise WorkerDied("infra", "the zygote has ended") from None

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
            self._process = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._ready, self._received = False, b""


def isolation_layers(isolation: str = "best") -> list[str]:
    """The layers that really start on this machine, found out by starting them (no library is loaded).

    Raises:
        IsolationUnavailable: ``strict`` was asked and cannot be had.
    """
    with Zygote(isolation, light=True) as zygote:
        return zygote.layers


def _frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    if len(data) > FRAME:
        raise RuntimeError(f"a message of {len(data)} bytes to the zygote: choose a shorter TMPDIR")
    return data.ljust(FRAME)


def _send(control: socket.socket, message: bytes, files: list[int]) -> None:
    sent = socket.send_fds(control, [message], files)
    if sent < len(message):
        control.sendall(message[sent:])
