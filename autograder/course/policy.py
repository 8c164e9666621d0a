"""Due dates, extensions, late marks and set points, applied to a record in this one place.

``course.toml`` says what holds for everybody, ``exceptions.csv`` what holds for single students. Applying the
policy to a record to which it was applied before gives what applying it once would give, so that a record can
be brought up to date whenever either file changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from autograder.course.errors import CourseError, did_you_mean
from autograder.course.rows import Row, read_rows
from autograder.course.settings import NO_PENALTY, LatePolicy
from autograder.records import Lateness, ManualItem, Record, SetPoints, Status

if TYPE_CHECKING:
    from autograder.course.model import Course

EXCEPTIONS_FILE = "exceptions.csv"

_NO_STUDENT = "the column 'student' is empty. Name the student as the records do."
_NO_LESSON = "there is no lesson {value!r}.{near}"
_NO_ITEM = "{lesson} has no exercise, question or reflection {value!r}.{near}"
_NOTHING = "neither 'due' nor 'item' is given. Give one of them, or delete the row."
_BOTH = "'due' and 'item' stand in one row. Give each a row of its own."
_NO_TIME = "'due' must be a date and time with its offset, as in 2027-02-08T23:59:00+01:00, not {value!r}."
_NO_POINTS = "'points' must be a number from 0 to {most:g}, not {value!r}."
_LOOSE = "'points' without 'item': name the exercise, the question or 'reflection'."
_TWICE = "row {other} says the same of {student}, {lesson}{item}. Keep one of them."
_LATE = (
    "Handed in {how} after the {extended}due date: {percent:g} % of {score} points, {points}, are taken off."
)
_IN_GRACE = "Handed in {how} after the {extended}due date, within the time of grace: nothing is taken off."


@dataclass(frozen=True)
class Set:
    """Points that a person has set for one exercise, question or reflection, and why."""

    points: float
    comment: str


@dataclass(frozen=True)
class Policy:
    """The due dates and exceptions of a course."""

    due: Mapping[str, datetime] = field(default_factory=dict)
    late: LatePolicy = NO_PENALTY
    extensions: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """By student and lesson."""
    points: Mapping[tuple[str, str], Mapping[str, Set]] = field(default_factory=dict)
    """By student and lesson, then by exercise, question or ``reflection``."""

    def due_of(self, student: str, lesson: str) -> datetime | None:
        """The due date of one student's lesson; None when the lesson has none."""
        return self.extensions.get((student, lesson), self.due.get(lesson))

    def applied(self, record: Record) -> Record:
        """The record with set points and lateness as the policy has them now."""
        chosen = self.points.get((record.student, record.lesson), {})
        exercises = [_changed(result, chosen.get(result.name)) for result in record.exercises]
        quiz = [_changed(answer, chosen.get(answer.id)) for answer in record.quiz]
        record = replace(
            record,
            exercises=exercises,
            quiz=quiz,
            manual=[_marked(item, chosen.get(item.id)) for item in record.manual],
            score=float(sum((_exact(item.score) for item in [*exercises, *quiz]), Fraction(0))),
        )
        return replace(record, status=_status(record), late=self._lateness(record))

    def _lateness(self, record: Record) -> Lateness | None:
        """What handing in late costs; None when it was in time, as far as is known."""
        due = self.due_of(record.student, record.lesson)
        if due is None or not record.submission.handed_in:
            return None
        seconds = (datetime.fromisoformat(record.submission.handed_in) - due).total_seconds()
        if seconds <= 0:
            return None
        percent = self.late.percent(seconds)
        points = float(_exact(record.score) * _exact(percent) / 100)
        extended = (record.student, record.lesson) in self.extensions
        says = (_LATE if percent else _IN_GRACE).format(
            how=_long(seconds),
            extended="extended " if extended else "",
            percent=percent,
            score=f"{record.score:.6g}",
            points=f"{points:.4g}",
        )
        return Lateness(
            due=due.astimezone(UTC).isoformat(),
            extended=extended,
            seconds=seconds,
            percent=percent,
            points=points,
            says=says,
        )


def read_policy(course: Course) -> Policy:
    """The policy of a course. Raises CourseError that names the row of ``exceptions.csv`` that is wrong."""
    extensions: dict[tuple[str, str], datetime] = {}
    points: dict[tuple[str, str], dict[str, Set]] = {}
    for row, who in _rows(course):
        if row["due"]:
            extensions[who] = _moment(row)
        else:
            points.setdefault(who, {})[row["item"]] = _points(row, course, who[1])
    return Policy(course.settings.due, course.settings.late, extensions, points)


def last_due(course: Course, slug: str) -> datetime | None:
    """The last moment at which anybody may hand the lesson in on time; None when it has no due date."""
    due = course.settings.due.get(slug)
    if due is None:
        return None
    return max([due, *(_moment(row) for row, (_, lesson) in _rows(course) if row["due"] and lesson == slug)])


def _rows(course: Course) -> Iterator[tuple[Row, tuple[str, str]]]:
    """The rows of ``exceptions.csv`` with student and lesson; each is of one kind, and none says a thing again."""
    path = course.root / EXCEPTIONS_FILE
    if not path.exists():
        return
    seen: dict[tuple[str, str, str], int] = {}
    for row in read_rows(path, ["student", "lesson"], ["due", "item", "points", "comment"], course.root):
        who = _who(row, course)
        if (other := seen.setdefault((*who, row["item"]), row.number)) != row.number:
            item = f", {row['item']}" if row["item"] else ""
            raise row.wrong(_TWICE.format(other=other, student=who[0], lesson=who[1], item=item))
        if row["due"] and row["item"]:
            raise row.wrong(_BOTH)
        if not row["due"] and not row["item"]:
            raise row.wrong(_LOOSE if row["points"] else _NOTHING)
        yield row, who


def _who(row: Row, course: Course) -> tuple[str, str]:
    if not row["student"]:
        raise row.wrong(_NO_STUDENT)
    try:
        return row["student"], course.find_lesson(row["lesson"]).slug
    except CourseError:
        near = did_you_mean(row["lesson"], [one.slug for one in course.lessons])
        raise row.wrong(_NO_LESSON.format(value=row["lesson"], near=near)) from None


def _moment(row: Row) -> datetime:
    try:
        moment = datetime.fromisoformat(row["due"])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise row.wrong(_NO_TIME.format(value=row["due"]))
    return moment


def _points(row: Row, course: Course, slug: str) -> Set:
    lesson = course.find_lesson(slug)
    most = {e.name: e.points for e in lesson.exercises} | {q.id: q.points for q in lesson.questions}
    if lesson.reflection is not None:
        most["reflection"] = lesson.reflection.points
    if row["item"] not in most:
        near = did_you_mean(row["item"], most)
        raise row.wrong(_NO_ITEM.format(lesson=slug, value=row["item"], near=near))
    try:
        value = float(row["points"])
    except ValueError:
        value = math.nan
    if not 0 <= value <= most[row["item"]]:
        raise row.wrong(_NO_POINTS.format(most=most[row["item"]], value=row["points"]))
    return Set(value, row["comment"])


def _changed(item: Any, chosen: Set | None) -> Any:
    """An exercise or answer with the points that a person set, or as the judge left it."""
    if item.set_points is not None:
        before = item.set_points
        item = replace(item, score=before.judged, status=before.judged_status, set_points=None)
    if chosen is None:
        return item
    before = SetPoints(judged=item.score, judged_status=item.status, reason=chosen.comment)
    status = _status_of(_exact(chosen.points), _exact(item.max_score))
    return replace(item, score=chosen.points, status=status, set_points=before)


def _marked(item: ManualItem, chosen: Set | None) -> ManualItem:
    if chosen is None:
        status: Status = "ungraded" if item.text else "missing"
        return replace(item, score=None, comment="", status=status)
    status = _status_of(_exact(chosen.points), _exact(item.max_score))
    return replace(item, score=chosen.points, comment=chosen.comment, status=status)


def _status(record: Record) -> Status:
    """The status of the whole; that of a notebook that could not be read stays, whatever points it was given."""
    items = [*record.exercises, *record.quiz]
    if record.status == "error":
        return "error"
    if record.status == "infra" or any(item.status == "infra" for item in items):
        return "infra"
    if not record.score and all(item.status == "missing" for item in items):
        return "missing"
    return _status_of(_exact(record.score), _exact(record.max_score))


def _status_of(score: Fraction, most: Fraction) -> Status:
    return "pass" if score == most else "partial" if score > 0 else "fail"


def _exact(value: float) -> Fraction:
    """Points are shares of whole numbers: the float's nearest such share."""
    return Fraction(value).limit_denominator(10_000)


def _long(seconds: float) -> str:
    """``2 days 3 hours``, ``45 minutes``: a length of time in at most two units."""
    minutes = max(1, round(seconds / 60))
    days, minutes = divmod(minutes, 1440)
    hours, minutes = divmod(minutes, 60)
    units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    said = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in units if n]
    return " ".join(said[:2])
