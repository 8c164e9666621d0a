"""What goes wrong when a course is read, said in one place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class CourseError(ValueError):
    """The course's files say something that cannot be meant. The text says what, where and what to do."""


class NoSuchLesson(CourseError):
    """The lesson that was asked for does not exist."""


class NoCourse(CourseError):
    """No ``course.toml`` was found."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` with a leading space, or an empty string when nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def shown(path: Path, root: Path | None = None) -> str:
    """A path as people read it: relative to the course where it lies inside."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return str(path)


def as_text(path: Path, root: Path | None = None) -> str:
    """The file's text (UTF-8). Raises CourseError when it is missing or is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{shown(path, root)} is missing.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{shown(path, root)} is not UTF-8 text: save it as UTF-8.") from None
