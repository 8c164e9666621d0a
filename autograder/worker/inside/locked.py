"""What a worker outside of bubblewrap puts around itself before it reads a word of student code.

For containers in which no namespace can be made, and for systems that have none. The order matters.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from . import landlock, rights, seccomp, system
from .order import Order

_DEVICES = {"/dev/null": landlock.DEVICE, "/dev/zero": landlock.DEVICE, "/dev/full": landlock.DEVICE}
_PROCESSORS = (  # how many there are: asked by libraries that think a file which is there can be read
    "/sys/fs/cgroup/cpu.max",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
)
_FILES = ("/dev/urandom", "/dev/random", *_PROCESSORS)


def harden(order: Order) -> list[str]:
    """Harden this process; returns the names of the layers that stand.

    Raises:
        OSError: one of ``order.layers`` cannot be had here.
    """
    layers = order.layers
    os.setsid()
    os.environ.update(HOME=order.scratch, TMPDIR=order.scratch)
    tempfile.tempdir = None  # a library has asked for it before the fork
    rules = _rules(order) if "landlock" in layers else None
    if "rlimits" in layers:
        rights.set_limits(order.limits)
    if "capabilities" in layers and os.geteuid() == 0:
        system.drop_bounding_set()
    if "uid" in layers:
        rights.take_user(order.uid)
    os.chdir(order.scratch)  # by now as the user whose folder it is
    if "rlimits" in layers and "uid" in layers:  # a user who does other things too is not to be limited
        rights.limit_processes(order.limits)
    if sys.platform == "linux":
        _restrict(order, rules)
    return list(layers)


def _restrict(order: Order, rules: landlock.Rules | None) -> None:
    """What only Linux has, in the order in which one thing needs the other."""
    layers = order.layers
    if "capabilities" in layers:
        system.drop_capabilities()
    system.die_with_parent()  # changing the user id would have cleared it
    if os.getppid() != order.parent:
        raise ProcessLookupError("the zygote has ended")
    system.no_new_privileges()
    if rules is not None:
        rules.restrict()
        # Neither another user's process nor one in a Landlock domain can look into it: the zygote may.
        system.show_memory()
    if "seccomp" in layers:
        if not seccomp.available():
            raise OSError("the filter of system calls is not written for this kind of machine")
        alone = os.getpid() if "processes" in layers else None
        shared_user = "uid" not in layers
        policy = seccomp.Policy(alone is None, alone, shared_user=shared_user, own_files=False)
        system.set_filter(seccomp.program(policy))


def _rules(order: Order) -> landlock.Rules:
    rules = landlock.Rules()
    listed = json.loads(Path(order.readable).read_text(encoding="utf-8"))
    for path in listed["read"]:
        rules.allow(path, landlock.READ)
    for path in listed["list"]:
        rules.allow(path, landlock.LIST)
    for path, allowed in _DEVICES.items():
        rules.allow(path, allowed)
    for path in _FILES:
        rules.allow(path, landlock.READ)
    rules.allow_facts()
    rules.allow(order.scratch, landlock.OWN)
    return rules
