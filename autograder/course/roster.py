"""``students.csv``: who is in the class, and what other systems call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.errors import CourseError, shown
from autograder.course.rows import read_rows

ROSTER_FILE = "students.csv"
SYSTEMS = ("canvas", "moodle", "gradescope")
_PERSON = ("first_name", "last_name", "email")

_FOLDER = re.compile(r'[^./\\:*?"<>|\x00-\x1f][^/\\:*?"<>|\x00-\x1f]{0,99}')
_NO_FOLDER = "the id {value!r} cannot be a folder's name. Use letters, digits and - _ @ . instead."
_NO_ID = "the column 'id' is empty. Give the student an id."
_TWICE = "{column} {value!r} stands in row {other} too. Every student has one row and ids of their own."


@dataclass(frozen=True)
class Student:
    """One student: the id that records and reports use, and the ids of other systems."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    systems: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First and last name; the id where there is none."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


@dataclass(frozen=True)
class Roster:
    """All students, in the order of the file."""

    students: tuple[Student, ...] = ()
    where: str = ROSTER_FILE

    def by_id(self) -> dict[str, Student]:
        """Students by their id."""
        return {student.id: student for student in self.students}

    def by_system(self, system: str) -> dict[str, Student]:
        """Students by the id that ``canvas``, ``moodle`` or ``gradescope`` has for them."""
        return {s.systems[system]: s for s in self.students if s.systems.get(system)}


def read_roster(path: Path, root: Path | None = None) -> Roster:
    """The roster in a CSV file with the column ``id`` and any of ``first_name``, ``last_name``, ``email``,
    ``canvas``, ``moodle``, ``gradescope``.

    Raises CourseError for an empty id, and for any id that two rows share.
    """
    seen: dict[tuple[str, str], int] = {}
    students = []
    for row in read_rows(path, ["id"], [*_PERSON, *SYSTEMS], root):
        if not row["id"]:
            raise row.wrong(_NO_ID)
        if not _FOLDER.fullmatch(row["id"]):
            raise row.wrong(_NO_FOLDER.format(value=row["id"]))
        for column in ("id", *SYSTEMS):
            value = row[column]
            if value and (other := seen.setdefault((column, value), row.number)) != row.number:
                raise row.wrong(_TWICE.format(column=column, value=value, other=other))
        systems = {system: row[system] for system in SYSTEMS if row[system]}
        students.append(Student(row["id"], *(row[column] for column in _PERSON), systems))
    if not students:
        raise CourseError(f"{shown(path, root)} names no student. Add a row for each.")
    return Roster(tuple(students), shown(path, root))
