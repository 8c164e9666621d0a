"""One run at a time writes into a folder of records."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.records.store import unfinished

_NAME = ".grading"
_WAIT_S = 2.0
_STEP_S = 0.05
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)

_TAKEN = (
    "{out} is being written by another `autograder grade`{who}. Nothing was graded: wait until it has ended, or "
    "name another folder with --out."
)
_CANNOT_WRITE = "{out} cannot be written to ({why}). Nothing was graded: name another folder with --out."
_NO_FOLDER = "{out} is no folder. Nothing was graded: name another folder with --out."


class OutError(RuntimeError):
    """A folder of records cannot be written to; the sentence says why and what to do."""


@contextlib.contextmanager
def claim(out: Path) -> Iterator[None]:
    """Have ``out`` for oneself, and tidy up what an earlier run that was killed had begun to write there.

    The lock is the kernel's: it ends with the process that holds it, however that ends. On a file system
    without locks the folder is taken unlocked; records are whole there too.

    Raises:
        OutError: another run holds the folder, or it cannot be written to.
    """
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = _locked(out / _NAME, out)
    except (FileExistsError, NotADirectoryError):
        raise OutError(_NO_FOLDER.format(out=out)) from None
    except OSError as error:
        raise OutError(_CANNOT_WRITE.format(out=out, why=error.strerror)) from None
    try:
        with contextlib.suppress(OSError):  # for whoever comes meanwhile; a full disk shows elsewhere
            os.truncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        for path in unfinished(out):
            with contextlib.suppress(OSError):
                path.unlink()
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(out / _NAME)  # while it is locked: whoever waits for it sees that the name has gone
        os.close(handle)
        if made:
            with contextlib.suppress(OSError):  # it holds something, as it should
                out.rmdir()


def _locked(path: Path, out: Path) -> int:
    """An open, locked file of that name."""
    import fcntl

    deadline = time.monotonic() + _WAIT_S
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(handle, path):
                return handle
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return handle
            if error.errno not in (errno.EAGAIN, errno.EACCES) or time.monotonic() > deadline:
                who = _holder(handle)
                os.close(handle)
                if error.errno in (errno.EAGAIN, errno.EACCES):
                    raise OutError(_TAKEN.format(out=out, who=who)) from None
                raise
        os.close(handle)
        time.sleep(_STEP_S)


def _is_still(handle: int, path: Path) -> bool:
    """Whether the locked file still has its name: the run before may have taken it away."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _holder(handle: int) -> str:
    text = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return f" (process {text})" if text.isdigit() else ""
