"""What an ``[exercise]`` marker says: difficulty, importance, minutes, a prediction to make, three hints."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.course.errors import CourseError, did_you_mean
from autograder.course.percent import Block

HINT_STEPS = ("concept", "pseudocode", "nearly code")
PREDICT_FORMS = {
    "sign": '"+", "-", "0", or "both" where signs are mixed',
    "shape": "a shape, as in (4, 12, 16)",
    "magnitude": "a number of about that size, as in 0.01 or 300",
}
"""What a learner can commit to before a result is there, and how it is written down; ``predict:`` alone asks for
a thought only."""
_KEY = re.compile(r"#\s?(?P<key>(?:predict|hint) [a-z][a-z ]*|[a-z]+):(?:\s(?P<text>.*))?$")
_PREDICTS = ("predict", *(f"predict {kind}" for kind in PREDICT_FORMS))
_KEYS = (*_PREDICTS, "notice", *(f"hint {step}" for step in HINT_STEPS))


@dataclass(frozen=True)
class Hint:
    """One step of a hint ladder. `step` is one of HINT_STEPS."""

    step: str
    text: str


@dataclass(frozen=True)
class ExerciseMarker:
    """An exercise as its marker in lesson.py describes it."""

    name: str
    difficulty: int
    importance: int
    minutes: int
    predict: str
    """What to predict before running; empty when nothing is asked."""
    predict_kind: str
    """One of PREDICT_FORMS where the learner notes the prediction in a cell; else empty."""
    notice: str
    """What must be said beside every result, as in "this is no legal advice"; usually empty."""
    hints: tuple[Hint, ...]
    line: int


def read_marker(block: Block, where: str) -> ExerciseMarker:
    """Read one ``[exercise]`` block; `where` is the file as messages name it."""
    place = f"{where}, line {block.line}"
    name = block.words[0]
    if not name.isidentifier():
        raise CourseError(f"{place}: {name!r} cannot be a function's name. Use letters, digits and _.")
    texts = _comments(block, where)
    hints = tuple(Hint(step, texts[f"hint {step}"]) for step in HINT_STEPS if f"hint {step}" in texts)
    asked = [key for key in _PREDICTS if key in texts]
    if len(asked) > 1:
        raise CourseError(f"{place}: {name} asks for two predictions, {' and '.join(asked)}. Keep one.")
    predict = asked[0] if asked else ""
    return ExerciseMarker(
        name,
        _whole(block, "difficulty", 1, 5, place),
        _whole(block, "importance", 1, 5, place),
        _whole(block, "minutes", 1, 240, place),
        texts.get(predict, ""),
        predict.partition(" ")[2],
        texts.get("notice", ""),
        hints,
        block.line,
    )


def _whole(block: Block, key: str, low: int, high: int, place: str) -> int:
    text = block.options.get(key)
    if text is None:
        raise CourseError(
            f"{place}: the exercise {block.words[0]} has no {key}. Add {key}=N to its marker, from {low} "
            f"to {high}."
        )
    if not text.isdecimal() or not low <= int(text) <= high:
        raise CourseError(f"{place}: {key}={text} must be a whole number from {low} to {high}.")
    return int(text)


def _comments(block: Block, where: str) -> dict[str, str]:
    """``# key: text`` lines with their continuations (lines that begin with ``#`` and three spaces)."""
    texts: dict[str, list[str]] = {}
    current: list[str] | None = None
    for offset, line in enumerate(block.lines, 1):
        place = f"{where}, line {block.line + offset}"
        found = _KEY.match(line)
        if found is not None:
            key = found["key"]
            if key not in _KEYS:
                raise CourseError(
                    f"{place}: an exercise has no {key!r}. Keys: {', '.join(_KEYS)}."
                    + did_you_mean(key, _KEYS)
                )
            if key in texts:
                raise CourseError(f"{place}: {key!r} is given twice for {block.words[0]}. Keep one.")
            current = texts[key] = [found["text"] or ""]
        elif current is not None and (line.startswith("#   ") or line.rstrip() in ("#", "")):
            current.append(line.removeprefix("#").removeprefix("   ").rstrip())
        else:
            raise CourseError(
                f"{place}: {line!r} is not understood. An exercise holds '# predict: ...' (or predict sign, shape, "
                "magnitude), '# notice: ...' and "
                "'# hint ...: ...' lines; longer ones go on in lines that begin with '#' and three spaces."
            )
    joined = {key: "\n".join(lines).strip("\n") for key, lines in texts.items()}
    empty = next((key for key, text in joined.items() if not text.strip()), None)
    if empty is not None:
        raise CourseError(
            f"{where}, line {block.line}: {empty!r} of {block.words[0]} is empty. Write its text."
        )
    return joined
