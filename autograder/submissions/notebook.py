"""Read any bytes as a notebook: its cells, what was repaired, or one sentence why it cannot be read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.submissions import words
from autograder.submissions.files import MAX_BYTES, Unreadable, read_file
from autograder.submissions.scan import Damaged, Scanner, TooDense

MAX_CELLS = 5_000
MAX_CELL_BYTES = 1_000_000
MAX_TEXT_BYTES = 5_000_000
MAX_NOTES = 20

_BEGINS = re.compile(rb"""kit\.begin\(\\?["']([A-Za-z0-9_]{1,100})\\?["']\)""")


class UnreadableNotebook(ValueError):
    """A file that cannot be read as a notebook. Its text is one or two sentences: what, why, what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it was handed in.

    `index` counts all cells of the file from 0; messages to people say `number`, from 1. `role` and `name`
    are what the build wrote into `metadata.autograder`; `grade_id` is nbgrader's. A student can write
    anything there, so only those of the release are ever believed.
    """

    index: int
    source: str
    kind: str = "code"
    id: str | None = None
    tags: tuple[str, ...] = ()
    role: str | None = None
    name: str | None = None
    grade_id: str | None = None

    @property
    def number(self) -> int:
        """The cell's place as people count, from 1."""
        return self.index + 1


@dataclass(frozen=True, slots=True)
class Notebook:
    """The readable cells of a notebook in their order, and what was repaired on the way."""

    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    lesson: str | None = None
    """The lesson's slug, where the notebook's metadata still says it (`metadata.autograder.lesson`)."""

    @property
    def code(self) -> list[Cell]:
        """The code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def markdown(self) -> list[Cell]:
        """The text cells."""
        return [cell for cell in self.cells if cell.kind == "markdown"]


def read_notebook(source: str | Path | bytes) -> Notebook:
    """The notebook in a file or in bytes, in nbformat 1 to 4, whatever its encoding.

    Outputs, attachments and widget states are stepped over, never built. Raises `UnreadableNotebook`, and
    nothing else.
    """
    try:
        data = source if isinstance(source, bytes) else read_file(source)
    except Unreadable as error:
        raise UnreadableNotebook(str(error)) from None
    if len(data) > MAX_BYTES:
        raise UnreadableNotebook(
            words.TOO_LARGE.format(size=-(-len(data) // 1_000_000), limit=MAX_BYTES // 1_000_000)
        )
    return _Reading().read(data)


def lesson_said(data: bytes) -> str | None:
    """The lesson that a notebook names, in its metadata or else in its set-up cell; None when it names none.

    Reads nothing else of it and never raises.
    """
    data, _ = _as_utf8(data)
    scanner = Scanner(data)
    try:
        said = _lesson(scanner, scanner.pick(scanner.start(), "metadata"))
    except (Damaged, TooDense):
        said = None
    begins = None if said else _BEGINS.search(data)
    return begins[1].decode("ascii") if begins else said


@dataclass
class _Reading:
    """The reading of one notebook: what has been gathered so far."""

    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: int = 0
    text_left: int = MAX_TEXT_BYTES

    def read(self, data: bytes) -> Notebook:
        data, encoding = _as_utf8(data)
        scanner = Scanner(data)
        try:
            lesson = self._document(scanner)
        except TooDense:
            raise UnreadableNotebook(words.TOO_DENSE) from None
        except Damaged as damage:
            raise UnreadableNotebook(_damage(data, scanner.line(damage.position), damage)) from None
        if encoding or scanner.guessed_encoding:
            self.notes.insert(0, words.NOTE_ENCODING.format(encoding=encoding or "Windows-1252"))
        if len(self.notes) > MAX_NOTES:
            self.notes[MAX_NOTES:] = [words.NOTE_MORE.format(count=len(self.notes) - MAX_NOTES)]
        return Notebook(tuple(self.cells), tuple(self.notes), lesson)

    def _document(self, scanner: Scanner) -> str | None:
        start = scanner.start()
        if scanner.kind(start) != "object":
            raise UnreadableNotebook(_no_object(scanner.data[start : start + 200], scanner.kind(start)))
        top = scanner.pick(start, "cells", "worksheets", "metadata", "nbformat")
        lists = [top["cells"]] if "cells" in top else []
        if not lists and "worksheets" in top and scanner.kind(top["worksheets"]) == "list":
            sheets = [scanner.pick(at, "cells") for at in scanner.elements(top["worksheets"])]
            lists = [sheet["cells"] for sheet in sheets if "cells" in sheet]
        lists = [at for at in lists if scanner.kind(at) == "list"]
        if not lists:
            raise UnreadableNotebook(words.NO_CELLS)
        version = scanner.small(top["nbformat"], 20) if "nbformat" in top else None
        if isinstance(version, int) and 0 < version < 4:
            self.notes.append(words.NOTE_OLD_FORMAT.format(version=version))
        for at in lists:
            for cell in scanner.elements(at):
                self._cell(scanner, cell)
        return _lesson(scanner, top)

    def _cell(self, scanner: Scanner, at: int) -> None:
        index, self.seen = self.seen, self.seen + 1
        if self.seen > MAX_CELLS:
            raise UnreadableNotebook(words.TOO_MANY_CELLS.format(limit=f"{MAX_CELLS:,}"))
        if scanner.kind(at) != "object":
            self.notes.append(words.NOTE_NOT_A_CELL.format(cell=index + 1))
            return
        parts = scanner.pick(at, "cell_type", "source", "input", "id", "metadata")
        kind = self._kind(scanner, parts, index)
        source = self._source(scanner, parts.get("source", parts.get("input")), index)
        if source is None:
            return
        facts = _facts(scanner, parts.get("metadata"))
        cell_id = scanner.text(parts["id"], 300) if "id" in parts else None
        self.cells.append(Cell(index, source, kind, cell_id, **facts))

    def _kind(self, scanner: Scanner, parts: dict[str, int], index: int) -> str:
        said = scanner.text(parts["cell_type"], 50) if "cell_type" in parts else None
        if said in ("code", "markdown", "raw"):
            return said
        if said in ("heading", "html"):
            return "markdown"
        # without a type it is tried as code: prose that does not compile costs nobody anything
        self.notes.append(words.NOTE_NO_TYPE.format(cell=index + 1))
        return "code"

    def _source(self, scanner: Scanner, at: int | None, index: int) -> str | None:
        """The cell's text, repaired; None, with a note, when there is none that can be used."""
        if at is None:
            return ""
        size = scanner.skip(at) - at
        if size > MAX_CELL_BYTES:
            self.notes.append(words.NOTE_LARGE_CELL.format(cell=index + 1, limit=MAX_CELL_BYTES // 1000))
            return None
        if size > self.text_left:
            if self.text_left >= 0:
                self.notes.append(words.NOTE_MUCH_CODE.format(cell=index + 1, limit=MAX_TEXT_BYTES // 1000))
            self.text_left = -1
            return None
        self.text_left -= size
        flat = scanner.flat(at, MAX_CELL_BYTES)
        if flat is not None:
            lines = [line if isinstance(line, str) else None for line in flat]
        elif scanner.kind(at) == "list":
            lines = [scanner.text(line, MAX_CELL_BYTES) for line in scanner.elements(at)]
        else:
            lines = [scanner.text(at, MAX_CELL_BYTES)]
        if lines and all(line is None for line in lines):
            if scanner.small(at, 10) is not None or scanner.kind(at) != "scalar":
                self.notes.append(words.NOTE_NO_SOURCE.format(cell=index + 1))
                return None
            return ""
        source = "".join(line for line in lines if line is not None)
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        clean = source.removeprefix("\ufeff").replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        if clean != source or None in lines:
            self.notes.append(words.NOTE_CHARACTERS.format(cell=index + 1))
        return clean


def _facts(scanner: Scanner, at: int | None) -> dict[str, object]:
    """What the engine needs of a cell's metadata, each value checked; nothing of the rest."""
    parts = scanner.pick(at, "tags", "autograder", "nbgrader") if at is not None else {}
    tags = scanner.small(parts["tags"]) if "tags" in parts else None
    ours = scanner.small(parts["autograder"]) if "autograder" in parts else None
    theirs = scanner.small(parts["nbgrader"]) if "nbgrader" in parts else None
    return {
        "tags": tuple(t for t in tags if isinstance(t, str)) if isinstance(tags, list) else (),
        "role": _word(ours, "role"),
        "name": _word(ours, "name"),
        "grade_id": _word(theirs, "grade_id"),
    }


def _word(tree: object, key: str) -> str | None:
    value = tree.get(key) if isinstance(tree, dict) else None
    return value if isinstance(value, str) and len(value) <= 200 else None


def _lesson(scanner: Scanner, top: dict[str, int]) -> str | None:
    parts = scanner.pick(top["metadata"], "autograder") if "metadata" in top else {}
    return _word(scanner.small(parts["autograder"]) if "autograder" in parts else None, "lesson")


def _as_utf8(data: bytes) -> tuple[bytes, str | None]:
    """The bytes in an ASCII superset without a mark, and the encoding's name where a note should say it."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "UTF-32"),
        (codecs.BOM_UTF32_BE, "UTF-32"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace").encode("utf-8", "replace"), name
    if re.match(rb"(?:\s\0)*\{\0[\s\"}]", data):
        return data.decode("utf-16-le", "replace").encode("utf-8", "replace"), "UTF-16"
    if re.match(rb"(?:\0\s)*\0\{", data):
        return data.decode("utf-16-be", "replace").encode("utf-8", "replace"), "UTF-16"
    while data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    return data, None


def _no_object(begin: bytes, kind: str) -> str:
    """The sentence for a file whose first value is no JSON object."""
    if not begin.strip(b"\0"):
        return words.EMPTY
    if kind == "list":
        return words.LIST
    if begin.startswith(b"<<<<<<< "):
        return words.CONFLICT.format(line=1)
    if begin.startswith(b"<"):
        return words.WEB_PAGE
    if begin.startswith(b"PK\x03\x04"):
        return words.ARCHIVE
    if begin.startswith(b"%PDF"):
        return words.PDF
    if begin.startswith(b"version https://git-lfs"):
        return words.POINTER
    first = begin.split(b"\n", 1)[0][:30].decode("utf-8", "replace")
    return words.NOT_A_NOTEBOOK.format(begin=ascii(first))


def _damage(data: bytes, line: int, damage: Damaged) -> str:
    conflict = re.search(rb"^<<<<<<< ", data, re.MULTILINE)
    if conflict:
        return words.CONFLICT.format(line=data.count(b"\n", 0, conflict.start()) + 1)
    return (words.CUT if damage.cut else words.DAMAGED).format(line=line)
