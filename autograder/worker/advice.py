"""The command that gets this machine onto the next rung."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from . import bubblewrap

_SYSTEM = "grade on Linux (on Windows: in WSL 2) with bubblewrap: {install}"
_INSTALL = "install bubblewrap: {install}"
_DOCKER = (
    "let the container make namespaces: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined IMAGE"
)
_KERNEL = (
    "use a kernel with Landlock (5.13 or newer, with landlock among the names in /sys/kernel/security/lsm)"
)
_SETTINGS = (  # file below /proc/sys, the value that forbids namespaces, what allows them
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=15000"),
)


def next_step(rung: int, reasons: Sequence[str], settings: Path = Path("/proc/sys")) -> str:
    """One command, or a sentence with one; empty on the highest rung.

    Args:
        rung: the one that stands; -1 where nothing was started.
        reasons: why each higher one cannot be had.
        settings: where the kernel's settings are read.
    """
    if rung == 3:
        return ""
    if sys.platform != "linux":
        return _SYSTEM.format(install=bubblewrap.INSTALL)
    if bubblewrap.program() is None:
        return _INSTALL.format(install=bubblewrap.INSTALL)
    if rung == 1 and (found := re.search(r"chmod o\+x [^\s)]+", " ".join(reasons))):
        return found[0]
    if rung == 0 and any("Landlock" in reason for reason in reasons):
        return _KERNEL
    for name, forbids, command in _SETTINGS:
        file = settings / name
        if file.exists() and file.read_text().strip() == forbids:
            return command
    return _DOCKER
