"""What the judge writes about one submission, and what a given person may see of it."""

from autograder.records.schema import (
    SCHEMA,
    AnswerResult,
    ExerciseResult,
    ManualItem,
    Picture,
    Record,
    Status,
    SubmissionInfo,
    TestResult,
    Visibility,
)
from autograder.records.store import RecordError, read_record, record_path, write_record
from autograder.records.view import view

__all__ = [
    "SCHEMA",
    "AnswerResult",
    "ExerciseResult",
    "ManualItem",
    "Picture",
    "Record",
    "RecordError",
    "Status",
    "SubmissionInfo",
    "TestResult",
    "Visibility",
    "read_record",
    "record_path",
    "view",
    "write_record",
]
