"""What a build refuses, with the sentences an author reads."""

from __future__ import annotations

import pytest

from autograder.authoring import BuildError, build
from autograder.authoring.names import borrowed_names, foreign_names
from autograder.course import load_course

LESSON = "source/02_scaling/lesson.py"
REFERENCE = "reference_impl/scaling.py"
GRADER = "tests/graders/02_scaling/test_scale.py"
CHECKS = "source/02_scaling/checks/test_scale.py"


def refusal(small_course):
    course = load_course(small_course.root)
    with pytest.raises(BuildError) as caught:
        build(course, course.lessons)
    assert not (small_course.root / "solutions").exists()
    return caught.value


def test_all_problems_are_told_at_once(small_course):
    small_course.edit(LESSON, "# hint concept: Every number is multiplied.\n", "")
    (small_course.root / CHECKS).unlink()
    error = refusal(small_course)
    assert len(error.problems) == 2
    assert str(error).startswith(
        "02_scaling cannot be built; 2 things to repair:\n  - source/02_scaling/lesson.py"
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        (
            REFERENCE,
            "return [k * v for v in x]",
            "return [helper(k, v) for v in x]\n\n\ndef helper(k, v):\n    return k * v",
            f"{REFERENCE}, line 6: scale uses helper, which is neither an argument nor imported at the "
            "top of the "
            "file. A reference uses only its arguments, the imports and coursekit, because the "
            "notebook's cell holds "
            "nothing else.",
        ),
        (REFERENCE, "import math\n", "", f"{REFERENCE}, line 5: scale uses math, which is neither"),
        (
            REFERENCE,
            (
                '    """Return k * x for every number of the list x.\n\n'
                '    ValueError when k is not finite.\n    """\n'
            ),
            "",
            f"{REFERENCE}, line 6: scale has no docstring. Write one: it is the specification that "
            "learners see",
        ),
        (
            LESSON,
            "# A story",
            "# Write between BEGIN SOLUTION and its end. A story",
            f"{LESSON}, line 16: nbgrader acts upon the words 'BEGIN SOLUTION' wherever they stand. "
            "Solution markers "
            "come from the build and hidden tests live in tests/graders: reword the line.",
        ),
        (
            LESSON,
            "numbers = [1, -2, 3]",
            "numbers = [1, -2, 3]  ### BEGIN HIDDEN TESTS",
            f"{LESSON}, line 21: nbgrader acts upon the words 'BEGIN HIDDEN TESTS'",
        ),
        (
            "source/02_scaling/quiz.toml",
            "Why scale?",
            "Why AUTOTEST?",
            "source/02_scaling/quiz.toml, line 23: nbgrader acts upon the words 'AUTOTEST'",
        ),
        (LESSON, "# %% [setup]\n", "", f"{LESSON}: there must be one [setup] cell, not 0."),
        (
            LESSON,
            "# %% [setup]\n\n# %%\n",
            "# %%\n",
            f"{LESSON}: there must be one [setup] cell, not 0.",
        ),
        (
            LESSON,
            "# %% [markdown]\n# ## A list and a factor",
            "# %%\n1 + 1\n\n# %% [markdown]\n# ## A list and a factor",
            f"{LESSON}, line 13: a cell stands before [setup], which holds the imports. Move it.",
        ),
        (
            LESSON,
            "# ## A list",
            "# # A list",
            f"{LESSON}, line 14: the lesson's title is the only heading of the first level, and the "
            "build writes it. "
            "Begin this one with '## '.",
        ),
        (
            LESSON,
            "# ## A list",
            "# #### A list",
            f"{LESSON}, line 14: a heading of level 4 follows one of level 1. Begin it with '## '.",
        ),
        (
            LESSON,
            "# %% [exercise]",
            "# %% [use] scale\nprint(scale(numbers, 1))\n\n# %% [exercise]",
            f"{LESSON}, line 24: scale is used before its exercise. Move it down.",
        ),
        (
            LESSON,
            "# hint nearly code: [k * v for v in ...]\n",
            "",
            f"{LESSON}, line 24: scale lacks hints. Add '# hint nearly code: ...'.",
        ),
        (
            LESSON,
            "# %% [question] q2\n",
            "",
            f"{LESSON}: the question q2 of quiz.toml has 0 markers. Write '# %% [question] q2' once.",
        ),
        (
            LESSON,
            "# %% [reflection]\n",
            "",
            f"{LESSON}: there are 0 [reflection] markers, and quiz.toml has a [reflection] table. One of "
            "each belongs "
            "together.",
        ),
        (
            GRADER,
            "def test_",
            "def case_",
            f"{GRADER} holds no test. Write functions whose names begin with test_.",
        ),
        (
            CHECKS,
            "def test_length",
            "from coursekit.checks import Part\n\n\ndef test_length",
            f"{CHECKS}, line 1: public checks are shipped to learners and may not import Part. Parts, "
            "mistakes, alternatives and limits belong in the hidden grader.",
        ),
        (
            GRADER,
            "from coursekit.checks import ",
            "from coursekit.checks import family, ",
            f"{GRADER}, line 1: family belongs in the public checks ({CHECKS}): learners see the smallest case.",
        ),
        (
            LESSON,
            "# predict: What",
            "# predict sign: What",
            f"{LESSON}, line 24: scale has a sign predicted, and no [use] scale cell shows what came of it. Write "
            'kit.outcome("scale", value) there.',
        ),
        (
            LESSON,
            "print(scale(numbers, 2))",
            'kit.outcome("scale", scale(numbers, 2))',
            f'{LESSON}, line 31: kit.outcome("scale", ...) stands beside no prediction. Write',
        ),
        (
            LESSON,
            "# predict: What",
            "# predict colour: What",
            f"{LESSON}, line 25: an exercise has no 'predict colour'. Keys: predict, predict sign,",
        ),
        (
            LESSON,
            "# hint concept:",
            "# predict shape: Which?\n# hint concept:",
            f"{LESSON}, line 24: scale asks for two predictions, predict and predict shape. Keep one.",
        ),
        (
            REFERENCE,
            "return [k * v for v in x]",
            "watch(x, k)\n    return [k * v for v in x]",
            f'{REFERENCE}, line 13: watch needs a name in quotes, as in watch("scores", scores): learners are told it.',
        ),
        (
            CHECKS,
            "def test_length",
            "from reference_impl import scaling\n\n\ndef test_length",
            f"{CHECKS}, line 1: public checks are shipped to learners and may not import reference_impl.",
        ),
    ],
)
def test_refusals(small_course, path, old, new, says):
    content = (small_course.root / path).read_text(encoding="utf-8")
    assert old in content
    small_course.write(path, content.replace(old, new))
    assert any(problem.startswith(says) for problem in refusal(small_course).problems), refusal(small_course)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (GRADER, f"{GRADER} is missing: the exercise scale has no hidden grader. Write it."),
        (CHECKS, f"{CHECKS} is missing: the exercise scale has no public checks. Write them."),
        (REFERENCE, f"{REFERENCE} is missing."),
        (LESSON, f"{LESSON} is missing."),
    ],
)
def test_a_missing_home_is_named(small_course, path, says):
    (small_course.root / path).unlink()
    assert says in refusal(small_course).problems


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("source/02_scaling/notes.txt", "is not part of a lesson. Put files that learners need under files/"),
        (
            "source/02_scaling/checks/test_other.py",
            "belongs to no exercise. Add its [exercise] marker to lesson.py",
        ),
        (
            "tests/graders/02_scaling/test_other.py",
            "belongs to no exercise. Add its [exercise] marker to lesson.py",
        ),
    ],
)
def test_a_file_without_an_exercise_is_named(small_course, path, says):
    small_course.write(path, "")
    assert refusal(small_course).problems[0].startswith(f"{path} {says}")


@pytest.mark.parametrize(
    ("body", "foreign"),
    [
        ("return [math.exp(v) for v in x]", []),
        ("return [w * k for w in x if (lambda u: u > limit)(w)]", ["limit"]),
        ("def inner(v):\n        return v * outer\n    return inner(k)", ["outer"]),
        ("import random\n    return random.random()", []),
        ("total = 0\n    for total in x:\n        total += k\n    return scale(total, k)", []),
        ("class Box:\n        size = width\n    return Box.size", ["width"]),
        (
            "try:\n        return [v / k for v in x]\n    except ZeroDivisionError as error:\n        "
            "raise Oops from error",
            ["Oops"],
        ),
        ("global state\n    state = k\n    return state", ["state"]),
    ],
)
def test_foreign_names_are_found_in_every_scope(small_course, body, foreign):
    small_course.edit(
        REFERENCE,
        (
            '    if not math.isfinite(k):\n        raise ValueError("k must be finite")\n'
            "    return [k * v for v in x]"
        ),
        f"    {body}",
    )
    exercise = load_course(small_course.root).lessons[0].exercises[0]
    assert foreign_names(exercise) == foreign


def test_defaults_and_annotations_count_too(small_course):
    small_course.edit(REFERENCE, "def scale(x: list, k: float)", "def scale(x: Table, k: float = FACTOR)")
    exercise = load_course(small_course.root).lessons[0].exercises[0]
    assert foreign_names(exercise) == ["FACTOR", "Table"]


@pytest.mark.parametrize(
    ("use", "after", "name"),
    [
        ("twice = scale(numbers, 2)", "print(twice)", "twice"),
        ("twice = scale(numbers, 2)", "def show():\n    return twice\nshow()", "twice"),
        ("scale(numbers, 2)\nimport statistics", "print(statistics.mean(numbers))", "statistics"),
        ("twice = scale(numbers, 2)", "twice = 4\nprint(twice)", None),
        ("twice = scale(numbers, 2)", "print(twice, scale)", None),
        ("twice = scale(numbers, 2)", "print([twice for twice in numbers])", None),
        ("numbers = scale(numbers, 2)", "print(numbers)", None),
        ("twice = scale(numbers, 2)", "%time print(1)", None),
        ("factor = 2\nscale(numbers, factor)", "print(factor)", None),
        ("scale(numbers, 2)\nfactor = 2", "print(factor)", "factor"),
    ],
)
def test_a_cell_stands_without_the_result_of_another(small_course, use, after, name):
    small_course.edit(LESSON, "print(scale(numbers, 2))", f"{use}\n\n# %%\n{after}")
    lesson = load_course(small_course.root).lessons[0]
    assert [one.name for one in borrowed_names(lesson)] == ([name] if name else [])
    if name:
        line = 35 + use.count("\n")
        assert refusal(small_course).problems == [
            f"{LESSON}, line {line - 1}: {name} is made only in the [use] cell of line 31, which does nothing while "
            "scale is missing. Make it in a cell without a marker, or again in this one."
        ]
