"""``course.toml``: what holds for the whole course."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.errors import CourseError, NoCourse, shown
from autograder.course.tables import Table, read_toml

COURSE_FILE = "course.toml"


@dataclass(frozen=True)
class LatePolicy:
    """What handing in late costs: percent of the automatic points for each day begun after the due date."""

    grace_minutes: float = 0.0
    """So much later is not late yet."""
    per_day: float = 0.0
    most: float = 100.0
    """Never more percent than this."""
    closed_after_days: float | None = None
    """Later than this, all automatic points are lost."""

    def percent(self, seconds: float) -> float:
        """What is lost by handing in so many seconds after the due date, 0..100."""
        if seconds <= 60 * self.grace_minutes:
            return 0.0
        days = seconds / 86_400
        if self.closed_after_days is not None and days > self.closed_after_days:
            return 100.0
        return min(self.most, self.per_day * math.ceil(days))


NO_PENALTY = LatePolicy()


@dataclass(frozen=True)
class Settings:
    """The values of course.toml.

    `seed` is the public one: documents, public checks and a course without a seed file of its own use
    it. `after_due` maps a lesson's folder to the moment from which its after-due results are shown, `due` to
    the moment until which it is handed in; `late` says what handing in later costs.
    `libraries` are the modules that workers load before any student's code; None is the usual ones.
    """

    title: str
    seed: int
    after_due: Mapping[str, datetime]
    due: Mapping[str, datetime] = field(default_factory=dict)
    late: LatePolicy = NO_PENALTY
    libraries: tuple[str, ...] | None = None


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
    after_due, due = (_moments(table.take(key, dict, {}), key, where) for key in ("after_due", "due"))
    late = _late(table.take("late", dict, {}), where)
    libraries = table.take_list("libraries", str) if "libraries" in table.values else None
    table.done()
    if not 0 <= seed < 2**63:
        raise CourseError(f"{where}: 'seed' must be a whole number from 0 to 2**63 - 1, not {seed}.")
    loaded = None if libraries is None else tuple(libraries)
    return Settings(title, seed, after_due, due, late, loaded)


def _moments(values: Mapping[str, Any], key: str, where: str) -> Mapping[str, datetime]:
    for folder, moment in values.items():
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise CourseError(
                f"{where}: {key}.{folder} must be a date and time with its offset, as in "
                f"2027-02-01T23:59:00+01:00, not {moment!r}."
            )
    return values


def _late(values: Mapping[str, Any], where: str) -> LatePolicy:
    table = Table(values, f"{where}, late")
    given = {
        "grace_minutes": table.take("grace_minutes", float, 0.0),
        "per_day": table.take("per_day", float, 0.0),
        "most": table.take("most", float, 100.0),
        "closed_after_days": table.take("closed_after_days", float, None),
    }
    table.done()
    for key, value in given.items():
        highest = 100 if key in ("per_day", "most") else math.inf
        if value is not None and not 0 <= value <= highest:
            says = "from 0 to 100 percent" if highest == 100 else "0 or more"
            raise CourseError(f"{table.where}: {key!r} must be {says}, not {value!r}.")
    return LatePolicy(**given)
