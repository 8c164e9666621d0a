"""Reading and writing records: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from autograder.records.schema import SCHEMA, Record

_NOT_A_RECORD = (
    "{path} is not a record of this course ({why}). Grade the submission again to write a new one."
)
_OTHER_SCHEMA = "{path} has record schema {found}, this version reads {known}. Grade the submission again."


class RecordError(ValueError):
    """A file that should hold a record does not."""


def record_path(out: Path, student: str, lesson: str) -> Path:
    """Where the record of one student's lesson lies below ``out``."""
    return out / student / lesson / "record.json"


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part.

    The data reach the disk before the name does; a kill in between leaves only a ``.tmp`` file,
    which the next write to the same folder does not mind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
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


def encode(record: Record) -> bytes:
    """The record as JSON, one space of indent, ending in a line feed.

    Text from outside (a message, a file's name) may hold half of a surrogate pair, which JSON cannot: it
    becomes a question mark.
    """
    try:
        data = msgspec.json.encode(record)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(record)))
    return msgspec.json.format(data, indent=1) + b"\n"


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
    data = path.read_bytes()
    try:
        found = msgspec.json.decode(data, type=dict).get("schema")
        if found != SCHEMA:
            raise RecordError(_OTHER_SCHEMA.format(path=path, found=found, known=SCHEMA))
        return msgspec.json.decode(data, type=Record)
    except msgspec.MsgspecError as error:
        raise RecordError(_NOT_A_RECORD.format(path=path, why=error)) from None
