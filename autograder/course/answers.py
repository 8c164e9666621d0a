"""Reading a learner's concept answers out of cells: as literals, nothing is run."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Iterable
from typing import Any

_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class NotLiteral(ValueError):
    """An answer that is more than a literal (a call, a name): it is not run, so it cannot be read."""


def read_answers(sources: Iterable[str], names: Iterable[str]) -> dict[str, Any]:
    """What is assigned to each name at the top level of the cells; the last assignment wins.

    ``None`` and ``...`` count as no answer: such names are not in the result. A name whose last
    assignment is no literal maps to a NotLiteral. Cells that are not Python are passed over.
    """
    wanted = set(names)
    found: dict[str, Any] = {}
    for source in sources:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a learner's odd escape is not our warning
                tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                targets, value = [node.target], node.value
            else:
                continue
            for target in targets:
                if isinstance(target, ast.Name) and target.id in wanted:
                    found[target.id] = _value(value)
    return {name: value for name, value in found.items() if value is not None and value is not ...}


def _value(node: ast.expr) -> Any:
    try:
        return literal(node)
    except NotLiteral as error:
        return error
    except (ArithmeticError, RecursionError):
        return NotLiteral("this cannot be calculated")


def literal(node: ast.expr) -> Any:
    """The value of a literal: numbers (with + - * / between them), text, None, lists, tuples and sets."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [literal(part) for part in node.elts]
    if isinstance(node, ast.Set):
        parts = [literal(part) for part in node.elts]
        if any(isinstance(part, (list, set)) for part in parts):
            raise NotLiteral("a set holds texts or numbers")
        return set(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _number(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_number(node.left), _number(node.right))
    raise NotLiteral(f"{ast.unparse(node)[:60]!r} is not a literal: write the value itself")


def _number(node: ast.expr) -> int | float:
    value = literal(node)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NotLiteral(f"{ast.unparse(node)[:60]!r} is not a number")
    return value
