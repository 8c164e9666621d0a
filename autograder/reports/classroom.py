"""What a class did with one lesson, counted from its records."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from autograder.records import ExerciseResult, Record, Status, counted
from autograder.reports import text, words
from autograder.reports.facts import CourseFacts, LessonFacts
from autograder.reports.feedback import Marks, marks, quiz_status

STOPPED: tuple[Status, ...] = ("error", "timeout", "memory", "missing", "skipped", "infra")


@dataclass(frozen=True)
class Cell:
    """One student's exercise in the class table."""

    status: Status
    score: float


@dataclass(frozen=True)
class StudentRow:
    """One student's line; ``cells`` follow the lesson's exercises, None where the record has none."""

    student: str
    link: str
    record: Record
    share: float
    cells: list[Cell | None]
    quiz: Cell | None
    marks: Marks
    counts: float
    """The automatic points without what was lost by handing in late."""


@dataclass(frozen=True)
class Failed:
    """A test and how many students did not pass it (excused failures apart)."""

    part: str
    title: str
    count: int
    excused: int


@dataclass(frozen=True)
class Named:
    """A sentence that was said to several students."""

    says: str
    students: list[str]


@dataclass(frozen=True)
class ExerciseCount:
    """One exercise over the class."""

    anchor: str
    name: str
    title: str
    of: int
    tally: list[tuple[Status, int]]
    mean: float
    max_score: float
    failed: list[Failed]
    mistakes: list[Named]
    unexplained: int


@dataclass(frozen=True)
class QuestionCount:
    """One concept question over the class."""

    question: str
    right: int
    of: int
    answers: list[tuple[str, int]]


@dataclass(frozen=True)
class Bin:
    """One column of the histogram: shares from ``low`` to ``high`` percent."""

    low: int
    high: int
    count: int


@dataclass(frozen=True)
class Classroom:
    """One lesson's class, counted."""

    lesson: str
    facts: LessonFacts
    rows: list[StudentRow]
    names: list[tuple[str, str, float]]
    """Exercises: name, title, points."""
    exercises: list[ExerciseCount]
    commonest: list[tuple[ExerciseCount, Named]]
    """The mistakes that several students share, over all exercises, at most five."""
    mistakes: int
    """How many different mistakes were recognised."""
    questions: list[QuestionCount]
    bins: list[Bin]
    median: float
    mean: float
    max_score: float
    full: int
    stopped: list[StudentRow]
    """Submissions whose own status is error or infra."""
    noted: list[StudentRow]
    adjusted: list[tuple[StudentRow, str]]
    """What handing in late cost, and points that a person has set, sentence by sentence."""
    waiting: int


def classrooms(records: Iterable[Record], facts: CourseFacts | None = None) -> list[Classroom]:
    """The records counted by lesson, lessons in order of name, students in order of name."""
    grouped: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda r: (r.lesson, r.student.casefold(), r.student)):
        grouped.setdefault(record.lesson, []).append(record)
    return [
        _classroom(lesson, group, (facts or CourseFacts()).lesson(lesson))
        for lesson, group in grouped.items()
    ]


def exercise_names(records: Iterable[Record], facts: LessonFacts) -> list[str]:
    """Names of all exercises in these records: the lesson's order first, then as they appear."""
    found = dict.fromkeys(e.name for record in records for e in record.exercises)
    return [n for n in facts.exercises if n in found] + [n for n in found if n not in facts.exercises]


def _classroom(lesson: str, records: list[Record], facts: LessonFacts) -> Classroom:
    names = exercise_names(records, facts)
    rows = [_row(record, names) for record in records]
    shares = [row.share for row in rows if row.record.status != "infra"]
    results = {n: [(r, e) for r in records for e in r.exercises if e.name == n] for n in names}
    counts = [_exercise(f"exercise-{i}", n, facts.exercise(n), results[n]) for i, n in enumerate(names, 1)]
    named = [(count, mistake) for count in counts for mistake in count.mistakes]
    shared = [item for item in named if len(item[1].students) > 1]
    return Classroom(
        lesson=lesson,
        facts=facts,
        rows=rows,
        names=[(n, facts.exercise(n), max(e.max_score for _, e in results[n])) for n in names],
        exercises=counts,
        commonest=sorted(shared, key=lambda item: -len(item[1].students))[:5],
        mistakes=len(named),
        questions=_questions(records),
        bins=_bins(shares),
        median=statistics.median(shares) if shares else 0.0,
        mean=statistics.fmean(shares) if shares else 0.0,
        max_score=max(r.max_score for r in records),
        full=sum(r.score >= r.max_score > 0 for r in records),
        stopped=[row for row in rows if row.record.status in ("error", "infra")],
        noted=[row for row in rows if row.record.notes],
        adjusted=[(row, says) for row in rows for says in _adjustments(row.record, facts)],
        waiting=sum(item.score is None and bool(item.text.strip()) for r in records for item in r.manual),
    )


def _row(record: Record, names: list[str]) -> StudentRow:
    found = {e.name: Cell(e.status, e.score) for e in record.exercises}
    quiz = Cell(quiz_status(record.quiz), sum(a.score for a in record.quiz)) if record.quiz else None
    share = words.share(record.score, record.max_score) if record.max_score > 0 else 0.0
    cells = [found.get(name) for name in names]
    return StudentRow(
        record.student, _link(record), record, share, cells, quiz, marks(record), counted(record)
    )


def _adjustments(record: Record, facts: LessonFacts) -> list[str]:
    said = [record.late.says] if record.late is not None else []
    said += [f"{facts.exercise(e.name)}: {words.set_points(e)}" for e in record.exercises if e.set_points]
    return said + [f"{a.id}: {words.set_points(a)}" for a in record.quiz if a.set_points]


def _link(record: Record) -> str:
    """Address of the feedback page relative to the report; empty when a name is not a file name."""
    parts = (record.student, record.lesson)
    if not all(map(text.is_file_name, parts)):
        return ""
    return "/".join(["."] + [quote(p, safe="", errors="surrogateescape") for p in parts] + ["feedback.html"])


def _exercise(
    anchor: str, name: str, title: str, results: list[tuple[Record, ExerciseResult]]
) -> ExerciseCount:
    tally = Counter(e.status for _, e in results)
    failed: dict[tuple[str, str], list[int]] = {}
    named: dict[str, list[str]] = {}
    unexplained = 0
    for record, result in results:
        for test in result.tests:
            if test.status not in ("pass", "skipped", "infra", "missing"):
                count = failed.setdefault((test.part, test.title or test.id), [0, 0])
                count[test.excused] += 1
        said = _mistakes(result)
        for sentence in said:
            named.setdefault(sentence, []).append(record.student)
        unexplained += result.status in ("partial", "fail") and not said
    counts = [Failed(part, test, n, excused) for (part, test), (n, excused) in failed.items() if n]
    mistakes = [Named(says, students) for says, students in named.items()]
    return ExerciseCount(
        anchor=anchor,
        name=name,
        title=title,
        of=len(results),
        tally=[(status, tally[status]) for status in words.STATUSES if tally[status]],
        mean=statistics.fmean(e.score for _, e in results),
        max_score=max(e.max_score for _, e in results),
        failed=sorted(counts, key=lambda f: -f.count)[:5],
        mistakes=sorted(mistakes, key=lambda m: -len(m.students)),
        unexplained=unexplained,
    )


def _mistakes(result: ExerciseResult) -> list[str]:
    """The sentences of the declared mistakes that were recognised in one student's exercise."""
    said = [result.diagnosis] if result.mistake and result.diagnosis else []
    said += [t.diagnosis for t in result.tests if t.mistake and t.diagnosis and t.mistake != result.mistake]
    return list(dict.fromkeys(said))


def _questions(records: list[Record]) -> list[QuestionCount]:
    grouped: dict[str, list] = {}
    for record in records:
        for answer in record.quiz:
            grouped.setdefault(answer.id, []).append(answer)
    counts = []
    for answers in grouped.values():
        wrong = Counter(a.answer for a in answers if a.status != "pass" and a.answer)
        right = sum(a.status == "pass" for a in answers)
        counts.append(QuestionCount(answers[0].question, right, len(answers), wrong.most_common(3)))
    return counts


def _bins(shares: list[float]) -> list[Bin]:
    places = Counter(min(9, int(share * 10 + 1e-9)) for share in shares)
    return [Bin(10 * i, 10 * i + 10, places[i]) for i in range(10)]
