"""Temporary folders that do not pile up: what a process that was killed left behind is taken away later.

The owner holds a lock on a file inside; the kernel lets go of it when the owner ends, however it ends. So
whoever can take the lock knows that nobody needs the folder any more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

PREFIX = "autograder-"
_LOCK = ".owner"
_UNLOCKED_S = 86_400.0
"""A folder without a lock file is one that is just being made, or one of an older version: only age tells."""


class Scratch:
    """A private folder below the system's temporary one (or ``place``), taken away with :meth:`close`.

    Making one also takes away those there whose owners have died. Use it as a context manager.

    Attributes:
        path: of the folder; what lies in it is the owner's business.
    """

    def __init__(self, place: str | None = None) -> None:
        place = place or tempfile.gettempdir()
        sweep(place)
        self._lock: int | None = None
        while self._lock is None:  # between making folder and lock somebody else's sweep may come along
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                self._lock = _take(self.path, make=True)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the folder away. May be called again."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep(place: str | None = None) -> list[Path]:
    """Take away the folders of owners that have ended; returns them. Never raises, never follows a link."""
    gone = []
    for path in _ours(place or tempfile.gettempdir()):
        lock = None
        with contextlib.suppress(OSError):
            lock = _take(path, make=False)
            if lock is None and not _is_old(path):
                continue
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path)
        if lock is not None:
            os.close(lock)
    return gone


def _ours(place: str) -> Iterator[Path]:
    """Real folders of this user's with our name; others' are theirs to take away."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if not entry.name.startswith(PREFIX):
                continue
            with contextlib.suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid():
                    yield Path(entry.path)


def _take(folder: Path, make: bool) -> int | None:
    """An open file whose lock is ours; None where there is no lock file. OSError where somebody has it."""
    import fcntl

    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if make else 0)
    try:
        handle = os.open(folder / _LOCK, flags, 0o600)
    except FileNotFoundError:
        if make:
            raise
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.stat(folder / _LOCK)  # gone where a sweep had it for a moment
    except OSError:
        os.close(handle)
        raise
    return handle


def _is_old(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > _UNLOCKED_S
