"""Nothing that a student gets or sees holds a hidden test, a reference's body or a hidden value: every lesson."""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.judge.player import Player
from autograder.judge.suite import load_suite, public_suite
from coursekit.checks.notebook import run_checks
from coursekit.checks.recorded import EXAMPLES, read_recorded

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
LESSONS = [lesson.slug for lesson in COURSE.lessons if lesson.release_notebook.is_file()]
_SHORT = 16
_FIGURES = 7
"""A number with so many significant digits is not there by chance."""


def released(lesson: str) -> dict[str, str]:
    """Every text that is handed out, by name: notebook cells as they read, other files as they are."""
    texts = {}
    folder = ROOT / "release" / lesson
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            texts[path.name] = "\n\n".join("".join(cell["source"]) for cell in cells)
            assert not any(cell.get("outputs") for cell in cells)
        elif path.is_file() and path.suffix != ".safetensors":
            texts[str(path.relative_to(folder))] = path.read_text(encoding="utf-8")
    return texts


def code_lines(node: ast.FunctionDef) -> list[str]:
    """The statements of a function after its docstring, one line each, without spacing and comments."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    lines = [line for one in body for line in ast.unparse(one).split("\n")]
    return [squeezed(line) for line in lines]


def squeezed(text: str) -> str:
    return re.sub(r"\s+|[\"']", "", text.partition("  #")[0])


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_reference_body_is_handed_out(lesson):
    """Two lines of a reference that follow each other stand nowhere; in hints only what a hint gives."""
    one = COURSE.find_lesson(lesson)
    hints = {squeezed(line) for e in one.exercises for h in e.hints for line in h.text.split("\n")}
    for name, text in released(lesson).items():
        there = [squeezed(line) for line in text.split("\n")]
        there = [line for line in there if line]
        pairs = set(itertools.pairwise(there))
        for exercise in one.exercises:
            lines = code_lines(one.reference.functions[exercise.name])
            for pair in itertools.pairwise(lines):
                long = [line for line in pair if len(line) >= _SHORT]
                if len(long) == 2 and not set(pair) & hints:
                    assert pair not in pairs, f"{name} holds two lines of {exercise.name}: {pair}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_hidden_test_is_handed_out(lesson):
    """Neither the title of a hidden test nor two lines of one, unless a public check has them too."""
    one = COURSE.find_lesson(lesson)
    texts = released(lesson)
    shipped = {
        squeezed(line)
        for path, text in texts.items()
        if path.startswith("checks/")
        for line in text.split("\n")
    }
    whole = "\n".join(texts.values())
    there = [line for line in map(squeezed, whole.split("\n")) if line]
    pairs = set(itertools.pairwise(there))
    for exercise in one.exercises:
        tree = ast.parse(exercise.grader_file.read_text(encoding="utf-8"))
        public = exercise.checks_file.read_text(encoding="utf-8")
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            title = (ast.get_docstring(node) or "").partition("\n")[0]
            if title not in public and len(title.split()) > 4:
                assert title not in whole, f"{exercise.name}: {title}"
            lines = code_lines(node)
            for pair in itertools.pairwise(lines):
                if all(len(line) >= _SHORT for line in pair) and not set(pair) & shipped:
                    assert pair not in pairs, f"{exercise.name}, {node.name}: {pair}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_recorded_answers_are_those_of_public_checks_alone(lesson):
    """Only cases of public checks are recorded, and none of them asks what a hidden test asks."""
    one = COURSE.find_lesson(lesson)
    for exercise in one.exercises:
        recorded = read_recorded(ROOT / "release" / lesson / EXAMPLES, exercise.name)
        public = set(re.findall(r"^def (test_\w+)", exercise.checks_file.read_text(encoding="utf-8"), re.M))
        assert {case.partition("[")[0] for case in recorded._cases} == public
        assert not public & {"test_" + hidden for hidden in exercise.hidden_tests}


def figures(value, found: set[str]) -> set[str]:
    """The numbers in an answer, as text with many digits."""
    if isinstance(value, dict):
        for entry in value.values():
            figures(entry, found)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            figures(entry, found)
    elif isinstance(value, float) or hasattr(value, "tolist"):
        flat = [value] if isinstance(value, float) else value.reshape(-1).tolist()
        for number in flat[:2000]:
            if (
                isinstance(number, float)
                and math.isfinite(number)
                and len(f"{abs(number):.6g}".strip("0.")) >= _FIGURES - 1
            ):
                found.add(f"{number:.6g}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_no_card_shows_a_hidden_value_or_a_line_of_the_reference(lesson):
    """The cards of wrong answers, in both forms, hold no expected number of a hidden case."""
    one = COURSE.find_lesson(lesson)
    names = [exercise.name for exercise in one.exercises]
    suite = load_suite(ROOT, lesson, names, COURSE.seed)
    assert set(public_suite(ROOT, suite).graders) == set(names)
    for name in names:
        grader = suite.graders[name]
        player = Player(grader, COURSE.seed)
        hidden: set[str] = set()
        for outcome in player.baseline.values():
            for step in outcome.steps:
                figures(step.expected, hidden)
        lines = [line for line in code_lines(one.reference.functions[name]) if len(line) > 3 * _SHORT]
        for mistake in grader.mistakes[:: max(1, len(grader.mistakes) // 5)]:
            function = mistake.function(grader.reference)
            function.__name__ = name
            result = run_checks(function, ROOT / "release" / lesson)
            for text in (str(result), result._repr_html_()):
                numbers = set(re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text))
                assert not numbers & hidden, (name, mistake.name)
                card = squeezed(text)
                assert not [line for line in lines if line in card], (name, mistake.name)
