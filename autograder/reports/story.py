"""One notebook told in the terminal, from the score to the last failing test."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from autograder.records import AnswerResult, ExerciseResult, Picture, Record, TestResult, counted
from autograder.reports import markup, text, words
from autograder.reports.facts import CourseFacts, LessonFacts
from autograder.reports.feedback import marks, quiz_status
from autograder.reports.picture import error_words
from autograder.reports.ruler import measures, ruler
from autograder.reports.terminal import TONES, Glyphs, shown

MOST_COLUMNS = 48
MOST_ROWS = 32


class Story:
    """One record told; made by :func:`story`."""

    def __init__(self, record: Record, lesson: LessonFacts, every_test: bool) -> None:
        self._record = record
        self._lesson = lesson
        self._every_test = every_test

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from shown(console, options, self._pieces(Glyphs(options.ascii_only), options.max_width))

    def _pieces(self, glyphs: Glyphs, width: int) -> Iterator[RenderableType]:
        record = self._record
        yield from _head(record, self._lesson, glyphs, width)
        readable = words.readable(record)
        for result in record.exercises if readable else []:
            yield Text()
            yield from _exercise(result, self._lesson, glyphs, width, self._every_test)
        if readable:
            yield Text()
            yield from _rest(record, glyphs, self._every_test)
        if record.notes:
            yield Text()
            yield Text("Notes", style="bold")
            for note in record.notes[:20]:
                yield _paragraph(f"{glyphs.rest} {glyphs.say(text.line(note, 600))}", 0, hang=2)
            if len(record.notes) > 20:
                yield Text(f"  and {len(record.notes) - 20} more")


class ExerciseStory:
    """One exercise told, every test of it."""

    def __init__(self, result: ExerciseResult, lesson: LessonFacts) -> None:
        self._result, self._lesson = result, lesson

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs, width = Glyphs(options.ascii_only), options.max_width
        yield from shown(console, options, _exercise(self._result, self._lesson, glyphs, width, True))


def exercise_story(result: ExerciseResult, lesson: LessonFacts | None = None) -> RenderableType:
    """The card of one exercise, for a terminal."""
    return ExerciseStory(result, lesson or LessonFacts())


def story(record: Record, facts: CourseFacts | None = None, every_test: bool = False) -> RenderableType:
    """The whole story of one record: score, each exercise with what went wrong and what to try.

    It tells all that it is given: hand in ``view(record, ...)`` for a student's eyes. Passing tests are
    only counted unless ``every_test``.
    """
    return Story(record, (facts or CourseFacts()).lesson(record.lesson), every_test)


def _head(record: Record, lesson: LessonFacts, glyphs: Glyphs, width: int) -> Iterator[RenderableType]:
    number = f"Lesson {text.line(lesson.number, 10)} · " if lesson.number else ""
    head = f"{number}{text.line(lesson.title, 80)} · {text.name(record.student)}"
    yield Text(glyphs.say(head), style="bold")
    share = words.share(record.score, record.max_score)
    score = f"{words.points(record.score)} of {words.points(record.max_score)} points  "
    tests = [test for result in record.exercises for test in result.tests]
    if words.public(tests):  # a check gives no points
        passing = sum(test.status == "pass" for test in tests)
        share, score = passing / len(tests), f"{passing} of {len(tests)} public checks pass  "
    found = Text(score, style="bold").append_text(glyphs.bar(share, min(30, max(8, width - 50))))
    found.append(f"  {words.percent(share)}  ").append_text(glyphs.mark(record.status, word=True))
    yield found
    yield _paragraph(words.lead(record), 0)
    if record.late is not None:
        left = f"{words.points(counted(record))} of {words.points(record.max_score)} points count."
        yield _paragraph(glyphs.say(f"{text.line(record.late.says)} {left}"), 0)
    given = marks(record)
    if words.public(tests):
        return
    if given.score is not None:
        gave, most = words.points(given.score), words.points(given.max_score)
        yield Text(f"A person gave {gave} of {most} more points.")
    elif given.max_score and words.readable(record):
        yield Text(f"{words.points(given.max_score)} more points are marked by a person, not counted yet.")


def _exercise(
    result: ExerciseResult, lesson: LessonFacts, glyphs: Glyphs, width: int, every_test: bool
) -> Iterator[RenderableType]:
    public = words.public(result.tests)
    passing = sum(test.status == "pass" for test in result.tests)
    reached = f"{words.points(result.score)}/{words.points(result.max_score)}"
    reached = f"{passing} of {len(result.tests)} checks" if public else reached
    head = glyphs.mark(result.status, word=True).append(f"  {reached}  ", style="default")
    yield head.append(glyphs.say(text.line(lesson.exercise(result.name), 120)), style="bold default")
    why, step = words.why(result), words.next_step(result)
    told = {why, result.diagnosis, ""}
    for sentence in (why, words.set_points(result)):
        if sentence:
            yield _paragraph(glyphs.say(text.block(sentence, 2000)), 2)
    if step and public:  # who is at work reads this first
        yield _paragraph(f"{glyphs.step} {glyphs.say(text.line(step, 1000))}", 2, hang=len(glyphs.step) + 1)
        step = ""
    quiet = {"passed": 0, "failed for the same reason, at no cost": 0, "not run": 0}
    detailed = False
    for test in result.tests:
        how = _quietly(test)
        if how and not every_test:
            quiet[how] += 1
            continue
        measured = test.max_abs_error is not None or test.picture is not None
        yield from _test(test, glyphs, width, told, brief=detailed or test.excused)
        detailed |= measured and test.status != "pass"
    for how, count in quiet.items():
        if count:
            yield Indented(Text(f"{words.counted(count, 'test')} {how}", style="dim"), 2)
    yield from _axioms(result, glyphs)
    if result.diverged:
        yield _paragraph(glyphs.say(f"On the way: {text.line(result.diverged, 600)}"), 2)
    for line in result.small[:20]:
        yield _paragraph(glyphs.say(text.block(line, 2000)), 2)
    for note in result.notes[:10]:
        yield _paragraph(glyphs.say(f"Note: {text.line(note, 600)}"), 2)
    if step:
        yield _paragraph(f"{glyphs.step} {glyphs.say(text.line(step, 1000))}", 2, hang=len(glyphs.step) + 1)


def _axioms(result: ExerciseResult, glyphs: Glyphs) -> Iterator[RenderableType]:
    """The axioms that the tests measure, each with its gap."""
    tests = [test for test in result.tests if test.axiom and test.status not in ("missing", "skipped")]
    if not tests:
        return
    yield Indented(Text("Axioms", style="bold"), 2)
    for test in tests:
        drawn = ruler(test)
        gap = f"gap {drawn.error}, allowed {drawn.allowed}" if drawn else ""
        gap = gap or ("holds" if test.status == "pass" else "does not hold")
        mark = glyphs.mark("pass" if test.status == "pass" else "fail", word=True)
        yield Indented(mark.append(f"  {glyphs.say(text.line(test.axiom, 60))}: {gap}", style="default"), 4)


def _quietly(test: TestResult) -> str:
    """How a test is only counted; empty when it is told."""
    if test.status == "pass":
        return "passed"
    if test.excused:
        return "failed for the same reason, at no cost"
    return "not run" if test.status in ("skipped", "missing") else ""


def _test(
    test: TestResult, glyphs: Glyphs, width: int, told: set[str], brief: bool
) -> Iterator[RenderableType]:
    """One test; ``brief``: an earlier one has shown the picture, and the numbers in full."""
    title = glyphs.say(text.line(test.title or test.id, 300))
    score = f"  {words.points(test.score)}/{words.points(test.points)}" if test.points else ""
    head = glyphs.mark(test.status, word=True).append(f"  {title}", style="default")
    head.append(score, style="dim")
    if test.excused:
        head.append("  (same reason, costs nothing here)", style="dim")
    yield Indented(head, 2, hang=2)
    drawn = ruler(test)
    if test.status != "pass":
        for sentence in (test.diagnosis, test.message, test.exception):
            if sentence not in told:
                told.add(sentence)
                yield _paragraph(glyphs.say(text.block(sentence, 2000)), 6)
    if drawn:
        scale = _ruler(drawn.at, drawn.inside, glyphs, min(41, max(9, width - 50)))
        floor = f", right answers differ by {drawn.floor}" if drawn.floor not in ("", "0") else ""
        yield Indented(scale.append(f"  error {drawn.error}, allowed {drawn.allowed}{floor}"), 6)
    if test.status == "pass" or brief:
        return
    if drawn:
        yield _paragraph(drawn.says, 6)
    if measures(test):
        yield _paragraph("; ".join(measures(test)), 6)
    if test.picture is not None:
        yield from _picture(test.picture, glyphs, width - 6)
    if test.case:
        yield _paragraph(glyphs.say(f"case: {text.line(test.case, 300)}"), 6)
    if test.output:
        yield _paragraph(glyphs.say(f"printed:\n{text.block(test.output, 1000)}"), 6)


def _ruler(at: float, inside: bool, glyphs: Glyphs, width: int) -> Text:
    """The tolerance ruler in characters: ``|`` is the allowed error, a letter-sized mark the measured one."""
    width += 1 - width % 2
    middle = width // 2
    place = round(at / 100 * (width - 1))
    if place == middle and not inside:
        place += 1
    rest = glyphs.rest if not glyphs.ascii else "-"
    line = Text()
    for column in range(width):
        if column == place:
            line.append("o" if inside else "X", style=f"bold {TONES['good' if inside else 'bad']}")
        elif column == middle:
            line.append("|", style="bold")
        else:
            line.append(rest, style=TONES["good" if column < middle else "bad"])
    return line


def _picture(picture: Picture, glyphs: Glyphs, room: int) -> Iterator[RenderableType]:
    """The error map in characters where it is small enough, and in words always."""
    height, width = picture.height, picture.width
    try:
        error = base64.b64decode(picture.error, validate=True)
    except (binascii.Error, ValueError):
        return
    if height < 1 or width < 1 or len(error) != height * width:
        return
    if width <= min(room, MOST_COLUMNS) and height <= MOST_ROWS:
        for row in range(height):
            bands = error[row * width : (row + 1) * width]
            yield Indented(Text("".join(glyphs.bands[min(4, b)] for b in bands)), 6)
    yield _paragraph(glyphs.say(f"error map: {error_words(error, height, width)}"), 6)


def _rest(record: Record, glyphs: Glyphs, every_test: bool) -> Iterator[RenderableType]:
    if record.quiz:
        right = sum(a.status == "pass" for a in record.quiz)
        head = glyphs.mark(quiz_status(record.quiz), word=True)
        head.append(f"  Concept questions: {right} of {len(record.quiz)} right", style="default")
        yield head
        for answer in record.quiz:
            if every_test or answer.status != "pass" or answer.set_points:
                yield from _answer(answer, glyphs)
    for item in record.manual:
        head = glyphs.mark(item.status, word=True)
        score = f"  {words.points(item.score)}/{words.points(item.max_score)}  "
        yield head.append(f"{score}{glyphs.say(text.line(item.title, 120))}", style="default")
        if item.comment:
            yield _paragraph(glyphs.say(text.block(item.comment, 4000)), 2)


def _answer(answer: AnswerResult, glyphs: Glyphs) -> Iterator[RenderableType]:
    head = glyphs.mark(answer.status, word=True).append(
        f"  {glyphs.say(text.line(markup.plain(answer.question), 300))}", style="default"
    )
    yield Indented(head, 2, hang=2)
    for sentence in (answer.message, words.set_points(answer)):
        if sentence:
            yield _paragraph(glyphs.say(markup.plain(sentence, 1000)), 6)
    if answer.explanation:
        yield _paragraph(glyphs.say(markup.plain(answer.explanation, 4000)), 6)


def _paragraph(content: str, indent: int, hang: int = 0) -> RenderableType:
    return Indented(Text(content), indent, hang)


class Indented:
    """Text that wraps under itself; its first line begins ``hang`` columns before the others."""

    def __init__(self, content: Text, indent: int, hang: int = 0) -> None:
        self._content, self._indent, self._hang = content, indent, hang

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first, rest = self._content[: self._hang], self._content[self._hang :]
        width = max(8, options.max_width - self._indent - self._hang)
        for index, part in enumerate(rest.wrap(console, width)):
            part.rstrip()
            start = Text(" " * self._indent)
            start.append_text(first if not index else Text(" " * self._hang))
            yield start.append_text(part)
