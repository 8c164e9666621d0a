"""Which definitions are untouched stubs."""

from __future__ import annotations

import ast

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Stubs:
    """The stubs a release gave out, by the name of their function.

    Args:
        sources: name -> source of the stub.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self.given: dict[str, str | None] = {
            name: _shape_of_stub(name, text) for name, text in sources.items()
        }

    def is_stub(self, node: ast.stmt, name: str) -> bool:
        """Whether ``node`` defines ``name`` and every definition of it there is untouched.

        Untouched: the same statements as the given stub (docstring, comments and layout aside), or a body
        of nothing but a docstring, ``pass``, ``...`` and ``raise NotImplementedError``.
        """
        found = [inner for inner in ast.walk(node) if isinstance(inner, _Function) and inner.name == name]
        return bool(found) and all(_empty(inner) or _shape(inner) == self.given.get(name) for inner in found)


def _shape_of_stub(name: str, text: str) -> str | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, _Function) and node.name == name:
            return _shape(node)
    return None


def _shape(node: _Function) -> str:
    return ";".join(ast.dump(statement) for statement in _without_docstring(node))


def _without_docstring(node: _Function) -> list[ast.stmt]:
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return node.body[1:] if documented else node.body


def _empty(node: _Function) -> bool:
    return all(_does_nothing(statement) for statement in _without_docstring(node))


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False
