"""The course model: what is read, and what is said when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import (
    CourseError,
    NoCourse,
    NoSuchLesson,
    code_cells,
    find_root,
    load_course,
)

LESSON = "source/02_scaling/lesson.py"
QUIZ = "source/02_scaling/quiz.toml"


def lesson_of(small_course):
    return load_course(small_course.root).lessons[0]


def read_everything(small_course):
    lesson = lesson_of(small_course)
    lesson.card, lesson.quiz, [(e.parts, e.text) for e in lesson.exercises], code_cells(lesson)
    return lesson


def test_a_course_is_read(small_course):
    course = load_course(small_course.root)
    assert (course.title, course.seed, [one.slug for one in course.lessons]) == (
        "A small course",
        7,
        ["02_scaling"],
    )
    lesson = course.lessons[0]
    assert (lesson.number, lesson.label, lesson.name, lesson.title) == (
        2,
        "02",
        "scaling",
        "Scaling and shifting",
    )
    assert lesson.card.outcomes == ("Scale a list of numbers", "Say what a negative factor does")
    assert (lesson.max_score, lesson.manual_max) == (8, 4)
    assert lesson.solution_notebook == small_course.root.resolve() / "solutions/02_scaling/02_scaling.ipynb"


def test_an_exercise_is_read_from_its_four_homes(small_course):
    exercise = lesson_of(small_course).exercise("scale")
    assert (exercise.difficulty, exercise.importance, exercise.minutes) == (1, 3, 5)
    assert exercise.predict == "What is the sign of every number for a negative factor?"
    assert [(hint.step, hint.text) for hint in exercise.hints] == [
        ("concept", "Every number is multiplied."),
        ("pseudocode", "for each v:\n  multiply v by k"),
        ("nearly code", "[k * v for v in ...]"),
    ]
    assert [(part.name, part.points) for part in exercise.parts] == [("right values", 3), ("error", 1)]
    assert exercise.hidden_tests == ("test_values", "test_error")
    assert exercise.signature == "scale(x: list, k: float) -> list"
    assert exercise.docstring.endswith("ValueError when k is not finite.")
    assert exercise.reference_source().startswith(
        'def scale(x: list, k: float) -> list:\n    """Return k * x'
    )
    assert exercise.checks_file.exists()
    assert exercise.grader_file.exists()


def test_the_stub_is_the_function_up_to_its_docstring(small_course):
    stub = lesson_of(small_course).exercise("scale").stub_source()
    assert stub.endswith('    """\n    # YOUR CODE HERE\n    raise NotImplementedError()')
    assert "isfinite" not in stub
    with pytest.raises(NotImplementedError):
        exec(stub + "\nscale([1], 2)", {})


def test_reading_runs_nothing(small_course):
    small_course.write(
        "reference_impl/scaling.py",
        (small_course.root / "reference_impl/scaling.py").read_text() + "\nraise SystemExit('run!')\n",
    )
    small_course.write(
        "tests/graders/02_scaling/test_scale.py",
        "from coursekit.checks import Part\nPart('a', 2)\nraise SystemExit('run!')\n",
    )
    assert lesson_of(small_course).exercise("scale").points == 2
    assert lesson_of(small_course).exercise("scale").text.body


def test_no_heavy_library_is_loaded():
    code = (
        "import sys, autograder.course as c; c.load_course();"
        "print([m for m in ('torch', 'numpy', 'nbformat', 'coursekit') if m in sys.modules])"
    )
    root = find_root(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "word", ["2", 2, "02", "L02", "l2", "02_scaling", "scaling", "source/02_scaling/", "Scaling"]
)
def test_a_lesson_has_many_names(small_course, word):
    assert load_course(small_course.root).find_lesson(word).slug == "02_scaling"


def test_an_unknown_lesson_gets_a_suggestion(small_course):
    with pytest.raises(NoSuchLesson) as caught:
        load_course(small_course.root).find_lesson("scalling")
    assert str(caught.value) == "There is no lesson 'scalling'. Did you mean 'scaling'? Lessons: 02_scaling."
    with pytest.raises(NoSuchLesson, match="no lesson '22'"):
        load_course(small_course.root).find_lesson("22")


def test_an_unknown_exercise_gets_a_suggestion(small_course):
    with pytest.raises(CourseError) as caught:
        lesson_of(small_course).exercise("scael")
    assert str(caught.value) == "02_scaling has no exercise 'scael'. Did you mean 'scale'? Exercises: scale."


def test_the_root_is_found_upwards(small_course, tmp_path):
    assert find_root(small_course.root / "source" / "02_scaling") == small_course.root.resolve()
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(NoCourse, match=r"nor any folder above it holds course\.toml\. Change into"):
        find_root(tmp_path / "elsewhere")


def test_a_broken_lesson_does_not_stop_another(small_course):
    small_course.write("source/03_broken/lesson.py", "nonsense")
    course = load_course(small_course.root)
    assert course.find_lesson(2).title == "Scaling and shifting"
    with pytest.raises(CourseError, match=r"source/03_broken/lesson\.py: the header is missing"):
        _ = course.find_lesson(3).title


def test_after_due_is_a_moment(small_course):
    small_course.edit(
        "course.toml", "seed = 7", "seed = 7\n[after_due]\n02_scaling = 2027-02-01T10:00:00+00:00"
    )
    assert lesson_of(small_course).after_due == datetime(2027, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("seed = 7", "sead = 7", "course.toml: the key 'seed' is missing. Add it: a whole number."),
        (
            "seed = 7",
            "seed = 7\ntitel = 1",
            "course.toml: unknown key 'titel'. Known keys: title, seed, after_due, due, late. Did you mean 'title'?",
        ),
        ("seed = 7", 'seed = "7"', "course.toml: 'seed' must be a whole number, not '7'."),
        ("seed = 7", "seed = true", "course.toml: 'seed' must be a whole number, not True."),
        ("seed = 7", "seed = -1", "course.toml: 'seed' must be a whole number from 0 to 2**63 - 1, not -1."),
        ("seed = 7", "seed =", "course.toml is not valid TOML: Invalid value (at line 2, column 7)."),
        (
            "seed = 7",
            "seed = 7\n[after_due]\n02_scaling = 2027-02-01T10:00:00",
            "course.toml: after_due.02_scaling must be a date and time with its offset, as in "
            "2027-02-01T23:59:00+01:00, not datetime.datetime(2027, 2, 1, 10, 0).",
        ),
        (
            "seed = 7",
            "seed = 7\n[after_due]\n02_scalin = 2027-02-01T10:00:00Z",
            "course.toml: after_due names '02_scalin', which is no lesson. Did you mean '02_scaling'?",
        ),
    ],
)
def test_mistakes_in_course_toml(small_course, old, new, says):
    small_course.edit("course.toml", old, new)
    with pytest.raises(CourseError) as caught:
        load_course(small_course.root)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("#   stars: 1", "#   stars: 9", f"{LESSON}, header: 'stars' goes from 1 to 5, not 9."),
        (
            "#   stars: 1",
            "#   star: 1",
            f"{LESSON}, header: the key 'stars' is missing. Add it: a whole number.",
        ),
        (
            "#   minutes: 20",
            "#   minutes: 20\n#   author: me",
            f"{LESSON}, header: unknown key 'author'. Known keys: "
            "title, stars, minutes, prerequisites, question, outcomes.",
        ),
        (
            "# %% [use] scale",
            "# %% [usage] scale",
            f"{LESSON}, line 31: there is no kind of cell 'usage'. Kinds: "
            "markdown, demo, setup, exercise, use, library, real, question, reflection, flashcards. "
            "Did you mean 'use'?",
        ),
        (
            "# %% [use] scale",
            "# %% scale",
            f"{LESSON}, line 31: 'scale' stands after '# %%'. Only a kind in brackets "
            "may stand there, such as '[markdown]' or '[exercise] name'.",
        ),
        (
            "# %% [use] scale",
            "# %% [use]",
            f"{LESSON}, line 31: [use] takes at least one name; it has nothing.",
        ),
        (
            "# %% [use] scale",
            "# %% [use] scael",
            "02_scaling has no exercise 'scael'. Did you mean 'scale'? Exercises: scale.",
        ),
        ("# %% [setup]", "# %% [setup] now", f"{LESSON}, line 18: [setup] takes no name; it has now."),
        (
            "# %% [setup]",
            "# %% [setup]\nimport math",
            f"{LESSON}, line 18: a [setup] cell has no body (the build writes "
            "it), but there is 'import math'. Begin a new cell before it.",
        ),
        (
            "difficulty=1",
            "difficulty=7",
            f"{LESSON}, line 24: difficulty=7 must be a whole number from 1 to 5.",
        ),
        (
            " difficulty=1",
            "",
            f"{LESSON}, line 24: the exercise scale has no difficulty. Add difficulty=N to its marker, "
            "from 1 to 5.",
        ),
        (
            "difficulty=1",
            "dificulty=1",
            f"{LESSON}, line 24: [exercise] has no option 'dificulty'. Options: difficulty, "
            "importance, minutes. Did you mean 'difficulty'?",
        ),
        (
            "# hint concept:",
            "# hint consept:",
            f"{LESSON}, line 26: an exercise has no 'hint consept'. Keys: predict, predict sign, predict shape, predict magnitude, notice, "
            "hint concept, hint pseudocode, hint nearly code. Did you mean 'hint concept'?",
        ),
        (
            "# hint pseudocode:",
            "# hint concept:",
            f"{LESSON}, line 27: 'hint concept' is given twice for scale. Keep one.",
        ),
        (
            "# A story",
            "A story",
            f"{LESSON}, line 13: a Markdown cell holds only comment lines, but there is "
            "'A story about $k x$.'. Put '# ' before it, or begin a code cell with '# %%'.",
        ),
        (
            "[question] q2",
            "[question] q3",
            f"{LESSON}, line 42: quiz.toml has no question 'q3'. Questions: q1, q2.",
        ),
        (
            "# %% [reflection]",
            "# %% [exercise] scale difficulty=1 importance=1 minutes=1\n# %% [reflection]",
            f"{LESSON}, line 44: the exercise scale stands already in line 24. Each function is one "
            "exercise: rename or delete one.",
        ),
    ],
)
def test_mistakes_in_lesson_py(small_course, old, new, says):
    small_course.edit(LESSON, old, new)
    with pytest.raises(CourseError) as caught:
        read_everything(small_course)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("answer = 3", 'answer = "3"', f"{QUIZ}, question 1 (q1): 'answer' must be a number, not '3'."),
        (
            "answer = 3",
            "answer = 3\npoint = 1",
            f"{QUIZ}, question 1 (q1): unknown key 'point'. Known keys: id, kind, "
            "text, answer, tolerance, explanation, points, wrong. Did you mean 'points'?",
        ),
        (
            'kind = "multi"',
            'kind = "multiple"',
            f"{QUIZ}, question 2 (q2): 'kind' must be one of numeric, choice, multi, "
            "not 'multiple'. Did you mean 'multi'?",
        ),
        (
            '["a", "c"]',
            '["a", "d"]',
            f"{QUIZ}, question 2 (q2): the answer 'd' is not one of the options a, b, c.",
        ),
        ('["a", "c"]', "[]", f"{QUIZ}, question 2 (q2): 'answer' is empty. Write the right answer."),
        ('id = "q2"', 'id = "q1"', f"{QUIZ}: two questions have the id 'q1'. Give each its own."),
        (
            "wrong = { b =",
            "wrong = { a =",
            f"{QUIZ}, question 2 (q2): 'wrong' explains 'a', which is not a wrong option.",
        ),
        (
            "points = 4",
            "points = 5",
            f"{QUIZ}, reflection: the rubric's points add up to 4, but 'points' is 5.",
        ),
        (
            'explanation = "Three."',
            "",
            f"{QUIZ}, question 1 (q1): the key 'explanation' is missing. Add it: text in quotes.",
        ),
        ('back = "A scaled list."', 'back = " "', f"{QUIZ}, flashcard 1: 'back' is empty. Write its text."),
    ],
)
def test_mistakes_in_quiz_toml(small_course, old, new, says):
    small_course.edit(QUIZ, old, new)
    with pytest.raises(CourseError) as caught:
        read_everything(small_course)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        (
            "reference_impl/scaling.py",
            "def scale",
            "def scales",
            "reference_impl/scaling.py has no top-level function "
            "scale. Write it there: it is the reference of the exercise, and its body the solution.",
        ),
        (
            "reference_impl/scaling.py",
            "import math",
            "import math math",
            "reference_impl/scaling.py, line 3: not valid Python: invalid syntax.",
        ),
        (
            "tests/graders/02_scaling/test_scale.py",
            '"error", 1',
            '"error", one',
            "tests/graders/02_scaling/test_scale.py, "
            'line 3: a part is written Part("name", points), with the name in quotes and the points as '
            "a whole number.",
        ),
        (
            "tests/graders/02_scaling/test_scale.py",
            '"error", 1',
            '"right values", 1',
            "tests/graders/02_scaling/test_scale.py, "
            "line 3: two parts are called 'right values'. Rename one.",
        ),
    ],
)
def test_mistakes_in_code(small_course, path, old, new, says):
    small_course.edit(path, old, new)
    with pytest.raises(CourseError) as caught:
        read_everything(small_course)
    assert str(caught.value) == says


def test_two_lessons_with_one_number(small_course):
    small_course.write("source/02_again/lesson.py", "")
    with pytest.raises(CourseError, match="source/02_again and source/02_scaling have the same number"):
        load_course(small_course.root)


def test_code_cells_are_the_notebooks(small_course):
    cells = code_cells(lesson_of(small_course))
    assert [(cell.role, cell.names) for cell in cells] == [
        ("demo", ("install",)),
        ("setup", ()),
        ("demo", ()),
        ("exercise", ("scale",)),
        ("check", ("scale",)),
        ("use", ("scale",)),
        ("library", ("math",)),
        ("question", ("q1",)),
        ("check", ("q1",)),
        ("question", ("q2",)),
        ("check", ("q2",)),
    ]
    by_role = {cell.role: cell for cell in cells}
    assert by_role["setup"].released == (
        'import math\n\nimport coursekit as kit\nfrom coursekit import check, hint\n\nkit.begin("02_scaling")'
    )
    assert cells[4].released == "check(scale)"
    assert by_role["check"].released == 'kit.answered("q2")'
    assert by_role["library"].released == 'if kit.need("math"):\n    print(math.prod([2, 3]))'
    assert "### BEGIN SOLUTION\n    if not math.isfinite(k):" in by_role["exercise"].solved
    assert by_role["question"].released == (
        '# All letters that hold, as in  q2 = ["a", "b"]\n'
        "q2 = ...\n# YOUR CODE HERE\nraise NotImplementedError()"
    )
    assert 'q2 = ["a", "c"]' in by_role["question"].solved


@pytest.mark.parametrize(
    ("name", "given", "right"),
    [
        ("q1", "3", True),
        ("q1", "3.02", True),
        ("q1", "[2.98]", True),
        ("q1", "3.2", False),
        ("q1", "-3", False),
        ("q1", '"3"', False),
        ("q1", "True", False),
        ("q1", "1e999", False),
        ("q1", "9" * 400, False),
        ("q2", '["c", "a"]', True),
        ("q2", '("A", "C")', True),
        ("q2", '{"a", "c"}', True),
        ("q2", '"ac"', True),
        ("q2", '"a, c"', True),
        ("q2", '["a"]', False),
        ("q2", '["a", "b", "c"]', False),
        ("q2", "[]", False),
        ("q2", "[1, 2]", False),
    ],
)
def test_answers_are_judged_as_literals(small_course, name, given, right):
    question = next(one for one in lesson_of(small_course).questions if one.id == name)
    assert question.is_right(literal_eval(given)) is right


def test_the_right_answer_is_right(small_course):
    for question in lesson_of(small_course).questions:
        assert question.is_right(literal_eval(question.literal()))


def test_several_numbers_are_asked_in_order(small_course):
    small_course.edit(QUIZ, "answer = 3", "answer = [0, 1]")
    question = lesson_of(small_course).questions[0]
    assert question.form == "2 numbers in the order asked, as in  q1 = [0.25, -1]"
    assert question.literal() == "[0, 1]"
    assert question.is_right([0.0, 1.005])
    assert not question.is_right([1, 0])
    assert not question.is_right([1e-3, 1])


def test_a_wrong_answer_gets_its_own_sentence(small_course):
    numeric, multi = lesson_of(small_course).questions
    assert numeric.why_not(3.5) == "That is the sum."
    assert numeric.why_not(9) == ""
    assert numeric.why_not(3) == ""
    assert multi.why_not(["a", "b"]) == "Count again."


def test_naming_every_option_tells_nothing(small_course):
    small_course.edit(QUIZ, 'kind = "multi"', 'kind = "choice"')
    small_course.edit(QUIZ, 'answer = ["a", "c"]', 'answer = "a"')
    small_course.edit(QUIZ, '{ b = "Count again." }', '{ b = "Count again.", c = "No." }')
    choice = lesson_of(small_course).questions[1]
    assert choice.why_not("abc") == "One letter is asked."
    assert choice.why_not("c") == "No."


def test_several_wrong_letters_get_one_sentence(small_course):
    small_course.edit(QUIZ, 'answer = ["a", "c"]', 'answer = ["a"]')
    small_course.edit(QUIZ, '{ b = "Count again." }', '{ b = "Count again.", c = "No." }')
    assert lesson_of(small_course).questions[1].why_not(["a", "b", "c"]) == "Count again."


def guarded(small_course, body, words="math"):
    small_course.edit(
        LESSON, "# %% [library] math\nprint(math.prod([2, 3]))", f"# %% [library] {words}\n{body}"
    )
    return next(cell.released for cell in code_cells(lesson_of(small_course)) if cell.role == "library")


def test_a_guard_asks_for_all_packages(small_course):
    assert guarded(small_course, "print(1)", "skimage math") == 'if kit.need("skimage math"):\n    print(1)'


def test_an_authors_own_guard_stays(small_course):
    body = 'math = kit.need("math")\nif math:\n    print(math.pi)'
    assert guarded(small_course, body) == body


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            'print("""one\ntwo""")',
            "the guard indents the cell, which would change a text of several lines in it",
        ),
        ("print(1", "the cell cannot stand under its guard: '(' was never closed"),
    ],
)
def test_what_a_guard_would_change_is_refused(small_course, body, says):
    with pytest.raises(CourseError) as caught:
        guarded(small_course, body)
    assert str(caught.value).startswith(f"{LESSON}, line 34: {says}")
