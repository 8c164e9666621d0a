"""What the judge writes about one submission, and what a given person may see of it."""

from autograder.records.schema import (
    SCHEMA,
    AnswerResult,
    ExerciseResult,
    Lateness,
    ManualItem,
    Picture,
    Record,
    SetPoints,
    Status,
    SubmissionInfo,
    TestResult,
    Visibility,
    counted,
)
from autograder.records.store import RecordError, read_record, record_path, write_record
from autograder.records.view import view

__all__ = [
    "SCHEMA",
    "AnswerResult",
    "ExerciseResult",
    "Lateness",
    "ManualItem",
    "Picture",
    "Record",
    "RecordError",
    "SetPoints",
    "Status",
    "SubmissionInfo",
    "TestResult",
    "Visibility",
    "counted",
    "read_record",
    "record_path",
    "view",
    "write_record",
]
