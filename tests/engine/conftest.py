"""Fixtures that several tests of the engine share."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

LESSON = """\
# ---
# lesson:
#   title: Scaling and shifting
#   stars: 1
#   minutes: 20
#   prerequisites: []
#   question: What does a factor do to a list?
#   outcomes:
#     - Scale a list of numbers
#     - Say what a negative factor does
# ---

# %% [markdown]
# ## A list and a factor
#
# A story about $k x$.

# %% [setup]

# %%
numbers = [1, -2, 3]
print(len(numbers), "numbers")

# %% [exercise] scale difficulty=1 importance=3 minutes=5
# predict: What is the sign of every number for a negative factor?
# hint concept: Every number is multiplied.
# hint pseudocode: for each v:
#     multiply v by k
# hint nearly code: [k * v for v in ...]

# %% [use] scale
print(scale(numbers, 2))

# %% [library] math
print(math.prod([2, 3]))

# %% [markdown]
# ## What have you learnt?

# %% [question] q1

# %% [question] q2

# %% [reflection]

# %% [flashcards]
"""

QUIZ = """\
[[question]]
id = "q1"
kind = "numeric"
text = "What is 2 times 1.5?"
answer = 3
explanation = "Three."
wrong = { "3.5" = "That is the sum." }

[[question]]
id = "q2"
kind = "multi"
text = "Which hold?"
options = { a = "2 + 2 = 4", b = "2 + 2 = 5", c = "2 * 2 = 4" }
answer = ["a", "c"]
explanation = "Only b is wrong."
wrong = { b = "Count again." }

[[flashcard]]
front = "What is `k * x`?"
back = "A scaled list."

[reflection]
prompt = "Why scale?"
points = 4
rubric = [{ points = 1, text = "a reason" }, { points = 3, text = "an example" }]
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
'''

GRADER = '''\
from coursekit.checks import Part

value, error = Part("right values", 3), Part("error", 1)


@value
def test_values(agrees):
    """Every number is multiplied"""
    agrees([1.0, 2.0], 3.0)


@error
def test_error(agrees):
    """An infinite factor is refused"""
    agrees([1.0], 2.0)
'''

CHECKS = '''\
def test_length(student):
    """The list keeps its length"""
    assert len(student.scale([1.0, 2.0], 3.0)) == 2
'''


NO_SANDBOX = "no bubblewrap on this machine: apt install bubblewrap"


def rungs() -> list[int]:
    """The rungs of isolation that this process can start: test_rungs.py runs these tests again where others are."""
    if os.environ.get("LOCKED_CONTAINER") == "1":  # set by tests/locked_container.py
        return [2 if os.geteuid() == 0 else 1]
    return [3] if "LOCKED_CONTAINER" in os.environ else [3, 0]


@pytest.fixture(scope="module", params=rungs())
def rung(request: pytest.FixtureRequest) -> int:
    """A rung to start a zygote on, with ``top=rung``."""
    if request.param == 3 and shutil.which("bwrap") is None:
        pytest.skip(NO_SANDBOX)
    return request.param


class SmallCourse:
    """A course of one lesson with one torch-free exercise, to edit and to build."""

    def __init__(self, root: Path):
        self.root = root
        self.write("nbgrader_config.py", (ROOT / "nbgrader_config.py").read_text(encoding="utf-8"))
        self.write("course.toml", 'title = "A small course"\nseed = 7\n')
        self.write("source/02_scaling/lesson.py", LESSON)
        self.write("source/02_scaling/quiz.toml", QUIZ)
        self.write("source/02_scaling/checks/test_scale.py", CHECKS)
        self.write("reference_impl/scaling.py", REFERENCE)
        self.write("tests/graders/02_scaling/test_scale.py", GRADER)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the course."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands exactly once in a file of the course."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, (path, old)
        self.write(path, text.replace(old, new))


@pytest.fixture
def small_course(tmp_path: Path) -> SmallCourse:
    """A fresh course of one lesson in a temporary folder."""
    return SmallCourse(tmp_path / "course")


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module ``small_course``: the sources of a course with two exercises in numpy, and submissions to it."""
    return _beside("small_course")


@pytest.fixture(scope="session")
def tiny_course(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That course, built: to be read and not to be written to."""
    return tiny.build_course(tmp_path_factory.mktemp("tiny") / "course")


@pytest.fixture(scope="session")
def plain() -> ModuleType:
    """The module ``plain_course``: a course without torch, which starts in a second, and classes for it."""
    return _beside("plain_course")


@pytest.fixture(scope="session")
def plain_course(plain: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That course, built: to be read and not to be written to."""
    return plain.build_course(tmp_path_factory.mktemp("plain") / "course")
