"""What a worker holds where no namespace shows it: its processes, and its folder on the disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_BLOCK = 512


def family(first: int, user: int) -> list[str]:
    """Process ids of a worker: of its first process, of all below it, and of the orphans among them.

    Args:
        first: its first process.
        user: the user id that no other worker has. This process has adopted what lost its parent.
    """
    lost = [pid for pid in orphans(user) if int(pid) != first]
    return below(str(first), *lost)


def below(*pids: str) -> list[str]:
    """These processes and all that they have started."""
    found = list(pids)
    for pid in found:  # which grows meanwhile
        found += [child for child in children(pid) if child not in found]
    return found


def orphans(user: int) -> list[str]:
    """Process ids of a user's among the children of this process."""
    return [pid for pid in children("self") if _user(pid) == user]


def children(pid: str) -> list[str]:
    """Process ids of the children of all threads of a process."""
    found: list[str] = []
    with contextlib.suppress(OSError):  # it has just ended
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    return found


def kept(folder: str, most_files: int) -> tuple[int, int]:
    """Bytes on the disk and number of the files in ``folder``; the search ends after ``most_files``."""
    size = count = 0
    waiting = [folder]
    while waiting and count <= most_files:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                if count > most_files:
                    break
    return size, count


def removed(pids: list[str]) -> int:
    """Bytes on the disk of files that have no name any more, and are held open by these processes."""
    seen: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    about = os.stat(f"/proc/{pid}/fd/{fd}")
                    if about.st_nlink == 0:
                        seen[about.st_dev, about.st_ino] = about.st_blocks * _BLOCK
    return sum(seen.values())


def _user(pid: str) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Uid:")).split()[1])
    return None
