"""Workers that are started ahead of need, where a loaded process must not be forked (macOS).

Each is a process of its own that has loaded the libraries, waits for one order, and is used once.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from dataclasses import asdict
from typing import Any

from . import child, system, warm
from .order import Order

_FILES = ("calls", "output", "news")
_LARGEST = 1 << 16


class Spare:
    """One process that waits, or still loads.

    Args:
        libraries: modules to load; the usual ones for None, none at all when there is none on the list.
    """

    def __init__(self, libraries: list[str] | None) -> None:
        self._line, theirs = socket.socketpair()
        code = (
            f"import sys; sys.path.append({sys.path[-1]!r}); from {__package__}.spares import main; "
            "main(int(sys.argv[1]), sys.argv[2])"
        )
        command = [*sys.orig_argv[:-2], code, str(theirs.fileno()), json.dumps(libraries)]
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            self.pid = os.posix_spawn(sys.executable, command, os.environ)

    def fileno(self) -> int:
        """Can be read when it is ready, or has ended."""
        return self._line.fileno()

    def ready(self) -> dict[str, Any]:
        """Wait until it has loaded; which of coursekit's modules are ``missing``.

        Raises:
            RuntimeError: it has ended instead.
        """
        line = self._line.recv(_LARGEST)
        if not line:
            raise RuntimeError("a worker that was started ahead of need has ended")
        return json.loads(line)

    def end(self) -> None:
        """End it before it was used."""
        self._line.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def take(self, order: Order) -> int:
        """Let it become the worker of ``order``; returns its process id."""
        told = asdict(order)
        files = [told.pop(name) for name in _FILES]
        with self._line:
            socket.send_fds(self._line, [json.dumps(told).encode()], files)
        return self.pid


def main(line_fd: int, listed: str) -> None:
    """Load, wait, and become a worker; end when nobody asks any more."""
    line = socket.socket(fileno=line_fd)
    if sys.platform == "linux":
        system.die_with_parent()
    libraries = json.loads(listed)
    missing = [] if libraries == [] else warm.warm(libraries)
    line.sendall(json.dumps({"missing": missing}).encode())
    message, files, _, _ = socket.recv_fds(line, _LARGEST, len(_FILES))
    if not message:
        return
    told = json.loads(message)
    told["layers"] = tuple(told["layers"])
    line.close()
    child.live(Order(**told, **dict(zip(_FILES, files, strict=True))))
