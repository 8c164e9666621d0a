"""One exercise or question as a small piece for somebody else's page: nbgrader's feedback, Gradescope's list.

Everything here is told from what :func:`autograder.records.view` lets a student see; hand in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.records import AnswerResult, ExerciseResult, Record, Status, TestResult
from autograder.reports import markup, text, words
from autograder.reports.facts import LessonFacts
from autograder.reports.pages import prose, render
from autograder.reports.ruler import measures, ruler

MOST_TESTS = 40


@dataclass(frozen=True)
class CardTest:
    """One test that did not pass."""

    status: Status
    title: str
    score: float
    points: float
    excused: bool
    sentences: list[str]


@dataclass(frozen=True)
class Card:
    """One exercise or question: its result, what explains it, and the tests that did not pass."""

    name: str
    title: str
    status: Status
    score: float
    most: float
    sentences: list[str]
    rich: bool = False
    """The sentences hold Markdown and formulas: those of questions do."""
    tests: list[CardTest] = field(default_factory=list)
    passed: int = 0


def cards(record: Record, lesson: LessonFacts | None = None) -> list[Card]:
    """A card for each exercise and question, in the record's order. ``record`` is a student's view."""
    facts = lesson or LessonFacts()
    if not words.readable(record):
        return [_unread(item, record) for item in [*record.exercises, *record.quiz]]
    found = [_exercise(result, facts) for result in record.exercises]
    return found + [_answer(answer, number) for number, answer in enumerate(record.quiz, 1)]


def card_html(card: Card) -> str:
    """The card as HTML that brings its own style; every foreign text in it is escaped."""
    say = markup.rich_text if card.rich else prose
    return render(
        "card.html",
        title=card.title,
        status=card.status,
        score=card.score,
        most=card.most,
        sentences=[say(sentence) for sentence in card.sentences],
        tests=card.tests,
        passed=card.passed,
    )


def card_text(card: Card) -> str:
    """The card as plain text, without its first line's points: who shows it shows them beside it."""
    lines = [markup.plain(s) if card.rich else text.block(s, 2000) for s in card.sentences]
    for test in card.tests:
        costs = " (same reason, costs nothing here)" if test.excused else ""
        points = f" {words.points(test.score)}/{words.points(test.points)}" if test.points else ""
        lines.append(f"{words.STATUSES[test.status].symbol} {test.status}{points} {test.title}{costs}")
        lines += [f"    {text.block(sentence, 600)}" for sentence in test.sentences]
    if card.passed:
        lines.append(f"{words.counted(card.passed, 'test')} passed.")
    return "\n".join(line for line in lines if line)


def _unread(item: ExerciseResult | AnswerResult, record: Record) -> Card:
    """Nothing was looked for in a file that could not be read."""
    name = item.name if isinstance(item, ExerciseResult) else item.id
    said = [s for s in (words.lead(record), *record.notes[:1], words.set_points(item)) if s]
    return Card(name, words.title_of(name), record.status, item.score, item.max_score, said)


def _exercise(result: ExerciseResult, facts: LessonFacts) -> Card:
    why, step = words.why(result), words.next_step(result)
    told = {why, result.diagnosis, ""}
    shown = [_test(test, told) for test in result.tests if test.status != "pass"]
    if all(test.status in ("missing", "skipped", "infra") for test in result.tests):
        shown = []  # said once, above
    return Card(
        result.name,
        facts.exercise(result.name),
        result.status,
        result.score,
        result.max_score,
        [s for s in (why, words.set_points(result), step and f"Next: {step}", *result.notes[:10]) if s],
        tests=shown[:MOST_TESTS],
        passed=sum(test.status == "pass" for test in result.tests),
    )


def _test(test: TestResult, told: set[str]) -> CardTest:
    sentences = []
    for sentence in (test.diagnosis, test.message, test.exception):
        if sentence not in told:
            told.add(sentence)
            sentences.append(sentence)
    drawn = ruler(test)
    if drawn:
        sentences.append(f"Your error {drawn.error}, allowed {drawn.allowed}: {drawn.says}.")
    if measures(test):
        sentences.append("; ".join(measures(test)))
    title = text.line(test.title or test.id, 300)
    return CardTest(test.status, title, test.score, test.points, test.excused, sentences)


def _answer(answer: AnswerResult, number: int) -> Card:
    said = [f"Your answer: `{text.line(answer.answer, 200)}`"] if answer.answer else []
    said += [
        s
        for s in (
            answer.message,
            words.set_points(answer),
            answer.explanation and f"Why: {answer.explanation}",
        )
        if s
    ]
    title = f"Question {number}"
    return Card(answer.id, title, answer.status, answer.score, answer.max_score, said, rich=True)
