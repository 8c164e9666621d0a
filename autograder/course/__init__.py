"""The course model: ``course.toml`` and the sources become Course, Lesson, Exercise. Nothing is run."""

from autograder.course.cells import CodeCell, code_cells
from autograder.course.errors import CourseError, NoCourse, NoSuchLesson
from autograder.course.exercise import Exercise
from autograder.course.lesson import Lesson, LessonCard
from autograder.course.markers import HINT_STEPS, ExerciseMarker, Hint
from autograder.course.model import Course, load_course
from autograder.course.policy import EXCEPTIONS_FILE, Policy
from autograder.course.quiz import Criterion, Flashcard, Question, Quiz, Reflection
from autograder.course.roster import ROSTER_FILE, Roster, Student, read_roster
from autograder.course.rows import Row, read_rows
from autograder.course.settings import LatePolicy, Settings, find_root
from autograder.course.sources import FunctionText, PartPoints

__all__ = [
    "EXCEPTIONS_FILE",
    "HINT_STEPS",
    "ROSTER_FILE",
    "CodeCell",
    "Course",
    "CourseError",
    "Criterion",
    "Exercise",
    "ExerciseMarker",
    "Flashcard",
    "FunctionText",
    "Hint",
    "LatePolicy",
    "Lesson",
    "LessonCard",
    "NoCourse",
    "NoSuchLesson",
    "PartPoints",
    "Policy",
    "Question",
    "Quiz",
    "Reflection",
    "Roster",
    "Row",
    "Settings",
    "Student",
    "code_cells",
    "find_root",
    "load_course",
    "read_roster",
    "read_rows",
]
