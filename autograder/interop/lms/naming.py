"""Whose a notebook is, from the names that Canvas, Moodle and Gradescope write into their archives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

_CANVAS = re.compile(r"(?P<name>[^_/]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<order>\d+)_(?P<file>[^/]+)")
_MOODLE = re.compile(r"(?P<name>[^_/]+)_(?P<user>\d+)_assignsubmission_file_?(?P<file>/?.*)")
_GRADESCOPE = "submission_metadata.yml"
_MOST_METADATA = 20_000_000


@dataclass(frozen=True)
class HandedIn:
    """One notebook of an archive.

    ``ids`` are what the platform says of its owner, to be looked up in this order; ``order`` grows with every
    time that the owner handed in; ``label`` is the name under which feedback goes back.
    """

    path: Path
    ids: tuple[str, ...]
    email: str
    name: str
    label: str
    order: int = 0
    late: bool = False
    moment: str = ""


def canvas(folder: Path) -> Iterator[HandedIn | Path]:
    """``nameoftheuser[_LATE]_<user id>_<attachment id>_<file>``; a path is one that is not called so."""
    for path in _notebooks(folder):
        found = _CANVAS.fullmatch(path.name)
        if found is None:
            yield path
        else:
            yield HandedIn(
                path, (found["user"],), "", found["name"], path.name, int(found["order"]), bool(found["late"])
            )


def moodle(folder: Path) -> Iterator[HandedIn | Path]:
    """``Full Name_<id>_assignsubmission_file_/<file>``, or the same without a folder."""
    for path in _notebooks(folder):
        found = next(
            (m for part in path.relative_to(folder).parts if (m := _MOODLE.fullmatch(part)) is not None), None
        )
        if found is None:
            yield path
        else:
            yield HandedIn(path, (found["user"],), "", found["name"], f"{found['name']}_{found['user']}")


def gradescope(folder: Path) -> Iterator[HandedIn | Path]:
    """``submission_<n>/<file>`` and ``submission_metadata.yml``, which says whose each is; a group's is everybody's."""
    for about in sorted(folder.rglob(_GRADESCOPE)):
        table = _metadata(about)
        for path in _notebooks(about.parent):
            entry = table.get(path.relative_to(about.parent).parts[0])
            people = _get(entry, "submitters")
            if not isinstance(people, list) or not people:
                yield path
                continue
            moment = _moment(_get(entry, "created_at"))
            for person in people:
                ids = tuple(str(_get(person, key)) for key in ("sid", "id") if _get(person, key))
                email, name = (str(_get(person, key) or "") for key in ("email", "name"))
                yield HandedIn(path, ids, email, name, path.parent.name, moment=moment)


READERS = {"canvas": canvas, "moodle": moodle, "gradescope": gradescope}


def _notebooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.ipynb") if path.is_file() and not path.is_symlink())


def _metadata(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MOST_METADATA:
        return {}
    try:
        found = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _get(table: Any, key: str) -> Any:
    """A value under ``key`` or, as Gradescope's program writes it, ``:key``."""
    return table.get(f":{key}", table.get(key)) if isinstance(table, dict) else None


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
