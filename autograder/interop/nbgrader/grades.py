"""The record's points as nbgrader's grades: exactly one finite number for every cell that is graded.

nbgrader fails open: a graded cell without an output, or with one that is no number, has full marks. So a cell
that the record does not know gets no points here, and waits for a person.
"""

from __future__ import annotations

import math
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from autograder.course import Lesson
from autograder.interop.desk import NoRecord
from autograder.interop.nbgrader.late import RECORD
from autograder.interop.words import result_markdown, when_of
from autograder.records import view
from autograder.reports import LessonFacts
from autograder.reports.card import Card, card_html, card_text, cards

FACTS = "autograder"
_NOT_YET = (
    "This could not be graded yet, through no fault of yours. It costs no points and will be graded again."
)


class JudgeGrades(NbGraderPreprocessor):
    """In the place of ``Execute``: asks the judge, runs nothing."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Write points and cards into the graded cells."""
        exporter = self.parent
        lesson = exporter.lesson(resources)
        try:
            record = exporter.desk(lesson).record(
                resources["nbgrader"]["student"], exporter.handed_in(resources)
            )
        except NoRecord as reason:
            self.log.error("%s could not be judged: %s", resources["nbgrader"]["student"], reason)
            record = None
        resources[RECORD] = record
        seen = None if record is None else view(record, "student", when_of(lesson))
        found = {} if seen is None else {card.name: card for card in cards(seen, _facts(lesson))}
        nb.cells.insert(0, new_markdown_cell(result_markdown(seen), id="autograder-result"))
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("check_")
            if utils.is_grade(cell):
                _grade(cell, found.get(name))
            elif utils.is_solution(cell) and name in found:
                cell.metadata[FACTS] = {**cell.metadata.get(FACTS, {}), "comment": _comment(found[name])}
        return nb, resources


class SaveJudgeGrades(SaveAutoGrades):
    """``SaveAutoGrades``, and two things more: what could not be judged waits for a person instead of costing
    points, and the diagnosis is the automatic comment.
    """

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._add_score(cell, resources)
        if cell.metadata.get(FACTS, {}).get("status") == "infra":
            grade = self.gradebook.find_grade(*self._which(cell))
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._add_comment(cell, resources)
        said = cell.metadata.get(FACTS, {}).get("comment")
        if said:
            self.gradebook.find_comment(*self._which(cell)).auto_comment = said
            self.gradebook.db.commit()

    def _which(self, cell: NotebookNode) -> tuple[str, str, str, str]:
        return cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id


def _grade(cell: NotebookNode, card: Card | None) -> None:
    """One output with one number: the only form in which nbgrader cannot take silence for full marks."""
    most = float(cell.metadata["nbgrader"]["points"])
    if card is None:
        card = Card("", "Not graded yet", "infra", 0.0, most, [_NOT_YET])
    score = min(max(float(card.score), 0.0), most) if math.isfinite(card.score) else 0.0
    cell.metadata[FACTS] = {**cell.metadata.get(FACTS, {}), "status": card.status}
    data = {"text/plain": repr(score), "text/html": card_html(card)}
    cell.outputs = [new_output("execute_result", data, execution_count=1)]
    cell.execution_count = 1


def _comment(card: Card) -> str:
    return "" if card.status == "pass" else card_text(card)[:2000]


def _facts(lesson: Lesson) -> LessonFacts:
    return LessonFacts(lesson.label, lesson.title)
