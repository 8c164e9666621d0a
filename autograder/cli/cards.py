"""Flashcards with spaced repetition: which card is due, when it comes again, and the deck for Anki."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.cli.progress import Progress
from autograder.course import Course, Lesson
from autograder.reports import markup

RATINGS = {"1": "again", "2": "hard", "3": "good", "4": "easy"}
"""What a learner says of a card after its back was shown."""

_ANKI_MODEL = 1_607_392_319
"""Anki's number of our kind of note: the same in every deck, so that a newer deck replaces an older one's cards."""
_CSS = ".card { font-family: system-ui, sans-serif; font-size: 20px; line-height: 1.5; max-width: 34em; margin: auto; }"


@dataclass(frozen=True)
class Card:
    """One flashcard of the course, and the key under which its schedule is kept."""

    key: str
    lesson: Lesson
    front: str
    back: str


def cards_of(lessons: Iterable[Lesson]) -> list[Card]:
    """All cards of the lessons, in order. A card is the same as long as its front is."""
    return [
        Card(_key(lesson.slug, one.front), lesson, one.front, one.back)
        for lesson in lessons
        for one in lesson.flashcards
    ]


def _key(slug: str, front: str) -> str:
    return hashlib.sha256(f"{slug}\0{' '.join(front.split())}".encode()).hexdigest()[:12]


def due(cards: list[Card], progress: Progress, now: datetime, most_new: int) -> list[Card]:
    """The cards to show now: those that are due, the longest due first, then at most so many new ones."""
    seen = {card.key: when(progress, card) for card in cards if card.key in progress.flashcards}
    late = sorted((c for c in cards if c.key in seen and seen[c.key] <= now), key=lambda c: seen[c.key])
    return late + [card for card in cards if card.key not in seen][:most_new]


def when(progress: Progress, card: Card) -> datetime:
    """When a card that was seen comes again."""
    return datetime.fromisoformat(progress.flashcards[card.key]["due"])


def rate(progress: Progress, card: Card, rating: str, now: datetime) -> timedelta:
    """Note how well a card was known (a key of RATINGS); how long until it comes again."""
    from fsrs import Card as Schedule
    from fsrs import Rating, Scheduler

    old = progress.flashcards.get(card.key)
    schedule = Schedule.from_dict(old) if old else Schedule(card_id=int(card.key, 16), due=now)  # type: ignore[arg-type]
    schedule, _ = Scheduler(enable_fuzzing=False).review_card(schedule, Rating(int(rating)), now)
    progress.flashcards[card.key] = dict(schedule.to_dict())
    return schedule.due - now


def said(wait: timedelta) -> str:
    """How long until a card comes again, in words."""
    minutes = round(wait.total_seconds() / 60)
    for size, word in ((60 * 24, "day"), (60, "hour")):
        if minutes >= size:
            count = round(minutes / size)
            return f"in {count} {word}{'s' * (count != 1)}"
    return f"in {max(1, minutes)} minute{'s' * (minutes > 1)}"


def write_anki(course: Course, cards: list[Card], path: Path) -> None:
    """Write the cards as a deck that Anki imports, one subdeck for each lesson; formulas are set by Anki's MathJax."""
    import genanki

    model = genanki.Model(
        _ANKI_MODEL,
        "Interpretable AI flashcard",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[
            {
                "name": "Card",
                "qfmt": "{{Front}}",
                "afmt": '{{FrontSide}}<hr id="answer">{{Back}}',
            }
        ],
        css=_CSS,
    )
    decks: dict[str, Any] = {}
    for card in cards:
        name = f"{course.title}::{card.lesson.label} {card.lesson.title}"
        deck = decks.setdefault(name, genanki.Deck(_number(name), name))
        fields = [str(markup.mathjax_text(side)) for side in (card.front, card.back)]
        deck.add_note(genanki.Note(model=model, fields=fields, guid=card.key, tags=[card.lesson.slug]))
    path.parent.mkdir(parents=True, exist_ok=True)
    genanki.Package(list(decks.values())).write_to_file(str(path))


def _number(name: str) -> int:
    """Anki's number of a deck: the same for the same name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") | 1 << 30


def now() -> datetime:
    """This moment, as schedules count."""
    return datetime.now(UTC)
