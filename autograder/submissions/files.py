"""Read one file that someone else put there: an ordinary one, only so much of it, without waiting."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from autograder.submissions import words

MAX_BYTES = 100_000_000
"""The largest notebook that is read. Outputs of 40 MB happen to honest students."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class Unreadable(ValueError):
    """A file that could not be read; its text is a sentence with the next step."""


def read_file(path: str | Path, called: str | None = None) -> bytes:
    """All bytes of an ordinary file of at most `MAX_BYTES`. Raises `Unreadable`, in which it is `called` so."""
    called = str(path) if called is None else called
    with open_file(path, called) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise Unreadable(words.CANNOT_OPEN.format(path=words.shown(called), why=error.strerror)) from None
    if len(data) > MAX_BYTES:
        size = -(-max(size, len(data)) // 1_000_000)
        raise Unreadable(words.TOO_LARGE.format(size=size, limit=MAX_BYTES // 1_000_000))
    return data


def open_file(path: str | Path, called: str | None = None) -> IO[bytes]:
    """An ordinary file, open for reading. Raises `Unreadable`, in which it is `called` so."""
    called = str(path) if called is None else called
    # O_NONBLOCK: opening a pipe nobody writes to would wait for ever
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is no file name"
        raise Unreadable(words.CANNOT_OPEN.format(path=words.shown(called), why=why)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        what = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise Unreadable(words.NOT_A_FILE.format(path=words.shown(called), what=what))
    return os.fdopen(descriptor, "rb")
