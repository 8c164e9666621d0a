"""The filter of system calls, written as classic BPF: a list of what is allowed (syscalls.py); the rest is refused.

Assembled for x86_64 and aarch64. On aarch64 it has been interpreted, by the tests, but never been run.
"""

from __future__ import annotations

import platform
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from . import syscalls

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Machine -> the number under which the kernel knows its system calls."""

_X32_BIT = 0x40000000
_ALLOW, _KILL, _PRETEND = 0x7FFF0000, 0x80000000, 0x50000
_EPERM, _ENOSYS = 0x50000 | 1, 0x50000 | 38
_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_CLONE_THREAD, _CLONE_NAMESPACES = 0x00010000, 0x7E020080
_AF_UNIX = 1
# DUPFD, GETFD, SETFD, GETFL, SETFL, locks, DUPFD_CLOEXEC, GETPIPE_SZ: none that has signals sent to others.
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what open(), isatty() and pipes ask.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Names of threads and of memory, and questions: none that hides it, frees it of its parent or shields it.
_PRCTL = (15, 16, 0x53564D41, 3, 21, 23, 39)


@dataclass(frozen=True)
class Policy:
    """What a filter allows beside the list.

    Attributes:
        processes: other processes may be started; threads always may.
        alone: its own process id, where no other process may be signalled.
        shared_user: it runs as a user who owns other files too. To change a file's rights or times then does
            nothing, and says that it worked, as libraries expect.
        own_files: the file system it sees is its own.
    """

    processes: bool
    alone: int | None = None
    shared_user: bool = False
    own_files: bool = True


def available() -> bool:
    """Whether this machine's system calls are on the list."""
    return sys.platform == "linux" and platform.machine() in MACHINES


def program(policy: Policy, machine: str | None = None) -> bytes:
    """The filter, packed: eight bytes for each instruction.

    Args:
        policy: what it allows beside the list.
        machine: a key of ``MACHINES``; this one if not given.
    """
    machine = machine or platform.machine()
    column = list(MACHINES).index(machine)
    code = [
        _op(_LOAD, _ARCH),
        _op(_JEQ, MACHINES[machine], 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":  # a second set of numbers for the same calls
        code += [_op(_JGE, _X32_BIT, 0, 1), _op(_RETURN, _KILL)]
    for number in _listed(policy, column):
        code += [_op(_JEQ, number, 0, 1), _op(_RETURN, _ALLOW)]
    if policy.shared_user:
        for number in _numbers(syscalls.CHANGES_BY_NAME, column):
            code += [_op(_JEQ, number, 0, 1), _op(_RETURN, _PRETEND)]
    code += _clone(syscalls.CLONE[column], policy.processes)
    # It hides its flags behind a pointer; told it does not exist, the C library uses clone.
    code += [_op(_JEQ, syscalls.CLONE3[column], 0, 1), _op(_RETURN, _ENOSYS)]
    for numbers, argument, values in _by_argument(policy):
        code += _one_of(numbers[column], argument, values)
    code += [_op(_JGE, syscalls.FIRST_UNKNOWN, 0, 1), _op(_RETURN, _ENOSYS)]
    return b"".join([*code, _op(_RETURN, _EPERM)])


def _listed(policy: Policy, column: int) -> list[int]:
    groups = list(syscalls.GROUPS)
    if not policy.shared_user:
        groups.append(syscalls.CHANGES_BY_NAME)
    if policy.own_files:
        groups.append(syscalls.TRUNCATE)
    if policy.processes:
        groups.append(syscalls.PROCESSES)
    numbers = [number for group in groups for number in _numbers(group, column)]
    if policy.alone is None:
        numbers += [syscalls.KILL[column], syscalls.TGKILL[column]]
    return numbers


def _numbers(group: syscalls.Group, column: int) -> list[int]:
    return [numbers[column] for numbers in group.calls.values() if numbers[column] is not None]


def _by_argument(policy: Policy) -> list[tuple[syscalls.Numbers, int, Iterable[int]]]:
    """Calls that are allowed for some values of an argument: numbers, which argument, values."""
    calls = [
        (syscalls.PRCTL, 0, _PRCTL),
        (syscalls.FCNTL, 1, _FCNTL),
        (syscalls.IOCTL, 1, _IOCTL),
        (syscalls.SOCKETPAIR, 0, [_AF_UNIX]),
        (syscalls.PRLIMIT, 0, [0]),  # of itself
    ]
    if policy.alone is not None:
        calls += [(syscalls.KILL, 0, [policy.alone]), (syscalls.TGKILL, 0, [policy.alone])]
    return calls


def _one_of(number: int, argument: int, values: Iterable[int]) -> list[bytes]:
    """The kernel reads these arguments as 32 bits, which are the lower half."""
    tests = []
    for value in values:
        tests += [_op(_JEQ, value, 0, 1), _op(_RETURN, _ALLOW)]
    block = [_op(_LOAD, _ARGUMENTS + 8 * argument), *tests, _op(_RETURN, _EPERM)]
    return [_op(_JEQ, number, 0, len(block)), *block]


def _clone(number: int, processes: bool) -> list[bytes]:
    if processes:
        test = [_op(_JSET, _CLONE_NAMESPACES, 0, 1), _op(_RETURN, _EPERM), _op(_RETURN, _ALLOW)]
    else:
        test = [
            _op(_JSET, _CLONE_NAMESPACES, 2, 0),
            _op(_JSET, _CLONE_THREAD, 0, 1),
            _op(_RETURN, _ALLOW),
            _op(_RETURN, _EPERM),
        ]
    block = [_op(_LOAD, _ARGUMENTS), *test]
    return [_op(_JEQ, number, 0, len(block)), *block]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
