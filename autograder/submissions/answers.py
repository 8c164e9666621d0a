"""Answers to concept questions: literals that are read from assignments, never run."""

from __future__ import annotations

import ast
import itertools
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.submissions import words
from autograder.submissions.logical import LogicalLine, logical_lines
from autograder.submissions.notebook import Cell, Notebook

MAX_ANSWER = 2_000
"""Characters of one answer's statement."""
MAX_DEPTH = 10
MAX_TRIES = 1_000
"""Lines with one question's name that are tried, from the end of the notebook backwards."""
MAX_NUMBER = 1e300

Value = bool | int | float | str | list["Value"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a value, or a sentence that says why there is none.

    `value` is a bool, int, float or str, or a list of them; tuples and sets arrive as lists (sets sorted).
    """

    state: Literal["answered", "unanswered", "missing", "problem"]
    value: Value | None = None
    problem: str = ""
    cell: int | None = None
    """Index of the cell that holds the answer."""


class _NoAnswer(Exception):
    """Carries the template of the sentence that explains an expression without a value."""


class _Dots(Exception):
    """The expression is the untouched placeholder, or as empty."""


def read_answers(notebook: Notebook, question_ids: Iterable[str]) -> dict[str, Answer]:
    """The answer to each question, read from `id = value` at the left margin of a code cell.

    The last assignment counts, except that an untouched one (`...`, `None`, an empty text) never replaces
    an answer. A number may be written as a sum, difference, product or quotient of numbers.
    """
    ids = list(question_ids)
    cells = [
        (cell, logical_lines(cell.source)) for cell in notebook.code if any(i in cell.source for i in ids)
    ]
    return {question: _answer(cells, question) for question in ids}


def _answer(cells: list[tuple[Cell, list[LogicalLine]]], question: str) -> Answer:
    starts = re.compile(rf"\s*{re.escape(question)}\s*(?:=(?!=)|:(?!=))")
    untouched: Answer | None = None
    indented = False
    named = (
        (cell, line) for cell, lines in reversed(cells) for line in reversed(lines) if question in line.text
    )
    for cell, line in itertools.islice(named, MAX_TRIES):
        if line.indented:
            indented = indented or starts.match(line.text) is not None
            continue
        for answer in reversed(list(_of_line(line, question, cell.index, starts))):
            if answer.state != "unanswered":
                return answer
            untouched = untouched or answer
    sentence = words.INDENTED if indented else words.NO_LINE
    return untouched or Answer("missing", problem=_say(sentence, question))


def _of_line(line: LogicalLine, question: str, cell: int, starts: re.Pattern[str]) -> Iterator[Answer]:
    """What one logical line assigns to the question, in order."""
    ours = starts.match(line.text) is not None
    if len(line.text) > MAX_ANSWER or line.depth > MAX_DEPTH:
        if ours:
            yield Answer("problem", problem=_say(words.TOO_LONG, question), cell=cell)
        return
    try:
        tree = _parse(line.text)
    except SyntaxError as error:
        if ours:
            code = line.text.split("=", 1)[-1]
            yield Answer("problem", problem=_say(words.NOT_PYTHON, question, code, error.msg), cell=cell)
        return
    except (ValueError, MemoryError, RecursionError):
        if ours:
            yield Answer("problem", problem=_say(words.TOO_LONG, question), cell=cell)
        return
    for statement in tree.body:
        for target, value in _pairs(statement):
            if isinstance(target, ast.Name) and target.id == question:
                yield _of_expression(statement, value, line.text, question, cell)


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # "\d" in an answer warns; that is the student's to see, not the judge's
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _pairs(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Target and value of an assignment; `a, b = 1, 2` is two, in `a, b = c` both are unknown."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            value = statement.value
            if not isinstance(target, ast.Tuple | ast.List):
                yield target, value
            elif isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
                yield from zip(target.elts, value.elts, strict=True)
            else:
                for part in target.elts:
                    yield part, ast.copy_location(ast.Starred(value), value)
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign) and statement.value is not None:
        yield statement.target, statement.value


def _of_expression(statement: ast.stmt, value: ast.expr, text: str, question: str, cell: int) -> Answer:
    code = ast.get_source_segment(text, value) or ""
    if isinstance(statement, ast.AugAssign):
        whole = ast.get_source_segment(text, statement) or ""
        return Answer("problem", problem=_say(words.CHANGED, question, whole), cell=cell)
    try:
        return Answer("answered", value=_value(value), cell=cell)
    except _Dots:
        return Answer("unanswered", problem=_say(words.UNANSWERED, question), cell=cell)
    except _NoAnswer as reason:
        return Answer("problem", problem=_say(str(reason), question, code), cell=cell)
    except (RecursionError, MemoryError):
        return Answer("problem", problem=_say(words.TOO_LONG, question), cell=cell)


def _value(node: ast.expr) -> Value:
    """The value of a literal. Raises `_Dots` or `_NoAnswer`."""
    if isinstance(node, ast.Constant) and (node.value is ... or node.value is None or node.value == ""):
        raise _Dots
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        if not node.elts:
            raise _Dots
        try:
            items = [_value(item) for item in node.elts]
        except _Dots:
            raise (_Dots if len(node.elts) == 1 else _NoAnswer(words.NO_LITERAL)) from None
        return sorted(set(map(_hashable, items)), key=repr) if isinstance(node, ast.Set) else items
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # an escape can make half a surrogate pair
        return node.value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.Name):
        raise _NoAnswer(words.BARE_NAME)
    number = _number(node)
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise _NoAnswer(words.BAD_NUMBER)
    return number


def _hashable(value: Value) -> Value:
    if isinstance(value, list):
        raise _NoAnswer(words.NO_LITERAL)
    return value


def _number(node: ast.expr) -> int | float:
    """A number, or a calculation of the four kinds with numbers. Its size is bounded at every step."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        number = node.value
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = _number(node.operand)
        number = -number if isinstance(node.op, ast.USub) else number
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        left, right = _number(node.left), _number(node.right)
        try:
            if isinstance(node.op, ast.Add):
                number = left + right
            elif isinstance(node.op, ast.Sub):
                number = left - right
            elif isinstance(node.op, ast.Mult):
                number = left * right
            else:
                number = left / right
        except ArithmeticError:
            raise _NoAnswer(words.BAD_NUMBER) from None
    else:
        raise _NoAnswer(words.NO_LITERAL)
    if isinstance(number, int) and number.bit_length() > 1_000:
        raise _NoAnswer(words.BAD_NUMBER)
    return number


def _say(sentence: str, question: str, code: str = "", why: str = "") -> str:
    example = words.EXAMPLE.format(id=question)
    return sentence.format(
        id=question, code=words.shown(code.strip(), 60), why=words.shown(why, 100), example=example
    )
