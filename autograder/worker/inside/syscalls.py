"""The system calls that student code may make, in groups with the reason; every other one is refused.

Found by tracing (strace) the workers of the example class and of lesson 02's solution, and a notebook that uses
most of what torch, numpy, scipy, scikit-learn, pandas, matplotlib and the standard library do with files, threads
and processes; then completed by the older and newer forms of the same calls, which another C library would use.

Of each call: its name, its number on x86_64 and on aarch64; None where a machine has no such call.
"""

from __future__ import annotations

from dataclasses import dataclass

Numbers = tuple[int | None, int | None]


@dataclass(frozen=True)
class Group:
    """Calls that are allowed for one reason."""

    reason: str
    calls: dict[str, Numbers]


GROUPS = (
    Group(
        "Memory of its own: arrays, the heap, libraries, stacks of threads",
        {
            "mmap": (9, 222),
            "munmap": (11, 215),
            "mremap": (25, 216),
            "mprotect": (10, 226),
            "brk": (12, 214),
            "madvise": (28, 233),
            "msync": (26, 227),
            "mbind": (237, 235),
            "membarrier": (324, 283),
        },
    ),
    Group(
        "Files that the file system lets it open: data, plots, late imports",
        {
            "open": (2, None),
            "openat": (257, 56),
            "creat": (85, None),
            "close": (3, 57),
            "close_range": (436, 436),
            "read": (0, 63),
            "write": (1, 64),
            "readv": (19, 65),
            "writev": (20, 66),
            "pread64": (17, 67),
            "pwrite64": (18, 68),
            "preadv": (295, 69),
            "pwritev": (296, 70),
            "preadv2": (327, 286),
            "pwritev2": (328, 287),
            "lseek": (8, 62),
            "dup": (32, 23),
            "dup2": (33, None),
            "dup3": (292, 24),
            "flock": (73, 32),
            "fsync": (74, 82),
            "fdatasync": (75, 83),
            "ftruncate": (77, 46),
            "fallocate": (285, 47),
            "fadvise64": (221, 223),
            "sendfile": (40, 71),
            "copy_file_range": (326, 285),
        },
    ),
    Group(
        "Names, folders and what is known about a file",
        {
            "stat": (4, None),
            "lstat": (6, None),
            "fstat": (5, 80),
            "newfstatat": (262, 79),
            "statx": (332, 291),
            "statfs": (137, 43),
            "fstatfs": (138, 44),
            "access": (21, None),
            "faccessat": (269, 48),
            "faccessat2": (439, 439),
            "getdents": (78, None),
            "getdents64": (217, 61),
            "getcwd": (79, 17),
            "chdir": (80, 49),
            "fchdir": (81, 50),
            "mkdir": (83, None),
            "mkdirat": (258, 34),
            "rmdir": (84, None),
            "unlink": (87, None),
            "unlinkat": (263, 35),
            "rename": (82, None),
            "renameat": (264, 38),
            "renameat2": (316, 276),
            "link": (86, None),
            "linkat": (265, 37),
            "symlink": (88, None),
            "symlinkat": (266, 36),
            "readlink": (89, None),
            "readlinkat": (267, 78),
            "umask": (95, 166),
            "getxattr": (191, 8),
            "lgetxattr": (192, 9),
            "fgetxattr": (193, 10),
            "listxattr": (194, 11),
            "llistxattr": (195, 12),
            "flistxattr": (196, 13),
        },
    ),
    Group(
        "Waiting, and pipes between its own threads and processes",
        {
            "pipe": (22, None),
            "pipe2": (293, 59),
            "poll": (7, None),
            "ppoll": (271, 73),
            "select": (23, None),
            "pselect6": (270, 72),
            "epoll_create": (213, None),
            "epoll_create1": (291, 20),
            "epoll_ctl": (233, 21),
            "epoll_wait": (232, None),
            "epoll_pwait": (281, 22),
        },
    ),
    Group(
        "The connection to the judge, which is open already; no other can be made",
        {
            "sendto": (44, 206),
            "recvfrom": (45, 207),
            "sendmsg": (46, 211),
            "recvmsg": (47, 212),
            "shutdown": (48, 210),
            "getsockname": (51, 204),
            "getpeername": (52, 205),
            "getsockopt": (55, 209),
        },
    ),
    Group(
        "Threads and locks",
        {
            "futex": (202, 98),
            "set_robust_list": (273, 99),
            "set_tid_address": (218, 96),
            "rseq": (334, 293),
            "arch_prctl": (158, None),
            "exit": (60, 93),
            "exit_group": (231, 94),
            "sched_yield": (24, 124),
            "sched_getaffinity": (204, 123),
            "sched_getparam": (143, 121),
            "sched_getscheduler": (145, 120),
            "sched_get_priority_max": (146, 125),
            "sched_get_priority_min": (147, 126),
            "getcpu": (309, 168),
            "gettid": (186, 178),
        },
    ),
    Group(
        "Time, and timers of its own",
        {
            "clock_gettime": (228, 113),
            "clock_getres": (229, 114),
            "clock_nanosleep": (230, 115),
            "nanosleep": (35, 101),
            "gettimeofday": (96, 169),
            "time": (201, None),
            "times": (100, 153),
            "getrusage": (98, 165),
            "alarm": (37, None),
            "getitimer": (36, 102),
            "setitimer": (38, 103),
        },
    ),
    Group(
        "Signals that it handles itself",
        {
            "rt_sigaction": (13, 134),
            "rt_sigprocmask": (14, 135),
            "rt_sigreturn": (15, 139),
            "rt_sigpending": (127, 136),
            "rt_sigsuspend": (130, 133),
            "rt_sigtimedwait": (128, 137),
            "sigaltstack": (131, 132),
            "pause": (34, None),
            "restart_syscall": (219, 128),
        },
    ),
    Group(
        "Who and where it is, random numbers",
        {
            "getpid": (39, 172),
            "getppid": (110, 173),
            "getuid": (102, 174),
            "geteuid": (107, 175),
            "getgid": (104, 176),
            "getegid": (108, 177),
            "getresuid": (118, 148),
            "getresgid": (120, 150),
            "getgroups": (115, 158),
            "getpgrp": (111, None),
            "getpgid": (121, 155),
            "getsid": (124, 156),
            "getpriority": (140, 141),
            "getrlimit": (97, 163),
            "uname": (63, 160),
            "sysinfo": (99, 179),
            "getrandom": (318, 278),
            "wait4": (61, 260),
            "waitid": (247, 95),
        },
    ),
)

CHANGES_BY_NAME = Group(
    "Rights and times of files: Landlock does not ask who wants that, so only for a user who owns no other file",
    {
        "chmod": (90, None),
        "fchmod": (91, 52),
        "fchmodat": (268, 53),
        "utime": (132, None),
        "utimes": (235, None),
        "futimesat": (261, None),
        "utimensat": (280, 88),
    },
)
TRUNCATE = Group(
    "Shortens a file by its name, which older Landlock does not ask about either: where the file system is its own",
    {"truncate": (76, 45)},
)
PROCESSES = Group(
    "Processes of its own, where all of them can be found and ended",
    {
        "fork": (57, None),
        "vfork": (58, None),
        "execve": (59, 221),
        "setsid": (112, 157),
        "setpgid": (109, 154),
    },
)

# Allowed for some values of an argument.
CLONE: Numbers = (56, 220)
CLONE3: Numbers = (435, 435)
KILL: Numbers = (62, 129)
TGKILL: Numbers = (234, 131)
PRCTL: Numbers = (157, 167)
FCNTL: Numbers = (72, 25)
IOCTL: Numbers = (16, 29)
SOCKETPAIR: Numbers = (53, 199)
PRLIMIT: Numbers = (302, 261)

FIRST_UNKNOWN = 452
"""Calls from this number on are newer than this list: they "do not exist", and libraries then use an older one."""
