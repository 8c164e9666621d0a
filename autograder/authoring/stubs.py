"""The texts that `autograder new` writes. What an author must fill in stands between ‹ and ›."""

from __future__ import annotations

OPEN = "‹"
"""A file that still holds this sign is unfinished; the build says where."""

LESSON = """\
# ---
# lesson:
#   title: {title}
#   stars: 2
#   minutes: 60
#   prerequisites: []
#   question: ‹the one question that the lesson answers›
#   outcomes:
#     - ‹what a learner can do afterwards, beginning with a verb›
# ---

# %% [markdown]
# ## ‹A concrete model that misleads, in a way the learner can see›
#
# ‹The story begins here.›

# %% [setup]

# %% [markdown]
# ## Concept questions

# %% [question] q1

# %% [reflection]

# %% [markdown]
# ## What you can do now
#
# ‹What was learnt, the limits of the method, three readings, and what the next lesson adds.›

# %% [flashcards]
"""

QUIZ = """\
[[question]]
id = "q1"
kind = "choice"
text = "‹The question.›"
options = { a = "‹one answer›", b = "‹another›", c = "‹a third›" }
answer = "a"
explanation = "‹Why it is right.›"
wrong = { b = "‹Why not.›", c = "‹Why not.›" }

[[flashcard]]
front = "‹A term?›"
back = "‹What it means.›"

[reflection]
prompt = "‹What the learner writes about.›"
points = 8
rubric = [
    { points = 4, text = "‹what earns these points›" },
    { points = 4, text = "‹what earns these›" },
]
"""

REFERENCES = '''\
"""Lesson {label}, {lower}: the reference implementations, which are also the solutions.

Signature and docstring of a function become the learner's stub. A function uses only its arguments,
the imports below (the notebook's set-up cell) and coursekit, never another exercise.
"""

import torch
'''

MARKER = """\
# %% [markdown]
# ## ‹What {name} is about›
#
# ‹The idea, then the formula: $$f(x) = x$$›

# %% [exercise] {name} difficulty=2 importance=3 minutes=15
# predict: ‹What will it give on a simple input? Delete this line if there is nothing to predict.›
# hint concept: ‹The idea in one sentence.›
# hint pseudocode: ‹The steps.
#   One line each.›
# hint nearly code: ‹the_line_that_matters(x)›

# %% [use] {name}
print({name}(torch.tensor([[1.0, -2.0, 3.0]])))
"""

REFERENCE = '''

def {name}(x: torch.Tensor) -> torch.Tensor:
    """‹One sentence: what is returned.›

    Args:
        x: ‹shape, dtype, range›.

    Returns:
        ‹shape and dtype; what is left unchanged; which errors are raised›.

    Source: ‹author, year, section›.
    """
    raise NotImplementedError("‹the body, which is the solution›")
'''

CHECKS = '''\
"""Public checks of `{name}`. They are shipped: properties that reveal nothing, and worked examples."""


def test_example(agrees, rng):
    """‹A worked example, in the learner's words›"""
    agrees(rng.normal(2, 4))


def test_shape(student, rng):
    """The answer has the shape of x"""
    x = rng.normal(3, 5)
    assert student.{name}(x).shape == x.shape
'''

GRADER = '''\
"""Hidden grader of `{name}`: ‹what it holds learners to›."""

import pytest
import torch

from coursekit.checks import Part, alternative, unchanged

value = Part("right values", 6)
clean = Part("nothing left changed", 1)


@value
@pytest.mark.parametrize("n", [1, 5])
def test_values(agrees, rng, n):
    """‹What is tested, in the learner's words›"""
    agrees(rng.normal(n, 4))


@clean
def test_leaves_x_alone(student, rng):
    """x is as it was after the call"""
    student.{name}(rng.normal(3, 4))
    unchanged(student)


# At least five mistakes, each changing one idea, each with one true sentence; every part is lost by one.
value.mistake("‹What the learner did, and what to do.›", "‹text that stands once in the reference›", "‹its wrong twin›")


@clean.mistake("‹x itself was changed: work on a copy.›")
def in_place(x: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("‹the reference, but changing x›")


# At least two legitimate variants, built differently from the reference; they keep full marks.
@alternative
def another_route(x: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("‹the same result by other means›")
'''
