"""The life of one worker, from the fork to its end."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
from typing import TextIO

from . import harden, locked
from .order import Order

SETUP_FAILED = 97
_IN, _OUT, _ERR, _CALLS, _NEWS = range(5)


def live(order: Order) -> None:
    """Become a worker; never returns."""
    try:
        _arrange_descriptors(order)
        _reset_signals()
        _harden(order)
    except BaseException as error:  # the sandbox failed, not the student
        report = json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode()
        for fd in (_NEWS, order.news):
            with contextlib.suppress(OSError):
                os.write(fd, report)
        os._exit(SETUP_FAILED)
    try:
        if not order.trial:
            from . import harness

            harness.serve(_CALLS, order.limits)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _harden(order: Order) -> None:
    news = socket.socket(fileno=_NEWS)
    proc = None
    if order.mode == "process":
        layers = locked.harden(order)
    else:
        layers, proc = harden.harden(order)
    if order.trial:
        from . import trial

        trial.check()
    report = json.dumps({"layers": layers}).encode()
    if proc is None:
        news.sendall(report)
    else:
        socket.send_fds(news, [report], [proc])
        os.close(proc)
    news.close()


def _arrange_descriptors(order: Order) -> None:
    """Requests on 3, news on 4, standard streams on 0 to 2, and nothing else."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in (order.output, order.calls, order.news)]
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in (
        (null, _IN),
        (high[0], _OUT),
        (high[0], _ERR),
        (high[1], _CALLS),
        (high[2], _NEWS),
    ):
        os.dup2(source, target, inheritable=False)
    if "descriptors" in order.layers:
        os.closerange(_NEWS + 1, 1 << 16)
    sys.stdout = sys.__stdout__ = _text_stream(_OUT)
    sys.stderr = sys.__stderr__ = _text_stream(_ERR)


def _text_stream(fd: int) -> TextIO:
    """The inherited streams remember a file of the zygote's; these write line by line into the pipe."""
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
