"""What handing in late costs, as the course's policy has it: the record's own figure, on this route too."""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from autograder.records import Record

RECORD = "autograder_record"
"""Where :class:`~autograder.interop.nbgrader.grades.JudgeGrades` leaves the record for those behind it."""


class CoursePenalties(AssignLatePenalties):
    """In the place of ``AssignLatePenalties``. A lesson without a due date in course.toml keeps nbgrader's way."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Write the penalty, and the extension where the student has one, into the gradebook."""
        lesson = self.parent.lesson(resources)
        where = resources["nbgrader"]
        due = self.parent.course.policy.due_of(where["student"], lesson.slug)
        if due is None:
            return super().preprocess(nb, resources)
        record: Record | None = resources.get(RECORD)
        with Gradebook(where["db_url"]) as gradebook:
            submission = gradebook.find_submission(where["assignment"], where["student"])
            everybodys = self.parent.course.settings.due.get(lesson.slug)
            submission.extension = due - everybodys if everybodys is not None and due != everybodys else None
            notebook = gradebook.find_submission_notebook(
                where["notebook"], where["assignment"], where["student"]
            )
            lost = record.late.points if record is not None and record.late is not None else 0.0
            # a person may have marked automatic cells down: the penalty never makes a score negative
            notebook.late_submission_penalty = min(lost, notebook.score) or None
            gradebook.db.commit()
        return nb, resources
