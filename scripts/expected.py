"""Hold what grading wrote to what it must be.

    python scripts/expected.py OUT examples/expected.json

The file says what a class must get. It is written by hand, by lesson and student, and names only what matters;
what it does not name may be anything:

    {"02_gradient_attribution": {
        "half_right": {
            "why": "read by people only",
            "score": 83.5,
            "status": "partial",
            "exercises": {
                "saliency": 8,
                "smoothgrad": {"score": "20/3", "status": "partial", "diagnosis": "one noise draw"}}}}}

Numbers hold to 0.005, a fraction may be written as text ("20/3"), a number in an object's place is its ``score``,
a text for ``diagnosis``, ``message``, ``next_step`` or ``text`` must occur in what the record says, in lower or
upper case, and a text for ``notes`` in one of the notes. Lists of the record whose entries have a ``name`` or an ``id`` (exercises, tests, quiz, manual) are written as
objects by that name. Every other text must be equal.

A student without a record, and a record without an entry, are differences too.
Exit code 0 when all is as it must be, 1 when not, 2 when there is nothing to compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

TOLERANCE = 0.005
_FOR_PEOPLE = {"why"}
_SENTENCES = {"diagnosis", "message", "next_step", "notes", "text"}


def differences(out: Path, expected: dict[str, dict[str, Any]]) -> list[str]:
    """One sentence for each point where the records below ``out`` are not as ``expected``."""
    found: list[str] = []
    for lesson, students in expected.items():
        paths = {path.parent.parent.name: path for path in sorted(out.glob(f"*/{lesson}/record.json"))}
        for student in sorted(students.keys() | paths.keys()):
            where = f"{student}, {lesson}"
            if student not in paths:
                found.append(f"{where}: no record, though an entry says what it must be")
            elif student not in students:
                found.append(f"{where}: a record, but no entry says what it must be")
            else:
                record = json.loads(paths[student].read_text(encoding="utf-8"))
                found += [f"{where}: {text}" for text in compare(record, students[student], "")]
    return found


def compare(got: Any, want: Any, where: str) -> Iterator[str]:
    """Sentences for what ``want`` names and ``got`` has otherwise; ``where`` is the way to it so far."""
    if isinstance(got, list) and isinstance(want, dict):
        got = {str(entry.get("name", entry.get("id"))): entry for entry in got}
    if isinstance(want, dict):
        if not isinstance(got, dict):
            yield f"{where or 'record'} is {_show(got)}, not an object"
            return
        for key in want.keys() - _FOR_PEOPLE:
            path = f"{where}.{key}" if where else key
            if key not in got:
                yield f"{path} is missing"
            else:
                yield from compare(got[key], want[key], path)
    elif isinstance(got, dict):
        yield from compare(got.get("score"), want, f"{where}.score" if where else "score")
    elif not _same(got, want, where.rpartition(".")[2]):
        yield f"{where} is {_show(got)}, must be {_show(want)}"


def _same(got: Any, want: Any, key: str) -> bool:
    if isinstance(got, list) and isinstance(want, str) and key in _SENTENCES:
        return any(_same(one, want, key) for one in got)
    if isinstance(got, str) and isinstance(want, str):
        return want.casefold() in got.casefold() if key in _SENTENCES else got == want
    if isinstance(got, bool) or isinstance(want, bool) or not isinstance(got, int | float):
        return type(got) is type(want) and got == want
    try:
        return abs(got - float(Fraction(want))) <= TOLERANCE
    except (TypeError, ValueError):
        return False


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def main(arguments: list[str]) -> int:
    """The command; returns its exit code."""
    if len(arguments) != 2:
        print("usage: python scripts/expected.py OUT EXPECTED.json", file=sys.stderr)
        return 2
    out, path = Path(arguments[0]), Path(arguments[1])
    for needed, what in ((out, "what grading wrote"), (path, "what it must be")):
        if not needed.exists():
            print(f"{needed} is missing: there is nothing to read {what} from.", file=sys.stderr)
            return 2
    expected = json.loads(path.read_text(encoding="utf-8"))
    found = differences(out, expected)
    for sentence in found:
        print(f"✗ {sentence}")
    count = sum(len(students) for students in expected.values())
    if found:
        print(f"{len(found)} differences from {path}, in {count} entries.")
        return 1
    print(f"✓ All {count} students got what {path} says they must.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
