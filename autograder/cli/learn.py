"""``autograder learn``: a lesson worked through in the terminal, checked each time the notebook is saved."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from autograder.cli.common import FAILED, WRONG_CALL, sentences, stop, the_course


def learn(
    lesson: Annotated[
        str | None, typer.Argument(help="2, 02, L02 or its name; without one, the first that is not done.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of screens, for a screen reader.")
    ] = False,
) -> None:
    """Work through a lesson: it is checked each time you save, and goes on when you do."""
    from autograder.cli.progress import Progress, ProgressUnreadable
    from autograder.cli.screen import overview
    from autograder.reports import console

    with sentences():
        course = the_course()
        chosen = course.find_lesson(lesson) if lesson is not None else None
        try:
            progress = Progress(course.root / "work")
        except ProgressUnreadable as error:
            raise stop(str(error), FAILED) from None
        if not sys.stdin.isatty() or not sys.stdout.isatty():
            console().print(overview(course, progress))
            console().print("In a terminal, `autograder learn` goes on from here.")
            return
        chosen = chosen or _first_open(course, progress)
        notebook = begin(course, chosen)
    Session(course, chosen, notebook, progress, plain or os.environ.get("TERM") == "dumb").run()


def begin(course: Any, lesson: Any) -> Path:
    """The learner's notebook of a lesson; its folder is copied from the release when it is not there yet."""
    import shutil

    if not lesson.release_notebook.is_file():
        raise stop(f"{lesson.slug} has no release yet. Run: autograder build {lesson.label}", WRONG_CALL)
    folder = course.root / "work" / lesson.slug
    notebook = folder / lesson.release_notebook.name
    if not folder.exists():
        shutil.copytree(lesson.release_folder, folder)
    if not notebook.is_file():
        raise stop(
            f"{notebook} is missing, and its folder is there: move the folder away, and it is copied anew.",
            WRONG_CALL,
        )
    return notebook


def _first_open(course: Any, progress: Any) -> Any:
    """The first lesson with something left to do, or the last one."""
    from autograder.course import CourseError

    found = None
    for lesson in course.lessons:
        try:
            names = [one.name for one in lesson.exercises]
        except CourseError:
            continue
        if names and lesson.release_notebook.is_file():
            found = lesson
            if progress.count(lesson.slug, names) < len(names):
                break
    if found is None:
        raise stop("no lesson has a release yet. Run: autograder build", WRONG_CALL)
    return found


class Session:
    """One sitting: shows the screen, and does what keys, saved files and finished checks ask for."""

    def __init__(self, course: Any, lesson: Any, notebook: Path, progress: Any, plain: bool):
        from autograder.cli.screen import State
        from autograder.reports import console

        self.course, self.progress, self.plain = course, progress, plain
        self.state = State(lesson, notebook)
        names = [one.name for one in lesson.exercises]
        opened = [i for i, name in enumerate(names) if not progress.of(lesson.slug, name).passed]
        self.state.place = opened[0] if opened else 0
        self.console = console()
        self.events: queue.SimpleQueue = queue.SimpleQueue()
        self.coach: Any = None
        self._hidden: Any = None
        self._lab: subprocess.Popen | None = None

    def run(self) -> None:
        """Until the learner quits; whatever happens, the terminal is left as it was."""
        from autograder.cli.coach import Coach, listen_to_keys, watch_file

        kept, stopped = _terminal(keys=not self.plain), threading.Event()
        try:
            self.show()  # before anything heavy is begun
            self.coach = Coach(self.state.lesson, self.state.notebook, self.events)
            self.coach.check()
            watch_file(self.state.notebook, self.events, stopped)
            listen_to_keys(_read_line if self.plain else _read_key, self.events)
            while self.handle(self.events.get()):
                self.show()
        except KeyboardInterrupt:
            pass
        finally:
            stopped.set()
            self.progress.save()
            if self.coach is not None:
                self.coach.close()
            if self._hidden is not None:
                self._hidden.close()
            _restore(kept)
        self.console.print(f"Saved in {self.progress.path}. Go on with: autograder learn", soft_wrap=True)

    def show(self) -> None:
        """Draw the screen anew; in plain mode write it below the last one."""
        from autograder.cli.screen import screen

        if self.plain:
            self.console.print()
        else:
            self.console.clear()
        self.console.print(screen(self.course, self.state, self.progress))

    def handle(self, event: Any) -> bool:
        """Do what an event asks for. False when the sitting is over."""
        state = self.state
        if event.kind == "key":
            return self._key(event.value)
        if event.kind == "saved":
            state.busy = "Saved: checking ..."
            state.hidden = None
            self.coach.check()
        elif event.kind == "ready":
            state.ready = True
        elif event.kind == "trouble":
            state.busy = event.value
        elif event.suite == "hidden":
            state.busy, state.hidden = "", event.value
            state.says = []
        else:
            self._checked(event.value)
        return True

    def _checked(self, record: Any) -> None:
        state = self.state
        state.busy, state.record = "", record
        for result in record.exercises:
            if result.status not in ("missing", "infra"):
                passing = sum(test.status == "pass" for test in result.tests)
                self.progress.checked(state.lesson.slug, result.name, passing, len(result.tests))
        self.progress.save()
        if state.notebook and record.status == "error":
            state.says = list(record.notes)

    def _key(self, key: str) -> bool:
        state = self.state
        if key == "q":
            return False
        if key == "l":
            state.listing = not state.listing
        elif state.listing and key.isdecimal() and 1 <= int(key) <= len(state.lesson.exercises):
            self._go(int(key) - 1)
        elif state.listing:
            pass
        elif key in ("n", "p"):
            count = len(state.lesson.exercises)
            self._go((state.place + (1 if key == "n" else -1)) % count)
        elif key == "h":
            self._hint()
        elif key == "r":
            state.busy = "Checking ..."
            self.coach.check()
        elif key == "a":
            self._all()
        elif key == "s":
            self._solution()
        elif key == "o":
            self._open()
        return True

    def _go(self, place: int) -> None:
        self.state.place, self.state.listing, self.state.says = place, False, []

    def _hint(self) -> None:
        """The next hint; which ones were asked for is kept in the progress."""
        from coursekit.hints import hint_text

        one = self.state.exercise
        done = self.progress.of(self.state.lesson.slug, one.name)
        facts = [{"name": one.name, "hints": [{"step": h.step, "text": h.text} for h in one.hints]}]
        memory = {one.name: done.hints} if done.hints else {}
        lines = hint_text(facts, one.name, None, memory).split("\n")
        done.hints = memory[one.name]
        self.progress.save()
        more = done.hints < len(one.hints)
        self.state.says = ["", *lines[:-1], "h shows the next one." if more else lines[-1]]

    def _all(self) -> None:
        from autograder.cli.coach import Coach

        self.state.busy = "Playing the hidden checks ..."
        if self._hidden is None:
            self._hidden = Coach(self.state.lesson, self.state.notebook, self.events, "hidden")
        self._hidden.check()

    def _solution(self) -> None:
        """Our own text, once the learner's passes."""
        one = self.state.exercise
        if not self.progress.of(self.state.lesson.slug, one.name).passed:
            self.state.says = ["", "The solution is shown when yours passes its checks. h gives a hint."]
            return
        self.state.says = ["", "How we wrote it:", "", *one.reference_source().split("\n")]

    def _open(self) -> None:
        command = [sys.executable, "-m", "jupyterlab", str(self.state.notebook)]
        if self._lab is None or self._lab.poll() is not None:
            quiet = subprocess.DEVNULL
            self._lab = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
            )
        self.state.says = ["", "JupyterLab opens in your browser; it stays open when you quit here."]


def _read_key() -> str:
    """One key, as soon as it is pressed."""
    try:
        import termios  # noqa: F401 - where it is, the terminal was told to give keys one by one
    except ImportError:
        import msvcrt

        return msvcrt.getwch().lower()
    key = os.read(sys.stdin.fileno(), 8).decode(errors="replace").lower()
    return key[:1] if key else "q"


def _read_line() -> str:
    line = sys.stdin.readline()
    return line.strip().lower()[:2] if line else "q"


def _terminal(keys: bool) -> Any:
    """The terminal's settings, to be restored; with ``keys`` it gives each key at once and shows none.

    Not in raw mode: what the screen writes must still be turned into lines.
    """
    try:
        import termios
        import tty
    except ImportError:
        return None
    kept = termios.tcgetattr(sys.stdin.fileno())
    if keys:
        tty.setcbreak(sys.stdin.fileno())
    return kept


def _restore(kept: Any) -> None:
    """Put the terminal back into the mode in which it was."""
    if kept is not None:
        import termios

        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, kept)
