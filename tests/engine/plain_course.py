"""A course of one small lesson without torch, which starts in a second, and a class that hands in to it."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LESSON = "02_scaling"
EXERCISES = ("scale", "shift")

LESSON_TEXT = """\
# ---
# lesson:
#   title: Scaling and shifting
#   stars: 1
#   minutes: 20
#   prerequisites: []
#   question: What does a factor do to a list?
#   outcomes:
#     - Scale a list of numbers
#     - Shift a list of numbers
# ---

# %% [markdown]
# ## A list and a factor
#
# A story.

# %% [setup]

# %% [exercise] scale difficulty=1 importance=3 minutes=5
# hint concept: Every number is multiplied.
# hint pseudocode: for each v:
#     multiply v by k
# hint nearly code: [k * v for v in ...]

# %% [use] scale
print(scale([1.0, 2.0], 2.0))

# %% [markdown]
# ## A list and a step

# %% [exercise] shift difficulty=1 importance=2 minutes=5
# hint concept: The same number is added everywhere.
# hint pseudocode: for each v:
#     add d to v
# hint nearly code: [v + d for v in ...]

# %% [use] shift
print(shift([1.0, 2.0], 2.0))

# %% [markdown]
# ## What have you learnt?

# %% [question] q1

# %% [reflection]
"""

QUIZ = """\
[[question]]
id = "q1"
kind = "numeric"
text = "What is 2 times 1.5?"
answer = 3
explanation = "Three."

[reflection]
prompt = "Why scale?"
points = 4
rubric = [{ points = 4, text = "an example" }]
"""

REFERENCE = '''\
"""References of the lesson."""

import math


def scale(x: list, k: float) -> list:
    """Return k * x for every number of the list x.

    ValueError when k is not finite.
    """
    if not math.isfinite(k):
        raise ValueError("k must be finite")
    return [k * v for v in x]


def shift(x: list, d: float) -> list:
    """Return x + d for every number of the list x."""
    return [v + d for v in x]
'''

SCALE_GRADER = '''\
"""Hidden grader of `scale`."""

import pytest

from coursekit.checks import Part

value, error = Part("right values", 3), Part("error", 1)


@value
def test_values(agrees):
    """Every number is multiplied"""
    agrees([1.0, 2.0, -4.0], 3.0)


@error
def test_error(student):
    """An infinite factor is refused"""
    with pytest.raises(ValueError):
        student.scale([1.0], float("inf"))


value.mistake("You add the factor: multiply by it.", "k * v", "k + v")
'''

SHIFT_GRADER = '''\
"""Hidden grader of `shift`."""

from coursekit.checks import Part

value = Part("right values", 2)


@value
def test_values(agrees):
    """The step is added to every number"""
    agrees([1.0, 2.0, -4.0], 3.0)


value.mistake("You take the step away: add it.", "v + d", "v - d")
'''

CHECKS = '''\
def test_length(student):
    """The list keeps its length"""
    assert len(student.{name}([1.0, 2.0], 3.0)) == 2
'''

FILES = {
    "course.toml": 'title = "A plain course"\nseed = 7\nlibraries = ["numpy"]\n',
    f"source/{LESSON}/lesson.py": LESSON_TEXT,
    f"source/{LESSON}/quiz.toml": QUIZ,
    f"source/{LESSON}/checks/test_scale.py": CHECKS.format(name="scale"),
    f"source/{LESSON}/checks/test_shift.py": CHECKS.format(name="shift"),
    "reference_impl/scaling.py": REFERENCE,
    f"tests/graders/{LESSON}/test_scale.py": SCALE_GRADER,
    f"tests/graders/{LESSON}/test_shift.py": SHIFT_GRADER,
}

RIGHT = {
    "scale": "import math\ndef scale(x, k):\n    if not math.isfinite(k):\n        raise ValueError(k)\n    return [k * v for v in x]",
    "shift": "def shift(x, d):\n    return [v + d for v in x]",
}


def build_course(root: Path) -> Path:
    """Write the course below ``root`` and build its release."""
    from autograder.authoring import build
    from autograder.course import load_course

    texts = {**FILES, "nbgrader_config.py": (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")}
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    course = load_course(root)
    build(course, course.lessons)
    return root


def notebook(root: Path, code: dict[str, str], remark: str = "", **answers: str) -> str:
    """The released notebook with the code of exercises, ``q1=...`` and ``reflection=...``."""
    book = json.loads((root / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    for cell in book["cells"]:
        source = "".join(cell["source"])
        for name in [n for n in code if f"def {n}(" in source and cell["cell_type"] == "code"]:
            cell["source"] = f"{code[name]}\n# {remark}"
        if "q1 = ..." in source and "q1" in answers:
            cell["source"] = f"q1 = {answers['q1']}"
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "reflection" and "reflection" in answers:
            cell["source"] = answers["reflection"]
    return json.dumps(book)


def hand_in(root: Path, folder: Path, size: int) -> dict[str, float]:
    """A class of ``size`` notebooks in ``folder``, right, half right and wrong in turn; points by student."""
    folder.mkdir(parents=True)
    kinds = [
        (RIGHT, {"q1": "3", "reflection": "To compare."}, 8.0),
        ({**RIGHT, "shift": "def shift(x, d):\n    return [v - d for v in x]"}, {"q1": "3"}, 6.0),
        ({"shift": RIGHT["shift"]}, {}, 2.0),
        ({**RIGHT, "scale": "import os\ndef scale(x, k):\n    os._exit(0)"}, {}, 2.0),
    ]
    points = {}
    for number in range(size):
        code, answers, score = kinds[number % len(kinds)]
        student = f"s{number:03d}"
        text = notebook(root, code, student, **answers)
        (folder / f"{student}.ipynb").write_text(text, encoding="utf-8")
        points[student] = score
    return points
