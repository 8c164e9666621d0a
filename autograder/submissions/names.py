"""Names that come from outside: students' (from files and folders) and lessons' (as people call them)."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from autograder.submissions import words

MAX_NAME_BYTES = 100

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_COPY = re.compile(r"(?: ?\(\d{1,3}\)|-Copy\d{1,3}| - Copy| copy(?: \d{1,3})?)+$", re.IGNORECASE)


class UnknownLesson(ValueError):
    """No lesson of the course is called so; the text offers the nearest."""


def readable(name: str) -> str:
    """A file name as text that can be encoded: bytes that are no UTF-8 become replacement characters."""
    return os.fsencode(name).decode("utf-8", "replace")


def safe_name(student: str) -> str:
    """A student's name as a folder's name that is safe on every system: no separators, controls, leading
    dots, at most `MAX_NAME_BYTES` bytes. Letters of all scripts stay; everything doubtful becomes "_".
    Never empty.
    """
    text = unicodedata.normalize("NFC", student.encode("utf-8", "replace").decode("utf-8"))
    name = "".join(
        c if c.isalnum() or c in "._-+@" or unicodedata.category(c) in ("Mn", "Mc") else "_" for c in text
    )
    name = name.strip(".").lstrip("-") or "student"
    if name.split(".", 1)[0].casefold() in _RESERVED:
        name = "_" + name
    if len(name.encode()) > MAX_NAME_BYTES:
        # the digest keeps two long names apart that begin alike
        digest = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:10]
        name = name.encode()[: MAX_NAME_BYTES - 11].decode("utf-8", "ignore") + "-" + digest
    return name


def collision_key(student: str) -> str:
    """Equal for two students whose folders would be one on a file system that ignores case."""
    return unicodedata.normalize("NFC", safe_name(student).casefold())


def without_copy_mark(stem: str) -> str:
    """A file's stem without the mark of a second copy: `anna (1)` and `anna-Copy1` are `anna`."""
    return _COPY.sub("", stem).rstrip() or stem


def lesson_called(name: str, slugs: Sequence[str]) -> str:
    """The slug of the lesson called `2`, `02`, `L02`, `gradient_attribution`, by its slug or its folder.

    Raises `UnknownLesson`.
    """
    found = find_lesson(name, slugs)
    if found is None:
        raise UnknownLesson(
            words.UNKNOWN_LESSON.format(name=words.shown(name, 60), hint=nearest(name, slugs))
        )
    return found


def find_lesson(name: str, slugs: Sequence[str]) -> str | None:
    """As `lesson_called`, or None."""
    text = os.path.basename(name.rstrip("/\\")).strip().casefold().replace("-", "_").replace(" ", "_")
    number = re.fullmatch(r"(?:l|lesson_?)?0*(\d{1,3})", text, re.ASCII)
    for slug in slugs:
        own, _, short = slug.partition("_")
        if text in (slug.casefold(), short.casefold()) or (
            number and own.isdecimal() and int(own) == int(number[1])
        ):
            return slug
    return None


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the names most like `name`, or all of a few."""
    known = sorted(known)
    close = difflib.get_close_matches(name[:200].casefold(), known[:5000], n=2, cutoff=0.6)
    if close:
        return "Did you mean " + " or ".join(words.shown(c, 80) for c in close) + "?"
    if 0 < len(known) <= 20:
        return "There are: " + ", ".join(words.shown(k, 80) for k in known) + "."
    return ""
