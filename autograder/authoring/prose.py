"""The Markdown that the build writes: title, exercise blocks, hints, questions, reflection, flashcards."""

from __future__ import annotations

import html
import re

from autograder.course import Course, Exercise, Lesson, Question, Reflection
from coursekit.hints import STEP_TITLES

DIFFICULTY = ("gentle", "moderate", "demanding", "hard", "very hard")
IMPORTANCE = ("a side path", "useful", "valuable", "central", "essential")


def title(course: Course, lesson: Lesson) -> str:
    """The opening cell."""
    card = lesson.card
    stars = "★" * card.stars + "☆" * (5 - card.stars)
    facts = [f"{stars} {card.stars} of 5 stars", f"about {duration(card.minutes)}"]
    if card.prerequisites:
        facts.append(f"builds on {_join([_lesson_name(course, number) for number in card.prerequisites])}")
    outcomes = "\n".join(f"- {outcome}" for outcome in card.outcomes)
    return (
        f"# Lesson {lesson.number}: {card.title}\n\n{' · '.join(facts)}\n\n> "
        f"**{card.question}**\n\n**Afterwards you can**\n\n{outcomes}\n\n{_points_line(lesson)}\n\nFill in "
        "each exercise's cell, run it, then run the check below it: it tells you at once what holds and "
        'what does not. Hints unfold one at a time, or come with `hint("name")`. When you are stuck, go on: no exercise needs your '
        "answer to another."
    )


def exercise(one: Exercise, number: int, level: int) -> str:
    """What stands above an exercise's cell."""
    parts = ", ".join(f"{part.name} {part.points}" for part in one.parts)
    lines = [
        f"{'#' * level} Exercise {number}: `{one.name}`",
        f"**Difficulty** {dots(one.difficulty)} {DIFFICULTY[one.difficulty - 1]} · **Importance** "
        f"{dots(one.importance)} {IMPORTANCE[one.importance - 1]} · **Time** about {duration(one.minutes)} "
        f"· **{points(one.points)}** ({parts})",
    ]
    if one.notice:
        lines.append(_quote(f"**Note.** {one.notice}"))
    if one.predict:
        lines.append(_quote(f"**Predict first.** {one.predict}"))
    return "\n\n".join(lines)


def hints(one: Exercise) -> str:
    """The folded ladder: each step unfolds by itself."""
    steps = [
        folded(
            f"Hint {number} of {len(one.hints)}: {STEP_TITLES[hint.step]}", _hint_text(hint.step, hint.text)
        )
        for number, hint in enumerate(one.hints, 1)
    ]
    return "\n\n".join(steps)


def question(one: Question, number: int, level: int) -> str:
    """A concept question with its options."""
    heading = f"{'#' * level} Question {number} ({points(one.points)})"
    options = "\n".join(f"- **{letter}** {text}" for letter, text in one.options.items())
    return "\n\n".join(filter(None, [heading, one.text, options]))


def reflection(one: Reflection, level: int) -> str:
    """The prompt of the reflection, and what its reader looks for."""
    rubric = "\n".join(f"- {points(line.points)}: {line.text}" for line in one.rubric)
    return (
        f"{'#' * level} Reflection ({points(one.points)}, read by a person)\n\n{one.prompt}\n\nWhat a "
        f"reader looks for:\n\n{rubric}"
    )


def rubric(one: Reflection) -> str:
    """What stands in the reflection's cell of the solution notebook."""
    lines = "\n".join(f"- {points(line.points)}: {line.text}" for line in one.rubric)
    return f"A full answer holds:\n\n{lines}"


def flashcards(lesson: Lesson, level: int) -> str:
    """All cards, folded."""
    cards = "\n\n".join(folded(card.front, card.back) for card in lesson.flashcards)
    return f"{'#' * level} Flashcards\n\nAnswer in your head, then unfold.\n\n{cards}"


def explanation(one: Question) -> str:
    """The right answer and why: the solution notebook shows it below the answer."""
    lines = [f"**Answer:** `{one.literal()}`. {one.explanation}"]
    lines += [f"- Not {key}: {why}" for key, why in one.wrong.items()]
    return "\n\n".join([lines[0], "\n".join(lines[1:])]).strip()


def folded(summary: str, text: str) -> str:
    """A block that unfolds on a click; the summary is HTML, the text Markdown."""
    return f"<details><summary>{inline_html(summary)}</summary>\n\n{text}\n\n</details>"


def inline_html(text: str) -> str:
    """Code, bold and italics of one line of Markdown as HTML (Markdown is not read inside <summary>)."""
    pieces = re.split(r"(`[^`]+`|\$[^$]+\$)", " ".join(text.split()))
    for index, piece in enumerate(pieces):
        pieces[index] = html.escape(piece, quote=False)
        if index % 2 == 0:
            bold = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", pieces[index])
            pieces[index] = re.sub(r"\*(.+?)\*", r"<em>\1</em>", bold)
        elif piece.startswith("`"):
            pieces[index] = f"<code>{html.escape(piece[1:-1], quote=False)}</code>"
    return "".join(pieces)


def dots(number: int) -> str:
    """Five dots, `number` of them filled."""
    return "●" * number + "○" * (5 - number)


def points(number: int) -> str:
    """``1 point``, ``8 points``."""
    return f"{number} point{'' if number == 1 else 's'}"


def duration(minutes: int) -> str:
    """``45 minutes``, ``1 hour 30 minutes``, ``3 hours``."""
    hours, rest = divmod(minutes, 60)
    texts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((hours, "hour"), (rest, "minute"))
        if count
    ]
    return " ".join(texts)


def _hint_text(step: str, text: str) -> str:
    if step == "concept":
        return text
    return f"```{'python' if step == 'nearly code' else 'text'}\n{text}\n```"


def _points_line(lesson: Lesson) -> str:
    kinds = [
        ("exercises", sum(one.points for one in lesson.exercises)),
        ("concept questions", sum(one.points for one in lesson.questions)),
        ("reflection", lesson.manual_max),
    ]
    total = lesson.max_score + lesson.manual_max
    return f"**{points(total)}**: " + ", ".join(f"{name} {number}" for name, number in kinds if number) + "."


def _lesson_name(course: Course, number: int) -> str:
    title = next((one.title for one in course.lessons if one.number == number), "")
    return f"lesson {number} ({title})" if title else f"lesson {number}"


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
