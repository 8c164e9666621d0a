"""Reading CSV tables of the instructor's strictly: a wrong column or a broken row is an error that names it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.errors import CourseError, did_you_mean, shown

MAX_ROWS = 100_000
_NO_COLUMN = "{where}: the column {column!r} is missing. The first line must name it; it names: {found}."
_UNKNOWN = "{where}: unknown column {column!r}. Known columns: {known}.{near}"
_TWICE = "{where}: the column {column!r} stands twice in the first line. Rename or delete one."
_RAGGED = (
    "{where}, row {row}: {got} values for {want} columns. Put a text that holds commas in double quotes."
)
_NOT_UTF8 = "{where} is not UTF-8 text (byte {at}). Save it as UTF-8: in Excel, 'CSV UTF-8'."
_CANNOT = "{where} could not be read ({why}). Check that the file is there and that you may read it."
_BROKEN = "{where}, row {row}: {why}. Open the file in a text editor and repair that line."
_MANY = "{where} has more than {most:,} rows. Split it."


@dataclass(frozen=True)
class Row:
    """One line: its number as a spreadsheet shows it (the first line is 1), and its values by column."""

    number: int
    values: dict[str, str]
    where: str

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def wrong(self, what: str) -> CourseError:
        """An error that names this row."""
        return CourseError(f"{self.where}, row {self.number}: {what}")


def read_rows(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), root: Path | None = None
) -> list[Row]:
    """The rows of a CSV file (UTF-8, with or without mark; comma, semicolon or tab), empty ones left out.

    Values are stripped. Raises CourseError for an unknown, missing or repeated column and for a row with
    too many or too few values.
    """
    where = shown(path, root)
    lines = _lines(path, where)
    header = [name.strip() for name in next(lines, (1, []))[1]]
    for column in header:
        if header.count(column) > 1:
            raise CourseError(_TWICE.format(where=where, column=column))
        if column not in (*required, *optional):
            known = [*required, *optional]
            near = did_you_mean(column, known)
            raise CourseError(_UNKNOWN.format(where=where, column=column, known=", ".join(known), near=near))
    for column in required:
        if column not in header:
            found = ", ".join(header) or "nothing"
            raise CourseError(_NO_COLUMN.format(where=where, column=column, found=found))
    rows = []
    for number, values in lines:
        values = [value.strip() for value in values]
        if not any(values):
            continue
        if len(values) != len(header):
            raise CourseError(_RAGGED.format(where=where, row=number, got=len(values), want=len(header)))
        rows.append(Row(number, dict(zip(header, values, strict=True)), where))
        if len(rows) > MAX_ROWS:
            raise CourseError(_MANY.format(where=where, most=MAX_ROWS))
    return rows


def _lines(path: Path, where: str):
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(_CANNOT.format(where=where, why=error.strerror)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(_NOT_UTF8.format(where=where, at=error.start)) from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CourseError(_BROKEN.format(where=where, row=reader.line_num, why=error)) from None
        yield reader.line_num, values
