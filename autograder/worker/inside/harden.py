"""What a worker puts around itself before it reads a word of student code. The order of the steps matters."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

from . import seccomp, system

_OPEN_FILES = 64
_SHARED_MEMORY = "1m"
_MEBIBYTE = 1 << 20
_SANDBOX = (
    "bubblewrap",
    "files",
    "packages",
    "pid",
    "mount",
    "ipc",
    "uts",
    "net",
    "uid",
    "capabilities",
    "rlimits",
    "descriptors",
    "environment",
    "memory",
)


def sandboxed(
    mode: str, limits: dict[str, Any], uid: int, scratch: str, without: frozenset[str]
) -> tuple[list[str], int | None]:
    """Harden this process, which is process 1 of a new pid namespace inside bubblewrap.

    Args:
        mode: ``root`` (the sandbox was started by root: take a user id of our own) or ``user``
            (started by an ordinary user: a user namespace in which we own nothing).
        limits: a dict of :class:`autograder.worker.Limits`.
        uid: user id for mode ``root``.
        scratch: mount point of the only writable folder.
        without: layers to leave out, for tests.

    Returns:
        The names of the layers, and an open file of this namespace's /proc.
    """
    system.die_with_parent()
    os.setsid()
    layers = [layer for layer in _SANDBOX if layer not in without]
    if seccomp.available() and "seccomp" not in without:
        layers.append("seccomp")
    _take_namespaces(layers)
    proc = _mount(layers, limits, scratch)
    os.chdir(scratch)
    if "rlimits" in layers:
        _set_limits(limits)
    if "uid" in layers and mode == "root":
        _take_user(uid, "capabilities" in layers)
    elif "uid" in layers:
        system.unshare(system.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text("1000 0 1")
        Path("/proc/self/gid_map").write_text("1000 0 1")
    if "capabilities" in layers:
        if mode == "user" or "uid" not in layers:
            system.drop_bounding_set()
        system.drop_capabilities()
    if "rlimits" in layers:  # counted per user and user namespace, so it comes after both have changed
        _limit(resource.RLIMIT_NPROC, limits["processes"])
    system.die_with_parent()  # changing the user id has cleared it
    system.no_new_privileges()
    if "seccomp" in layers:
        system.set_filter(seccomp.program(processes=True))
    return layers, proc


def _take_namespaces(layers: list[str]) -> None:
    kinds = {
        "mount": system.CLONE_NEWNS,
        "ipc": system.CLONE_NEWIPC,
        "uts": system.CLONE_NEWUTS,
        # With the filter no socket can be made at all; the sandbox has no network either way.
        "net": 0 if "seccomp" in layers else system.CLONE_NEWNET,
    }
    system.unshare(sum(kind for layer, kind in kinds.items() if layer in layers))


def _mount(layers: list[str], limits: dict[str, Any], scratch: str) -> int | None:
    """Mount what is the submission's own; returns an open file of its /proc."""
    if "mount" not in layers:
        return None
    private = system.MS_NOSUID | system.MS_NODEV
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    if "pid" in layers:
        system.mount("proc", "/proc", "proc", private | system.MS_NOEXEC)
    size = limits["scratch_mb"] * _MEBIBYTE
    system.mount("tmpfs", scratch, "tmpfs", private, f"mode=1777,nr_inodes=4096,size={size}")
    shared = f"mode=1777,nr_inodes=64,size={_SHARED_MEMORY}"
    system.mount("tmpfs", "/dev/shm", "tmpfs", private, shared)
    return os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if "pid" in layers else None


def _take_user(uid: int, for_good: bool) -> None:
    if for_good:
        system.drop_bounding_set()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def plain(limits: dict[str, Any], scratch: str, without: frozenset[str]) -> list[str]:
    """Harden an ordinary process as far as any system allows; returns the names of the layers."""
    os.setsid()
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    layers = [layer for layer in ("process group", "environment", "rlimits") if layer not in without]
    if "rlimits" in layers:
        _set_limits(limits)
    if sys.platform == "linux":
        system.die_with_parent()
        system.no_new_privileges()
    if seccomp.available() and "seccomp" not in without:
        # Without a pid namespace a process that is started and detached could not be found again.
        system.set_filter(seccomp.program(processes=False))
        layers.append("seccomp")
    return layers


def _set_limits(limits: dict[str, Any]) -> None:
    budget = limits["memory_mb"] * _MEBIBYTE
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, system.virtual_memory() + budget)
    _limit(resource.RLIMIT_CPU, max(1, round(limits["cpu_s"])))
    _limit(resource.RLIMIT_FSIZE, limits["file_mb"] * _MEBIBYTE)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    for name in ("RLIMIT_MSGQUEUE", "RLIMIT_MEMLOCK"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 0)


def _limit(kind: int, value: int) -> None:
    """Soft and hard limit, never above what is allowed already."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))
