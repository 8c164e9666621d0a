"""What a notebook does besides its exercises: it stays calm while cells are empty, and notes answers."""

from __future__ import annotations

import importlib
import json
import linecache
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

FACTS = "lesson.json"
"""Lies beside the notebook: titles, points, hints, and the form of the concept questions."""

_NOT_HERE = (
    "This notebook runs in {here}, which is not the folder of lesson {lesson}: start it where it lies, "
    "so that its checks are found."
)
_NO_FUNCTION = (
    "{name}: not finished, `raise NotImplementedError()` still stands there. "
    "Fill it in and run it, then run this cell again."
)
_NO_ANSWER = "No answer yet: write it in this cell and delete the line `raise NotImplementedError()`."


class NotAnswered(Exception):
    """A concept question has no answer, or one that cannot be read; shown as one line."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def begin(lesson: str) -> None:
    """Begin a lesson's notebook. From now on a cell that needs something unwritten shows one line, no traceback.

    Outside a notebook this does nothing. Says so when the notebook does not run in its own folder.
    """
    shell = _shell()
    if shell is None:
        return
    importlib.import_module("coursekit.checks.notebook")  # here, so that the first check answers at once
    facts = _facts()
    shell.set_custom_exc((Exception,), _handler([one["name"] for one in facts.get("exercises", [])]))
    if facts.get("lesson") != lesson:
        print(_NOT_HERE.format(here=Path.cwd(), lesson=lesson))


def answered(question: str) -> None:
    """Say what is noted as the answer to a concept question. It does not say whether it is right.

    Raises NotAnswered, shown as one line, when there is no answer or it has not the form that is asked.
    """
    shell = _shell()
    if shell is None:
        return
    facts = next((one for one in _facts().get("questions", []) if one["id"] == question), None)
    if facts is None:
        print(_NOT_HERE.format(here=Path.cwd(), lesson="this question"))
        return
    value = shell.user_ns.get(question, ...)
    wanted = f"It takes {facts['form']}"
    if value is None or value is ... or value in ("", [], (), set()):
        raise NotAnswered(f"{question} has no answer yet. {wanted}")
    problem = _problem(value, facts)
    if problem:
        raise NotAnswered(f"{question} cannot be read: {problem}. {wanted}")
    print(f"{question} is noted: {_said(value)}")


def _problem(value: Any, facts: dict[str, Any]) -> str:
    """Why a value has not the form of an answer; empty when it has."""
    several = isinstance(value, (list, tuple, set, frozenset))
    if facts["kind"] == "numeric":
        numbers = list(value) if several else [value]
        if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in numbers):
            return "it holds something that is no plain number"
        if not all(math.isfinite(one) for one in numbers):
            return "it holds a number that is not finite"
        if len(numbers) != facts["numbers"]:
            return f"it holds {len(numbers)} numbers"
        return ""
    letters = list(value) if several else [one for one in str(value) if one not in ", "]
    if not several and not isinstance(value, str):
        return "it is no letter in quotes"
    unknown = [one for one in letters if str(one).strip().lower() not in facts["options"]]
    if unknown:
        return f"{unknown[0]!r} is not one of the options {', '.join(facts['options'])}"
    if facts["kind"] == "choice" and len(letters) != 1:
        return "it names several options"
    return ""


def _said(value: Any) -> str:
    parts = sorted(value) if isinstance(value, (set, frozenset)) else value
    return ", ".join(map(str, parts)) if isinstance(parts, (list, tuple)) else str(value)


def _facts() -> dict[str, Any]:
    """The lesson's facts, empty where the notebook does not run in a lesson's folder."""
    try:
        return json.loads(Path(FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def facts_of(what: str) -> list[dict[str, Any]]:
    """``exercises`` or ``questions`` of the lesson in whose folder this runs; empty elsewhere."""
    return [one for one in _facts().get(what, []) if isinstance(one, dict)]


def remembered(what: str) -> dict[str, Any] | None:
    """What this notebook's session keeps under a name, to be read and written; None outside a notebook."""
    shell = _shell()
    if shell is None:
        return None
    return shell.user_ns.setdefault("_coursekit", {}).setdefault(what, {})


def _shell() -> Any:
    """The notebook's shell, or None. IPython is not imported for it."""
    core = sys.modules.get("IPython")
    return core.get_ipython() if core is not None else None


def _handler(exercises: list[str]) -> Callable[..., None]:
    """What IPython calls with an exception of a cell: one line for what is not written yet, else the traceback."""

    def calmly(
        shell: Any, kind: type, error: BaseException, trace: TracebackType, tb_offset: int | None = None
    ) -> None:
        says = "" if hasattr(error, "_render_traceback_") else _unwritten(error, trace, shell, exercises)
        if says:
            print(says)
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    return calmly


def _unwritten(error: BaseException, trace: TracebackType, shell: Any, exercises: list[str]) -> str:
    """The sentence for an error that comes from an unwritten function or answer; empty for any other."""
    frames = [trace]
    while frames[-1].tb_next is not None:
        frames.append(frames[-1].tb_next)
    code, line = frames[-1].tb_frame.f_code, frames[-1].tb_lineno
    of_stub = linecache.getline(code.co_filename, line).strip().startswith("raise NotImplementedError")
    if isinstance(error, NotImplementedError) and not error.args and of_stub and _is_cell(code.co_filename):
        return _NO_ANSWER if code.co_name == "<module>" else _NO_FUNCTION.format(name=code.co_name)
    # A cell that leaves out what is unwritten may fail for want of it: say so, with the error.
    cell = next(
        (f.tb_frame.f_code.co_filename for f in frames if _is_cell(f.tb_frame.f_code.co_filename)), ""
    )
    text = "".join(linecache.getlines(cell)) if cell else ""
    stubs = [
        name
        for name in exercises
        if re.search(rf"\b{re.escape(name)}\b", text) and _is_stub(shell.user_ns.get(name))
    ]
    if not stubs:
        return ""
    first = (str(error).strip().split("\n") or [""])[0]
    return (
        _NO_FUNCTION.format(name=" and ".join(stubs)) + f" (It stopped with {type(error).__name__}: {first})"
    )


def _is_cell(filename: str) -> bool:
    """Whether code comes from a cell: it has lines, and no file."""
    return bool(linecache.getlines(filename)) and not Path(filename).exists()


def _is_stub(function: Any) -> bool:
    """Whether a function does nothing but raise NotImplementedError."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_names != ("NotImplementedError",):
        return False
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return code.co_nlocals == arguments
