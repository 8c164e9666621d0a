"""One lesson: its files, its exercises and its quiz. Files are read when first asked for, and never run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from autograder.course.errors import CourseError, did_you_mean, shown
from autograder.course.exercise import Exercise
from autograder.course.markers import read_marker
from autograder.course.percent import LessonText, read_lesson_text
from autograder.course.quiz import Flashcard, Question, Quiz, Reflection, read_quiz
from autograder.course.sources import Module, import_block, read_module
from autograder.course.tables import Table


@dataclass(frozen=True)
class Lesson:
    """One lesson: a folder ``source/NN_name`` and what belongs to it elsewhere in the tree."""

    root: Path
    slug: str
    """The folder's name, for example ``02_gradient_attribution``."""
    after_due: datetime | None = None
    """From when after-due results are shown and after-due tests run: as course.toml says, else once nobody may
    hand in on time any more.
    """

    @property
    def number(self) -> int:
        """The lesson's number, 2 for ``02_gradient_attribution``."""
        return int(self.slug.split("_", 1)[0])

    @property
    def name(self) -> str:
        """The slug without its number; the reference module has this name."""
        return self.slug.split("_", 1)[1]

    @property
    def label(self) -> str:
        """Two digits, as in ``02``."""
        return self.slug.split("_", 1)[0]

    @property
    def source_folder(self) -> Path:
        """What an instructor writes."""
        return self.root / "source" / self.slug

    @property
    def lesson_file(self) -> Path:
        """The lesson as text."""
        return self.source_folder / "lesson.py"

    @property
    def quiz_file(self) -> Path:
        """Questions, flashcards and reflection."""
        return self.source_folder / "quiz.toml"

    @property
    def checks_folder(self) -> Path:
        """The public checks."""
        return self.source_folder / "checks"

    @property
    def files_folder(self) -> Path:
        """Support files of the lesson's own (may be absent); shipped as they are."""
        return self.source_folder / "files"

    @property
    def reference_file(self) -> Path:
        """The reference implementations."""
        return self.root / "reference_impl" / f"{self.name}.py"

    @property
    def graders_folder(self) -> Path:
        """The hidden graders."""
        return self.root / "tests" / "graders" / self.slug

    @property
    def solution_folder(self) -> Path:
        """Generated: nbgrader's source."""
        return self.root / "solutions" / self.slug

    @property
    def release_folder(self) -> Path:
        """Generated: what learners get."""
        return self.root / "release" / self.slug

    @property
    def solution_notebook(self) -> Path:
        """The executed solution."""
        return self.solution_folder / f"{self.slug}.ipynb"

    @property
    def release_notebook(self) -> Path:
        """The notebook that learners fill in."""
        return self.release_folder / f"{self.slug}.ipynb"

    @cached_property
    def text(self) -> LessonText:
        """lesson.py, split into its blocks."""
        return read_lesson_text(self.lesson_file, self.root)

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """In the order of their markers in lesson.py."""
        where = shown(self.lesson_file, self.root)
        found: dict[str, Exercise] = {}
        for block in self.text.of_kind("exercise"):
            marker = read_marker(block, where)
            if marker.name in found:
                raise CourseError(
                    f"{where}, line {block.line}: the exercise {marker.name} stands already in line "
                    f"{found[marker.name].marker.line}. Each function is one exercise: rename or delete "
                    "one."
                )
            found[marker.name] = Exercise(self, marker)
        return tuple(found.values())

    def exercise(self, name: str) -> Exercise:
        """The exercise called `name`. Raises CourseError with did-you-mean."""
        names = [exercise.name for exercise in self.exercises]
        if name not in names:
            raise CourseError(
                f"{self.slug} has no exercise {name!r}.{did_you_mean(name, names)} Exercises: "
                f"{', '.join(names) or 'none yet'}."
            )
        return self.exercises[names.index(name)]

    @cached_property
    def reference(self) -> Module:
        """The reference module, parsed."""
        return read_module(self.reference_file, self.root)

    @property
    def imports(self) -> str:
        """The import block of the reference module: the notebook's set-up."""
        return import_block(self.reference)

    @cached_property
    def quiz(self) -> Quiz:
        """quiz.toml; a lesson without the file has no questions."""
        return read_quiz(self.quiz_file, self.root) if self.quiz_file.exists() else Quiz((), (), None)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The concept questions in the order of quiz.toml."""
        return self.quiz.questions

    @property
    def flashcards(self) -> tuple[Flashcard, ...]:
        """The flashcards in the order of quiz.toml."""
        return self.quiz.flashcards

    @property
    def reflection(self) -> Reflection | None:
        """The manually graded question, if there is one."""
        return self.quiz.reflection

    @property
    def title(self) -> str:
        """The lesson's title."""
        return self.card.title

    @cached_property
    def card(self) -> LessonCard:
        """What the header of lesson.py says."""
        return _card(self.text, shown(self.lesson_file, self.root))

    @property
    def max_score(self) -> int:
        """Points that are given automatically: exercises and concept questions."""
        return sum(e.points for e in self.exercises) + sum(q.points for q in self.questions)

    @property
    def manual_max(self) -> int:
        """Points that a person gives: the reflection."""
        return self.reflection.points if self.reflection else 0


@dataclass(frozen=True)
class LessonCard:
    """The header of lesson.py."""

    title: str
    stars: int
    minutes: int
    prerequisites: tuple[int, ...]
    question: str
    outcomes: tuple[str, ...]


def _card(text: LessonText, where: str) -> LessonCard:
    table = Table(text.header, f"{where}, header")
    card = LessonCard(
        table.take("title", str),
        table.take("stars", int),
        table.take("minutes", int),
        table.take_list("prerequisites", int, []),
        table.take("question", str),
        table.take_list("outcomes", str),
    )
    table.done()
    if not 1 <= card.stars <= 5:
        raise CourseError(f"{table.where}: 'stars' goes from 1 to 5, not {card.stars}.")
    if card.minutes < 1:
        raise CourseError(f"{table.where}: 'minutes' must be at least 1, not {card.minutes}.")
    if not card.outcomes:
        raise CourseError(f"{table.where}: 'outcomes' is empty. Say what a learner can do afterwards.")
    return card
