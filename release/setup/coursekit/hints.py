"""``hint("name")``: the three hints of an exercise, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from coursekit.notebook import facts_of, remembered

STEP_TITLES = {"concept": "the idea", "pseudocode": "the steps", "nearly code": "nearly the code"}
_HEAD = "Hint {number} of {count} for {name}: {title}"
_MORE = 'hint("{name}") again shows {title}.'
_LAST = "That was the last one. What is left out is one expression: write it, then run the check."
_UNKNOWN = "There are no hints for {name!r} here.{meant} Hints: {known}."
_NO_STEP = "{name} has hints 1 to {count}, not {step!r}."


def hint(exercise: str | Callable[..., Any], step: int | None = None) -> None:
    """Show a hint: the first, then the next at each call; ``step`` shows one of them again.

    Args:
        exercise: the function, or its name in quotes.
        step: from 1 (the idea) to 3 (nearly the code).

    Raises:
        LookupError: the lesson has no such exercise.
        ValueError: there is no such step.
    """
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", str(exercise))
    print(hint_text(facts_of("exercises"), name, step, remembered("hints")))


def hint_text(
    exercises: list[dict[str, Any]], name: str, step: int | None = None, memory: dict[str, int] | None = None
) -> str:
    """What :func:`hint` prints.

    Args:
        exercises: of ``lesson.json``.
        name: of the exercise.
        step: which hint; None for the one after the last that ``memory`` knows of.
        memory: the last hint shown, by exercise; written to.
    """
    known = [one["name"] for one in exercises]
    hints = next((one["hints"] for one in exercises if one["name"] == name), [])
    if not hints:
        near = get_close_matches(name, known, 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise LookupError(_UNKNOWN.format(name=name, meant=meant, known=", ".join(known) or "none"))
    count, memory = len(hints), {} if memory is None else memory
    number = min(memory.get(name, 0) + 1, count) if step is None else step
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= count:
        raise ValueError(_NO_STEP.format(name=name, count=count, step=step))
    memory[name] = max(number, memory.get(name, 0))
    one = hints[number - 1]
    lines = [_HEAD.format(number=number, count=count, name=name, title=STEP_TITLES[one["step"]])]
    lines += ["", *(f"    {line}".rstrip() for line in one["text"].split("\n")), ""]
    lines.append(
        _MORE.format(name=name, title=STEP_TITLES[hints[number]["step"]]) if number < count else _LAST
    )
    return "\n".join(lines)
