"""``autograder flashcards``: the cards that are due, one at a time; or a deck for Anki."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import FAILED, WRONG_CALL, Json, print_json, sentences, stop, the_course

_ASK = "1 again, 2 hard, 3 good, 4 easy, q to stop: "
_FLIP = "Enter shows the answer, q stops. "


def flashcards(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Lessons, as 2 or a name; without one, all that have cards.")
    ] = None,
    new: Annotated[int, typer.Option(min=0, help="At most so many cards that were never shown.")] = 10,
    anki: Annotated[
        Path | None, typer.Option(help="Write all cards as a deck for Anki, and stop.", metavar="FILE.apkg")
    ] = None,
    json: Json = False,
) -> None:
    """Learn the lessons' flashcards: each comes again when it is about to be forgotten."""
    from autograder.cli import cards as deck
    from autograder.cli.progress import Progress, ProgressUnreadable
    from autograder.course import CourseError

    with sentences():
        course = the_course()
        chosen = [course.find_lesson(one) for one in lesson or []]
    found = []
    for one in chosen or course.lessons:
        try:
            found += deck.cards_of([one])
        except CourseError as error:
            if chosen:
                raise stop(str(error), FAILED) from None
    if not found:
        raise stop("there are no flashcards in these lessons.", WRONG_CALL)
    if anki is not None:
        try:
            deck.write_anki(course, found, anki)
        except OSError as error:
            raise stop(f"{anki} cannot be written: {error}", WRONG_CALL) from None
        typer.echo(f"{len(found)} cards: {anki}. In Anki: File, Import.")
        return
    try:
        progress = Progress(course.root / "work")
    except ProgressUnreadable as error:
        raise stop(str(error), FAILED) from None
    todo = deck.due(found, progress, deck.now(), new)
    if json:
        rows = [{"lesson": c.lesson.slug, "front": c.front, "back": c.back} for c in todo]
        print_json({"cards": len(found), "due": rows})
        return
    _session(todo, progress)
    if not todo:
        soonest = min(deck.when(progress, card) for card in found if card.key in progress.flashcards)
        typer.echo(f"Nothing is due. The next card comes {deck.said(soonest - deck.now())}.")


def _session(todo: list, progress) -> None:
    """Show the cards one after the other; every rating is saved at once."""
    from autograder.cli import cards as deck
    from autograder.reports import markup

    done = 0
    for number, card in enumerate(todo, 1):
        typer.echo(
            f"\nCard {number} of {len(todo)}, lesson {card.lesson.number}\n\n{markup.plain(card.front)}\n"
        )
        if _line(_FLIP) in (None, "q"):
            break
        typer.echo(f"\n{markup.plain(card.back)}\n")
        rating = _line(_ASK)
        while rating not in (*deck.RATINGS, None, "q"):
            rating = _line(f"{rating!r} is none of these. {_ASK}")
        if rating in (None, "q"):
            break
        wait = deck.rate(progress, card, rating, deck.now())
        progress.save()
        done += 1
        typer.echo(f"{deck.RATINGS[rating]}: it comes again {deck.said(wait)}.")
    if todo:
        typer.echo(f"\n{done} of {len(todo)} cards done." + (" Well done." if done == len(todo) else ""))


def _line(prompt: str) -> str | None:
    """One line from the learner, or None at the end of the input."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return None
    if not line:
        sys.stdout.write("\n")
    return line.strip().lower() if line else None
