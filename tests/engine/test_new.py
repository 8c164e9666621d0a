"""A new lesson and exercise: written as stubs, filled in, built."""

from __future__ import annotations

import pytest

from autograder.authoring import BuildError, build, check
from autograder.authoring.new import new_exercise, new_lesson
from autograder.course import load_course

FILLED = {
    "source/17_doubling_numbers/lesson.py": {
        "‹the one question that the lesson answers›": "What is twice a number?",
        "‹what a learner can do afterwards, beginning with a verb›": "Double a tensor",
        "‹A concrete model that misleads, in a way the learner can see›": "A sum that misleads",
        "‹The story begins here.›": "Adding looks like doubling.",
        "‹What was learnt, the limits of the method, three readings, and what the next lesson adds.›": "All of it.",
        "‹What twice is about›": "Doubling",
        "‹The idea, then the formula: $$f(x) = x$$›": "$$f(x) = 2x$$",
        "‹What will it give on a simple input? Delete this line if there is nothing to predict.›": "Its sign?",
        "‹The idea in one sentence.›": "Add it to itself.",
        "‹The steps.\n#   One line each.›": "take x\n#   add x",
        "‹the_line_that_matters(x)›": "x + ...",
    },
    "source/17_doubling_numbers/quiz.toml": {
        "‹The question.›": "What is twice 2?",
        "‹one answer›": "4",
        "‹another›": "2",
        "‹a third›": "8",
        "‹Why it is right.›": "2 + 2.",
        "‹Why not.›": "No.",
        "‹A term?›": "Twice?",
        "‹What it means.›": "Two times.",
        "‹What the learner writes about.›": "Why double?",
        "‹what earns these points›": "a reason",
        "‹what earns these›": "an example",
    },
    "reference_impl/doubling_numbers.py": {
        "‹One sentence: what is returned.›": "Twice x.",
        "‹shape, dtype, range›": "any shape",
        "‹shape and dtype; what is left unchanged; which errors are raised›": "as x",
        "‹author, year, section›": "arithmetic",
        'raise NotImplementedError("‹the body, which is the solution›")': "return 2 * x",
    },
    "source/17_doubling_numbers/checks/test_twice.py": {
        "‹A worked example, in the learner's words›": "Every number is doubled"
    },
    "tests/graders/17_doubling_numbers/test_twice.py": {
        "‹what it holds learners to›": "twice x",
        "‹What is tested, in the learner's words›": "Every number is doubled",
        '"‹What the learner did, and what to do.›", "‹text that stands once in the reference›", "‹its wrong twin›"': (
            '"You add 2: multiply.", "2 * x", "2 + x"'
        ),
        "‹x itself was changed: work on a copy.›": "x itself was doubled: work on a copy.",
        'raise NotImplementedError("‹the reference, but changing x›")': "return x.mul_(2)",
        'raise NotImplementedError("‹the same result by other means›")': "return x + x",
    },
}


@pytest.fixture
def course(small_course):
    return load_course(small_course.root)


def fill(root, filled=FILLED):
    for path, texts in filled.items():
        content = (root / path).read_text(encoding="utf-8")
        for old, new in texts.items():
            assert old in content, (path, old)
            content = content.replace(old, new)
        assert "‹" not in content
        (root / path).write_text(content, encoding="utf-8")


def make(course):
    new_lesson(course, 17, "Doubling numbers")
    course = load_course(course.root)
    new_exercise(course, course.find_lesson(17), "twice")
    return load_course(course.root)


def test_an_exercise_is_made_filled_and_built(course):
    course = make(course)
    fill(course.root)
    lesson = load_course(course.root).find_lesson("doubling_numbers")
    build(course, [lesson], record=lambda lesson, path: path.write_bytes(b""))
    assert [str(one) for one in check(course, [lesson])] == [
        "solutions/17_doubling_numbers/17_doubling_numbers.ipynb was never executed. "
        "Run `autograder build 17 --execute`."
    ]
    assert lesson.release_notebook.exists()
    assert [(one.name, one.points) for one in lesson.exercises] == [("twice", 7)]


def test_four_files_are_named(course):
    paths = new_lesson(course, 17, "Doubling numbers")
    root = course.root
    assert [path.relative_to(root).as_posix() for path in paths] == [
        "source/17_doubling_numbers/lesson.py",
        "source/17_doubling_numbers/quiz.toml",
        "reference_impl/doubling_numbers.py",
    ]
    course = load_course(root)
    paths = new_exercise(course, course.find_lesson(17), "twice")
    assert [path.relative_to(root).as_posix() for path in paths] == [
        "source/17_doubling_numbers/lesson.py",
        "reference_impl/doubling_numbers.py",
        "source/17_doubling_numbers/checks/test_twice.py",
        "tests/graders/17_doubling_numbers/test_twice.py",
    ]


def test_unfinished_stubs_are_told_with_their_line(course):
    course = make(course)
    with pytest.raises(BuildError) as caught:
        build(course, [course.find_lesson(17)])
    assert len(caught.value.problems) == 5
    assert caught.value.problems[0] == (
        "source/17_doubling_numbers/lesson.py is unfinished in 11 lines, the first is line 7: '#   question: ‹the one "
        "question that the lesson answers›'. Write what stands between ‹ and ›."
    )


def test_a_second_exercise_goes_behind_the_first(course):
    lesson = course.find_lesson(2)
    new_exercise(course, lesson, "shift")
    lesson = load_course(course.root).find_lesson(2)
    assert [one.name for one in lesson.exercises] == ["scale", "shift"]
    kinds = [block.kind for block in lesson.text.blocks]
    assert kinds[kinds.index("library") :] == [
        "library",
        "markdown",
        "exercise",
        "use",
        "markdown",
        "question",
        "question",
        "reflection",
        "flashcards",
    ]


def test_nothing_is_overwritten(course):
    make(course)
    course = load_course(course.root)
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    with pytest.raises(BuildError, match=r"source/17_doubling_numbers has this number. Choose another"):
        new_lesson(course, 17, "Doubling numbers")
    with pytest.raises(
        BuildError, match=r"reference_impl/scaling\.py exists already, and nothing is overwritten"
    ):
        new_lesson(course, 18, "Scaling")
    with pytest.raises(BuildError, match=r"has an exercise twice already. Choose another name"):
        new_exercise(course, course.find_lesson(17), "twice")
    (course.root / "tests/graders/17_doubling_numbers/test_thrice.py").write_text("mine")
    with pytest.raises(BuildError, match=r"test_thrice\.py exists already, and nothing is overwritten"):
        new_exercise(course, course.find_lesson(17), "thrice")
    (course.root / "tests/graders/17_doubling_numbers/test_thrice.py").unlink()
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["Twice", "2twice", "twi-ce", "lambda", "", "../twice"])
def test_odd_names_are_refused(course, name):
    with pytest.raises(BuildError, match=r"is no name for a function"):
        new_exercise(course, course.find_lesson(2), name)


@pytest.mark.parametrize(("number", "title"), [(0, "Zero"), (3, "!!"), (3, "2 methods")])
def test_odd_lessons_are_refused(course, number, title):
    with pytest.raises(BuildError, match=r"Choose another|Reword it"):
        new_lesson(course, number, title)


@pytest.mark.parametrize(
    "title", ["Fairness: metrics", 'A "quoted" title', "No", "Shapley values, exactly (part 1)"]
)
def test_titles_survive_the_header(course, title):
    new_lesson(course, 9, title)
    assert load_course(course.root).find_lesson(9).title == title
