"""The files that lie beside a solution notebook, and so beside the released one: all that a learner needs."""

from __future__ import annotations

import json

from autograder.authoring.keys import files_below
from autograder.course import Course, Lesson
from autograder.course.markers import PREDICT_FORMS

EXAMPLES = "examples.safetensors"
"""Recorded answers for the public checks; written by the recorder that `build` is given."""
GENERATED_FOLDERS = ("checks", "tests", "files")
"""Folders of a solution that belong to the build alone: what is no longer made is taken away."""


def support_files(course: Course, lesson: Lesson) -> dict[str, bytes]:
    """Contents by path below the lesson's folder."""
    files: dict[str, bytes] = {}
    files["README.md"] = _readme(course, lesson).encode()
    files["lesson.json"] = (json.dumps(_facts(course, lesson), indent=1, ensure_ascii=False) + "\n").encode()
    for exercise in lesson.exercises:
        files[f"tests/{exercise.name}.py"] = otter_test(exercise.name, exercise.points).encode()
    for folder in (lesson.checks_folder, lesson.files_folder):
        for path in files_below(folder):
            files[path.relative_to(lesson.source_folder).as_posix()] = path.read_bytes()
    return files


def otter_test(name: str, points: int) -> str:
    """An Otter test file in exception format: ``grader.check("name")`` plays the course's own check."""
    return f'''"""Lets grader.check("{name}") play the public check of {name}."""

OK_FORMAT = False

from otter.test_files import test_case

name = "{name}"
points = {points}


@test_case(name="{name}")
def test_public(env):
    from coursekit import check

    if "{name}" not in env:
        raise AssertionError("{name} is not defined yet: run its cell first.")
    check(env["{name}"])
'''


def _facts(course: Course, lesson: Lesson) -> dict:
    """What the notebook's own checks may know: no answer, no hidden test."""
    return {
        "course": course.title,
        "lesson": lesson.slug,
        "number": lesson.number,
        "title": lesson.title,
        "seed": course.seed,
        "exercises": [
            {
                "name": one.name,
                "points": one.points,
                "parts": [{"name": part.name, "points": part.points} for part in one.parts],
                "hidden_tests": len(one.hidden_tests),
                "hints": [{"step": hint.step, "text": hint.text} for hint in one.hints],
                "predict": {"kind": one.predict_kind, "form": PREDICT_FORMS[one.predict_kind]}
                if one.predict_kind
                else None,
                "watched": list(one.watched),
            }
            for one in lesson.exercises
        ],
        "questions": [
            {
                "id": one.id,
                "kind": one.kind,
                "points": one.points,
                "options": list(one.options),
                "numbers": len(one.answer) if one.kind == "numeric" else 0,
                "form": one.form,
            }
            for one in lesson.questions
        ],
    }


def _readme(course: Course, lesson: Lesson) -> str:
    first = lesson.exercises[0].name if lesson.exercises else "name"
    return f"""# {course.title}, lesson {lesson.number}: {lesson.title}

Open `{lesson.slug}.ipynb` in JupyterLab and work from top to bottom. Hand in that one file.

**Once, before the first lesson:** the folder `setup`, which lies beside the lessons' folders, holds
coursekit. In a terminal, in the folder that holds `setup`:

    python -m pip install -r setup/requirements.txt ./setup

Python 3.11 or 3.12 is needed. After that this folder works alone, also when you move it. In Colab, upload the
folders `setup` and `{lesson.slug}`, then run `!python -m pip install ./setup` there.

| here | what it is |
|---|---|
| `{lesson.slug}.ipynb` | the lesson: read, fill in, run |
| `checks/` | the public checks that `check(...)` plays; read them if you like |
| `{EXAMPLES}` | a few recorded answers that the checks compare with |
| `tests/` | the same checks for Otter: `grader.check("{first}")` |
| `lesson.json` | titles, points and hints for the checks |
"""
