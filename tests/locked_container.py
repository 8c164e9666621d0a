"""Run a command as it would run in a locked container: without the rights to make a namespace or a mount.

    python tests/locked_container.py [--user NAME_OR_ID] [--open] COMMAND...

What Docker's default profile takes away is taken away here, with Docker's own means: of root's capabilities
fourteen remain, and a filter answers EPERM to everything that makes or enters a namespace or a mount (clone3 does
not exist, as there). So bubblewrap fails as it does in a container, and the rungs below are really run. With
``--user`` the command runs as somebody who is not root; with ``--open`` nothing else is taken away.

Started by root, the command sees the same files, in a mount namespace of its own in which everybody may enter the
folders above the Python in use (``/root`` is often closed), and has a folder of its own for temporary files.
Started by an ordinary user, the filter alone is set.

From a test: ``run([...], user="nobody")``. ``LOCKED_CONTAINER=1`` is set for the command.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import platform
import pwd
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# https://github.com/moby/profiles/blob/main/seccomp/default.go and moby's daemon/pkg/oci/caps/defaults.go
CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SETPCAP": 8,
    "NET_BIND_SERVICE": 10,
    "NET_RAW": 13,
    "SYS_CHROOT": 18,
    "MKNOD": 27,
    "AUDIT_WRITE": 29,
    "SETFCAP": 31,
}
_NEW_NAMESPACES = 0x7E020080
_CALLS = {  # name: number on x86_64, on aarch64 (None: it has none)
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "userfaultfd": (323, 282),
    "quotactl": (179, 60),
    "swapon": (167, 224),
    "reboot": (169, 142),
}
_CLONE = (56, 220)
_CLONE3 = 435
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x50000 | 1, 0x50000 | 38
_LOAD, _JEQ, _JSET, _RETURN = 0x20, 0x15, 0x45, 0x06

_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 22, 24, 38
_NEWNS, _BIND, _REC, _PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000


def run(
    command: Sequence[str | os.PathLike],
    *,
    user: str | None = None,
    free: bool = False,
    **options: object,
) -> subprocess.CompletedProcess:
    """Run ``command`` in the simulated container.

    Args:
        command: program and arguments.
        user: name or number of who runs it, if not the present user. Only root may ask for another.
        free: take nothing away but the user's rights.
        options: of ``subprocess.run``.
    """
    arguments = [*(["--user", user] if user else []), *(["--open"] if free else [])]
    return subprocess.run([sys.executable, __file__, *arguments, "--", *map(str, command)], **options)  # type: ignore[call-overload]


def inside() -> bool:
    """Whether this process runs in the simulated container."""
    return os.environ.get("LOCKED_CONTAINER") == "1"


def main() -> int:
    """Take the rights away and become the command; as root, wait for it and tidy up."""
    parser = argparse.ArgumentParser(description="Run a command as in a locked container.")
    parser.add_argument("--user")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    who = None
    if options.user is not None:
        who = int(options.user) if options.user.isdigit() else pwd.getpwnam(options.user).pw_uid
    if os.geteuid() != 0:
        os.environ["LOCKED_CONTAINER"] = "0" if options.open else "1"
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if not options.open:
            _filter()
        os.execvp(options.command[0], options.command)
    home = tempfile.mkdtemp(prefix="container-")
    os.chmod(home, 0o711)
    os.chown(home, who or 0, who or 0)
    child = os.fork()
    if child == 0:
        try:
            _become(options, who, home)
        except BaseException as error:
            print(f"locked_container: {error!r}", file=sys.stderr)
        os._exit(125)
    try:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _become(options: argparse.Namespace, who: int | None, home: str) -> None:
    _open_folders([Path(sys.base_prefix), Path(sys.prefix), ROOT])
    os.environ.update(HOME=home, TMPDIR=home, LOCKED_CONTAINER="0" if options.open else "1")
    if not options.open:
        _filter()
        _keep(frozenset(CAPABILITIES.values()))
    if who is not None:
        os.setgroups([])
        os.setresgid(who, who, who)
        os.setresuid(who, who, who)
    os.execvp(options.command[0], options.command)


def _open_folders(needed: list[Path]) -> None:
    """In a mount namespace of this process: an enterable folder in the place of each closed one above ``needed``."""
    _call("unshare", _NEWNS)
    _mount(None, "/", None, _REC | _PRIVATE)
    for path in dict.fromkeys(path.resolve() for path in needed):
        for folder in reversed(path.parents):
            if os.stat(folder).st_mode & 1:
                continue
            below = folder / path.relative_to(folder).parts[0]
            kept = Path(tempfile.mkdtemp(prefix="container-"))
            _mount(str(below), str(kept), None, _BIND | _REC)
            _mount("none", str(folder), "tmpfs", 0, "mode=755")
            below.mkdir()
            _mount(str(kept), str(below), None, _BIND | _REC)
            _call("umount2", str(kept).encode(), 2)
            kept.rmdir()


def _keep(kept: frozenset[int]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        if capability not in kept and libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # past the kernel's last one
    mask = sum(1 << capability for capability in kept)
    header = struct.pack("=Ii", 0x20080522, 0)
    data = struct.pack("=6I", mask, mask, 0, 0, 0, 0)
    _call("capset", header, data)


def _filter() -> None:
    machine = platform.machine()
    which = list(_ARCHITECTURES).index(machine)
    code = [
        (_LOAD, 0, 0, 4),
        (_JEQ, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _EPERM),
        (_LOAD, 0, 0, 0),
        (_JEQ, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ENOSYS),
    ]
    for numbers in _CALLS.values():
        code += [(_JEQ, 0, 1, numbers[which]), (_RETURN, 0, 0, _EPERM)]
    code += [
        (_JEQ, 0, 3, _CLONE[which]),
        (_LOAD, 0, 0, 16),
        (_JSET, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    packed = b"".join(struct.pack("<HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    _call("prctl", _PR_SET_SECCOMP, 2, header, 0, 0)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    _call("mount", *words, ctypes.c_ulong(flags), options.encode())


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


if __name__ == "__main__":
    sys.exit(main())
