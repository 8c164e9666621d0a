"""The layers around student code: their names, as records carry them, and what each one is.

Which of them stand together on a rung is decided by starting them. For tests alone a ``Zygote`` may be told
to leave layers out, so that a test can show that an attack succeeds without the layer that stops it. No
command, file or variable of the environment reaches that argument.
"""

from __future__ import annotations

from collections.abc import Iterable

LAYERS = {
    "bubblewrap": "an empty root folder and namespaces of its own, made by bubblewrap",
    "files": "of the machine's files, only those of a list are in that root folder, read-only",
    "landlock": "of the machine's files, only those of a list can be opened; in bubblewrap, of /proc only what tells nothing",
    "packages": "of the installed packages, only those of a list can be read",
    "pid": "a process namespace for each submission: other processes do not exist, and all end with the first",
    "mount": "a scratch folder in memory for each submission, of a fixed size",
    "ipc": "no shared memory segment or queue of another process",
    "uts": "a host name of its own",
    "net": "an empty network",
    "uid": "a user of its own that owns nothing else",
    "capabilities": "no capability, and none can be had again",
    "seccomp": "a list of system calls",
    "processes": "no other process can be started, and none but itself be signalled",
    "sweep": "every process of the submission's user is ended with it, detached ones too",
    "rlimits": "address space, computing time, size of a file, open files, processes",
    "descriptors": "no open file but the standard streams and the connection to the judge",
    "environment": "a fixed list of variables",
    "memory": "the memory of all processes together is looked at, twenty times a second",
    "priority": "a submission with many threads or processes gives way to the others",
    "disk": "the size of the scratch folder is looked at, twenty times a second",
}

_UNKNOWN = "no layer is called {names}; there are {known}"


def checked(without: Iterable[str]) -> frozenset[str]:
    """``without`` as a set. Raises ValueError for a name that is no layer."""
    names = frozenset(without)
    if unknown := sorted(names - LAYERS.keys()):
        raise ValueError(_UNKNOWN.format(names=", ".join(unknown), known=", ".join(LAYERS)))
    return names
