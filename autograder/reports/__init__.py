"""Reports: pure functions of records, for the terminal, the browser and the spreadsheet.

Nothing here runs code, reads a notebook or knows an expected answer; what a student may see is decided
by :func:`autograder.records.view` alone.
"""

from autograder.reports.facts import CourseFacts, LessonFacts
from autograder.reports.feedback import feedback_html
from autograder.reports.grades import grades_csv
from autograder.reports.report import report_html
from autograder.reports.story import story
from autograder.reports.terminal import class_table, console, plain_text
from autograder.reports.write import Written, read_records, write_feedback, write_reports

__all__ = [
    "CourseFacts",
    "LessonFacts",
    "Written",
    "class_table",
    "console",
    "feedback_html",
    "grades_csv",
    "plain_text",
    "read_records",
    "report_html",
    "story",
    "write_feedback",
    "write_reports",
]
