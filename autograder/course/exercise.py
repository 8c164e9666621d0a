"""One exercise: what its marker, its reference and its hidden grader say about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.markers import ExerciseMarker, Hint
from autograder.course.sources import (
    FunctionText,
    Module,
    PartPoints,
    function_text,
    names_of_tests,
    parts_of,
    read_module,
    watched_names,
)

if TYPE_CHECKING:
    from autograder.course.lesson import Lesson


@dataclass(frozen=True)
class Exercise:
    """One top-level function that a learner writes; its four homes are found from here."""

    lesson: Lesson
    marker: ExerciseMarker

    @property
    def name(self) -> str:
        """The function's name: the identity of the exercise."""
        return self.marker.name

    @property
    def difficulty(self) -> int:
        """From 1 to 5."""
        return self.marker.difficulty

    @property
    def importance(self) -> int:
        """From 1 to 5."""
        return self.marker.importance

    @property
    def minutes(self) -> int:
        """How long it takes, about."""
        return self.marker.minutes

    @property
    def predict(self) -> str:
        """What to predict before running; empty when nothing is asked."""
        return self.marker.predict

    @property
    def predict_kind(self) -> str:
        """Which prediction is noted in a cell: sign, shape or magnitude; empty when none is."""
        return self.marker.predict_kind

    @property
    def notice(self) -> str:
        """What must be said beside every result; empty when nothing must."""
        return self.marker.notice

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The ladder: concept, pseudocode, nearly code."""
        return self.marker.hints

    @property
    def grader_file(self) -> Path:
        """The hidden grader."""
        return self.lesson.graders_folder / f"test_{self.name}.py"

    @property
    def checks_file(self) -> Path:
        """The public checks."""
        return self.lesson.checks_folder / f"test_{self.name}.py"

    @cached_property
    def text(self) -> FunctionText:
        """The reference's text, cut at the end of the docstring."""
        return function_text(self.lesson.reference, self.name)

    def reference_source(self) -> str:
        """The reference function's source text."""
        return self.text.source

    def stub_source(self) -> str:
        """The source a learner starts from, exactly as the released cell holds it."""
        return self.text.stub

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """The names that the reference gives to ``watch``, in the order of its text."""
        return watched_names(self.lesson.reference, self.name)

    @property
    def signature(self) -> str:
        """For example ``saliency(model: nn.Module, x: torch.Tensor) -> torch.Tensor``."""
        return self.text.signature

    @property
    def docstring(self) -> str:
        """The reference's docstring, dedented."""
        return self.text.docstring

    @cached_property
    def parts(self) -> tuple[PartPoints, ...]:
        """The parts and their points, read from the hidden grader's text."""
        return parts_of(self._grader)

    @property
    def points(self) -> int:
        """The points of all parts together."""
        return sum(part.points for part in self.parts)

    @property
    def hidden_tests(self) -> tuple[str, ...]:
        """The names of the hidden grader's tests (a parametrised test is one)."""
        return names_of_tests(self._grader)

    @cached_property
    def _grader(self) -> Module:
        return read_module(self.grader_file, self.lesson.root)
