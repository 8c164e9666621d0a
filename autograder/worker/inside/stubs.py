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
        self.given = sources
        self._shapes: dict[str, str | None] = {}

    def untouched(self, node: ast.stmt) -> set[str]:
        """The names that ``node`` defines and of which every definition there is an untouched stub.

        Untouched: the same statements as the given stub (docstring, comments and layout aside), or a body
        of nothing but a docstring, ``pass``, ``...`` and ``raise NotImplementedError``.
        """
        found: dict[str, bool] = {}
        for inner in ast.walk(node):
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name in self.given:
                still = _empty(inner) or _shape(inner) == self._shape_of(inner.name)
                found[inner.name] = found.get(inner.name, True) and still
        return {name for name, still in found.items() if still}

    def _shape_of(self, name: str) -> str | None:
        if name not in self._shapes:  # most stubs are filled in, and never compared
            self._shapes[name] = _shape_of_stub(name, self.given[name])
        return self._shapes[name]


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
