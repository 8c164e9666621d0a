"""The filter of system calls: interpreted, for both machines, call by call; and compared with the kernel's headers.

Interpreting holds what the filter says. That it lets honest work through, and nothing else, is held where it runs:
tests/engine/test_honest_work.py and tests/engine/test_wall.py. On aarch64 it was never run.
"""

import platform
import re
import struct
from pathlib import Path

import pytest

from autograder.worker.inside import seccomp, syscalls
from autograder.worker.inside.seccomp import MACHINES, Policy

ALLOW, KILL, PRETEND, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x50000, 0x50001, 0x50026
ALONE = 4711
HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+) (\d+)"),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+) (\d+)"),
}
POLICIES = {
    "sandbox": Policy(processes=True),
    "own user": Policy(processes=True, own_files=False),
    "same user": Policy(processes=False, alone=ALONE, shared_user=True, own_files=False),
}
GROUPS = (*syscalls.GROUPS, syscalls.CHANGES_BY_NAME, syscalls.TRUNCATE, syscalls.PROCESSES)
SINGLE = ("clone", "clone3", "kill", "tgkill", "prctl", "fcntl", "ioctl", "socketpair")
SINGLE_NUMBERS = {name: getattr(syscalls, name.upper()) for name in SINGLE} | {"prlimit64": syscalls.PRLIMIT}

# Of Linux on x86_64 and aarch64: what no student's code may ever reach.
NEVER = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "mknodat": (259, 33),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "personality": (135, 92),
    "setuid": (105, 146),
    "setresuid": (117, 147),
    "setgroups": (116, 159),
    "capset": (126, 91),
    "seccomp": (317, 277),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "init_module": (175, 105),
    "kexec_load": (246, 104),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "lookup_dcookie": (212, 18),
    "syslog": (103, 116),
    "acct": (163, 89),
    "reboot": (169, 142),
    "setxattr": (188, 5),
    "fchown": (93, 55),
    "execveat": (322, 281),
    "process_madvise": (440, 440),
    "move_pages": (279, 239),
    "vmsplice": (278, 75),
    "clock_settime": (227, 112),
}


def answer(program: bytes, number: int, *arguments: int, arch: int) -> int:
    """What the kernel would do with a call: an interpreter of the instructions that the filter uses."""
    filled = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, arch, 0, *filled)
    code = list(struct.iter_unpack("<HBBI", program))
    position = accumulator = 0
    for _ in range(len(code)):
        kind, if_true, if_false, value = code[position]
        position += 1
        if kind == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif kind == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value}[kind]
            position += if_true if holds else if_false
    raise AssertionError("the program does not end")


@pytest.fixture(params=list(MACHINES))
def machine(request):
    return request.param


@pytest.fixture(params=list(POLICIES))
def policy(request):
    return POLICIES[request.param]


@pytest.fixture
def ask(machine, policy):
    program = seccomp.program(policy, machine)
    return lambda number, *arguments: answer(program, number, *arguments, arch=MACHINES[machine])


def column(machine):
    return list(MACHINES).index(machine)


def numbers(group, machine):
    return {
        name: both[column(machine)] for name, both in group.calls.items() if both[column(machine)] is not None
    }


def test_listed_calls_are_allowed(ask, machine):
    listed = {name: number for group in syscalls.GROUPS for name, number in numbers(group, machine).items()}
    assert len(listed) > 80
    assert {name for name, number in listed.items() if ask(number) != ALLOW} == set()


@pytest.mark.parametrize("name", list(NEVER))
def test_what_nobody_may_reach_is_refused(ask, machine, name):
    number = NEVER[name][column(machine)]
    assert {ask(number), ask(number, 1), ask(number, ALONE), ask(number, 2**64 - 1)} == {EPERM}


def test_everything_that_is_not_listed_is_refused(ask, machine):
    known = {number for group in GROUPS for number in numbers(group, machine).values()}
    known |= {both[column(machine)] for both in SINGLE_NUMBERS.values()}
    others = [number for number in range(600) if number not in known]
    wanted = {number: EPERM if number < syscalls.FIRST_UNKNOWN else ENOSYS for number in others}
    assert {number: ask(number) for number in others} == wanted


def test_calls_of_another_machine_end_the_process(machine, policy):
    program = seccomp.program(policy, machine)
    others = [arch for name, arch in MACHINES.items() if name != machine] + [0x40000003]
    assert {answer(program, number, arch=arch) for arch in others for number in (0, 1, 63, 231)} == {KILL}


def test_the_second_set_of_numbers_ends_the_process(policy):
    program = seccomp.program(policy, "x86_64")
    assert answer(program, 0x40000000, arch=MACHINES["x86_64"]) == KILL
    assert answer(program, 0x40000000 + 59, arch=MACHINES["x86_64"]) == KILL


def test_processes(ask, machine, policy):
    wanted = ALLOW if policy.processes else EPERM
    assert {ask(number) for number in numbers(syscalls.PROCESSES, machine).values()} == {wanted}
    clone, clone3 = (SINGLE_NUMBERS[name][column(machine)] for name in ("clone", "clone3"))
    thread, process = 0x3D0F00, 0x1200011
    assert ask(clone, thread) == ALLOW
    assert ask(clone, process) == wanted
    for namespace in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert ask(clone, process | namespace) == EPERM
        assert ask(clone, thread | namespace) == EPERM
    assert ask(clone3) == ENOSYS


def test_signals(ask, machine, policy):
    for name in ("kill", "tgkill"):
        number = SINGLE_NUMBERS[name][column(machine)]
        for target in (1, ALONE - 1, ALONE + 1, 0, 2**32 - 1, 2**64 - 1):
            assert ask(number, target, 9) == (ALLOW if policy.alone is None else EPERM)
        assert ask(number, ALONE, 9) == ALLOW


def test_rights_and_times_of_files(ask, machine, policy):
    wanted = PRETEND if policy.shared_user else ALLOW
    assert {ask(number) for number in numbers(syscalls.CHANGES_BY_NAME, machine).values()} == {wanted}
    truncate = syscalls.TRUNCATE.calls["truncate"][column(machine)]
    assert ask(truncate) == (ALLOW if policy.own_files else EPERM)


@pytest.mark.parametrize(
    ("name", "place", "allowed", "refused"),
    [
        # PR_SET_NAME, PR_GET_NAME; PDEATHSIG, DUMPABLE, SECCOMP, SUBREAPER, NO_NEW_PRIVS, PTRACER
        ("prctl", 0, (15, 16), (1, 4, 22, 36, 38, 0x59616D61, 24, 8)),
        # F_DUPFD, F_GETFD, F_SETLK; F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ
        ("fcntl", 1, (0, 1, 2, 3, 4, 6, 1030), (8, 10, 15, 1024, 1026, 1031, 1033)),
        # TCGETS, FIOCLEX; TIOCSTI, TIOCSCTTY, FIOSETOWN, SIOCSPGRP, FS_IOC_SETFLAGS, TIOCLINUX
        ("ioctl", 1, (0x5401, 0x5451), (0x5412, 0x540E, 0x8901, 0x8902, 0x40086602, 0x541C)),
        ("socketpair", 0, (1,), (2, 10, 16, 17, 38, 40)),
        ("prlimit64", 0, (0,), (1, ALONE, 2**32 - 1)),
    ],
)
def test_calls_that_depend_on_an_argument(ask, machine, name, place, allowed, refused):
    number = SINGLE_NUMBERS[name][column(machine)]
    for value in (*allowed, *refused):
        arguments = [0] * place + [value]
        assert ask(number, *arguments) == (ALLOW if value in allowed else EPERM), value
        # The kernel looks at 32 bits of it; so must the filter.
        assert ask(number, *arguments[:-1], value | 7 << 32) == (ALLOW if value in allowed else EPERM)


@pytest.mark.parametrize("which", list(HEADERS))
def test_numbers_are_the_kernels(which):
    path, pattern = HEADERS[which]
    if not path.exists():
        pytest.skip(f"the kernel's headers are not here ({path}): apt-get install linux-libc-dev")
    real = {name: int(number) for name, number in re.findall(pattern, path.read_text())}
    if which == "aarch64":
        real["newfstatat"] = real["fstatat"]
    place = column(which)
    ours = {name: both[place] for group in GROUPS for name, both in group.calls.items()}
    ours |= {name: both[place] for name, both in SINGLE_NUMBERS.items()}
    ours |= {name: both[place] for name, both in NEVER.items()}
    wrong = {
        name: number
        for name, number in ours.items()
        if number is not None and real.get(name, number) != number
    }
    assert wrong == {}
    assert len(ours.keys() & real.keys()) > 150
    if which == "x86_64":  # where a call is said not to be there, it is not
        assert {name for name, number in ours.items() if number is None and name in real} == set()


def test_every_group_has_its_reason_and_no_call_is_in_two():
    names = [name for group in GROUPS for name in group.calls]
    assert len(names) == len(set(names))
    assert not set(names) & (set(SINGLE_NUMBERS) | set(NEVER))
    assert all(len(group.reason) > 10 for group in GROUPS)


def test_the_filter_fits_into_the_kernel(machine, policy):
    assert len(seccomp.program(policy, machine)) // 8 < 4096


def test_this_machine_has_it():
    assert seccomp.available() == (platform.machine() in MACHINES)
