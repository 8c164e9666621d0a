"""The words and numbers of every report, so that terminal and pages say the same thing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograder.records import AnswerResult, ExerciseResult, Record, Status, TestResult
from coursekit.words import counted, listed, number, percent, times

__all__ = [
    "STATUSES",
    "Kind",
    "counted",
    "lead",
    "listed",
    "next_step",
    "next_steps",
    "number",
    "percent",
    "points",
    "public",
    "readable",
    "set_points",
    "share",
    "split_lesson",
    "times",
    "title_of",
    "why",
]


@dataclass(frozen=True)
class Kind:
    """How one status is shown: a symbol, its ASCII twin, a tone (colour family), a sentence."""

    symbol: str
    plain: str
    tone: str
    means: str


STATUSES: dict[Status, Kind] = {
    "pass": Kind("✓", "+", "good", "every test passed"),
    "partial": Kind("◐", "/", "half", "some of the points were earned"),
    "fail": Kind("✗", "x", "bad", "it ran, but the answer is not the one asked for"),
    "error": Kind("!", "!", "bad", "it stopped with an error"),
    "timeout": Kind("◷", "T", "bad", "it was stopped because it took too long"),
    "memory": Kind("▣", "M", "bad", "it was stopped because it used too much memory"),
    "missing": Kind("○", "o", "none", "not written yet, or not found under its name"),
    "skipped": Kind("»", ">", "none", "not run, because something before it stopped"),
    "infra": Kind("?", "?", "note", "could not be run through no fault of yours; costs no points"),
    "ungraded": Kind("…", ".", "note", "waits for a person to mark it"),
}

_COUNTED: dict[Status, tuple[str, str]] = {
    "pass": ("is right", "are right"),
    "partial": ("is partly right", "are partly right"),
    "fail": ("is not right yet", "are not right yet"),
    "error": ("stopped with an error", "stopped with an error"),
    "timeout": ("took too long", "took too long"),
    "memory": ("used too much memory", "used too much memory"),
    "missing": ("is missing", "are missing"),
    "skipped": ("was not run", "were not run"),
    "infra": ("could not be run here", "could not be run here"),
    "ungraded": ("waits to be marked", "wait to be marked"),
}

_NEXT: dict[Status, str] = {
    "partial": "Run `check({name})` in your notebook and begin with the first test that fails.",
    "fail": "Run `check({name})` in your notebook and compare its first failing test with your code.",
    "error": "Restart the kernel, run all cells, and read the last line of the error that `{name}` ends in.",
    "timeout": "Look for a loop in `{name}` that never ends, or that repeats work for every pixel.",
    "memory": "Look for a tensor in `{name}` that grows with every step, and keep only what you need.",
    "missing": "Write a function called exactly `{name}` in a cell of its own, then run `check({name})`.",
}


def title_of(name: str) -> str:
    """A title for people from an identifier: ``gradient_times_input`` -> ``Gradient times input``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else name


def split_lesson(lesson: str) -> tuple[str, str]:
    """Number and title from a lesson's name: ``02_some_title`` -> ``("02", "Some title")``."""
    number, _, rest = lesson.partition("_")
    return (number, title_of(rest)) if number.isdigit() and rest else ("", title_of(lesson))


def points(value: float | None) -> str:
    """Points for display, at most two decimals: ``8``, ``6.67``; a dash where there are none yet."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(score: float, out_of: float) -> float:
    """``score / out_of`` held within 0..1; 1 where nothing could be earned."""
    return min(1.0, max(0.0, score / out_of)) if out_of > 0 else 1.0


def readable(record: Record) -> bool:
    """Whether the record tells anything of single exercises."""
    return record.status != "error" and any(e.status != "infra" for e in record.exercises)


def lead(record: Record) -> str:
    """The whole record in one sentence, for someone who reads only that."""
    exercises = record.exercises
    if not readable(record):
        if record.status == "infra":
            return "This notebook could not be graded through no fault of yours; it will be graded again."
        return "This notebook could not be read, so nothing in it was graded."
    total = len(exercises)
    if all(e.status == "pass" for e in exercises):
        return "The exercise is right." if total == 1 else f"All {total} exercises are right."
    if len({e.status for e in exercises}) == 1:
        one, many = _COUNTED[exercises[0].status]
        return f"The exercise {one}." if total == 1 else f"All {total} exercises {many}."
    said = []
    for status, (one, many) in _COUNTED.items():
        count = sum(e.status == status for e in exercises)
        if count:
            of = f" of {total} exercises" if not said else ""
            said.append(f"{count}{of} {one if count == 1 else many}")
    return f"{listed(said)}."


def set_points(item: ExerciseResult | AnswerResult) -> str:
    """The sentence on points that a person has set; empty where nobody has."""
    if item.set_points is None:
        return ""
    given, judged = points(item.score), points(item.set_points.judged)
    reason = f" Reason: {item.set_points.reason}" if item.set_points.reason else ""
    return f"A person has set {given} points here; the tests gave {judged}.{reason}"


def public(tests: list[TestResult]) -> bool:
    """Whether all of these are public checks, which give no points: they are counted instead."""
    return bool(tests) and all(test.visibility == "public" for test in tests)


def why(result: ExerciseResult) -> str:
    """The one sentence that explains an exercise's status; empty when there is nothing to explain."""
    if result.status == "pass":
        return ""
    if result.diagnosis:
        return result.diagnosis
    for test in result.tests:
        if test.status != "pass" and not test.excused and (test.diagnosis or test.message):
            return test.diagnosis or test.message
    return STATUSES[result.status].means[:1].upper() + STATUSES[result.status].means[1:] + "."


def next_step(result: ExerciseResult) -> str:
    """What to try next on one exercise; empty when there is nothing to do."""
    if result.status == "pass":
        return ""
    return result.next_step or _NEXT.get(result.status, "").format(name=result.name)


def next_steps(record: Record, most: int = 3) -> list[tuple[ExerciseResult, str]]:
    """The steps worth most points first: exercise and sentence, at most ``most``."""
    steps = [(e, next_step(e)) for e in record.exercises]
    steps = [(e, text) for e, text in steps if text]
    return sorted(steps, key=lambda step: step[0].score - step[0].max_score)[:most]
