"""What ``run_autograder`` calls in Gradescope's container: the submission in, ``results/results.json`` out."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, Lesson, Roster, load_course
from autograder.interop.desk import Desk, NoRecord
from autograder.interop.gradescope.results import no_results, results
from autograder.interop.words import when_of
from autograder.records import Record
from autograder.records.store import write_atomically
from autograder.reports import LessonFacts
from autograder.submissions import moment_in

LESSON_FILE = "lesson.txt"
"""Beside the course in the bundle: the one lesson it grades."""
_MOST_METADATA = 1_000_000
_MOST_FILES = 10_000
_COUNT = "One notebook is needed, and {count} were handed in ({names}). Hand in {wanted} alone."
_NONE = "No notebook was handed in. Hand in {wanted}."
INFRASTRUCTURE = 3

MakeDesk = Callable[[Path, str], Desk]


def main(base: str | Path, make_desk: MakeDesk = Desk) -> int:
    """Grade ``base/submission`` with the course in ``base/source/course``; returns an exit code.

    Any bytes give results; when the machine fails, results that say so, and exit code 3.
    """
    base = Path(base)
    lesson: Lesson | None = None
    try:
        course, lesson = opened(base / "source")
        record = judged(base, course, lesson, make_desk(lesson.root, lesson.slug))
        document, code = results(record, when_of(lesson), facts_of(lesson)), 0
    except (NoRecord, CourseError, OSError) as error:
        print(f"infrastructure: {error}", file=sys.stderr)
        document = no_results(float(lesson.max_score) if lesson is not None else 0.0)
        code = INFRASTRUCTURE
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    write_atomically(base / "results" / "results.json", text.encode("utf-8", "replace"))
    return code


def opened(source: Path) -> tuple[Course, Lesson]:
    """The course in an unpacked bundle, and the lesson that it grades."""
    course = load_course(source / "course")
    return course, course.find_lesson((source / LESSON_FILE).read_text(encoding="utf-8").strip())


def facts_of(lesson: Lesson) -> LessonFacts:
    """Titles of one lesson."""
    return LessonFacts(lesson.label, lesson.title)


def judged(base: Path, course: Course, lesson: Lesson, desk: Desk) -> Record:
    """The record of the notebook in ``base/submission``. Raises NoRecord."""
    metadata = _metadata(base / "submission_metadata.json")
    student = student_of(metadata, course.roster)
    handed_in = moment_in(str(metadata.get("created_at", "")))
    wanted = f"{lesson.slug}.ipynb"
    books = _notebooks(base / "submission")
    named = [path for path in books if path.name == wanted]
    chosen = named if len(named) == 1 else books
    if len(chosen) == 1:
        return desk.record(student, chosen[0], handed_in)
    names = ", ".join(path.name for path in books[:5])
    says = _COUNT if books else _NONE
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / wanted
        nothing.touch()
        record = desk.record(student, nothing, handed_in)
    record.notes[:] = [says.format(count=len(books), names=names, wanted=wanted)]
    return record


def student_of(metadata: dict[str, Any], roster: Roster | None) -> str:
    """Who handed in: the roster's id for Gradescope's user id or e-mail, else the e-mail."""
    users = metadata.get("users")
    user = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
    theirs, email = str(user.get("id", "")), str(user.get("email", "")).strip()
    if roster is not None:
        known = roster.by_system("gradescope").get(theirs)
        by_email = [s for s in roster.students if email and s.email.casefold() == email.casefold()]
        known = known or (by_email[0] if len(by_email) == 1 else None)
        if known is not None:
            return known.id
    return email or "submission"


def _metadata(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_METADATA:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _notebooks(folder: Path) -> list[Path]:
    """The notebooks below a folder; links are not followed, hidden folders are passed over."""
    found: list[Path] = []
    for count, path in enumerate(folder.rglob("*.ipynb")):
        inside = path.relative_to(folder).parts
        if count >= _MOST_FILES:
            break
        if not any(part.startswith(".") or part == "__MACOSX" for part in inside) and not path.is_symlink():
            found.append(path)
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
