"""Who may see what, and when: a table, and a search for whatever else might get through."""

import msgspec
import pytest

from autograder.records import (
    AnswerResult,
    ExerciseResult,
    Lateness,
    ManualItem,
    Picture,
    Record,
    SetPoints,
    SubmissionInfo,
    TestResult,
    view,
)

PRIVATE = "The call ended in an error on a hidden input; its text stays with the instructor."
PUBLIC, HIDDEN, LATE = "public", "hidden", "after_due"


def a_test(visibility):
    """A test in which every text says which field it stands in."""
    v = visibility
    picture = Picture(
        height=2,
        width=2,
        low=0.25,
        high=0.75,
        signed=True,
        yours=f"yours-{v}",
        expected=f"expected-{v}",
        error=f"error-{v}",
        caption=f"caption-{v}",
    )
    return TestResult(
        id=f"id-{v}",
        part=f"part-{v}",
        title=f"title-{v}",
        visibility=visibility,
        points=2.0,
        score=1.0,
        status="fail",
        message=f"message-{v}",
        diagnosis=f"diagnosis-{v}",
        mistake=f"mistake-{v}",
        case=f"case-{v}",
        max_abs_error=0.125,
        max_rel_error=0.25,
        allowed=0.5,
        outside=0.75,
        worst_index=[3, 4],
        floor=0.0625,
        axiom=f"axiom-{v}",
        picture=picture,
        exception=f"exception-{v}",
        output=f"output-{v}",
        wall_s=1.5,
    )


RECORD = Record(
    lesson="01_tiny",
    student="Ada",
    submission=SubmissionInfo(
        path="/home/teacher/in/Ada.ipynb", sha256="f" * 64, handed_in="2027-02-02T10:00:00+00:00"
    ),
    score=3.0,
    max_score=8.0,
    manual_max=4.0,
    status="partial",
    duration_s=1.0,
    grader_version="version",
    seed_fingerprint="fingerprint",
    isolation=["layer"],
    notes=["note"],
    exercises=[
        ExerciseResult(
            name="f",
            score=3.0,
            max_score=6.0,
            status="partial",
            diagnosis="diagnosis-exercise",
            mistake="mistake-exercise",
            next_step="next",
            diverged="how far values agree",
            small=["a small case"],
            tests=[a_test(PUBLIC), a_test(HIDDEN), a_test(LATE)],
            set_points=SetPoints(judged=2.0, judged_status="fail", reason="reason-exercise"),
            key="key-exercise",
        )
    ],
    quiz=[
        AnswerResult(
            id="q1",
            question="question",
            score=0.0,
            max_score=2.0,
            status="fail",
            answer="answer",
            message="why not",
            explanation="explanation",
            set_points=SetPoints(judged=1.0, judged_status="fail", reason="reason-answer"),
        )
    ],
    manual=[
        ManualItem(id="reflection", title="Reflection", max_score=4.0, text="own words", comment="comment")
    ],
    late=Lateness(
        due="2027-02-01T10:00:00+00:00",
        extended=False,
        seconds=86400.0,
        percent=10.0,
        points=0.3,
        says="late by",
    ),
    key="key-record",
    seal="seal-record",
)


def texts(tree):
    """Every text among the values (not the names of fields) of a record as plain data."""
    if isinstance(tree, dict):
        return {text for value in tree.values() for text in texts(value)}
    if isinstance(tree, list):
        return {text for value in tree for text in texts(value)}
    return {tree} if isinstance(tree, str) else set()


def seen_by(who, when):
    return "\n".join(texts(msgspec.to_builtins(view(RECORD, who, when))))


EVER = ["title", "part", "message", "diagnosis", "mistake", "axiom", "error", "caption", "id"]
"""What a student sees of every test."""
NEVER = ["case", "exception", "output"]
"""What a student never sees of a test that is not public."""

TABLE = (
    [(f"{field}-{v}", True, True) for field in EVER for v in (PUBLIC, HIDDEN, LATE)]
    + [(f"{field}-{PUBLIC}", True, True) for field in [*NEVER, "yours", "expected"]]
    + [(f"{field}-{v}", False, False) for field in NEVER for v in (HIDDEN, LATE)]
    + [(f"{field}-{v}", False, True) for field in ("yours", "expected") for v in (HIDDEN, LATE)]
    + [
        ("explanation", False, True),
        ("why not", True, True),
        ("question", True, True),
        ("diagnosis-exercise", True, True),
        ("next", True, True),
        ("how far values agree", False, False),  # beside hidden tests; beside public checks alone, see below
        ("a small case", False, False),
        ("note", True, True),
        ("Ada.ipynb", True, True),
        ("/home/teacher", False, False),
        ("fingerprint", False, False),  # the field's own name; its value is looked at below
        ('"layer"', False, False),
        ("key-exercise", False, False),
        ("key-record", False, False),
        ("seal-record", False, False),
        ("own words", True, True),
        ("comment", True, True),
        ("reason-exercise", True, True),
        ("reason-answer", True, True),
        ("2027-02-02T10:00:00+00:00", True, True),
        ("2027-02-01T10:00:00+00:00", True, True),
        ("late by", True, True),
    ]
)


@pytest.mark.parametrize(("what", "before", "after"), TABLE)
def test_what_a_student_sees(what, before, after):
    assert (what in seen_by("student", "before_due")) is before
    assert (what in seen_by("student", "after_due")) is after


@pytest.mark.parametrize("when", ["before_due", "after_due"])
def test_the_instructor_sees_everything_at_any_time(when):
    assert view(RECORD, "instructor", when) == RECORD


def test_a_student_before_the_due_date_is_whoever_is_not_named():
    assert view(RECORD) == view(RECORD, "student", "before_due")


@pytest.mark.parametrize("when", ["before_due", "after_due"])
def test_sizes_and_places_of_errors_are_shown(when):
    public, *hidden = view(RECORD, "student", when).exercises[0].tests
    assert public == RECORD.exercises[0].tests[0]
    for test in hidden:
        assert (test.max_abs_error, test.max_rel_error, test.allowed, test.outside) == (
            0.125,
            0.25,
            0.5,
            0.75,
        )
        assert test.worst_index == [3, 4]
        assert test.exception == PRIVATE
        assert (test.score, test.points, test.status) == (1.0, 2.0, "fail")


def test_before_the_due_date_a_picture_holds_no_values():
    for test in view(RECORD).exercises[0].tests[1:]:
        picture = test.picture
        assert (picture.low, picture.high, picture.yours, picture.expected) == (0.0, 0.0, "", "")
        assert picture.error.startswith("error-")
        assert (picture.height, picture.width) == (2, 2)


@pytest.mark.parametrize("when", ["before_due", "after_due"])
def test_nothing_about_the_machine_is_shown(when):
    seen = view(RECORD, "student", when)
    assert (seen.seed_fingerprint, seen.isolation, seen.submission.path) == ("", [], "Ada.ipynb")


@pytest.mark.parametrize("when", ["before_due", "after_due"])
def test_beside_public_checks_alone_values_are_shown(when):
    exercise = msgspec.structs.replace(RECORD.exercises[0], tests=[a_test(PUBLIC)])
    (seen,) = view(msgspec.structs.replace(RECORD, exercises=[exercise]), "student", when).exercises
    assert (seen.small, seen.diverged) == (["a small case"], "how far values agree")


def test_where_nothing_was_raised_nothing_is_said_about_it():
    quiet = msgspec.structs.replace(a_test(HIDDEN), exception="", picture=None)
    exercise = msgspec.structs.replace(RECORD.exercises[0], tests=[quiet])
    (test,) = view(msgspec.structs.replace(RECORD, exercises=[exercise])).exercises[0].tests
    assert (test.exception, test.picture) == ("", None)


def test_a_view_leaves_the_record_as_it_is_and_can_be_taken_twice():
    before = msgspec.json.encode(RECORD)
    once = view(RECORD)
    assert msgspec.json.encode(RECORD) == before
    assert view(once) == once
    assert view(view(RECORD, "student", "after_due")) == once


def test_points_stay_the_same_in_every_view():
    for when in ("before_due", "after_due"):
        seen = view(RECORD, "student", when)
        assert (seen.score, seen.max_score, seen.status) == (3.0, 8.0, "partial")


def test_every_text_of_a_record_is_in_the_table():
    """A new field must be thought about: its text is either in the table or the test fails."""

    thought_of = {what for what, _, _ in TABLE} | {
        "01_tiny",
        "Ada",
        "/home/teacher/in/Ada.ipynb",
        "f" * 64,
        "version",
        "layer",
        "partial",
        "fail",
        "ungraded",
        "f",
        "mistake-exercise",
        "q1",
        "answer",
        "reflection",
        "Reflection",
        PUBLIC,
        HIDDEN,
        LATE,
    }
    assert texts(msgspec.to_builtins(RECORD)) <= thought_of
    for struct in (
        TestResult,
        ExerciseResult,
        Record,
        Picture,
        AnswerResult,
        ManualItem,
        Lateness,
        SetPoints,
        SubmissionInfo,
    ):
        example = {
            TestResult: a_test(HIDDEN),
            ExerciseResult: RECORD.exercises[0],
            Record: RECORD,
            Picture: a_test(HIDDEN).picture,
            AnswerResult: RECORD.quiz[0],
            ManualItem: RECORD.manual[0],
            Lateness: RECORD.late,
            SetPoints: RECORD.quiz[0].set_points,
            SubmissionInfo: RECORD.submission,
        }[struct]
        empty = {n for n in struct.__struct_fields__ if getattr(example, n) in ("", None, [])}
        assert empty <= {"notes", "rubric", "score"}, (
            f"{struct.__name__}: fill in {empty}, and say who may see it"
        )
