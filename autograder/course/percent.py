"""``lesson.py``: a Jupytext percent notebook whose markers carry the course's own kinds of cell.

This module splits the text into blocks and checks the form of each marker; it gives no meaning to them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.errors import CourseError, as_text, did_you_mean, shown

_MARKER = re.compile(r"# ?%%(?:\s+(?P<rest>.*))?$")
_REST = re.compile(r"\[(?P<kind>[^\]]*)\]\s*(?P<words>.*)$")
_OPTION = re.compile(r"(?P<key>[A-Za-z_]+)=(?P<value>\S*)$")

# kind -> fewest words, most words, options. `demo` is a marker without a kind.
_FORMS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "markdown": (0, 0, ()),
    "demo": (0, 0, ()),
    "setup": (0, 0, ()),
    "exercise": (1, 1, ("difficulty", "importance", "minutes")),
    "use": (1, 9, ()),
    "library": (1, 9, ()),
    "real": (1, 9, ()),
    "question": (1, 1, ()),
    "reflection": (0, 0, ()),
    "flashcards": (0, 0, ()),
}
KINDS = tuple(_FORMS)
_BODILESS = ("setup", "question", "reflection", "flashcards")


@dataclass(frozen=True)
class Block:
    """One cell of lesson.py as it stands: its kind, the words and options of the marker, its lines."""

    kind: str
    words: tuple[str, ...]
    options: Mapping[str, str]
    lines: tuple[str, ...]
    line: int
    """Line of the marker in the file, from 1."""

    @property
    def text(self) -> str:
        """The body as it is shown: Markdown without its comment signs, code as written."""
        if self.kind == "markdown":
            return "\n".join(line.removeprefix("#").removeprefix(" ") for line in self.lines)
        return "\n".join(self.lines)


@dataclass(frozen=True)
class LessonText:
    """A whole lesson.py: the values under ``lesson:`` of its header, and its blocks in order."""

    header: Mapping[str, Any]
    blocks: tuple[Block, ...]

    def of_kind(self, kind: str) -> list[Block]:
        """All blocks of one kind, in order."""
        return [block for block in self.blocks if block.kind == kind]


def read_lesson_text(path: Path, root: Path | None = None) -> LessonText:
    """Split lesson.py. Raises CourseError that names file and line."""
    return split_lesson_text(as_text(path, root), shown(path, root))


def split_lesson_text(text: str, where: str) -> LessonText:
    """Split the text of a lesson.py; `where` names it in messages."""
    lines = text.split("\n")
    header, start = _header(lines, where)
    blocks: list[Block] = []
    marker, begun = None, start
    for index in range(start, len(lines) + 1):
        found = _MARKER.match(lines[index]) if index < len(lines) else None
        if found is None and index < len(lines):
            continue
        body = lines[begun:index]
        if marker is not None:
            blocks.append(_block(*marker, body, where))
        elif any(line.strip() for line in body):
            raise CourseError(
                f"{where}, line {begun + 1}: there is text before the first cell. Begin cells with '# %%'."
            )
        if found is not None:
            marker, begun = ((found["rest"] or "").strip(), index + 1), index + 1
    if not blocks:
        raise CourseError(f"{where}: there is no cell. Begin the first one with '# %% [markdown]'.")
    return LessonText(header, tuple(blocks))


def _header(lines: list[str], where: str) -> tuple[dict[str, Any], int]:
    """The YAML header (its key `lesson`) and the index of the line after it."""
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if not lines[start].startswith("# ---"):
        raise CourseError(
            f"{where}: the header is missing. The file begins with '# ---', then '# lesson:' and its keys, "
            "then '# ---'."
        )
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("# ---")), None)
    if end is None:
        raise CourseError(f"{where}: the header is never closed. End it with a line '# ---'.")
    import yaml

    try:
        values = yaml.safe_load(
            "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start + 1 : end])
        )
    except yaml.YAMLError as error:
        raise CourseError(f"{where}: the header is not valid YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(values, dict) or not isinstance(values.get("lesson"), dict):
        raise CourseError(
            f"{where}: the header has no key 'lesson' with the lesson's title, stars and so on."
        )
    return values["lesson"], end + 1


def _block(rest: str, line: int, body: list[str], where: str) -> Block:
    place = f"{where}, line {line}"
    kind, words, options = _marker(rest, place)
    while body and not body[-1].strip():
        body.pop()
    while body and not body[0].strip():
        body.pop(0)
    if kind == "markdown":
        wrong = next((text for text in body if text.strip() and not text.startswith("#")), None)
        if wrong is not None:
            raise CourseError(
                f"{place}: a Markdown cell holds only comment lines, but there is {wrong!r}. Put '# ' "
                "before it, or begin a code cell with '# %%'."
            )
    elif kind in _BODILESS and any(text.strip() for text in body):
        raise CourseError(
            f"{place}: a [{kind}] cell has no body (the build writes it), but there is "
            f"{next(text for text in body if text.strip())!r}. Begin a new cell before it."
        )
    elif kind in ("markdown", "demo", "use", "library", "real") and not body:
        raise CourseError(f"{place}: this {kind} cell is empty. Write its text or delete the marker.")
    return Block(kind, words, options, tuple(body), line)


def _marker(rest: str, place: str) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Kind, words and options of what stands after ``# %%``."""
    if not rest:
        return "demo", (), {}
    found = _REST.match(rest)
    if found is None:
        raise CourseError(
            f"{place}: {rest!r} stands after '# %%'. Only a kind in brackets may stand there, such as "
            "'[markdown]' or '[exercise] name'."
        )
    kind = "markdown" if found["kind"] == "md" else found["kind"].strip()
    if kind not in _FORMS:
        raise CourseError(
            f"{place}: there is no kind of cell {kind!r}. Kinds: {', '.join(KINDS)}."
            + did_you_mean(kind, KINDS)
        )
    fewest, most, known = _FORMS[kind]
    words: list[str] = []
    options: dict[str, str] = {}
    for piece in found["words"].split():
        option = _OPTION.match(piece)
        if option is None:
            words.append(piece)
        elif option["key"] not in known:
            raise CourseError(
                f"{place}: [{kind}] has no option {option['key']!r}."
                + (f" Options: {', '.join(known)}." if known else " It has none.")
                + did_you_mean(option["key"], known)
            )
        else:
            options[option["key"]] = option["value"]
    if not fewest <= len(words) <= most:
        wanted = {(0, 0): "no name", (1, 1): "exactly one name"}.get((fewest, most), "at least one name")
        raise CourseError(f"{place}: [{kind}] takes {wanted}; it has {' '.join(words) or 'nothing'}.")
    return kind, tuple(words), options
