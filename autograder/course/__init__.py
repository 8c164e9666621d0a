"""The course model: ``course.toml`` and the sources become Course, Lesson, Exercise. Nothing is run."""

from autograder.course.cells import CodeCell, code_cells
from autograder.course.errors import CourseError, NoCourse, NoSuchLesson
from autograder.course.exercise import Exercise
from autograder.course.lesson import Lesson, LessonCard
from autograder.course.markers import HINT_STEPS, ExerciseMarker, Hint
from autograder.course.model import Course, load_course
from autograder.course.quiz import Criterion, Flashcard, Question, Quiz, Reflection
from autograder.course.settings import Settings, find_root
from autograder.course.sources import FunctionText, PartPoints

__all__ = [
    "HINT_STEPS",
    "CodeCell",
    "Course",
    "CourseError",
    "Criterion",
    "Exercise",
    "ExerciseMarker",
    "Flashcard",
    "FunctionText",
    "Hint",
    "Lesson",
    "LessonCard",
    "NoCourse",
    "NoSuchLesson",
    "PartPoints",
    "Question",
    "Quiz",
    "Reflection",
    "Settings",
    "code_cells",
    "find_root",
    "load_course",
]
