"""Takes notebook lines that are not Python (``%magic``, ``!shell``, ``name?``) out of a cell.

Lines keep their numbers, so that errors point at what the student sees. Only logical lines are touched:
text inside strings, brackets and continued lines stays as it is.
"""

from __future__ import annotations

import ast
import re

_KEEPS_BODY = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun"})
_KEEPS_STATEMENT = frozenset({"time"})
_HELP = re.compile(r"\s*(\?{1,2}\s*[\w.*%]+|[%\w.*]+\s*\?{1,2})\s*(#.*)?")
_ASSIGNED = re.compile(r"(\s*)([A-Za-z_][\w.,\s\[\]]*?)\s*=\s*[!%](?![=\s])")
_PROMPT = re.compile(r"(?:>>>|\.\.\.|In \[\d*\]:|[ \t]*\.\.\.+:)(?: |$)")
_NAME = re.compile(r"%{1,2}\s*([\w.]*)\s*(.*)", re.DOTALL)


def clean(source: str) -> tuple[str, list[str]]:
    """``source`` as Python, and a note for each thing left out.

    A cell that is Python already comes back unchanged. A cell magic that keeps its body as Python
    (``%%time``, ``%%capture``, ``%%timeit``) loses only its own line; any other drops the cell.
    """
    if parsed(source) is not None:
        return source, []
    lines = _as_pasted(source.split("\n"))
    notes: list[str] = []
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    while first is not None and first < len(lines) and lines[first].lstrip().startswith("%%"):
        name = _NAME.match(lines[first].strip()).group(1)
        notes.append(f"%%{name} was left out")
        if name not in _KEEPS_BODY:
            note = f"a cell that begins with %%{name} is not Python and was left out"
            return "\n" * (len(lines) - 1), [note]
        lines[first] = ""
        first = next((number for number, line in enumerate(lines) if line.strip()), None)
    cleaned, state, dropping = [], _Scanner(), False
    for line in lines:
        if dropping:  # the rest of a magic or shell command that ends in a backslash
            dropping = line.rstrip().endswith("\\")
            cleaned.append("")
            continue
        if state.at_start():
            kept = _replace(line)
            if kept is not None:
                notes.append(f"{line.strip()[:60]!r} was left out")
                dropping = line.rstrip().endswith("\\") and not kept.rstrip().endswith("\\")
                line = kept
        state.feed(line)
        cleaned.append(line)
    return "\n".join(cleaned), notes


def _as_pasted(lines: list[str]) -> list[str]:
    """Lines without what Jupyter takes away too: prompts, and the indent of a cell that is indented as a whole."""
    first = next((line for line in lines if line.strip()), "")
    if _PROMPT.match(first):
        return [_PROMPT.sub("", line, count=1) for line in lines]
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def parsed(source: str) -> ast.Module | None:
    """The tree of a cell that is Python already, else None."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _replace(line: str) -> str | None:
    """What stands in place of a line that is no Python, or None when it may be Python."""
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    if text.startswith("%"):
        name, rest = _NAME.match(text).groups()
        return indent + (rest if name in _KEEPS_STATEMENT and rest.strip() else "pass")
    if text.startswith("!") or _HELP.fullmatch(line):
        return indent + "pass"
    assigned = _ASSIGNED.match(line)
    return f"{assigned.group(1)}{assigned.group(2)} = None" if assigned else None


class _Scanner:
    """Knows whether the next line begins a statement: no open string, bracket or continued line."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.continued = False

    def at_start(self) -> bool:
        return not self.quote and self.depth == 0 and not self.continued

    def feed(self, line: str) -> None:
        position, self.continued = 0, False
        while position < len(line):
            char = line[position]
            if char == "\\":
                self.continued = position == len(line) - 1
                position += 2
            elif self.quote:
                if line.startswith(self.quote, position):
                    position += len(self.quote)
                    self.quote = ""
                else:
                    position += 1
            elif char == "#":
                break
            elif char in "\"'":
                self.quote = char * 3 if line.startswith(char * 3, position) else char
                position += len(self.quote)
            else:
                if char in "([{":
                    self.depth += 1
                elif char in ")]}":
                    self.depth = max(0, self.depth - 1)
                position += 1
        if len(self.quote) == 1 and not self.continued:
            self.quote = ""  # a string that was not closed on its line: an error, not an open string
