"""What `autograder learn` shows: the state of a learner's way through a lesson, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from autograder.authoring.prose import DIFFICULTY, IMPORTANCE, duration
from autograder.cli.progress import Progress
from autograder.course import Course, CourseError, Exercise, Lesson
from autograder.records import Record
from autograder.reports import LessonFacts
from autograder.reports.story import exercise_story
from autograder.reports.words import counted

KEYS = {
    "n": "next exercise",
    "p": "the one before",
    "h": "hint",
    "r": "check again",
    "a": "hidden checks too",
    "s": "solution",
    "l": "list",
    "o": "open in JupyterLab",
    "q": "quit",
}


@dataclass
class State:
    """Where the learner is.

    Attributes:
        lesson, notebook: what is worked on.
        place: index of the exercise.
        record, hidden: the last result of the public checks, and of the hidden ones.
        ready: whether the judge has loaded; busy: what it is doing.
        listing: whether the list is shown instead of the exercise.
        says: extra lines, as a hint or a solution; forgotten when the exercise changes.
    """

    lesson: Lesson
    notebook: Path
    place: int = 0
    record: Record | None = None
    hidden: Record | None = None
    ready: bool = False
    busy: str = ""
    listing: bool = False
    says: list[str] = field(default_factory=list)

    @property
    def exercise(self) -> Exercise:
        return self.lesson.exercises[self.place]


def screen(course: Course, state: State, progress: Progress) -> RenderableType:
    """The whole screen."""
    body = _listing(course, state, progress) if state.listing else _exercise(state, progress)
    return Group(*_head(course, state, progress), Text(), *body, Text(), _keys(state))


def overview(course: Course, progress: Progress) -> RenderableType:
    """All lessons with what is done of each: where there is no terminal to talk to."""
    return Group(*_lessons(course, progress, None))


def _head(course: Course, state: State, progress: Progress) -> Iterator[RenderableType]:
    lesson = state.lesson
    names = [one.name for one in lesson.exercises]
    done = progress.count(lesson.slug, names)
    yield Text(f"{course.title} · lesson {lesson.number}: {lesson.title}", style="bold")
    bar = Text("━" * round(30 * done / len(names)), style="green").append(
        "─" * (30 - round(30 * done / len(names))), style="dim"
    )
    yield bar.append(f"  {done} of {counted(len(names), 'exercise')} done", style="default")
    yield Text(str(state.notebook), style="dim")


def _exercise(state: State, progress: Progress) -> Iterator[RenderableType]:
    one = state.exercise
    head = f"Exercise {state.place + 1} of {len(state.lesson.exercises)}: {one.name}"
    yield Text(head, style="bold")
    about = (
        f"{DIFFICULTY[one.difficulty - 1]} · {IMPORTANCE[one.importance - 1]} · about {duration(one.minutes)}"
    )
    yield Text(f"{about} · {counted(one.points, 'point')}", style="dim")
    yield Text()
    yield from _result(state, one)
    done = progress.of(state.lesson.slug, one.name)
    if done.passed:
        yield Text()
        yield from _passed(state, progress)
    for line in state.says:
        yield Text(line)


def _result(state: State, one: Exercise) -> Iterator[RenderableType]:
    if state.busy:
        yield Text(state.busy, style="yellow")
    facts = LessonFacts(exercises={one.name: one.name})
    shown = state.hidden or state.record
    found = next((e for e in shown.exercises if e.name == one.name), None) if shown else None
    if found is None:
        if not state.ready:
            yield Text("The checks are loading in the background; read and write meanwhile.")
        return
    if found.status == "missing":
        yield Text(
            f"Not written yet. Open the notebook, fill in {one.name} and save: the check runs by itself."
        )
        return
    yield exercise_story(found, facts)


def _passed(state: State, progress: Progress) -> Iterator[RenderableType]:
    names = [one.name for one in state.lesson.exercises]
    left = len(names) - progress.count(state.lesson.slug, names)
    if left:
        yield Text(
            f"✓ {state.exercise.name} is done. n goes on, s shows how we wrote it. {left} to go.",
            style="green",
        )
        return
    label = state.lesson.label
    yield Text(
        f"✓ All {len(names)} exercises of this lesson are done. a plays the hidden checks; then: "
        f"autograder check {label} --hidden (concept questions too), autograder flashcards {label}",
        style="green",
    )


def _listing(course: Course, state: State, progress: Progress) -> Iterator[RenderableType]:
    for number, one in enumerate(state.lesson.exercises, 1):
        done = progress.of(state.lesson.slug, one.name)
        here = "▸" if number - 1 == state.place else " "
        mark = "✓ done" if done.passed else "◐ begun" if done.tries else "○ open"
        tried = f"{done.passing} of {done.checks} checks, {counted(done.tries, 'try', 'tries')}"
        yield Text(f"{here} {number} {mark:8}{one.name}" + (f"  ({tried})" if done.tries else ""))
    yield Text()
    yield from _lessons(course, progress, state.lesson)
    yield Text("A number goes to that exercise; another lesson: quit, then autograder learn NN.")


def _lessons(course: Course, progress: Progress, current: Lesson | None) -> Iterator[RenderableType]:
    yield Text("Lessons", style="bold")
    for lesson in course.lessons:
        try:
            names = [one.name for one in lesson.exercises]
        except CourseError:
            continue
        done = progress.count(lesson.slug, names)
        mark = "✓" if names and done == len(names) else "◐" if done else "○"
        here = "▸" if lesson is current else " "
        yield Text(f"{here} {mark} {lesson.label} {lesson.title}: {done} of {len(names)} done")


def _keys(state: State) -> Text:
    """What can be pressed now."""
    usable = {key: says for key, says in KEYS.items() if not state.listing or key in "lq"}
    return Text(" · ".join(f"{key} {says}" for key, says in usable.items()), style="dim")
