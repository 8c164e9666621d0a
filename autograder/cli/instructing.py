"""Commands of the instructor: grade, feedback, report."""

from __future__ import annotations

import sys
import tempfile
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import (
    INFRASTRUCTURE,
    WRONG_CALL,
    Json,
    Progress,
    facts_of,
    print_json,
    sentences,
    stop,
    the_course,
)

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.records import Record
    from autograder.reports import CourseFacts
    from autograder.submissions import Submission


class Isolation(str, Enum):
    """How a worker is shut in."""

    best = "best"
    strict = "strict"
    plain = "plain"


class Seen(str, Enum):
    """From when a page is read."""

    before_due = "before_due"
    after_due = "after_due"


def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Notebooks, a folder or an archive of them, or nbgrader's submitted/."
        ),
    ],
    lesson: Annotated[
        str | None, typer.Option(help="Grade this lesson: 2, 02, L02 or its folder's name.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where records and pages go.")] = Path("out"),
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Judges at a time; one per core if not given.")
    ] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="best: what this machine allows; strict: a sandbox or nothing.")
    ] = Isolation.best,
    json: Json = False,
) -> None:
    """Grade submissions: a record and a feedback page each, grades.csv and report.html."""
    from autograder.submissions import find_submissions

    with sentences():
        course = the_course()
        wanted = course.find_lesson(lesson).slug if lesson is not None else None
    with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as unpacked:
        found = find_submissions(paths, [one.slug for one in course.lessons], wanted, Path(unpacked))
        problems = [str(problem) for problem in found.problems]
        if not found.submissions:
            raise stop(" ".join(problems) or "nothing to grade was found.", WRONG_CALL)
        facts = facts_of(course)
        records: list[Record] = []
        infra = False
        for slug in dict.fromkeys(s.lesson_slug for s in found.submissions):
            mine = [s for s in found.submissions if s.lesson_slug == slug]
            failed = _grade_lesson(course, facts, slug, mine, out, jobs, isolation, records, problems, json)
            infra = infra or failed
        if not records:
            raise stop(" ".join(problems), INFRASTRUCTURE)
        _finish(out, facts, records, problems, [str(notice) for notice in found.notices], json)
        if infra:
            raise typer.Exit(INFRASTRUCTURE)
        if found.problems:
            raise typer.Exit(WRONG_CALL)


def _grade_lesson(
    course: Course,
    facts: CourseFacts,
    slug: str,
    submissions: list[Submission],
    out: Path,
    jobs: int | None,
    isolation: Isolation,
    records: list[Record],
    problems: list[str],
    quiet: bool,
) -> bool:
    """Grade one lesson; True when infrastructure failed somewhere."""
    from autograder.judge.batch import Batch, BatchError
    from autograder.reports import write_feedback

    failed = told = False
    batch = Batch(course.root, slug, submissions, out, jobs, isolation.value)
    try:
        with Progress(f"grading {slug}", len(submissions), quiet) as progress:
            for graded in batch:
                progress.step()
                if batch.notice and not told:
                    told = True
                    problems.append(batch.notice)
                if graded.problem:
                    failed = True
                    problems.append(f"{graded.submission.student}: {graded.problem}")
                records.append(graded.record)
                write_feedback(out, graded.record, facts, "before_due", problems)
    except BatchError as error:
        problems.append(f"{slug}: {error}")
        return True
    return failed


def _finish(
    out: Path, facts: CourseFacts, records: list[Record], problems: list[str], notices: list[str], json: bool
) -> None:
    import msgspec

    from autograder.records.store import write_atomically
    from autograder.reports import class_table, console, grades_csv, report_html, story

    records.sort(key=lambda record: (record.lesson, record.student))
    write_atomically(out / "grades.csv", grades_csv(records, facts).encode("utf-8", "replace"))
    write_atomically(out / "report.html", report_html(records, facts, problems).encode("utf-8", "replace"))
    if json:
        print_json(
            {
                "records": msgspec.to_builtins(records),
                "problems": problems,
                "notices": notices,
                "out": str(out),
            }
        )
        return
    screen = console()
    screen.print(class_table(records, facts, [*problems, *notices]))
    if len(records) == 1:
        screen.print(story(records[0], facts))
    screen.print(f"Pages and grades: {out / 'report.html'}, {out / 'grades.csv'}", soft_wrap=True)


def feedback(
    out: Annotated[Path, typer.Argument(help="A folder that `autograder grade` wrote.")],
    when: Annotated[
        Seen, typer.Option(help="after_due shows expected pictures and explanations too.")
    ] = Seen.before_due,
    json: Json = False,
) -> None:
    """Write the feedback pages of a folder of records again."""
    from autograder.reports import console, write_feedback

    course, records, problems = _records(out)
    written = [
        p for record in records for p in write_feedback(out, record, facts_of(course), when.value, problems)
    ]
    if json:
        print_json({"written": [str(path) for path in written], "problems": problems})
        return
    for problem in problems:
        console(sys.stderr).print(f"! {problem}", soft_wrap=True)
    console().print(f"{len(written)} feedback pages written below {out}.", soft_wrap=True)


def report(
    out: Annotated[Path, typer.Argument(help="A folder that `autograder grade` wrote.")], json: Json = False
) -> None:
    """Write report.html and grades.csv of a folder of records again, and print the class."""
    course, records, problems = _records(out)
    _finish(out, facts_of(course), records, problems, [], json)


def _records(out: Path) -> tuple[Course, list[Record], list[str]]:
    from autograder.reports import read_records

    with sentences():
        course = the_course()
    if not out.is_dir():
        raise stop(f"{out} is no folder. Name the folder that `autograder grade --out` wrote.", WRONG_CALL)
    records, problems = read_records(out)
    if not records:
        raise stop(
            " ".join(problems) or f"{out} holds no records. Grade into it: autograder grade PATH --out {out}",
            WRONG_CALL,
        )
    with sentences():
        return course, [_up_to_date(out, record, course) for record in records], problems


def _up_to_date(out: Path, record: Record, course: Course) -> Record:
    """The record as due dates, extensions and set points are now; written again where that changed it."""
    from autograder.records import record_path, write_record

    applied = course.policy.applied(record)
    if applied != record:
        write_record(applied, record_path(out, record.student, record.lesson))
    return applied
