"""Due dates, late marks, extensions and set points: read strictly, applied in one place, shown everywhere."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.course import CourseError, LatePolicy, load_course
from autograder.records import (
    AnswerResult,
    ExerciseResult,
    ManualItem,
    Record,
    SubmissionInfo,
    counted,
    view,
)
from autograder.reports import feedback_html, grades_csv, plain_text, report_html, story
from autograder.reports.card import card_text, cards

LESSON = "02_scaling"
DUE = "2027-02-01T12:00:00+00:00"
POLICY = f"""
[due]
{LESSON} = {DUE}

[late]
grace_minutes = 15
per_day = 10
most = 50
closed_after_days = 20
"""


def record(student="ada", handed_in="", **changes) -> Record:
    made = Record(
        lesson=LESSON,
        student=student,
        submission=SubmissionInfo(path="a.ipynb", sha256="0", handed_in=handed_in),
        score=5.0,
        max_score=8.0,
        manual_max=4.0,
        status="partial",
        duration_s=0.0,
        grader_version="v",
        seed_fingerprint="f",
        isolation=[],
        exercises=[
            ExerciseResult(name="scale", score=3.0, max_score=4.0, status="partial", diagnosis="Why.")
        ],
        quiz=[
            AnswerResult(id="q1", question="Q?", score=2.0, max_score=2.0, status="pass"),
            AnswerResult(
                id="q2", question="Q?", score=0.0, max_score=2.0, status="fail", message="Count again."
            ),
        ],
        manual=[ManualItem(id="reflection", title="Reflection", max_score=4.0, text="Since it grows.")],
    )
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def course(small_course):
    """A small course with a policy; called with the rows of exceptions.csv."""

    def made(*rows: str, policy: str = POLICY):
        small_course.write("course.toml", f'title = "A small course"\nseed = 7\n{policy}')
        if rows:
            head = "student,lesson,due,item,points,comment"
            small_course.write("exceptions.csv", "\n".join([head, *rows]) + "\n")
        return load_course(small_course.root)

    return made


# ------------------------------------------------------------------------------------------------- lateness
@pytest.mark.parametrize(
    ("handed_in", "percent"),
    [
        ("2027-01-31T12:00:00+00:00", None),
        ("2027-02-01T12:00:00+00:00", None),
        ("2027-02-01T13:00:00+01:00", None),  # the same moment in another zone
        ("2027-02-01T12:15:00+00:00", 0),  # the last second of grace
        ("2027-02-01T12:15:01+00:00", 10),
        ("2027-02-02T12:00:00+00:00", 10),  # a day to the second
        ("2027-02-02T12:00:01+00:00", 20),
        ("2027-02-11T12:00:00+00:00", 50),  # not 100: `most`
        ("2027-02-21T12:00:00+00:00", 50),
        ("2027-02-21T12:00:01+00:00", 100),  # closed
        ("", None),  # nobody knows when
    ],
)
def test_what_handing_in_late_costs(course, handed_in, percent):
    late = course().policy.applied(record(handed_in=handed_in)).late
    assert (None if late is None else late.percent) == percent
    if late is not None:
        assert late.points == pytest.approx(5.0 * percent / 100)


def test_without_a_rule_late_is_late_and_costs_nothing():
    assert LatePolicy().percent(10**9) == 0


def test_the_sentence_says_how_late_and_how_much(course):
    late = course().policy.applied(record(handed_in="2027-02-03T15:00:00+00:00")).late
    assert late.says == "Handed in 2 days 3 hours after the due date: 30 % of 5 points, 1.5, are taken off."
    late = course().policy.applied(record(handed_in="2027-02-01T12:10:00+00:00")).late
    assert (
        late.says
        == "Handed in 10 minutes after the due date, within the time of grace: nothing is taken off."
    )


def test_an_extension_moves_one_students_date(course):
    policy = course(f"ada,{LESSON},2027-02-08T12:00:00+00:00,,,ill").policy
    on_time = "2027-02-07T12:00:00+00:00"
    assert policy.applied(record("ada", on_time)).late is None
    assert policy.applied(record("ben", on_time)).late.percent == 50
    late = policy.applied(record("ada", "2027-02-08T13:00:00+00:00")).late
    assert (late.extended, late.percent) == (True, 10)
    assert late.due == "2027-02-08T12:00:00+00:00"
    assert "after the extended due date: 10 %" in late.says


def test_the_penalty_is_a_share_of_exact_points(course):
    third = ExerciseResult(name="scale", score=10 / 3, max_score=4.0, status="partial")
    late = (
        course()
        .policy.applied(record(handed_in="2027-02-01T13:00:00+00:00", exercises=[third], quiz=[]))
        .late
    )
    assert late.points == 1 / 3


# ------------------------------------------------------------------------------------------------ set points
def test_set_points_stand_in_the_place_of_the_judges(course):
    policy = course(
        "ada,2,,scale,4,the tests were too strict",
        f"ada,{LESSON},,q1,0,copied",
        "ada,02,,reflection,3.5,well argued",
    ).policy
    changed = policy.applied(record())
    (scale,), (q1, q2), (text,) = changed.exercises, changed.quiz, changed.manual
    assert (scale.score, scale.status) == (4.0, "pass")
    assert (scale.set_points.judged, scale.set_points.judged_status) == (3.0, "partial")
    assert scale.set_points.reason == "the tests were too strict"
    assert (q1.score, q1.status, q2.set_points) == (0.0, "fail", None)
    assert (text.score, text.comment, text.status) == (3.5, "well argued", "partial")
    assert (changed.score, changed.status) == (4.0, "partial")
    assert policy.applied(record("ben")) == record("ben")


def test_lateness_is_taken_from_what_was_set(course):
    policy = course("ada,2,,scale,1,").policy
    late = policy.applied(record(handed_in="2027-02-01T13:00:00+00:00")).late
    assert late.points == pytest.approx(0.3)


def test_all_points_set_make_a_pass_and_none_a_fail(course):
    full = course("ada,2,,scale,4,", "ada,2,,q2,2,").policy.applied(record())
    assert (full.score, full.status) == (8.0, "pass")
    none = course("ada,2,,scale,0,", "ada,2,,q1,0,").policy.applied(record())
    assert (none.score, none.status) == (0.0, "fail")


def test_applying_it_twice_or_taking_it_back_gives_what_once_would(course):
    rows = ("ada,2,,scale,4,fair", "ada,2,,reflection,3,", f"ada,2,{DUE},,,")
    before = record(handed_in="2027-02-03T15:00:00+00:00")
    with_rows, without = course(*rows).policy, course("ben,2,,scale,1,").policy
    once = with_rows.applied(before)
    assert with_rows.applied(once) == once
    assert without.applied(once) == without.applied(before)


@pytest.mark.parametrize("status", ["error", "infra"])
def test_what_could_not_be_judged_stays_so_whatever_is_set(course, status):
    spoilt = ExerciseResult(
        name="scale", score=0.0, max_score=4.0, status="infra" if status == "infra" else "missing"
    )
    before = record(status=status, score=0.0, exercises=[spoilt], quiz=[])
    changed = course("ada,2,,scale,2,read by eye").policy.applied(before)
    assert (changed.status, changed.score) == (status, 2.0)


# ---------------------------------------------------------------------------------------------- shown everywhere
def test_every_report_tells_it(course):
    policy = course("ada,2,,scale,4,the tests <b>were</b> too strict", "ada,2,,q2,1,half right").policy
    changed = policy.applied(record(handed_in="2027-02-03T15:00:00+00:00"))
    assert (changed.score, counted(changed)) == (7.0, pytest.approx(4.9))
    page, report = feedback_html(changed), report_html([changed])
    terminal = plain_text(story(changed), 200)
    for told in (page, report, terminal):
        assert "Handed in 2 days 3 hours after the due date: 30 % of 7 points, 2.1, are taken off." in told
    for told in (page, terminal):
        assert "4.9 of 8 points count." in told
        assert "A person has set 4 points here; the tests gave 3. Reason: the tests" in told
        assert "A person has set 1 points here; the tests gave 0. Reason: half right" in told
    assert "late: 4.9 count" in report
    assert "<b>were</b>" not in page + report
    (row,) = csv.DictReader(io.StringIO(grades_csv([changed])))
    assert (row["score"], row["late_percent"], row["late_points"], row["counts"]) == ("7", "30", "2.1", "4.9")
    assert row["handed_in"] == "2027-02-03T15:00:00+00:00"
    scale, _, q2 = (card_text(card) for card in cards(view(changed)))
    assert "A person has set 4 points here" in scale
    assert "A person has set 1 points here" in q2


# ------------------------------------------------------------------------------------------------- after the date
def test_after_due_results_wait_for_the_last_extension(course):
    lesson = course().lessons[0]
    assert lesson.after_due.isoformat() == DUE
    lesson = course(f"ada,{LESSON},2027-02-08T12:00:00+00:00,,,", f"ben,2,{DUE},,,").lessons[0]
    assert lesson.after_due.isoformat() == "2027-02-08T12:00:00+00:00"
    said = POLICY + f"\n[after_due]\n{LESSON} = 2027-02-03T12:00:00+00:00\n"
    lesson = course(f"ada,{LESSON},2027-02-08T12:00:00+00:00,,,", policy=said).lessons[0]
    assert lesson.after_due.isoformat() == "2027-02-03T12:00:00+00:00"


# -------------------------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",2,,scale,1,", "the column 'student' is empty. Name the student as the records do."),
        ("ada,03,,scale,1,", "there is no lesson '03'."),
        ("ada,02_scalign,,scale,1,", "there is no lesson '02_scalign'. Did you mean '02_scaling'?"),
        (
            "ada,2,,scael,1,",
            "02_scaling has no exercise, question or reflection 'scael'. Did you mean 'scale'?",
        ),
        ("ada,2,,scale,5,", "'points' must be a number from 0 to 4, not '5'."),
        ("ada,2,,scale,-1,", "'points' must be a number from 0 to 4, not '-1'."),
        ("ada,2,,scale,nan,", "'points' must be a number from 0 to 4, not 'nan'."),
        ("ada,2,,scale,,", "'points' must be a number from 0 to 4, not ''."),
        ("ada,2,,,3,", "'points' without 'item': name the exercise, the question or 'reflection'."),
        ("ada,2,,,,", "neither 'due' nor 'item' is given. Give one of them, or delete the row."),
        (f"ada,2,{DUE},scale,1,", "'due' and 'item' stand in one row. Give each a row of its own."),
        (
            "ada,2,next week,,,",
            "'due' must be a date and time with its offset, as in 2027-02-08T23:59:00+01:00, not 'next week'.",
        ),
        (
            "ada,2,2027-02-08T12:00:00,,,",
            "'due' must be a date and time with its offset, as in 2027-02-08T23:59:00+01:00, not "
            "'2027-02-08T12:00:00'.",
        ),
        ("ben,02,,scale,2,", "row 2 says the same of ben, 02_scaling, scale. Keep one of them."),
        ("ada,2,,scale,1", "5 values for 6 columns. Put a text that holds commas in double quotes."),
    ],
)
def test_a_wrong_row_is_named(course, row, says):
    with pytest.raises(CourseError) as error:
        assert course("ben,2,,scale,1,", row).policy
    assert str(error.value) == f"exceptions.csv, row 3: {says}"


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("[due]\n02_scalign = 2027-02-01T12:00:00Z", "course.toml: due names '02_scalign', which is no lesson. Did you mean '02_scaling'?"),
        ('[due]\n02_scaling = "soon"', "course.toml: due.02_scaling must be a date and time with its offset, as in 2027-02-01T23:59:00+01:00, not 'soon'."),
        ("[late]\nper_day = 110", "course.toml, late: 'per_day' must be from 0 to 100 percent, not 110."),
        ("[late]\ngrace_minutes = -1", "course.toml, late: 'grace_minutes' must be 0 or more, not -1."),
        ("[late]\nper_week = 10", "course.toml, late: unknown key 'per_week'. Known keys: grace_minutes, per_day, most, closed_after_days."),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_named(course, policy, says):
    with pytest.raises(CourseError) as error:
        course(policy=policy)
    assert str(error.value).startswith(says)


# ------------------------------------------------------------------------------------------------- command line
def test_a_changed_policy_reaches_graded_work_without_grading_again(course, tmp_path: Path):
    made = course()
    out = tmp_path / "out" / "ada" / LESSON
    out.mkdir(parents=True)
    old = record(handed_in="2027-02-03T15:00:00+00:00")
    (out / "record.json").write_bytes(msgspec.json.encode(old))

    def report() -> dict:
        done = subprocess.run(
            [sys.executable, "-m", "autograder", "report", str(tmp_path / "out"), "--json"],
            cwd=made.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["records"][0]

    assert report()["late"]["percent"] == 30
    course(f"ada,{LESSON},2027-02-10T12:00:00+00:00,,,ill")
    assert report()["late"] is None
    assert json.loads((out / "record.json").read_text())["late"] is None
    course("ada,2,,scale,9,")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "report", str(tmp_path / "out")],
        cwd=made.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "exceptions.csv, row 2: 'points' must be a number from 0 to 4, not '9'." in done.stderr
