"""Functions as text, by ast: references, stubs, import blocks and points; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.errors import CourseError, as_text, shown

STUB_LINES = ("# YOUR CODE HERE", "raise NotImplementedError()")
"""What nbgrader puts in the place of a solution (its ClearSolutions.code_stub)."""
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Module:
    """A Python file that was read but not run."""

    path: Path
    where: str
    text: str
    tree: ast.Module

    @property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Its top-level functions by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    def slice(self, first: int, last: int) -> str:
        """Lines first..last, counted from 1, both included."""
        return "\n".join(self.text.split("\n")[first - 1 : last])


def read_module(path: Path, root: Path | None = None) -> Module:
    """Parse a Python file. Raises CourseError when it is missing or no Python."""
    text, where = as_text(path, root), shown(path, root)
    try:
        return Module(path, where, text, ast.parse(text))
    except SyntaxError as error:
        raise CourseError(f"{where}, line {error.lineno}: not valid Python: {error.msg}.") from None


@dataclass(frozen=True)
class FunctionText:
    """One function, cut where the docstring ends: `head` is shown to learners, `body` is the solution."""

    name: str
    head: str
    body: str
    docstring: str
    signature: str
    line: int

    @property
    def source(self) -> str:
        """The whole function as it stands in the file."""
        return f"{self.head}\n{self.body}"

    @property
    def stub(self) -> str:
        """What a learner starts from: exactly what nbgrader makes of the solution cell."""
        return "\n".join([self.head, *(self._indent + line for line in STUB_LINES)])

    @property
    def solution_cell(self) -> str:
        """The function with nbgrader's solution markers around its body."""
        body = self.body.strip("\n")
        return "\n".join([self.head, self._indent + BEGIN_SOLUTION, body, self._indent + END_SOLUTION])

    @property
    def _indent(self) -> str:
        last = self.head.split("\n")[-1]
        return last[: len(last) - len(last.lstrip())]


def function_text(module: Module, name: str) -> FunctionText:
    """Cut the function `name` out of a module. Raises CourseError when it is missing or has no docstring."""
    node = module.functions.get(name)
    if node is None:
        raise CourseError(
            f"{module.where} has no top-level function {name}. Write it there: it is the reference of the "
            "exercise, and its body the solution."
        )
    docstring = ast.get_docstring(node)
    if not docstring:
        raise CourseError(
            f"{module.where}, line {node.lineno}: {name} has no docstring. Write one: it is the "
            "specification that learners see in the stub."
        )
    if len(node.body) < 2:
        raise CourseError(
            f"{module.where}, line {node.lineno}: {name} has a docstring and no body. Write it."
        )
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    end = node.body[0].end_lineno
    if node.body[0].lineno == node.lineno or node.body[1].lineno == end:
        raise CourseError(
            f"{module.where}, line {node.lineno}: the docstring of {name} shares a line with code. Give it "
            "lines of its own."
        )
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return FunctionText(
        name,
        module.slice(first, end),
        module.slice(end + 1, node.end_lineno),
        docstring,
        f"{name}({ast.unparse(node.args)}){returns}",
        node.lineno,
    )


def import_block(module: Module) -> str:
    """The top-level imports of a module as they stand, with one blank line where the file has some."""
    text, last = "", None
    for node in module.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            apart = last is not None and node.lineno > last + 1
            text += ("\n" if apart else "") + module.slice(node.lineno, node.end_lineno) + "\n"
            last = node.end_lineno
    return text.rstrip("\n")


@dataclass(frozen=True)
class PartPoints:
    """One part of an exercise as its grader declares it."""

    name: str
    points: int


def parts_of(module: Module) -> tuple[PartPoints, ...]:
    """The ``Part("name", points)`` calls at the top level of a hidden grader, in order."""
    parts = []
    for node in _top_level_calls(module.tree, "Part"):
        values = dict(zip(("name", "points"), node.args, strict=False))
        values |= {word.arg: word.value for word in node.keywords if word.arg}
        name, points = (_constant(values.get(key)) for key in ("name", "points"))
        if not isinstance(name, str) or isinstance(points, bool) or not isinstance(points, int) or points < 1:
            raise CourseError(
                f'{module.where}, line {node.lineno}: a part is written Part("name", points), with '
                "the name in quotes and the points as a whole number."
            )
        if name in {part.name for part in parts}:
            raise CourseError(
                f"{module.where}, line {node.lineno}: two parts are called {name!r}. Rename one."
            )
        parts.append(PartPoints(name, points))
    if not parts:
        raise CourseError(
            f'{module.where} declares no part. Begin it with, for example, value = Part("right values", 5).'
        )
    return tuple(parts)


def names_of_tests(module: Module) -> tuple[str, ...]:
    """The names of the file's test functions, in order."""
    return tuple(name for name in module.functions if name.startswith("test"))


def watched_names(module: Module, function: str) -> tuple[str, ...]:
    """The names that a function gives to ``watch``, in the order of its text.

    Raises CourseError for one that is no plain text: learners are told the names.
    """
    node = module.functions[function]
    names: dict[str, None] = {}
    for call in ast.walk(node):
        if (
            not isinstance(call, ast.Call)
            or getattr(call.func, "id", getattr(call.func, "attr", "")) != "watch"
        ):
            continue
        name = _constant(call.args[0]) if call.args else None
        if not isinstance(name, str) or not name:
            raise CourseError(
                f'{module.where}, line {call.lineno}: watch needs a name in quotes, as in watch("scores", scores): '
                "learners are told it."
            )
        names[name] = None
    return tuple(names)


def _top_level_calls(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)) and statement.value is not None:
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Call) and name in (
                    getattr(node.func, "id", None),
                    getattr(node.func, "attr", None),
                ):
                    yield node


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None
