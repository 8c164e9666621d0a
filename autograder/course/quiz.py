"""``quiz.toml``: concept questions, flashcards and the reflection of a lesson."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.errors import CourseError, shown
from autograder.course.tables import Table, read_toml

QUESTION_POINTS = 2
REFLECTION_POINTS = 8
TOLERANCE = 0.01
_NEAR_ZERO = 1e-9
_ONE_LETTER = "One letter is asked."
_ID = re.compile(r"[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Question:
    """A concept question, answered by assigning a literal to the name `id`.

    ``answer`` is a tuple of numbers (`numeric`, one or several asked in order) or of option letters
    (`choice`: one, `multi`: any number of them). `tolerance` is relative.
    """

    id: str
    kind: str
    text: str
    options: Mapping[str, str]
    answer: tuple[Any, ...]
    tolerance: float
    explanation: str
    points: int
    wrong: Mapping[str, str]
    """Why not, by option letter (`choice`, `multi`) or by a wrong number written as text (`numeric`)."""

    @property
    def form(self) -> str:
        """How to answer, in words: what the answer cell tells the learner."""
        if self.kind == "choice":
            return f'one letter, as in  {self.id} = "{next(iter(self.options))}"'
        if self.kind == "multi":
            first, second = list(self.options)[:2]
            return f'all letters that hold, as in  {self.id} = ["{first}", "{second}"]'
        if len(self.answer) == 1:
            return f"one number, as in  {self.id} = 0.25"
        example = ", ".join(["0.25", "-1", "4", "2.5", "10"][i % 5] for i in range(len(self.answer)))
        return f"{len(self.answer)} numbers in the order asked, as in  {self.id} = [{example}]"

    def literal(self) -> str:
        """The right answer as Python source."""
        if self.kind == "multi" or len(self.answer) > 1:
            return "[" + ", ".join(_quoted(value) for value in self.answer) + "]"
        return _quoted(self.answer[0])

    def is_right(self, value: Any) -> bool:
        """Whether a learner's literal is right. Several letters or numbers are all or nothing.

        Letters may be given in any order, in one string, list, tuple or set; numbers in order.
        """
        if self.kind == "numeric":
            given = list(value) if isinstance(value, (list, tuple)) else [value]
            return len(given) == len(self.answer) and all(map(self._near, given, self.answer))
        letters = _letters(value)
        return letters is not None and letters == set(self.answer)

    def why_not(self, value: Any) -> str:
        """The sentence for this wrong answer, empty when the author wrote none.

        One sentence at most: an answer that names every option must not learn which of them is right.
        """
        if self.is_right(value):
            return ""
        if self.kind == "numeric":
            return next((why for text, why in self.wrong.items() if self._near(value, float(text))), "")
        chosen = _letters(value) or set()
        if self.kind == "choice" and len(chosen) > 1:
            return _ONE_LETTER
        wrong = chosen - set(self.answer)
        return next((why for letter, why in self.wrong.items() if letter in wrong), "")

    def _near(self, value: Any, want: float) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        try:
            return math.isclose(
                float(value), want, rel_tol=0, abs_tol=max(abs(want) * self.tolerance, _NEAR_ZERO)
            )
        except OverflowError:
            return False


@dataclass(frozen=True)
class Flashcard:
    """One card to learn with."""

    front: str
    back: str


@dataclass(frozen=True)
class Criterion:
    """One line of the reflection's rubric."""

    points: int
    text: str


@dataclass(frozen=True)
class Reflection:
    """The question that a person grades, with its rubric; the rubric's points add up to `points`."""

    prompt: str
    points: int
    rubric: tuple[Criterion, ...]


@dataclass(frozen=True)
class Quiz:
    """All of quiz.toml."""

    questions: tuple[Question, ...]
    flashcards: tuple[Flashcard, ...]
    reflection: Reflection | None


def read_quiz(path: Path, root: Path | None = None) -> Quiz:
    """Read quiz.toml. Raises CourseError naming file, entry and key."""
    where = shown(path, root)
    top = Table(read_toml(path, root), where)
    questions = tuple(
        _question(Table(entry, f"{where}, question {number}"))
        for number, entry in enumerate(top.take("question", list, []), 1)
    )
    cards = tuple(
        _flashcard(Table(entry, f"{where}, flashcard {number}"))
        for number, entry in enumerate(top.take("flashcard", list, []), 1)
    )
    reflection = top.take("reflection", dict, None)
    top.done()
    for number, question in enumerate(questions):
        if question.id in {other.id for other in questions[:number]}:
            raise CourseError(f"{where}: two questions have the id {question.id!r}. Give each its own.")
    return Quiz(
        questions,
        cards,
        None if reflection is None else _reflection(Table(reflection, f"{where}, reflection")),
    )


def _question(table: Table) -> Question:
    name = table.take("id", str)
    table.where += f" ({name})"
    if not _ID.match(name):
        raise CourseError(
            f"{table.where}: the id is the name the learner assigns to: small letters, digits and _."
        )
    kind = table.choice("kind", ("numeric", "choice", "multi"))
    text = table.take("text", str)
    options = {} if kind == "numeric" else _texts(table, "options")
    answer = _answer(table, kind, options)
    tolerance = table.take("tolerance", float, TOLERANCE)
    explanation = table.take("explanation", str)
    points = table.take("points", int, QUESTION_POINTS)
    wrong = _texts(table, "wrong", {})
    table.done()
    if not 0 <= tolerance < 1:
        raise CourseError(f"{table.where}: 'tolerance' is relative, from 0 to below 1, not {tolerance}.")
    if points < 1:
        raise CourseError(f"{table.where}: 'points' must be at least 1, not {points}.")
    for key in wrong:
        if kind == "numeric":
            if not _is_number(key):
                raise CourseError(f"{table.where}: 'wrong' has {key!r}, which is not a number.")
        elif key not in options or key in answer:
            raise CourseError(f"{table.where}: 'wrong' explains {key!r}, which is not a wrong option.")
    return Question(name, kind, text, options, answer, float(tolerance), explanation, points, wrong)


def _answer(table: Table, kind: str, options: Mapping[str, str]) -> tuple[Any, ...]:
    entry = float if kind == "numeric" else str
    several = isinstance(table.values.get("answer"), list)
    given = table.take_list("answer", entry) if several else (table.take("answer", entry),)
    if not given:
        raise CourseError(f"{table.where}: 'answer' is empty. Write the right answer.")
    if kind == "numeric":
        if not all(map(math.isfinite, given)):
            raise CourseError(f"{table.where}: 'answer' must be finite numbers.")
        return given
    unknown = next((letter for letter in given if letter not in options), None)
    if unknown is not None:
        raise CourseError(
            f"{table.where}: the answer {unknown!r} is not one of the options {', '.join(options)}."
        )
    if kind == "choice" and len(given) != 1:
        raise CourseError(f"{table.where}: a 'choice' has one answer; for several use kind = \"multi\".")
    if len(set(given)) != len(given):
        raise CourseError(f"{table.where}: 'answer' names an option twice.")
    return given


def _texts(table: Table, key: str, default: Any = ...) -> dict[str, str]:
    values = table.take(key, dict, default)
    for name, text in values.items():
        if not isinstance(text, str) or not text.strip():
            raise CourseError(f"{table.where}: {key}.{name} must be text in quotes, not {text!r}.")
    if key == "options":
        if len(values) < 2:
            raise CourseError(
                f"{table.where}: 'options' needs at least two entries: options = {{a = \"...\", ...}}."
            )
        long = next((name for name in values if not re.fullmatch("[a-z]", name)), None)
        if long is not None:
            raise CourseError(f"{table.where}: options are named by one small letter each, not {long!r}.")
    return {name: text.strip() for name, text in values.items()}


def _flashcard(table: Table) -> Flashcard:
    card = Flashcard(table.take("front", str), table.take("back", str))
    table.done()
    return card


def _reflection(table: Table) -> Reflection:
    prompt = table.take("prompt", str)
    points = table.take("points", int, REFLECTION_POINTS)
    rubric = []
    for number, entry in enumerate(table.take("rubric", list), 1):
        line = Table(entry, f"{table.where}, rubric line {number}")
        rubric.append(Criterion(line.take("points", int), line.take("text", str)))
        line.done()
    table.done()
    total = sum(line.points for line in rubric)
    if total != points:
        raise CourseError(f"{table.where}: the rubric's points add up to {total}, but 'points' is {points}.")
    return Reflection(prompt, points, tuple(rubric))


def _letters(value: Any) -> set[str] | None:
    """The option letters in a learner's literal, or None when it holds anything else."""
    if isinstance(value, str):
        parts = re.findall(r"[A-Za-z]+", value)
        # "acd" is three letters; "a, c and d" is not a list of letters.
        parts = list(parts[0]) if len(parts) == 1 else parts
    elif isinstance(value, (list, tuple, set, frozenset)):
        parts = list(value)
    else:
        return None
    if any(not isinstance(part, str) or len(part.strip()) != 1 for part in parts):
        return None
    return {part.strip().lower() for part in parts}


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
