"""Records into nbgrader's gradebook, without nbgrader's commands: one writer, one transaction for a batch."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from autograder.course import CourseError
from autograder.gradebook.address import shown_url
from autograder.gradebook.prepare import open_gradebook
from autograder.records import Record

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

_NOT_PREPARED = (
    "the gradebook {url} does not know {lesson}. Prepare it: autograder nbgrader init --gradebook URL"
)
_NO_CELL = (
    "the gradebook {url} has no cell {cell} of {lesson}: it was prepared for another release. Nothing was written. "
    "Prepare it again: autograder nbgrader init --gradebook URL"
)
_NOT_WRITTEN = "the gradebook {url} did not take the batch ({why}). Nothing of it was written; try again."


def write_records(url: str, records: Iterable[Record]) -> int:
    """Write the automatic points, comments and penalties of a batch; all of it, or nothing.

    Marks and comments that a person gave stay, and so does everything of other students. What the machine could
    not judge has no points and waits for a person. Returns how many records were written.

    Raises:
        CourseError: the gradebook cannot be opened, was not prepared, or refused the batch.
    """
    from sqlalchemy.exc import SQLAlchemyError

    records = list(records)
    with open_gradebook(url) as gradebook, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own models
        try:
            with gradebook.db.no_autoflush:
                for record in records:
                    _write(gradebook, record, url)
            gradebook.db.commit()
        except SQLAlchemyError as error:
            gradebook.db.rollback()
            why = str(error).splitlines()[0][:300]
            raise CourseError(_NOT_WRITTEN.format(url=shown_url(url), why=why)) from None
        except CourseError:
            gradebook.db.rollback()
            raise
    return len(records)


def _write(gradebook: Gradebook, record: Record, url: str) -> None:
    from nbgrader.api import MissingEntry

    try:
        assignment = gradebook.find_assignment(record.lesson)
    except MissingEntry:
        raise CourseError(_NOT_PREPARED.format(url=shown_url(url), lesson=record.lesson)) from None
    submission = _submission(gradebook, assignment, record)
    notebook = next((one for one in submission.notebooks if one.notebook.name == record.lesson), None)
    grades = {grade.cell.name: grade for grade in notebook.grades} if notebook is not None else {}
    comments = {comment.cell.name: comment for comment in notebook.comments} if notebook is not None else {}
    for item in [*record.exercises, *record.quiz]:
        name = getattr(item, "name", None) or item.id
        if f"check_{name}" not in grades or name not in comments:
            raise CourseError(_NO_CELL.format(url=shown_url(url), cell=f"check_{name}", lesson=record.lesson))
        grade = grades[f"check_{name}"]
        grade.auto_score = None if "infra" in (item.status, record.status) else float(item.score)
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        said = getattr(item, "diagnosis", "") or getattr(item, "message", "")
        comments[name].auto_comment = said or None
    for item in record.manual:
        if item.id in grades:
            _by_hand(grades[item.id], comments.get(item.id), item)
    notebook.late_submission_penalty = record.late.points if record.late is not None else None


def _by_hand(grade: Any, comment: Any, item: Any) -> None:
    """A text waits for a person, as long as there is one and nobody has marked it."""
    grade.auto_score = None if item.text else 0.0
    if item.score is not None:
        grade.manual_score = item.score
    grade.needs_manual_grade = bool(item.text) and grade.manual_score is None
    if comment is not None:
        comment.auto_comment = None if item.text else "No response."


def _submission(gradebook: Gradebook, assignment: Any, record: Record) -> Any:
    """The student's submission, made with all its empty grades where there is none yet."""
    from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook

    session = gradebook.db
    student = session.get(Student, record.student)
    if student is None:
        student = Student(id=record.student)
        session.add(student)
    known = [one for one in student.submissions if one.assignment is assignment]
    submission = known[0] if known else SubmittedAssignment(assignment=assignment, student=student)
    if not known:
        session.add(submission)
        for notebook in assignment.notebooks:
            made = SubmittedNotebook(notebook=notebook, assignment=submission)
            session.add(made)
            for cell in notebook.grade_cells:
                session.add(Grade(cell=cell, notebook=made))
            for cell in notebook.solution_cells:
                session.add(Comment(cell=cell, notebook=made))
    if record.submission.handed_in:
        moment = datetime.fromisoformat(record.submission.handed_in).astimezone(UTC)
        submission.timestamp = moment.replace(tzinfo=None)
    return submission
