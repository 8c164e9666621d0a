"""The few system calls that Python 3.11 does not offer, through ctypes. Linux only."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REC, MS_PRIVATE = 0x4000, 0x40000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_CAPABILITY_VERSION = 0x20080522
_MAX_CAPABILITY = 63


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Put this process (or, for CLONE_NEWPID, its next children) into new namespaces."""
    _check(_libc().unshare(flags), f"unshare({flags:#x})")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace behind an open file of /proc/PID/ns."""
    _check(_libc().setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system."""
    arguments = source.encode(), target.encode(), kind.encode() or None
    _check(_libc().mount(*arguments, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def die_with_parent() -> None:
    """SIGKILL for this process when the thread that started it ends."""
    _check(_libc().prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl(PDEATHSIG)")


def hide_memory() -> None:
    """No process of the same user may read or trace this one."""
    _check(_libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl(DUMPABLE)")


def show_memory() -> None:
    """The zygote may look into this process; a change of user has forbidden it."""
    _check(_libc().prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(DUMPABLE)")


def adopt_orphans() -> None:
    """Processes below this one whose parent ends become children of this one."""
    _check(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(CHILD_SUBREAPER)")


def no_new_privileges() -> None:
    """No later exec gains rights; needed before a seccomp filter may be set."""
    _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")


def drop_bounding_set() -> None:
    """No capability can ever be regained."""
    libc = _libc()
    for capability in range(_MAX_CAPABILITY + 1):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            return  # past the kernel's last one


def drop_capabilities() -> None:
    """Give up every capability held now."""
    empty = (ctypes.c_uint32 * 6)()
    _check(_libc().capset(ctypes.byref(_CapabilityHeader(_CAPABILITY_VERSION, 0)), empty), "capset")


def set_filter(program: bytes) -> None:
    """Install a seccomp filter given as packed BPF instructions of eight bytes."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = _FilterProgram(len(program) // 8, ctypes.addressof(buffer))
    _check(_libc().prctl(_PR_SET_SECCOMP, 2, ctypes.byref(header), 0, 0), "prctl(SECCOMP)")


def virtual_memory() -> int:
    """Bytes of address space of this process."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
