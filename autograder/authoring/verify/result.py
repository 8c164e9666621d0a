"""What a verification found."""

from __future__ import annotations

from msgspec import Struct, field


class Gate(Struct, kw_only=True):
    """One demand on a grader.

    Attributes:
        name: short, the same for every exercise.
        passed: whether it holds on every seed.
        figure: the number or count that decided.
        problems: one sentence per thing that does not hold.
    """

    name: str
    passed: bool
    figure: str = ""
    problems: list[str] = field(default_factory=list)


class ExerciseVerdict(Struct, kw_only=True):
    """All gates of one exercise."""

    exercise: str
    points: float
    gates: list[Gate]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


class LessonVerdict(Struct, kw_only=True):
    """All gates of all exercises of one lesson."""

    lesson: str
    seeds: int
    exercises: list[ExerciseVerdict]
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return bool(self.exercises) and all(exercise.passed for exercise in self.exercises)
