"""``autograder new``: the files of a lesson or an exercise, to be filled in. Nothing is ever overwritten."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from autograder.authoring import stubs
from autograder.authoring.errors import BuildError
from autograder.authoring.files import write_bytes
from autograder.course import Course, Lesson, load_course
from autograder.course.errors import as_text, shown
from autograder.course.percent import LessonText


def new_lesson(course: Course, number: int, title: str) -> list[Path]:
    """Write the files of a new lesson without exercises. Returns their paths.

    Raises BuildError when the number is taken, the title gives no folder name, or a file exists.
    """
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not 1 <= number <= 999:
        raise BuildError(f"lesson {number}", ["a lesson's number goes from 1 to 999. Choose another."])
    if not name or not name[0].isalpha():
        raise BuildError(
            f"lesson {number}", [f"the title {title!r} must begin with a letter a-z. Reword it."]
        )
    taken = next((one for one in course.lessons if one.number == number), None)
    if taken is not None:
        raise BuildError(f"lesson {number}", [f"source/{taken.slug} has this number. Choose another."])
    lesson = Lesson(course.root, f"{number:02d}_{name}")
    texts = {
        lesson.lesson_file: stubs.LESSON.format(title=_yaml(title)),
        lesson.quiz_file: stubs.QUIZ,
        lesson.reference_file: stubs.REFERENCES.format(
            label=lesson.label, lower=title[0].lower() + title[1:]
        ),
    }
    _refuse_existing(lesson, list(texts))
    for path, text in texts.items():
        write_bytes(path, text.encode())
    return list(texts)


def new_exercise(course: Course, lesson: Lesson, name: str) -> list[Path]:
    """Write the stubs of an exercise's four homes. Returns the paths of the files written or added to.

    The marker goes behind the last exercise of lesson.py, the function to the end of the reference.
    Raises BuildError when one of the four is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        problem = f"{name!r} is no name for a function: small letters, digits and _, beginning with a letter."
        raise BuildError(lesson.slug, [problem])
    lesson = load_course(course.root).find_lesson(lesson.slug)  # as the files are now
    problems = []
    if name in {one.name for one in lesson.exercises}:
        problems.append(f"{shown(lesson.lesson_file, lesson.root)} has an exercise {name} already.")
    if name in lesson.reference.functions:
        problems.append(f"{lesson.reference.where} has a function {name} already.")
    if problems:
        raise BuildError(lesson.slug, [f"{problem} Choose another name." for problem in problems])
    checks = lesson.checks_folder / f"test_{name}.py"
    grader = lesson.graders_folder / f"test_{name}.py"
    _refuse_existing(lesson, [checks, grader])

    text = as_text(lesson.lesson_file, lesson.root)
    reference = as_text(lesson.reference_file, lesson.root)
    write_bytes(lesson.lesson_file, _with_marker(text, lesson.text, name).encode())
    write_bytes(
        lesson.reference_file, (reference.rstrip("\n") + "\n" + stubs.REFERENCE.format(name=name)).encode()
    )
    write_bytes(checks, stubs.CHECKS.format(name=name).encode())
    write_bytes(grader, stubs.GRADER.format(name=name).encode())
    return [lesson.lesson_file, lesson.reference_file, checks, grader]


def _with_marker(text: str, parsed: LessonText, name: str) -> str:
    """The lesson's text with the new exercise before its closing part (questions, reflection, flashcards)."""
    lines = text.split("\n")
    blocks = parsed.blocks
    closing = next(
        (i for i, block in enumerate(blocks) if block.kind in ("question", "reflection", "flashcards")),
        len(blocks),
    )
    # The heading above the first question belongs to the questions.
    if 0 < closing < len(blocks) and blocks[closing - 1].kind == "markdown":
        closing -= 1
    at = blocks[closing].line - 1 if closing < len(blocks) else len(lines)
    before = "\n".join(lines[:at]).rstrip("\n")
    after = "\n".join(lines[at:]).strip("\n")
    marker = stubs.MARKER.format(name=name).rstrip("\n")
    return "\n\n".join(filter(None, [before, marker, after])) + "\n"


def _refuse_existing(lesson: Lesson, paths: list[Path]) -> None:
    there = [shown(path, lesson.root) for path in paths if path.exists()]
    if there:
        problems = [
            f"{path} exists already, and nothing is overwritten. Rename or delete it." for path in there
        ]
        raise BuildError(lesson.slug, problems)


def _yaml(title: str) -> str:
    """The title as a YAML value; quoted where a plain one would be read as something else."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,()'-]*", title) and title.lower() not in (
        "yes",
        "no",
        "true",
        "null",
    )
    return title if plain else '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
