"""A small torch course to attack: one exercise that attacks answer wrongly, one that they answer rightly.

What must stay hidden holds a token each (:data:`TOKENS`), so that anything that gets out can be told from
anything else by looking for them.
"""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LESSON = "01_attacked"
POINTS = {"saliency": 10.0, "share": 5.0}

TOKENS = {
    "reference": "CNRYreference7f3a",
    "hidden test": "CNRYhidden51b0",
    "hidden case": "CNRYcase9d2e",
    "quiz answer": "CNRYquiz0b7f",
    "classmate": "CNRYclassmate3ee8",
    "environment": "CNRYenvironment6a90",
    "home": "CNRYhome2c5d",
}

LESSON_TEXT = """\
# ---
# lesson:
#   title: Attacked
#   stars: 1
#   minutes: 10
#   prerequisites: []
#   question: Does it hold?
#   outcomes:
#     - Hold
#     - Stand
# ---

# %% [markdown]
# ## Gradients

# %% [setup]

# %%
counts = np.array([1.0, 3.0])
print(counts.sum())

# %% [exercise] saliency difficulty=1 importance=3 minutes=5
# hint concept: A derivative.
# hint pseudocode: ask autograd
# hint nearly code: torch.autograd.grad

# %% [use] saliency
print(saliency.__name__)

# %% [exercise] share difficulty=1 importance=2 minutes=5
# hint concept: Divide.
# hint pseudocode: divide by the sum
# hint nearly code: counts / counts.sum()

# %% [use] share
print(share(counts))

# %% [markdown]
# ## Questions

# %% [question] q1

# %% [reflection]
"""

QUIZ = f"""\
[[question]]
id = "q1"
kind = "choice"
text = "Which?"
options = {{ a = "this", b = "that" }}
answer = "b"
explanation = "{TOKENS["quiz answer"]}"
wrong = {{ a = "Look again." }}

[reflection]
prompt = "Why?"
points = 4
rubric = [{{ points = 4, text = "a reason" }}]
"""

REFERENCE = f'''\
"""References. {TOKENS["reference"]}"""

import numpy as np
import torch
from torch import nn


def saliency(model: nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The absolute gradient of each row's target score with respect to that row.

    model: (B, D) to (B, C); x (B, D); target LongTensor (B,). The result is detached, shape of x.
    """
    x = x.detach().clone().requires_grad_(True)
    scores = model(x)[torch.arange(len(x)), target]
    return torch.autograd.grad(scores.sum(), x)[0].abs()


def share(counts: np.ndarray) -> np.ndarray:
    """The share of each entry in the sum of all. counts (n,), positive."""
    return counts / counts.sum()
'''

SALIENCY_GRADER = f'''\
"""Hidden grader. {TOKENS["hidden test"]}"""

import pytest
import torch

from coursekit import mlp
from coursekit.checks import Part, limits, unchanged

LIMITS = limits(wall_s=2.5)
values = Part("values", 6)
classes = Part("classes", 2)
clean = Part("clean", 2)


def problem(rng, n, act="tanh"):
    model = mlp([5, 7, 3], act, rng)
    return model, rng.normal(n, 5), rng.targets(n, 3)


@values
@pytest.mark.parametrize("n", [1, 4])
def test_values(agrees, rng, n):
    """Each row has the gradient of its own target"""
    hidden_case = "{TOKENS["hidden case"]}"
    agrees(*problem(rng, n))


@classes
def test_relu(agrees, rng):
    """Kinks are passed as autograd passes them"""
    agrees(*problem(rng, 3, "relu"))


@clean
def test_clean(student, rng):
    """Model and input are as they were"""
    student.saliency(*problem(rng, 2))
    unchanged(student)


values.mistake("You forgot the absolute value.", ".abs()", "")
classes.mistake("You take the first class everywhere.", "[torch.arange(len(x)), target]", "[:, 0]")
'''

SHARE_GRADER = '''\
"""Hidden grader."""

import numpy as np
import pytest

from coursekit.checks import Part

values = Part("values", 5)


@values
@pytest.mark.parametrize("n", [2, 5])
def test_values(agrees, rng, n):
    """Each entry is divided by the sum"""
    agrees(rng.uniform(n, low=0.5, high=4.0).numpy())


values.mistake("You divide by the largest.", "counts.sum()", "counts.max()")
'''

CHECKS = {
    "saliency": '''\
def test_sign(student, rng):
    """No entry is negative"""
    from coursekit import mlp

    assert (student.saliency(mlp([2, 3, 2], "tanh", rng), rng.normal(2, 2), rng.targets(2, 2)) >= 0).all()
''',
    "share": '''\
def test_sum(student):
    """Shares add up to 1"""
    import numpy as np

    assert abs(student.share(np.array([1.0, 3.0])).sum() - 1) < 1e-12
''',
}

RIGHT = {name: "def " + text for name, text in zip(POINTS, REFERENCE.split("\ndef ")[1:], strict=True)}
"""The text of right answers by exercise."""
ZEROS = "def saliency(model, x, target):\n    return torch.zeros_like(x)\n"


def build_course(root: Path) -> Path:
    """Write the course and build its release."""
    from autograder.authoring import build
    from autograder.authoring.examples import record_examples
    from autograder.course import load_course

    files = {
        "nbgrader_config.py": (ROOT / "nbgrader_config.py").read_text(encoding="utf-8"),
        "course.toml": 'title = "Attacked"\nseed = 23\n',
        f"source/{LESSON}/lesson.py": LESSON_TEXT,
        f"source/{LESSON}/quiz.toml": QUIZ,
        "reference_impl/attacked.py": REFERENCE,
        f"tests/graders/{LESSON}/test_saliency.py": SALIENCY_GRADER,
        f"tests/graders/{LESSON}/test_share.py": SHARE_GRADER,
    }
    for name, text in CHECKS.items():
        files[f"source/{LESSON}/checks/test_{name}.py"] = text
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    course = load_course(root)
    build(course, course.lessons, record=record_examples)
    return root


def released(root: Path) -> dict:
    """The released notebook."""
    return json.loads((root / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))


def filled(root: Path, saliency: str = "", share: str = RIGHT["share"]) -> dict:
    """The released notebook with both exercises filled in; the first with any code, as an attack's file is."""
    book = released(root)
    for cell in book["cells"]:
        source = "".join(cell["source"])
        for name, code in (("saliency", saliency or RIGHT["saliency"]), ("share", share)):
            if cell["cell_type"] == "code" and f"def {name}(" in source:
                cell["source"] = code
    return book
