"""A filter of system calls, written as classic BPF. It refuses what student code has no use for.

Numbers are those of x86_64; on other machines :func:`available` is False and the layer is left out.
"""

from __future__ import annotations

import platform
import struct
import sys

_ARCH_X86_64 = 0xC000003E
_X32_BIT = 0x40000000
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x50000 | 1, 0x50000 | 38
_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARG0 = 0, 4, 16

_CLONE, _CLONE3 = 56, 435
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080

_DENIED = {
    # other processes
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "pidfd_getfd": 438,
    "kcmp": 312,
    "tkill": 200,
    "pidfd_send_signal": 424,
    # network and other channels
    "socket": 41,
    "socketpair": 53,
    "shmget": 29,
    "semget": 64,
    "msgget": 68,
    "memfd_create": 319,
    "memfd_secret": 447,
    # namespaces and mounts
    "unshare": 272,
    "setns": 308,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "mknod": 133,
    "mknodat": 259,
    "open_by_handle_at": 304,
    # kernel surface
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "perf_event_open": 298,
    "bpf": 321,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "modify_ldt": 154,
    "kexec_load": 246,
    "init_module": 175,
    "finit_module": 313,
    "personality": 135,
    "swapon": 167,
}
_SIGNALS = {"kill": 62, "rt_sigqueueinfo": 129}
_SIGNALS_TO_THREADS = {"tgkill": 234, "rt_tgsigqueueinfo": 297}
_STARTS_PROCESS = {"fork": 57, "vfork": 58, "execve": 59, "execveat": 322}


def available() -> bool:
    """Whether this machine's system calls are the ones the filter knows."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def program(processes: bool, alone: int | None = None) -> bytes:
    """The filter, packed.

    Args:
        processes: whether other processes may be started; threads always may.
        alone: its own process id, where no other process may be signalled.
    """
    code = [
        _op(_LOAD, 0, 0, _OFFSET_ARCH),
        _op(_JEQ, 1, 0, _ARCH_X86_64),
        _op(_RETURN, 0, 0, _KILL),
        _op(_LOAD, 0, 0, _OFFSET_NUMBER),
        _op(_JGE, 0, 1, _X32_BIT),
        _op(_RETURN, 0, 0, _KILL),
        # clone3 hides its flags behind a pointer; told it does not exist, the C library uses clone.
        *_refuse(_CLONE3, _ENOSYS),
    ]
    for number in _DENIED.values():
        code += _refuse(number, _EPERM)
    if not processes:
        for number in _STARTS_PROCESS.values():
            code += _refuse(number, _EPERM)
    for number in (*_SIGNALS.values(), *_SIGNALS_TO_THREADS.values()) if alone is not None else ():
        code += [
            _op(_JEQ, 0, 4, number),
            _op(_LOAD, 0, 0, _OFFSET_ARG0),
            _op(_JEQ, 1, 0, alone),
            _op(_RETURN, 0, 0, _EPERM),
            _op(_LOAD, 0, 0, _OFFSET_NUMBER),
        ]
    code += [
        _op(_JEQ, 0, 4, _CLONE),
        _op(_LOAD, 0, 0, _OFFSET_ARG0),
        _op(_JSET, 0, 1, _CLONE_NAMESPACES),
        _op(_RETURN, 0, 0, _EPERM),
        _op(_LOAD, 0, 0, _OFFSET_NUMBER),
    ]
    if not processes:
        code += [
            _op(_JEQ, 0, 3, _CLONE),
            _op(_LOAD, 0, 0, _OFFSET_ARG0),
            _op(_JSET, 1, 0, _CLONE_THREAD),
            _op(_RETURN, 0, 0, _EPERM),
        ]
    return b"".join([*code, _op(_RETURN, 0, 0, _ALLOW)])


def _op(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _refuse(number: int, answer: int) -> list[bytes]:
    return [_op(_JEQ, 0, 1, number), _op(_RETURN, 0, 0, answer)]
