"""What a worker in bubblewrap puts around itself before it reads a word of student code. The order matters."""

from __future__ import annotations

import os
from pathlib import Path

from . import landlock, rights, seccomp, system
from .order import Order

_SHARED_MEMORY = "1m"
_MEBIBYTE = 1 << 20


def harden(order: Order) -> tuple[list[str], int | None]:
    """Harden this process, which is process 1 of a new pid namespace.

    With mode ``root`` the sandbox was started by root, and the worker takes a user id of its own; with mode
    ``user`` it takes a user namespace in which it owns nothing.

    Returns:
        The names of the layers that stand, and an open file of this namespace's /proc.
    """
    missing = {"seccomp": not seccomp.available(), "landlock": not landlock.version()}
    layers = [layer for layer in order.layers if not missing.get(layer)]
    system.die_with_parent()
    os.setsid()
    _take_namespaces(layers)
    proc = _mount(layers, order)
    os.chdir(order.scratch)
    if "rlimits" in layers:
        rights.set_limits(order.limits)
    if "capabilities" in layers and order.mode == "root":  # needs a right that goes with the user
        system.drop_bounding_set()
    if "uid" in layers and order.mode == "root":
        rights.take_user(order.uid)
    elif "uid" in layers:
        _take_user_namespace()
    if "capabilities" in layers:
        if order.mode == "user":
            system.drop_bounding_set()
        system.drop_capabilities()
    if "rlimits" in layers:
        rights.limit_processes(order.limits)
    system.die_with_parent()  # changing the user id has cleared it
    system.no_new_privileges()
    if "landlock" in layers:
        _rules().restrict()
    if "seccomp" in layers:
        system.set_filter(seccomp.program(seccomp.Policy(processes=True)))
    return layers, proc


def _take_namespaces(layers: list[str]) -> None:
    kinds = {
        "mount": system.CLONE_NEWNS,
        "ipc": system.CLONE_NEWIPC,
        "uts": system.CLONE_NEWUTS,
        "net": system.CLONE_NEWNET,
    }
    system.unshare(sum(kind for layer, kind in kinds.items() if layer in layers))


def _mount(layers: list[str], order: Order) -> int | None:
    """Mount what is the submission's own; returns an open file of its /proc."""
    if "mount" not in layers:
        return None
    private = system.MS_NOSUID | system.MS_NODEV
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    if "pid" in layers:
        system.mount("proc", "/proc", "proc", private | system.MS_NOEXEC)
    size = order.limits["scratch_mb"] * _MEBIBYTE
    system.mount("tmpfs", order.scratch, "tmpfs", private, f"mode=1777,nr_inodes=4096,size={size}")
    shared = f"mode=1777,nr_inodes=64,size={_SHARED_MEMORY}"
    system.mount("tmpfs", "/dev/shm", "tmpfs", private, shared)
    return os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if "pid" in layers else None


def _rules() -> landlock.Rules:
    """All that is in the sandbox, but of /proc only what tells nothing: ``mountinfo`` names the machine's paths."""
    rules = landlock.Rules(files_only=True)
    for name in os.listdir("/"):
        if name != "proc":
            rules.allow(f"/{name}", landlock.ALL)
    rules.allow("/", landlock.LIST)
    rules.allow_facts()
    return rules


def _take_user_namespace() -> None:
    system.unshare(system.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")
