"""What the authoring commands refuse, and how they say it."""

from __future__ import annotations

from autograder.course import CourseError


class BuildError(CourseError):
    """A lesson cannot be built. `problems` holds one sentence for each thing to repair."""

    def __init__(self, lesson: str, problems: list[str]):
        self.lesson, self.problems = lesson, problems
        count = f"{len(problems)} thing{'s' if len(problems) > 1 else ''}"
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{lesson} cannot be built; {count} to repair:{lines}")


class EditedByHand(BuildError):
    """A generated notebook holds changes that a build would lose."""


class CellFailed(BuildError):
    """A cell of a solution raised, or wrote to stderr, while it was executed."""
