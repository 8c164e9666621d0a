"""The code cells of a lesson's notebook: what build writes, and what a reader of submissions compares with.

Only text is made here. Markdown, ids and metadata are ``autograder.authoring``'s.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.errors import CourseError, did_you_mean, shown
from autograder.course.lesson import Lesson
from autograder.course.markers import PREDICT_FORMS
from autograder.course.percent import Block
from autograder.course.quiz import Question
from autograder.course.sources import BEGIN_SOLUTION, END_SOLUTION, STUB_LINES

_FROM_KIT = re.compile(r"from coursekit import ([A-Za-z_, ]+)")
INSTALL = """\
try:
    import coursekit
except ModuleNotFoundError:
    print("coursekit is missing: README.md tells how to get it. Then restart the kernel.")"""


@dataclass(frozen=True)
class CodeCell:
    """One code cell. `names` are the functions, packages or question it is about.

    The role is one of setup, demo, predict, exercise, check, use, library, real, question. `released` is what
    learners get, `solved` what the solution notebook holds; they differ only in cells of the roles
    exercise and question, which the learner fills in.
    """

    role: str
    names: tuple[str, ...]
    released: str
    solved: str
    line: int
    """Line of the marker in lesson.py that it comes from; 0 for cells that come from none."""


def code_cells(lesson: Lesson) -> tuple[CodeCell, ...]:
    """All code cells of the lesson's notebook in order. Raises CourseError for what cannot be expanded."""
    first = CodeCell("demo", ("install",), INSTALL, INSTALL, 0)
    return (first, *(cell for block in lesson.text.blocks for cell in cells_of(lesson, block)))


def cells_of(lesson: Lesson, block: Block) -> Iterator[CodeCell]:
    """The code cells that one block of lesson.py becomes (none for Markdown)."""

    def same(role: str, source: str) -> CodeCell:
        return CodeCell(role, block.words, source, source, block.line)

    match block.kind:
        case "setup":
            yield same("setup", _setup(lesson))
        case "exercise":
            exercise = lesson.exercise(block.words[0])
            text = exercise.text
            if exercise.predict_kind:
                yield same("predict", _prediction(exercise.name, exercise.predict_kind))
            yield CodeCell("exercise", block.words, text.stub, text.solution_cell, block.line)
            yield same("check", f"check({block.words[0]})")
        case "use":
            for name in block.words:
                lesson.exercise(name)
            yield same("use", block.text)
        case "library" | "real":
            yield same(block.kind, _guarded(lesson, block))
        case "question":
            question = question_of(lesson, block)
            yield CodeCell(
                "question",
                block.words,
                _answer(question, STUB_LINES),
                _answer(question, (BEGIN_SOLUTION, f"{question.id} = {question.literal()}", END_SOLUTION)),
                block.line,
            )
            yield same("check", f'kit.answered("{question.id}")')
        case "demo":
            yield same("demo", block.text)


def question_of(lesson: Lesson, block: Block) -> Question:
    """The question that a ``[question]`` marker names. Raises CourseError with did-you-mean."""
    questions = {question.id: question for question in lesson.questions}
    asked = block.words[0]
    if asked not in questions:
        place = f"{shown(lesson.lesson_file, lesson.root)}, line {block.line}"
        known = f"Questions: {', '.join(questions) or 'none yet'}."
        raise CourseError(
            f"{place}: quiz.toml has no question {asked!r}.{did_you_mean(asked, questions)} {known}"
        )
    return questions[asked]


def _setup(lesson: Lesson) -> str:
    """The reference's imports, then the kit; what the reference takes from the kit joins the last line."""
    others, names = [], {"check", "hint"}
    for line in lesson.imports.split("\n"):
        ours = _FROM_KIT.fullmatch(line)
        if ours:
            names |= {name.strip() for name in ours[1].split(",")}
        elif line.strip() != "import coursekit as kit":
            others.append(line)
    imports = "\n".join(others).strip("\n")
    kit = f"import coursekit as kit\nfrom coursekit import {', '.join(sorted(names))}"
    return "\n\n".join(filter(None, [imports, kit, f'kit.begin("{lesson.slug}")']))


def _prediction(name: str, kind: str) -> str:
    return f'# In the place of ... goes {PREDICT_FORMS[kind]}.\nkit.predict("{name}", ...)'


def _guarded(lesson: Lesson, block: Block) -> str:
    """The author's code under a guard that says how to get a missing package; left alone if it has its own."""
    if "kit.need(" in block.text:
        return block.text
    guarded = f'if kit.need("{" ".join(block.words)}"):\n' + textwrap.indent(block.text, "    ")
    place = f"{shown(lesson.lesson_file, lesson.root)}, line {block.line}"
    try:
        inside = ast.parse(guarded).body[0].body
        unchanged = ast.dump(ast.Module(inside, [])) == ast.dump(ast.Module(ast.parse(block.text).body, []))
    except SyntaxError as error:
        raise CourseError(f"{place}: the cell cannot stand under its guard: {error.msg}.") from None
    if not unchanged:
        raise CourseError(
            f"{place}: the guard indents the cell, which would change a text of several lines in it. "
            f'Write the guard yourself: begin the cell with `if kit.need("{" ".join(block.words)}"):`.'
        )
    return guarded


def _answer(question: Question, lines: tuple[str, ...]) -> str:
    form = question.form
    return "\n".join([f"# {form[0].upper()}{form[1:]}", f"{question.id} = ...", *lines])
