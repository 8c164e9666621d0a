"""Which exercises use a name that their graders forbid, because one call of it would do the exercise."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_USES = "it uses {name} (line {line} of its cell), which this exercise asks you to do without"


def forbidden_uses(sources: Iterable[str], forbidden: dict[str, list[str]]) -> dict[str, str]:
    """For each exercise that breaks its rule, a sentence.

    A function is looked at together with every function of the notebook that it calls by name, so that
    a helper does not hide a call, and a scratch cell that merely compares costs nothing.

    Args:
        sources: text of the student's cells; what does not parse is left out.
        forbidden: dotted names by exercise.
    """
    trees = [tree for source in sources if (tree := _parsed(source)) is not None]
    imports = {name: dotted for tree in trees for name, dotted in _imports(tree)}
    functions = {name: node for tree in trees for name, node in _definitions(tree)}
    found = {}
    for exercise, names in forbidden.items():
        for node in _reached(exercise, functions):
            for dotted, line in _names(node, imports):
                if exercise not in found and any(dotted == n or dotted.startswith(n + ".") for n in names):
                    found[exercise] = _USES.format(name=dotted, line=line)
    return found


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every name that an import binds, anywhere in a cell, with what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def _reached(start: str, functions: dict[str, ast.AST]) -> Iterator[ast.AST]:
    """The definition of ``start`` and of everything in the notebook that it leads to."""
    waiting, seen = [start], {start}
    while waiting:
        node = functions.get(waiting.pop())
        if node is None:
            continue
        yield node
        for name in {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - seen:
            seen.add(name)
            waiting.append(name)


def _names(node: ast.AST, imports: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Every imported thing a definition speaks of, as a dotted name, with its line."""
    for inner in ast.walk(node):
        parts: list[str] = []
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in imports:
            yield ".".join([imports[inner.id], *reversed(parts)]), inner.lineno
