"""The whole course: its settings, its lessons, and how a lesson is found by what people call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course.errors import CourseError, NoSuchLesson, did_you_mean
from autograder.course.lesson import Lesson
from autograder.course.policy import Policy, last_due, read_policy
from autograder.course.roster import ROSTER_FILE, Roster, read_roster
from autograder.course.settings import Settings, find_root, read_settings

_FOLDER = re.compile(r"\d{2,}_[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Course:
    """A course: its settings and its lessons in order."""

    root: Path
    settings: Settings
    lessons: tuple[Lesson, ...]

    @property
    def title(self) -> str:
        """The course's title."""
        return self.settings.title

    @property
    def seed(self) -> int:
        """The fixed public seed."""
        return self.settings.seed

    @cached_property
    def policy(self) -> Policy:
        """Due dates, late marks, extensions and set points."""
        return read_policy(self)

    @cached_property
    def roster(self) -> Roster | None:
        """Who is in the class; None without ``students.csv``."""
        path = self.root / ROSTER_FILE
        return read_roster(path, self.root) if path.exists() else None

    def find_lesson(self, text: str | int) -> Lesson:
        """The lesson meant by ``2``, ``02``, ``L02``, its slug, its name, or a path to its folder.

        Raises NoSuchLesson with did-you-mean.
        """
        asked = str(text).strip()
        word = Path(asked).name if "/" in asked else asked
        digits = re.fullmatch(r"[Ll]?0*(\d+)", word)
        for lesson in self.lessons:
            if word.lower() in (lesson.slug, lesson.name) or (digits and int(digits[1]) == lesson.number):
                return lesson
        near = did_you_mean(word.lower(), [known for one in self.lessons for known in (one.slug, one.name)])
        known = ", ".join(lesson.slug for lesson in self.lessons)
        raise NoSuchLesson(
            f"There is no lesson {asked!r}.{near} "
            + (f"Lessons: {known}." if known else "The folder source/ holds no lesson yet.")
        )


def load_course(root: Path | None = None) -> Course:
    """The course at `root` (default: found upwards from here).

    course.toml is read now, each lesson when it is used: a mistake in one lesson does not stop another.
    """
    root = find_root() if root is None else Path(root).resolve()
    settings = read_settings(root)
    source = root / "source"
    folders = (
        sorted(p.name for p in source.iterdir() if p.is_dir() and _FOLDER.match(p.name))
        if source.is_dir()
        else []
    )
    numbers: dict[int, str] = {}
    for folder in folders:
        number = int(folder.split("_", 1)[0])
        if number in numbers:
            raise CourseError(
                f"source/{numbers[number]} and source/{folder} have the same number. Rename one."
            )
        numbers[number] = folder
    for key, named in (("after_due", settings.after_due), ("due", settings.due)):
        for folder in named:
            if folder not in folders:
                raise CourseError(
                    f"course.toml: {key} names {folder!r}, which is no lesson."
                    + did_you_mean(folder, folders)
                )
    course = Course(root, settings, tuple(Lesson(root, folder) for folder in folders))
    opened = (settings.after_due.get(folder) or last_due(course, folder) for folder in folders)
    lessons = (Lesson(root, folder, moment) for folder, moment in zip(folders, opened, strict=True))
    return Course(root, settings, tuple(sorted(lessons, key=lambda lesson: lesson.number)))
