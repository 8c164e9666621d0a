"""Which names code takes from elsewhere: references from their module, cells from cells that may do nothing."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import Exercise, Lesson
from autograder.course.percent import Block

_MAY_DO_NOTHING = ("use", "library", "real")


def foreign_names(exercise: Exercise) -> list[str]:
    """Global names that the reference uses and the notebook's set-up does not provide, sorted."""
    imported = set()
    for node in exercise.lesson.reference.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    known = imported | set(dir(builtins)) | {exercise.name}
    table = symtable.symtable(exercise.reference_source(), exercise.name, "exec")
    return sorted(_globals(table) - known)


def _globals(table: symtable.SymbolTable) -> set[str]:
    """Names looked up in the module, here and in all scopes inside."""
    at_top = table.get_type() == "module"
    found = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or (at_top and not symbol.is_assigned()))
    }
    return found.union(*(_globals(child) for child in table.get_children()))


@dataclass(frozen=True)
class Borrowed:
    """A name that a cell takes from another one, which stops early while something is missing."""

    name: str
    user: Block
    maker: Block


def borrowed_names(lesson: Lesson) -> Iterator[Borrowed]:
    """Names that a cell needs and that only a use, library or real cell about something else makes."""
    sure: set[str] = set()
    makers: dict[str, Block] = {}
    for block in lesson.text.blocks:
        body = _statements(block) if block.kind in ("demo", *_MAY_DO_NOTHING) else []
        if not body:
            continue
        made = _made(body)
        for name in sorted(_globals(_table(body)) - made - sure):
            maker = makers.get(name)
            if maker is not None and not all(_mentions(word, block) for word in maker.words):
                yield Borrowed(name, block, maker)
        sure |= _made(_certain(block, body))
        makers |= dict.fromkeys(made - sure, block)


def _certain(block: Block, body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that run whatever is missing: all of a demo, those of a use cell before it uses anything."""
    if block.kind == "demo":
        return body
    if block.kind != "use":
        return []
    used = (i for i, one in enumerate(body) if _globals(_table([one])) & set(block.words))
    return body[: next(used, len(body))]


def _made(body: list[ast.stmt]) -> set[str]:
    symbols = _table(body).get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def _mentions(word: str, block: Block) -> bool:
    return re.search(rf"\b{word}\b", " ".join([*block.words, block.text])) is not None


def _table(body: list[ast.stmt]) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(ast.Module(body, [])), "cell", "exec")


def _statements(block: Block) -> list[ast.stmt]:
    """The statements of a cell; none where it is not Python even without its magics."""
    lines = ["" if line.startswith(("%", "!")) else line for line in block.lines]
    try:
        return ast.parse("\n".join(lines)).body
    except SyntaxError:
        return []
