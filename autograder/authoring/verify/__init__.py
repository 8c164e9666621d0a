"""Graders that are themselves graded: every gate of every exercise, with its figures."""

from autograder.authoring.verify.result import ExerciseVerdict, Gate, LessonVerdict
from autograder.authoring.verify.run import Verifier

__all__ = ["ExerciseVerdict", "Gate", "LessonVerdict", "Verifier"]
