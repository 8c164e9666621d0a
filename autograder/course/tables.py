"""Reading TOML and YAML tables strictly: an unknown key or a wrong type is an error that names the place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course.errors import CourseError, as_text, did_you_mean, shown

_CALLED = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def read_toml(path: Path, root: Path | None = None) -> dict[str, Any]:
    """The file's table. Raises CourseError with the line when it is no TOML."""
    try:
        return tomllib.loads(as_text(path, root))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{shown(path, root)} is not valid TOML: {error}.") from None


def _fits(value: Any, kind: type) -> bool:
    """A truth value is no number, a whole number is a number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


class Table:
    """One table being read: every key is taken with its type, and what is left over is an error.

    `where` is how messages begin: the file, and the place in it.
    """

    def __init__(self, values: Mapping[str, Any], where: str):
        if not isinstance(values, Mapping):
            raise CourseError(f"{where}: a table with keys is wanted here, not {values!r}.")
        self.values, self.where, self.asked = dict(values), where, []

    def take(self, key: str, kind: type, default: Any = ...) -> Any:
        """The value of `key`, of the type asked (a whole number passes as float). No default: required."""
        self.asked.append(key)
        if key not in self.values:
            if default is ...:
                raise CourseError(f"{self.where}: the key {key!r} is missing. Add it: {_CALLED[kind]}.")
            return default
        value = self.values.pop(key)
        if not _fits(value, kind):
            raise CourseError(f"{self.where}: {key!r} must be {_CALLED[kind]}, not {value!r}.")
        if kind is str and not value.strip():
            raise CourseError(f"{self.where}: {key!r} is empty. Write its text.")
        return value.strip() if kind is str else value

    def take_list(self, key: str, kind: type, default: Any = ...) -> tuple[Any, ...]:
        """A list whose entries all have the type asked."""
        values = self.take(key, list, default)
        for value in values:
            if not _fits(value, kind):
                raise CourseError(
                    f"{self.where}: every entry of {key!r} must be {_CALLED[kind]}, not {value!r}."
                )
        return tuple(values)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """A text that must be one of `allowed`."""
        value = self.take(key, str)
        if value not in allowed:
            raise CourseError(
                f"{self.where}: {key!r} must be one of {', '.join(allowed)}, not {value!r}."
                + did_you_mean(value, allowed)
            )
        return value

    def done(self) -> None:
        """Raises CourseError for the first key that nobody asked for."""
        for key in self.values:
            raise CourseError(
                f"{self.where}: unknown key {key!r}. Known keys: {', '.join(self.asked)}."
                + did_you_mean(key, self.asked)
            )
