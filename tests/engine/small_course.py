"""A course of one small lesson with two exercises in numpy, built as the real one is, and submissions to it."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LESSON = "01_tiny"

LESSON_TEXT = """\
# ---
# lesson:
#   title: Shares and averages
#   stars: 1
#   minutes: 20
#   prerequisites: []
#   question: What is a share?
#   outcomes:
#     - Turn counts into shares
#     - Smooth a series
# ---

# %% [markdown]
# ## Counts
#
# A table of counts, one row per place.

# %% [setup]

# %%
counts = np.array([[1.0, 3.0], [2.0, 2.0]])
print(counts.shape)

# %% [exercise] shares difficulty=1 importance=3 minutes=5
# hint concept: Each row is divided by its own sum.
# hint pseudocode: divide every entry by the sum of its row
# hint nearly code: counts / counts.sum(axis=1, keepdims=True)

# %% [use] shares
print(shares(counts))

# %% [markdown]
# ## Series

# %% [exercise] smooth difficulty=1 importance=2 minutes=5
# hint concept: Each value is the mean of a window.
# hint pseudocode: for each place, take the mean of the window that begins there
# hint nearly code: values[i : i + width].mean()

# %% [use] smooth
print(smooth(np.arange(5.0), 2))

# %% [markdown]
# ## What have you learnt?

# %% [question] q1

# %% [question] q2

# %% [reflection]
"""

QUIZ = """\
[[question]]
id = "q1"
kind = "numeric"
text = "What share is 1 of 4?"
answer = 0.25
explanation = "EXPLAINED: a quarter."

[[question]]
id = "q2"
kind = "choice"
text = "Which sum do shares have?"
options = { a = "1", b = "the number of rows" }
answer = "a"
explanation = "EXPLAINED: all of it."
wrong = { b = "Each row by itself." }

[reflection]
prompt = "Where do you meet shares?"
points = 4
rubric = [{ points = 4, text = "an example" }]
"""

REFERENCE = '''\
"""References of the lesson."""

import numpy as np

from coursekit import watch


def shares(counts: np.ndarray) -> np.ndarray:
    """The share of each entry in the sum of its row.

    counts (n, m) float64; a row of zeros stays a row of zeros. ValueError when a count is negative.
    """
    if (counts < 0).any():
        raise ValueError("a count is negative")
    total = watch("total", counts.sum(axis=1, keepdims=True))
    return np.where(total == 0, 0.0, counts / np.where(total == 0, 1.0, total))


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """The mean of each window of that width.

    values (n,) float64; the result has n - width + 1 entries. ValueError when width is below 1.
    """
    if width < 1:
        raise ValueError("width is at least 1")
    return np.array([values[i : i + width].sum() / width for i in range(len(values) - width + 1)])
'''

SHARES_GRADER = '''\
"""Hidden grader of `shares`."""

import numpy as np
import pytest

from coursekit.checks import Part, alternative, axiom, close, unchanged

rows = Part("rows", 4)
zeros = Part("rows of zeros", 2)
contract = Part("errors and arguments", 3)


def table(rng, n):
    return rng.uniform(n, 5, low=0.5, high=9.0).numpy()


@rows
@pytest.mark.parametrize("n", [1, 3])
def test_rows(agrees, rng, n):
    """Every row is divided by its own sum"""
    agrees(table(rng, n))


@rows
@axiom("completeness")
def test_sums(student, rng):
    """The shares of a row add up to 1"""
    close(student.shares(table(rng, 4)).sum(axis=1), np.ones(4))


@zeros
def test_zeros(agrees, rng):
    """A row of zeros stays a row of zeros"""
    counts = table(rng, 3)
    counts[1] = 0
    agrees(counts)


@contract
def test_negative(student, rng):
    """A negative count raises ValueError"""
    with pytest.raises(ValueError):
        student.shares(-table(rng, 2))


@contract
def test_untouched(student, rng):
    """The counts are as they were before the call"""
    student.shares(table(rng, 2))
    unchanged(student)


rows.mistake("You divide by the sum of the whole table: each row has its own.", "counts.sum(axis=1, keepdims=True)", "counts.sum()")
rows.mistake("You divide by the largest count of the row: divide by its sum.", "counts.sum(axis=1", "counts.max(axis=1", about="largest count")
zeros.mistake("A row of zeros has no shares: leave it at 0.", "total == 0, 0.0,", "total == 0, 0.2,")
contract.mistake("Negative counts slip through: raise ValueError.", "if (counts < 0).any():", "if False:")


@contract.mistake("You divide in place, which changes the caller's counts: make a new array.")
def in_place(counts):
    if (counts < 0).any():
        raise ValueError("negative")
    total = counts.sum(axis=1, keepdims=True)
    counts /= np.where(total == 0, 1.0, total)
    return counts


@alternative
def row_by_row(counts):
    if np.any(counts < 0):
        raise ValueError("negative")
    return np.stack([row / row.sum() if row.any() else np.zeros_like(row) for row in counts])
'''

SMOOTH_GRADER = '''\
"""Hidden grader of `smooth`."""

import numpy as np
import pytest

from coursekit.checks import Part, alternative, limits

LIMITS = limits(wall_s=2)
average = Part("average", 3)
length = Part("length", 2)
errors = Part("errors", 1)


@average
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("n", [5, 7])
def test_average(agrees, rng, n, width):
    """Each value is the mean of its window"""
    agrees(rng.array(n), width)


@length
def test_length(student, rng):
    """There is one value for every place a window fits"""
    got = len(student.smooth(rng.array(9), 4))
    assert got == 6, f"{got} values for 9 values and windows of 4"


@errors
@pytest.mark.parametrize("width", [0, -1])
def test_width(student, rng, width):
    """A width below 1 raises ValueError"""
    with pytest.raises(ValueError):
        student.smooth(rng.array(4), width)


average.mistake("You add the window up and do not divide.", " / width for", " for")
average.mistake("You divide by the number of values: divide by the width.", "/ width for", "/ len(values) for")
length.mistake("The last window is missing.", "len(values) - width + 1", "len(values) - width")
errors.mistake("A width of 0 slips through: raise ValueError.", "if width < 1:", "if width < 0:")
errors.mistake("You raise another kind of error.", "raise ValueError", "raise TypeError")


@alternative
def convolved(values, width):
    if width < 1:
        raise ValueError("width")
    return np.convolve(values, np.full(width, 1 / width), "valid")
'''

SHARES_CHECKS = '''\
import numpy as np

from coursekit.checks import axiom, close, family


@axiom("completeness")
def test_sums(student, rng):
    """The shares of a row add up to 1

    Try: print the sum of each row of your result.
    """
    close(student.shares(rng.uniform(3, 4, low=0.5, high=2.0).numpy()).sum(axis=1), np.ones(3))


def test_example(agrees, rng):
    """A worked example: two rows"""
    agrees(rng.uniform(2, 3, low=0.5, high=2.0).numpy())


def test_zeros(agrees):
    """A row of zeros stays as it is"""
    agrees(np.array([[0.0, 0.0], [1.0, 3.0]]))


@family
def SMALL(rng, size):
    """Small whole numbers."""
    return (rng.integers(0, 4, size, 2).double().numpy(),)
'''

SMOOTH_CHECKS = '''\
def test_constant(student):
    """A constant series stays the same"""
    import numpy as np

    assert np.allclose(student.smooth(np.ones(4), 2), 1)


def test_example(agrees, rng):
    """A worked example: windows of 3"""
    agrees(rng.array(6), 3)
'''

RIGHT = {
    name: "def " + text
    for name, text in zip(("shares", "smooth"), REFERENCE.split("\ndef ")[1:], strict=True)
}
"""The text of right answers by exercise."""


def write_course(root: Path) -> Path:
    """Write the sources of the course below ``root``."""
    files = {
        "nbgrader_config.py": (ROOT / "nbgrader_config.py").read_text(encoding="utf-8"),
        "course.toml": 'title = "A tiny course"\nseed = 11\n',
        f"source/{LESSON}/lesson.py": LESSON_TEXT,
        f"source/{LESSON}/quiz.toml": QUIZ,
        f"source/{LESSON}/checks/test_shares.py": SHARES_CHECKS,
        f"source/{LESSON}/checks/test_smooth.py": SMOOTH_CHECKS,
        "reference_impl/tiny.py": REFERENCE,
        f"tests/graders/{LESSON}/test_shares.py": SHARES_GRADER,
        f"tests/graders/{LESSON}/test_smooth.py": SMOOTH_GRADER,
    }
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


def build_course(root: Path) -> Path:
    """Write the course and build its release, with the recorded answers of the public checks."""
    from autograder.authoring import build
    from autograder.authoring.examples import record_examples
    from autograder.course import load_course

    course = load_course(write_course(root))
    build(course, course.lessons, record=record_examples)
    return root


def notebook(root: Path, code: dict[str, str] | None = None, **answers: str) -> str:
    """The released notebook with the code of exercises, the answers of questions and cells filled in.

    Args:
        root: of a built course.
        code: source by exercise; under any other name, the source of a cell that is added at the end.
        answers: ``q1="0.25"`` writes that; ``reflection="..."`` the text.
    """
    code = dict(code or {})
    book = json.loads((root / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    for cell in book["cells"]:
        source = "".join(cell["source"])
        for name in [n for n in code if f"def {n}(" in source and cell["cell_type"] == "code"]:
            cell["source"] = code.pop(name)
        for name in [n for n in answers if f"{n} = ..." in source]:
            cell["source"] = f"{name} = {answers[name]}"
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "reflection" and "reflection" in answers:
            cell["source"] = answers["reflection"]
    for number, source in enumerate(code.values()):
        extra = {"cell_type": "code", "id": f"extra{number}", "metadata": {}, "source": source}
        book["cells"].append({**extra, "outputs": [], "execution_count": None})
    return json.dumps(book)
