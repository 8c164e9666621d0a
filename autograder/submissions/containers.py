"""Walk zip and tar files entry by entry, within bounds, and without unpacking anything.

The standard library reads both; it trusts lengths that the file itself names. So it is given files that refuse to
be read in large pieces, or for too long, and compressed tar files are first laid out on the disk, up to a limit.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import os
import stat
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from autograder.submissions import words
from autograder.submissions.files import MAX_BYTES

CHUNK = 8 << 10
"""Bytes of one piece of an entry's content, and the most of one header of a tar file."""
_COPY = 1 << 20
_BLOCK = 512
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Bounds:
    """How much of an archive is read.

    Attributes:
        entries: files, folders and everything else in it.
        directory: bytes of a zip's list of entries.
        file: bytes of one notebook.
        total: bytes of everything that is unpacked.
        depth: folders above a notebook.
        name: bytes of the name of one folder or file.
        seconds: for the whole archive.
    """

    entries: int = 50_000
    directory: int = 16 << 20
    file: int = MAX_BYTES
    total: int = 4_000_000_000
    depth: int = 8
    name: int = 250
    seconds: float = 300.0


class Refused(Exception):
    """The archive, or the rest of it, is not read; the text says why, as a part of a sentence."""


class Budget:
    """What may still be unpacked of one archive, and until when."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._left = bounds.total
        self._deadline = time.monotonic() + bounds.seconds

    def spend(self, count: int) -> None:
        """Take note of ``count`` bytes; raises :class:`Refused` when that is too much."""
        self._left -= count
        if self._left < 0:
            raise Refused(words.WHY_TOTAL.format(limit=f"{self.bounds.total / 1e9:g}"))

    def check_time(self) -> None:
        """Raise :class:`Refused` when the time is over."""
        if time.monotonic() > self._deadline:
            raise Refused(words.WHY_TIME.format(seconds=self.bounds.seconds))


@dataclass(frozen=True)
class Entry:
    """One thing in an archive.

    Attributes:
        name: as text, whatever bytes it was.
        kind: ``file``, ``folder``, ``link``, ``locked`` (by a password), ``odd`` (packed in a way that is not
            read) or ``special`` (a device, a pipe).
        open: its content, to be read in pieces of ``CHUNK``.
    """

    name: str
    kind: Literal["file", "folder", "link", "locked", "odd", "special"]
    open: Callable[[], IO[bytes]]


def entries(file: IO[bytes], zipped: bool, budget: Budget, spool: Path) -> Iterator[Entry]:
    """Everything in an archive, in its order.

    Args:
        file: the archive, which can be sought.
        zipped: whether it is a zip file; else a tar file, plain or packed by gzip or bzip2.
        budget: of this archive.
        spool: a folder for what a packed tar file holds.

    Raises:
        Refused: it has more than the bounds allow, or is no archive.
        OSError, ValueError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error: it is damaged.
    """
    return _of_zip(file, budget) if zipped else _of_tar(file, budget, spool)


class _Guarded(io.RawIOBase):
    """A file of which nobody reads more than ``most`` bytes at once, or when the time is over."""

    def __init__(self, file: IO[bytes], most: int, budget: Budget) -> None:
        super().__init__()
        self._file, self._most, self._budget = file, most, budget

    def read(self, size: int = -1) -> bytes:
        self._budget.check_time()
        data = self._file.read(min(size, self._most + 1) if size >= 0 else self._most + 1)
        if len(data) > self._most:
            raise Refused(words.WHY_HEADER)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


# ------------------------------------------------------------------------------------------ zip
def _of_zip(file: IO[bytes], budget: Budget) -> Iterator[Entry]:
    with zipfile.ZipFile(_Guarded(file, budget.bounds.directory, budget)) as archive:
        for info in archive.infolist():
            yield Entry(_zip_name(info), _zip_kind(info), lambda info=info: archive.open(info))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Names that do not say that they are UTF-8 mostly are all the same (macOS); else they are DOS's."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with contextlib.suppress(ValueError):
            return name.encode("cp437").decode("utf-8")
    return name


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode == stat.S_IFLNK:
        return "link"
    if info.is_dir():
        return "folder"
    if mode not in (0, stat.S_IFREG):
        return "special"
    if info.flag_bits & 0x1:
        return "locked"
    return "file" if info.compress_type in _PLAIN_METHODS else "odd"


# ------------------------------------------------------------------------------------------ tar
def _of_tar(file: IO[bytes], budget: Budget, spool: Path) -> Iterator[Entry]:
    begin = file.read(3)
    file.seek(0)
    with tempfile.TemporaryFile(dir=spool) as plain:
        if begin.startswith(b"\x1f\x8b"):
            file = _laid_out(gzip.GzipFile(fileobj=file), plain, budget)
        elif begin == b"BZh":
            file = _laid_out(bz2.BZ2File(file), plain, budget)
        with tarfile.open(
            fileobj=_Guarded(file, CHUNK, budget), mode="r:", encoding="utf-8", errors="surrogateescape"
        ) as archive:
            for info in archive:
                yield Entry(_tar_name(info), _tar_kind(info), lambda info=info: archive.extractfile(info))
            # tarfile ends without a word where a header is damaged; an archive ends with blocks of zeros
            file.seek(archive.offset)
            if file.read(_BLOCK) != bytes(_BLOCK):
                raise tarfile.ReadError("no end")


def _laid_out(packed: IO[bytes], plain: IO[bytes], budget: Budget) -> IO[bytes]:
    """The content of a packed file, on the disk: a tar file is read to and fro."""
    with packed:
        while part := packed.read(_COPY):
            budget.check_time()
            budget.spend(len(part))
            plain.write(part)
    plain.seek(0)
    return plain


def _tar_name(info: tarfile.TarInfo) -> str:
    raw = info.name.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        return "link"
    if not info.isreg():
        return "special"
    return "odd" if info.sparse is not None else "file"
