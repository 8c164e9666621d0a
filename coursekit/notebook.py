"""What a notebook does besides its exercises: it stays calm while cells are empty, and notes answers."""

from __future__ import annotations

import json
import linecache
import math
import sys
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
    "{name} is not finished: its cell still says `raise NotImplementedError()`. "
    "Fill it in and run it, then run this cell again."
)
_NO_ANSWER = "No answer yet: write it in this cell and delete the line `raise NotImplementedError()`."


class NotAnswered(Exception):
    """A concept question has no answer, or one that cannot be read; shown as one line."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def begin(lesson: str) -> None:
    """Begin a lesson's notebook. From now on a call of something unwritten shows one line, not a traceback.

    Outside a notebook this does nothing. Says so when the notebook does not run in its own folder.
    """
    shell = _shell()
    if shell is None:
        return
    shell.set_custom_exc((NotImplementedError,), _calmly)
    if _facts().get("lesson") != lesson:
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


def _shell() -> Any:
    """The notebook's shell, or None. IPython is not imported for it."""
    core = sys.modules.get("IPython")
    return core.get_ipython() if core is not None else None


def _calmly(
    shell: Any, kind: type, error: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> list[str] | None:
    """IPython calls this for a NotImplementedError. Only one raised in a cell itself, bare, is the stub's."""
    last = trace
    while last.tb_next is not None:
        last = last.tb_next
    code = last.tb_frame.f_code
    of_stub = (
        linecache.getline(code.co_filename, last.tb_lineno).strip().startswith("raise NotImplementedError")
    )
    if error.args or not of_stub or Path(code.co_filename).exists():
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return None
    print(_NO_ANSWER if code.co_name == "<module>" else _NO_FUNCTION.format(name=code.co_name))
    return None
