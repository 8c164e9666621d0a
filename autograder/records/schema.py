"""The record of one graded submission (described for its readers in ``docs/record-schema.md``).

Every report, page and export is a pure function of this record. Numbers that may be infinite
(a relative error where nothing was expected) are stored as ``None`` beside a message that says so:
JSON has no infinity.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

SCHEMA = 1

Status = Literal[
    "pass", "partial", "fail", "error", "timeout", "memory", "missing", "skipped", "infra", "ungraded"
]
Visibility = Literal["public", "hidden", "after_due"]


class Picture(Struct, kw_only=True, omit_defaults=True):
    """A map-valued answer beside the expected one, small enough to live in a record.

    Each plane is one byte a pixel, row by row, in base64: ``yours`` and ``expected`` share ``low``
    and ``high`` (the values of byte 0 and byte 255); ``error`` holds the band of each pixel's error,
    0 = within tolerance, then below 1 %, below 10 %, below 100 % of the expected map's scale, 4 = more.
    Where only the pattern of a hidden test may be shown, ``yours`` and ``expected`` are empty.
    """

    height: int
    width: int
    low: float
    high: float
    signed: bool
    yours: str = ""
    expected: str = ""
    error: str = ""
    caption: str = ""


class TestResult(Struct, kw_only=True):
    """One test of one exercise; a parametrised test is one, and carries its first failing case.

    Points, score and status are always written, the other fields only where they say something.
    """

    __test__ = False  # not a pytest class

    id: str
    part: str
    title: str
    visibility: Visibility = "hidden"
    points: float
    score: float
    status: Status
    message: str = ""
    diagnosis: str = ""
    mistake: str = ""
    excused: bool = False
    """Failed, but for a reason that another part already pays for."""
    case: str = ""
    """Parameters of the failing case, as text (for the instructor)."""
    max_abs_error: float | None = None
    max_rel_error: float | None = None
    allowed: float | None = None
    """The largest absolute error that passes (tolerance x scale)."""
    outside: float | None = None
    """Share of entries that are out of tolerance, 0..1."""
    worst_index: list[int] | None = None
    floor: float | None = None
    """The largest error of a legitimate variant in the same case: what rounding does to right answers."""
    axiom: str = ""
    picture: Picture | None = None
    exception: str = ""
    """Text of what the student's code raised (for the instructor)."""
    output: str = ""
    """What the call printed (for the instructor)."""
    wall_s: float = 0.0


class SetPoints(Struct, kw_only=True):
    """What the judge gave where a person has set other points, and that person's reason."""

    judged: float
    judged_status: Status
    reason: str = ""


class ExerciseResult(Struct, kw_only=True):
    """One exercise: its tests, and the one sentence that explains what went wrong."""

    name: str
    score: float
    max_score: float
    status: Status
    diagnosis: str = ""
    mistake: str = ""
    """Identifier of the declared mistake that explains the wrong answers, or the first test that fails."""
    next_step: str = ""
    """What to try next, in one sentence."""
    diverged: str = ""
    """How far the values that the function watches agree with the reference's (public checks only)."""
    small: list[str] = field(default_factory=list)
    """The smallest counter-example, line by line (public checks only)."""
    tests: list[TestResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    set_points: SetPoints | None = None
    """Only where a person has set other points than the judge gave."""
    key: str = ""
    """Names everything but the submission that this result depends on; empty where nothing was graded."""


class AnswerResult(Struct, kw_only=True):
    """One concept question, answered by a literal."""

    id: str
    question: str
    score: float
    max_score: float
    status: Status
    answer: str = ""
    message: str = ""
    explanation: str = ""
    """Shown when the answers may be shown (after the due date, or to a self-learner)."""
    set_points: SetPoints | None = None
    """Only where a person has set other points than the judge gave."""


class ManualItem(Struct, kw_only=True):
    """Something a person marks: the text handed in, the rubric, and the marks once given."""

    id: str
    title: str
    max_score: float
    text: str = ""
    rubric: list[str] = field(default_factory=list)
    status: Status = "ungraded"
    score: float | None = None
    comment: str = ""


class SubmissionInfo(Struct, kw_only=True):
    """Which bytes were graded."""

    path: str
    sha256: str
    handed_in: str = ""
    """When, as far as anybody knows: ISO 8601 with its offset."""


class Lateness(Struct, kw_only=True):
    """What handing in late costs, by the course's policy."""

    due: str
    """The student's own due date, ISO 8601 with its offset."""
    extended: bool
    """The student had an extension."""
    seconds: float
    """Handed in so long after the due date; the time of grace is not taken off."""
    percent: float
    """Share of the automatic points that is lost, 0..100."""
    points: float
    """The points that are lost."""
    says: str


class Record(Struct, kw_only=True):
    """The judge's account of one submission of one lesson. ``score`` is the automatic part, before anything is
    taken off for handing in late.
    """

    schema: int = SCHEMA
    lesson: str
    student: str
    submission: SubmissionInfo
    score: float
    max_score: float
    manual_max: float
    status: Status
    duration_s: float
    grader_version: str
    seed_fingerprint: str
    isolation: list[str]
    notes: list[str] = field(default_factory=list)
    exercises: list[ExerciseResult] = field(default_factory=list)
    quiz: list[AnswerResult] = field(default_factory=list)
    manual: list[ManualItem] = field(default_factory=list)
    late: Lateness | None = None
    """Only where it was handed in after the due date."""
    key: str = ""
    """Names everything but the submission and the exercises' own keys that this record depends on."""
    seal: str = ""
    """Digest of all the rest as it was written: a later edit by hand shows."""


def counted(record: Record) -> float:
    """The automatic points that count: the score without what was lost by handing in late."""
    return record.score - (record.late.points if record.late is not None else 0.0)
