"""Landlock: a list of what a process may reach, that it puts on itself and can never take off. Linux 5.13 or newer.

What is on the list can be used as its rights say; any other file can be neither opened nor listed, made, moved or
removed. Not covered are names: whether a path exists can still be asked. Newer kernels also keep a process from TCP
and from signals to processes outside of its own domain. See https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_VERSION_ONLY, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_CHAR, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (
    1 << bit for bit in range(6, 13)
)
_REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in range(13, 16))
_FILES_BY_VERSION = ((1, (1 << 13) - 1), (2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_TCP, _SCOPES = 3, 3

# Files of /proc that libraries ask for.
_ABOUT_THE_MACHINE = ("cpuinfo", "meminfo")
_ABOUT_ITSELF = ("cmdline", "fd", "limits", "maps", "stat", "statm", "status")

READ = _EXECUTE | _READ_FILE | _READ_DIR
LIST = _READ_DIR
DEVICE = _READ_FILE | _WRITE_FILE
OWN = (
    _READ_FILE
    | _READ_DIR
    | _WRITE_FILE
    | _TRUNCATE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _MAKE_SYM
    | _REFER
)


ALL = OWN | READ | _MAKE_FIFO | _MAKE_SOCK | _IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The kernel's version of Landlock, 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None, use_errno=True).syscall(_CREATE, None, 0, _VERSION_ONLY))


class Rules:
    """A list that is being written.

    Args:
        files_only: whether TCP and signals are left alone, where namespaces stop them.

    Raises:
        OSError: the kernel has no Landlock.
    """

    def __init__(self, files_only: bool = False) -> None:
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        has = version()
        others = 0 if files_only else has
        self._handled = sum(rights for since, rights in _FILES_BY_VERSION if has >= since)
        ruleset = _Ruleset(self._handled, _TCP if others >= 4 else 0, _SCOPES if others >= 6 else 0)
        size = 8 if has < 4 else 16 if has < 6 else 24
        self._file = self._checked(self._call(_CREATE, ctypes.byref(ruleset), size, 0))

    def allow(self, path: str, rights: int) -> None:
        """Allow ``rights`` on a file, or on a folder and all below it. A path that does not exist is left out."""
        with contextlib.suppress(FileNotFoundError):
            file = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                if not stat.S_ISDIR(os.fstat(file).st_mode):
                    rights &= _OF_FILES
                if rights := rights & self._handled:
                    rule = _PathBeneath(rights, file)
                    self._checked(self._call(_ADD, self._file, _PATH_BENEATH, ctypes.byref(rule), 0))
            finally:
                os.close(file)

    def allow_facts(self) -> None:
        """Allow what libraries ask /proc for, about the machine and the process itself."""
        for name in (*_ABOUT_THE_MACHINE, *(f"self/{name}" for name in _ABOUT_ITSELF)):
            self.allow(f"/proc/{name}", READ)
        self.allow("/proc/self/task", LIST)  # in whose folders everything is once more

    def restrict(self) -> None:
        """Put the list on this process and all that it starts, for good. Needs no_new_privileges."""
        self._checked(self._call(_RESTRICT, self._file, 0))
        os.close(self._file)

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"Landlock: {os.strerror(number)}")
        return result
