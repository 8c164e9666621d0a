"""When something was handed in, as far as the files beside it say: nbgrader's ``timestamp.txt``."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

STAMP = "timestamp.txt"
_MOST = 200


def handed_in(notebook: Path) -> str:
    """The moment in ``timestamp.txt`` beside a notebook, ISO 8601 in UTC; "" when none can be read there."""
    path = notebook.with_name(STAMP)
    try:
        if path.is_symlink() or not path.is_file() or os.path.getsize(path) > _MOST:
            return ""
        return moment_in(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


def moment_in(text: str) -> str:
    """A moment in ISO 8601, or as nbgrader writes it (``2026-11-22 10:00:00.123456 Europe/Paris``), as ISO 8601
    in UTC. A time without a zone is UTC, as in nbgrader. "" when it is none.
    """
    words = text.strip().split(" ")
    zone = words.pop() if len(words) == 3 else ""
    try:
        moment = datetime.fromisoformat(" ".join(words))
        if zone:
            moment = moment.replace(tzinfo=_zone(zone))
        elif moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _zone(name: str) -> tzinfo:
    if name[0] in "+-":
        return datetime.strptime(name, "%z").tzinfo or UTC
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError(name) from None
