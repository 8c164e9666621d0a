"""What a report must know beyond the records: titles for people. Everything has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.reports.words import split_lesson, title_of


@dataclass(frozen=True)
class LessonFacts:
    """One lesson as its readers know it: number, title, and a title per exercise (all optional)."""

    number: str = ""
    title: str = ""
    exercises: Mapping[str, str] = field(default_factory=dict)
    """Titles for people by function name, in the lesson's order."""

    def exercise(self, name: str) -> str:
        """The title of one exercise, made from its name where none is given."""
        return self.exercises.get(name) or title_of(name)


@dataclass(frozen=True)
class CourseFacts:
    """The course: its title and its lessons by name (``02_gradient_attribution``)."""

    title: str = ""
    lessons: Mapping[str, LessonFacts] = field(default_factory=dict)

    def lesson(self, name: str) -> LessonFacts:
        """Facts of one lesson, made from its name where none are given."""
        known = self.lessons.get(name, LessonFacts())
        number, title = split_lesson(name)
        return LessonFacts(known.number or number, known.title or title, known.exercises)
