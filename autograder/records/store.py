"""Reading and writing records: whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from autograder.records.schema import SCHEMA, Record

_NOT_A_RECORD = (
    "{path} is not a record of this course ({why}). Grade the submission again to write a new one."
)
_OTHER_SCHEMA = "{path} has record schema {found}, this version reads {known}. Grade the submission again."
_UNFINISHED = ".tmp"


class RecordError(ValueError):
    """A file that should hold a record does not."""


class CannotWrite(OSError):
    """A file could not be written; what lay there before is still there."""


def record_path(out: Path, student: str, lesson: str) -> Path:
    """Where the record of one student's lesson lies below ``out``."""
    return out / student / lesson / "record.json"


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part.

    The data reach the disk before the name does; a kill in between leaves only a hidden ``.tmp`` file
    beside it, which :func:`unfinished` finds. Raises :class:`CannotWrite`.
    """
    try:
        _write(path, data)
    except OSError as error:
        raise CannotWrite(error.errno, error.strerror or str(error), str(path)) from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def unfinished(out: Path) -> Iterator[Path]:
    """The files below ``out`` that somebody who was killed had begun to write."""
    for depth in ("", "*/", "*/*/"):
        yield from out.glob(f"{depth}.*.????????{_UNFINISHED}")


def encode(record: Record) -> bytes:
    """The record as JSON, sealed, one space of indent, ending in a line feed.

    Text from outside (a message, a file's name) may hold half of a surrogate pair, which JSON cannot: it
    becomes a question mark.
    """
    document = msgspec.to_builtins(record)
    try:
        document["seal"] = _seal(document)
    except UnicodeEncodeError:
        document = _encodable(document)
        document["seal"] = _seal(document)
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _encodable(tree: Any) -> Any:
    if isinstance(tree, str):
        return tree.encode("utf-8", "replace").decode("utf-8")
    if isinstance(tree, list):
        return [_encodable(item) for item in tree]
    if isinstance(tree, dict):
        return {_encodable(key): _encodable(value) for key, value in tree.items()}
    return tree


def write_record(record: Record, path: Path) -> None:
    """Write one record, atomically."""
    write_atomically(path, encode(record))


def read_record(path: Path) -> Record:
    """Read one record; raises :class:`RecordError` that says why it cannot be read."""
    return _decoded(path)[0]


def read_sealed(path: Path) -> tuple[Record, bool]:
    """One record, and whether it is as it was written.

    Raises :class:`RecordError`. A seal is no signature: it shows an edit, not who made it.
    """
    record, document = _decoded(path)
    return record, record.seal == _seal(document)


def _decoded(path: Path) -> tuple[Record, dict[str, Any]]:
    data = path.read_bytes()
    try:
        document = msgspec.json.decode(data, type=dict)
        found = document.get("schema")
        if found != SCHEMA:
            raise RecordError(_OTHER_SCHEMA.format(path=path, found=found, known=SCHEMA))
        return msgspec.json.decode(data, type=Record), document
    except msgspec.MsgspecError as error:
        raise RecordError(_NOT_A_RECORD.format(path=path, why=error)) from None


def _seal(document: dict[str, Any]) -> str:
    """Digest of a record's JSON as it stands in its file, so that it outlives fields that come later."""
    rest = {key: value for key, value in document.items() if key != "seal"}
    return hashlib.sha256(msgspec.json.encode(rest, order="sorted")).hexdigest()
