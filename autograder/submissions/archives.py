"""Unpack an archive of submissions into a private folder: only notebooks, within bounds, never outside of it.

The folder is then walked as any other (:mod:`autograder.submissions.layout`). Names are kept as they are as
far as that is safe: what a learning platform writes into them says whose a notebook is.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from autograder.submissions import words
from autograder.submissions.containers import CHUNK, Bounds, Budget, Entry, Refused, entries
from autograder.submissions.files import Unreadable, open_file
from autograder.submissions.layout import PASSED_OVER, Remark

SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2")
"""What is opened."""
OTHER_SUFFIXES = (".7z", ".rar", ".txz", ".tar.xz", ".tar.zst")
"""What is not: a sentence says to unpack it."""
KEPT_BESIDE = ("submission_metadata.yml",)
"""Files beside notebooks that say whose they are (Gradescope's)."""

_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,  # a name that is no UTF-8 though it says so, a number that is none
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
_LEFT_OUT = {
    "link": words.IN_ARCHIVE_LINK,
    "locked": words.IN_ARCHIVE_LOCKED,
    "odd": words.IN_ARCHIVE_ODD,
    "special": words.IN_ARCHIVE_SPECIAL,
}


@dataclass
class Unpacked:
    """What an archive gave.

    Attributes:
        folder: where its notebooks are, in the archive's own folders.
        remarks: what was left out, and why.
        count: how many notebooks were unpacked.
    """

    folder: Path
    remarks: list[Remark] = field(default_factory=list)
    count: int = 0

    @property
    def root(self) -> Path:
        """The folder to walk: past a single folder around everything, unless that is one student's."""
        inside = list(self.folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir():
            return self.folder
        below = list(inside[0].iterdir())
        return inside[0] if len(below) > 1 or any(path.is_dir() for path in below) else self.folder


def is_archive(path: Path) -> bool:
    """Whether a file is called like an archive, one that is opened or one that is not."""
    return path.name.lower().endswith(SUFFIXES + OTHER_SUFFIXES)


def without_suffix(name: str) -> str:
    """An archive's file name without what says that it is one."""
    suffixes = sorted(SUFFIXES + OTHER_SUFFIXES, key=len, reverse=True)
    return next((name[: -len(suffix)] for suffix in suffixes if name.lower().endswith(suffix)), name)


def unpack(path: Path, folder: Path, bounds: Bounds = Bounds()) -> Unpacked:
    """Unpack the notebooks of the archive ``path`` into ``folder``, which must not exist yet.

    Nothing is written outside of it, no link is made or followed, and nothing is unpacked but notebooks and what
    says whose they are. Never raises for what the archive holds: each difficulty is a remark, and the rest is
    unpacked.
    """
    folder.mkdir(parents=True)
    work = _Unpacking(path, Unpacked(folder), Budget(bounds))
    lower = path.name.lower()
    if not lower.endswith(SUFFIXES):
        work.remark(words.ARCHIVE_KIND.format(path=words.shown(path)))
        return work.result
    try:
        with open_file(path) as file:
            work.all_of(file, lower.endswith(".zip"))
    except Unreadable as error:
        work.remark(str(error))
    except Refused as refusal:
        work.stop(str(refusal))
    except _DAMAGES:
        work.stop(words.WHY_DAMAGED)
    except OSError as error:  # gzip and bz2 raise one without a number for damage
        work.stop(error.strerror or words.WHY_DAMAGED)
    return work.result


class _Unpacking:
    """The unpacking of one archive: what has been done so far."""

    def __init__(self, path: Path, result: Unpacked, budget: Budget) -> None:
        self.path, self.result, self.budget = path, result, budget
        self.twice: set[Path] = set()

    def remark(self, sentence: str) -> None:
        self.result.remarks.append(Remark("archive", sentence, self.path))

    def stop(self, why: str) -> None:
        self.remark(words.ARCHIVE_STOPPED.format(path=words.shown(self.path), why=why))

    def all_of(self, file: IO[bytes], zipped: bool) -> None:
        bounds = self.budget.bounds
        found = entries(file, zipped, self.budget, self.result.folder.parent)
        with contextlib.closing(found):
            for count, entry in enumerate(found):
                if count >= bounds.entries:
                    raise Refused(words.WHY_ENTRIES.format(limit=f"{bounds.entries:,}"))
                self.budget.check_time()
                self.one(entry)

    def one(self, entry: Entry) -> None:
        name = entry.name.replace("\\", "/")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        hidden = any((part.startswith(".") and part != "..") or part in PASSED_OVER for part in parts)
        if not parts or hidden:
            return
        if not self.is_safe(name, parts):
            self.left_out(words.IN_ARCHIVE_NAME, entry)
            return
        target = self.result.folder.joinpath(*parts)
        try:
            # a student's folder without a notebook is told of later, so it has to be there
            (target if entry.kind == "folder" else target.parent).mkdir(parents=True, exist_ok=True)
        except OSError:  # a file and a folder of one name
            self.left_out(words.IN_ARCHIVE_NAME, entry)
            return
        if entry.kind == "folder":
            return
        name = parts[-1].lower()
        if name.endswith(SUFFIXES + OTHER_SUFFIXES):
            self.left_out(words.IN_ARCHIVE_NESTED, entry)
        elif name.endswith(".ipynb") or name in KEPT_BESIDE:
            if entry.kind in _LEFT_OUT:
                self.left_out(_LEFT_OUT[entry.kind], entry)
            else:
                self.file(entry, target)

    def is_safe(self, name: str, parts: list[str]) -> bool:
        """Whether the entry's place is inside of the folder, on every system, and short enough for one."""
        bounds = self.budget.bounds
        return (
            not name.startswith("/")
            and not _DRIVE.match(name)
            and ".." not in parts
            and len(parts) <= bounds.depth + 1
            and all("\0" not in part and len(os.fsencode(part)) <= bounds.name for part in parts)
        )

    def file(self, entry: Entry, target: Path) -> None:
        if target in self.twice:
            return
        new = target.with_name(f".{self.result.count}")
        try:
            self.write(entry, new)
        except Refused:
            new.unlink(missing_ok=True)
            raise
        except _DAMAGES:
            new.unlink(missing_ok=True)
            self.left_out(words.IN_ARCHIVE_DAMAGED, entry)
            return
        if not target.exists():
            new.rename(target)
            self.result.count += target.suffix.lower() == ".ipynb"
            return
        same = target.is_file() and filecmp.cmp(new, target, shallow=False)
        new.unlink()
        if not same:  # nobody can say which of them counts
            if target.is_file():
                target.unlink()
            self.twice.add(target)
            self.left_out(words.IN_ARCHIVE_TWICE, entry)

    def write(self, entry: Entry, target: Path) -> None:
        most = self.budget.bounds.file
        size = 0
        with entry.open() as content, target.open("xb") as file:
            while part := content.read(CHUNK):
                size += len(part)
                self.budget.spend(len(part))
                if size > most:
                    # one byte too many, taking no space: whoever reads it says why it is not read
                    file.truncate(0)
                    file.truncate(most + 1)
                    return
                file.write(part)

    def left_out(self, sentence: str, entry: Entry) -> None:
        self.remark(sentence.format(name=words.shown(entry.name, 120), path=words.shown(self.path)))
