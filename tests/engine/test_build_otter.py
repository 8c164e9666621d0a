"""The released Otter test files: ``grader.check`` plays the course's own check."""

from __future__ import annotations

import os
import subprocess
import sys

from autograder.authoring import build
from autograder.authoring.examples import record_examples
from autograder.course import load_course

SCRIPT = """
import otter

grader = otter.Notebook(nb_path="02_scaling.ipynb", tests_dir="tests")

def play(title, **names):
    result = grader.check("scale", global_env=names)
    print(title, result.grade, str(result))

def right(x, k):
    return [k * v for v in x]

def wrong(x, k):
    return x + [k]

right.__name__ = wrong.__name__ = "scale"
play("RIGHT", scale=right)
play("WRONG", scale=wrong)
play("MISSING")
"""


def test_otter_plays_the_public_checks(small_course):
    course = load_course(small_course.root)
    build(course, course.lessons, record=record_examples)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=course.lessons[0].release_folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    right, wrong, missing = (done.stdout.split(word)[1] for word in ("RIGHT", "WRONG", "MISSING"))
    assert right.startswith(" 1.0")
    assert wrong.startswith(" 0.0")
    assert "1 of 1 public checks of scale do not pass yet." in wrong
    assert missing.startswith(" 0.0")
    assert "scale is not defined yet: run its cell first." in missing
