"""Commands of the instructor: grade, feedback, report."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
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
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Grade everything again, also what has not changed.")
    ] = False,
    gradebook: Annotated[
        str | None,
        typer.Option(
            help="Write the points into nbgrader's gradebook at this address, too: sqlite:///gradebook.db."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Grade submissions: a record and a feedback page each, grades.csv and report.html.

    What lies in the folder and still holds is not graded again; a run that was stopped goes on where it was.
    """
    from autograder.records.claim import OutError, claim
    from autograder.records.store import CannotWrite
    from autograder.submissions import find_submissions
    from autograder.worker.scratch import Scratch

    with sentences():
        course = the_course()
        wanted = course.find_lesson(lesson).slug if lesson is not None else None
    with Scratch() as scratch:  # what archives hold lies there until it is graded
        found = find_submissions(paths, [one.slug for one in course.lessons], wanted, scratch / "unpacked")
        problems = [str(problem) for problem in found.problems]
        if not found.submissions:
            raise stop(" ".join(problems) or "nothing to grade was found.", WRONG_CALL)
        run = _Run(course, facts_of(course), out, jobs, isolation.value, fresh, json, problems)
        try:
            with claim(out):
                for slug in dict.fromkeys(s.lesson_slug for s in found.submissions):
                    run.lesson(slug, [s for s in found.submissions if s.lesson_slug == slug])
                if not run.records:
                    raise stop(" ".join(problems), INFRASTRUCTURE)
                notices = [str(notice) for notice in found.notices]
                _finish(out, run.facts, run.records, problems, notices, json, run.counts)
        except OutError as error:
            raise stop(str(error), WRONG_CALL) from None
        except CannotWrite as error:
            said = _STOPPED.format(out=out, why=error.strerror, count=len(run.records))
            raise stop(said, INFRASTRUCTURE) from None
    if gradebook is not None:
        _into_gradebook(gradebook, run.records)
    if run.infra:
        raise typer.Exit(INFRASTRUCTURE)
    if found.problems:
        raise typer.Exit(WRONG_CALL)


def _into_gradebook(url: str, records: list[Record]) -> None:
    from autograder.course import CourseError
    from autograder.gradebook.write import write_records

    try:
        write_records(url, records)
    except CourseError as error:
        raise stop(f"the records are written, but {error}", INFRASTRUCTURE) from None


_STOPPED = (
    "{out} could not be written to ({why}), so grading was stopped. {count} records are finished and stay; put "
    "right what is in the way and grade again: it goes on from there."
)


class _Run:
    """One call of ``grade``: what it has done so far.

    Attributes:
        records: of everybody, as they are finished.
        infra: whether the machine, not the work, failed somewhere.
        counts: what was done and what was not needed.
    """

    def __init__(
        self,
        course: Course,
        facts: CourseFacts,
        out: Path,
        jobs: int | None,
        isolation: str,
        fresh: bool,
        quiet: bool,
        problems: list[str],
    ):
        self._course, self.facts, self._out, self._jobs = course, facts, out, jobs
        self._isolation, self._fresh, self._quiet, self._problems = isolation, fresh, quiet, problems
        self.records: list[Record] = []
        self.infra = False
        self.counts = _Counts()

    def lesson(self, slug: str, submissions: list[Submission]) -> None:
        """Grade one lesson."""
        from autograder.course import CourseError
        from autograder.judge.batch import Batch, BatchError
        from autograder.judge.reuse import plan
        from autograder.judge.seed import SeedError

        told = False
        try:
            lesson = self._course.find_lesson(slug)
            made = plan(self._course, lesson, submissions, self._out, self._isolation, self._fresh)
        except (CourseError, SeedError) as error:
            self._problems.append(f"{slug}: {error}")
            self.infra = True
            return
        self._problems += made.problems
        with Progress(f"grading {slug}", len(submissions), self._quiet) as progress:
            for _, record in made.unchanged:
                self.counts.unchanged += 1
                self._done(record, progress)
            if not made.todo:
                return
            batch = Batch(self._course.root, slug, made.todo, self._out, self._jobs, self._isolation)
            try:
                for graded in batch:
                    if batch.notice and not told:
                        told = True
                        self._problems.append(batch.notice)
                    if graded.problem:
                        self.infra = True
                        self._problems.append(f"{graded.submission.student}: {graded.problem}")
                    self.counts.add(graded.regraded)
                    self._done(graded.record, progress)
            except BatchError as error:
                self._problems.append(f"{slug}: {error}")
                self.infra = True

    def _done(self, record: Record, progress: Progress) -> None:
        from autograder.reports import write_feedback

        progress.step()
        self.records.append(record)
        write_feedback(self._out, record, self.facts, "before_due", self._problems)


@dataclass
class _Counts:
    """How much was graded, and how much of it was not needed."""

    unchanged: int = 0
    graded: int = 0
    in_part: dict[str, int] = field(default_factory=dict)
    """Submissions of which only these exercises were graded, by the exercises' names."""

    def add(self, only: list[str] | None) -> None:
        """One more; ``only`` names the exercises where the others still held."""
        self.graded += 1
        if only is not None:
            names = ", ".join(only) or "questions and notes"
            self.in_part[names] = self.in_part.get(names, 0) + 1

    def __str__(self) -> str:
        parts = [f"{count} of them only in {names}" for names, count in self.in_part.items()]
        graded = f"{self.graded} graded" + (f" ({'; '.join(parts)})" if parts else "")
        return f"{self.unchanged} unchanged, {graded}."


def _finish(
    out: Path,
    facts: CourseFacts,
    records: list[Record],
    problems: list[str],
    notices: list[str],
    json: bool,
    counts: _Counts | None = None,
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
                **({} if counts is None else {"counts": asdict(counts)}),
            }
        )
        return
    screen = console()
    screen.print(class_table(records, facts, [*problems, *notices]))
    if len(records) == 1:
        screen.print(story(records[0], facts))
    if counts is not None and (counts.unchanged or counts.in_part):
        screen.print(str(counts), soft_wrap=True)
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

    course, records, problems = records_of(out)
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
    course, records, problems = records_of(out)
    _finish(out, facts_of(course), records, problems, [], json)


def records_of(out: Path) -> tuple[Course, list[Record], list[str]]:
    """The course around here and the records below ``out``, up to date; sentences on files that hold none."""
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
        # `grade` alone writes records: here due dates, extensions and set points hold without being written
        return course, [course.policy.applied(record) for record in records], problems
