"""Find and read what students handed in: hostile data, so bounded, never run, never followed."""

from autograder.submissions.answers import Answer, read_answers
from autograder.submissions.files import MAX_BYTES, Unreadable, read_file
from autograder.submissions.find import Found, Problem, Submission, find_submissions
from autograder.submissions.handed_in import handed_in, moment_in
from autograder.submissions.names import safe_name
from autograder.submissions.notebook import Cell, Notebook, UnreadableNotebook, read_notebook
from autograder.submissions.release import normal_code, read_reflection, student_cells
from autograder.submissions.words import shown

__all__ = [
    "MAX_BYTES",
    "Answer",
    "Cell",
    "Found",
    "Notebook",
    "Problem",
    "Submission",
    "Unreadable",
    "UnreadableNotebook",
    "find_submissions",
    "handed_in",
    "moment_in",
    "normal_code",
    "read_answers",
    "read_file",
    "read_notebook",
    "read_reflection",
    "safe_name",
    "shown",
    "student_cells",
]
