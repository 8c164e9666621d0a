"""The judge's end of one worker. Everything that comes back is taken for hostile."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from coursekit import wire

from .inside.bounds import of_replies
from .limits import Ending, Limits, WorkerDied

_ENDING_SECONDS = 10.0
_CHUNK = 1 << 16
_MEBIBYTE = 1 << 20

_DETAILS = {
    "timeout": "stopped after {wall:.3g} s",
    "memory": "stopped because it held more than {memory} MB of memory",
    "cpu": "stopped after {cpu:g} s of computing",
    "disk": "stopped because it wrote more than {disk} MB, or too many files",
    "output": "stopped because it printed more than {output} MB",
}
_LEFT = "the process ended itself with exit status {code}"
_SIGNALLED = "the process was ended by {name}"
_LOST = "the sandbox is gone"


class Session:
    """One fork of the zygote: a fresh interpreter for one submission. Made by ``Zygote.session``.

    Attributes:
        progress: ``[cell, statement]`` that the running or last ``load`` had reached, or None.
    """

    def __init__(self, limits: Limits, send: Callable[[list[int]], None]) -> None:
        self._limits = limits
        self._deadline = time.monotonic() + limits.wall_s
        self._ending: Ending | None = None
        self._log = bytearray()
        self._printed = 0
        self._failure = _LOST
        self.progress: list[int] | None = None
        self._calls, calls = socket.socketpair()
        self._control, control = socket.socketpair()
        self._output, output = os.pipe()
        try:
            send([calls.fileno(), output, control.fileno()])
        except BaseException:
            self._calls.close()
            self._control.close()
            os.close(self._output)
            raise
        finally:
            calls.close()
            control.close()
            os.close(output)
        os.set_blocking(self._output, False)
        self._calls.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        self._poll.register(self._calls, select.POLLIN)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the worker has ended."""
        return self._ending is not None

    # ------------------------------------------------------------------------------------- requests
    def request(self, message: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Send ``message`` and wait for its reply: :meth:`post` and :meth:`collect` in one."""
        return self.collect(self.post(message, wall_s=wall_s), wall_s=wall_s)

    def post(self, message: dict[str, Any], *, wall_s: float) -> int:
        """Send ``message`` without waiting; its reply is collected before anything else is sent.

        Args:
            message: an operation of the worker, with what it needs.
            wall_s: seconds for sending it. The session's own wall limit holds as well.

        Returns:
            The number under which the reply is collected.

        Raises:
            WorkerDied: the worker ended; the session is closed.
            coursekit.wire.WireError: ``message`` itself cannot be sent; the session goes on.
        """
        if self._ending is not None:
            raise WorkerDied("infra", "the session is closed", ending=self._ending)
        number = secrets.randbits(62)
        parts = [*wire.pack(number), *wire.pack(message)]
        self.progress = None
        with self._deaths(wall_s) as deadline:
            self._expect_silence()
            for part in parts:
                self._send(part, deadline)
        return number

    def collect(self, number: int, *, wall_s: float) -> dict[str, Any]:
        """The reply to a posted message.

        Args:
            number: of the message, as :meth:`post` returned it.
            wall_s: seconds to wait. The session's own wall limit holds as well.

        Returns:
            The reply, with the text that came out of the process meanwhile under ``printed`` (and under
            ``output``, where the reply has none of its own).

        Raises:
            WorkerDied: no valid reply came; the session is closed.
        """
        if self._ending is not None:
            raise WorkerDied("infra", "the session is closed", ending=self._ending)
        with self._deaths(wall_s) as deadline:
            reply = self._reply(number, deadline)
            self._expect_silence()
            self._drain()
        reply["printed"] = self._take_output()
        reply.setdefault("output", reply["printed"])
        return reply

    @contextlib.contextmanager
    def _deaths(self, wall_s: float) -> Iterator[float]:
        """Gives the deadline; turns whatever ends the worker into WorkerDied."""
        try:
            yield min(time.monotonic() + wall_s, self._deadline + _CHECK_SECONDS)
        except wire.WireError as error:
            raise self._died("protocol", f"the worker sent no valid answer ({error})", wall_s) from None
        except _Stopped as stop:
            raise self._died(stop.reason, "", wall_s) from None
        except OSError:
            raise self._died("gone", "", wall_s) from None

    def _reply(self, number: int, deadline: float) -> dict[str, Any]:
        bounds = of_replies(self._limits.reply_mb)
        while True:
            frame = wire.unpack(lambda count: self._read(count, deadline), bounds)
            if type(frame) is not dict or frame.get("id") != number:
                raise wire.WireError("an answer to another request")
            if "progress" in frame:
                self.progress = _pair(frame["progress"])
                continue
            reply = frame.get("reply")
            if type(reply) is not dict:
                raise wire.WireError("an answer without content")
            return reply

    def _send(self, part: Any, deadline: float) -> None:
        view = memoryview(part).cast("B")
        while view:
            try:
                view = view[self._calls.send(view[: 1 << 20]) :]
            except BlockingIOError:
                self._poll.modify(self._calls, select.POLLIN | select.POLLOUT)
                self._wait(deadline)
                self._poll.modify(self._calls, select.POLLIN)

    def _read(self, count: int, deadline: float) -> bytearray:
        # Memory grows with what really arrives, not with what a header promises.
        data = bytearray(min(count, 1 << 20))
        position = 0
        while position < count:
            if position == len(data):
                data.extend(bytes(min(count - position, max(len(data), 1 << 20))))
            try:
                got = self._calls.recv_into(memoryview(data)[position:])
            except BlockingIOError:
                self._wait(deadline)
                continue
            if not got:
                raise _Stopped("gone")
            position += got
        return data

    def _wait(self, deadline: float) -> None:
        """Until something can be read or written; prints are taken in meanwhile."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise _Stopped("timeout")
        events = dict(self._poll.poll(left * 1000 + 1))
        if self._output in events:
            self._drain()

    def _expect_silence(self) -> None:
        """Nothing may lie in the socket that was not asked for."""
        try:
            early = self._calls.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        if not early:
            raise _Stopped("gone")
        raise wire.WireError("bytes that answer no request")

    # ------------------------------------------------------------------------------------- output
    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._output, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                with contextlib.suppress(KeyError):
                    self._poll.unregister(self._output)
                return
            self._printed += len(data)
            self._log += data[: max(0, self._limits.output_kb * 1024 - len(self._log))]
            if self._printed > self._limits.output_mb * _MEBIBYTE:
                raise _Stopped("output")

    def _take_output(self) -> str:
        text = self._log.decode("utf-8", "replace")
        self._log.clear()
        return text

    # ------------------------------------------------------------------------------------- the end
    def close(self) -> Ending:
        """End the worker (every process of it) and say how it ended. May be called again."""
        return self._close("closed")

    def _close(self, reason: str) -> Ending:
        if self._ending is not None:
            return self._ending
        if reason == "gone":  # it ended by itself: let the zygote see why
            select.select([self._control], [], [], 1.0)
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        report = self._report()
        with contextlib.suppress(_Stopped):
            self._drain()
        for part in (self._calls, self._control):
            part.close()
        os.close(self._output)
        why = report.get("reason", "infra")
        if reason in ("timeout", "output", "protocol") and why == "closed":
            why = reason
        self._failure = report.get("failure") or _LOST
        self._ending = Ending(
            report.get("exit"),
            why,
            report.get("wall_s", 0.0),
            report.get("cpu_s", 0.0),
            report.get("peak_mb", 0.0),
            self._take_output(),
        )
        return self._ending

    def _report(self) -> dict[str, Any]:
        data = bytearray()
        self._control.settimeout(_ENDING_SECONDS)
        with contextlib.suppress(OSError):
            while part := self._control.recv(1 << 12):
                data += part
        try:
            return json.loads(data)
        except ValueError:
            return {}

    def _died(self, reason: str, detail: str, wall_s: float) -> WorkerDied:
        progress = self.progress
        ending = self._close(reason)
        why = ending.reason
        if reason == "protocol" and why in ("closed", "exit", "protocol"):
            why = "protocol"
        elif why in ("exit", "signal", "closed"):
            why, detail = "crash", _describe(ending.exit)
        if why == "infra":
            detail = self._failure
        elif why in _DETAILS:
            limits = self._limits
            wall = min(wall_s, limits.wall_s)
            detail = _DETAILS[why].format(
                wall=wall,
                memory=limits.memory_mb,
                cpu=limits.cpu_s,
                output=limits.output_mb,
                disk=limits.scratch_mb,
            )
        return WorkerDied(why, detail, progress, ending)


_CHECK_SECONDS = 0.5  # the zygote's own stop at the session's end comes first, and says why


class _Stopped(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _pair(value: Any) -> list[int]:
    if type(value) is not list or len(value) != 2 or not all(type(item) is int for item in value):
        raise wire.WireError("progress that names no statement")
    return value


def _describe(code: int | None) -> str:
    if code is None:
        return _LOST
    if code >= 0:
        return _LEFT.format(code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return _SIGNALLED.format(name=name)
