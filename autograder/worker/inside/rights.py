"""What a process gives up for good: memory, time, files, its user and its capabilities."""

from __future__ import annotations

import os
import resource
import sys
import time
from typing import Any

from . import system

_OPEN_FILES = 64
_MEBIBYTE = 1 << 20


def set_limits(limits: dict[str, Any]) -> None:
    """Limits of this process and of each that it starts, but for their number."""
    budget = limits["memory_mb"] * _MEBIBYTE
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, system.virtual_memory() + budget)
    used = int(time.process_time())  # by what it has loaded, if it is no fork
    _limit(resource.RLIMIT_CPU, used + max(1, round(limits["cpu_s"])))
    _limit(resource.RLIMIT_FSIZE, limits["file_mb"] * _MEBIBYTE)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    for name in ("RLIMIT_MSGQUEUE", "RLIMIT_MEMLOCK"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 0)


def limit_processes(limits: dict[str, Any]) -> None:
    """Processes and threads at a time. Counted per user and user namespace: both must be the final ones."""
    _limit(resource.RLIMIT_NPROC, limits["processes"])


def take_user(uid: int) -> None:
    """Become a user that owns nothing. Started by root, this also drops what root may do now."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _limit(kind: int, value: int) -> None:
    """Soft and hard limit, never above what is allowed already."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))
