"""``course.toml``: what holds for the whole course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course.errors import CourseError, NoCourse, shown
from autograder.course.tables import Table, read_toml

COURSE_FILE = "course.toml"


@dataclass(frozen=True)
class Settings:
    """The values of course.toml.

    `seed` is the public one: documents, public checks and a course without a seed file of its own use
    it. `after_due` maps a lesson's folder to the moment from which its after-due results are shown.
    """

    title: str
    seed: int
    after_due: Mapping[str, datetime]


def find_root(start: Path | None = None) -> Path:
    """The nearest folder upwards from `start` (default: here) that holds course.toml."""
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    raise NoCourse(
        f"No course was found: neither {here} nor any folder above it holds {COURSE_FILE}. Change into the "
        "course's folder and try again."
    )


def read_settings(root: Path) -> Settings:
    """Read and validate course.toml."""
    path = root / COURSE_FILE
    where = shown(path, root)
    table = Table(read_toml(path, root), where)
    title, seed = table.take("title", str), table.take("seed", int)
    after_due = table.take("after_due", dict, {})
    table.done()
    if not 0 <= seed < 2**63:
        raise CourseError(f"{where}: 'seed' must be a whole number from 0 to 2**63 - 1, not {seed}.")
    for folder, moment in after_due.items():
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise CourseError(
                f"{where}: after_due.{folder} must be a date and time with its offset, as in "
                f"2027-02-01T23:59:00+01:00, not {moment!r}."
            )
    return Settings(title, seed, after_due)
