"""Parts of an exercise, the mistakes that belong to them, and legitimate variants."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

_WORD = re.compile(r"[\w']+")

F = TypeVar("F", bound=Callable[..., Any])

_EDIT_COUNT = (
    "the mistake {says!r}: {old!r} stands {count} times in {name}; an edit must fit exactly one place. "
    "Give more of the line."
)
_EDIT_SAME = "the mistake {says!r} changes nothing: the old and the new text are equal."


class Part:
    """One idea of an exercise and its points: a decorator for tests, and the maker of its mistakes.

    The points are shared equally by the tests of the part; a parametrised test counts as one.
    """

    def __init__(self, name: str, points: int):
        if points <= 0:
            raise ValueError(f"the part {name!r} needs points above 0, not {points}")
        self.name, self.points = name, points
        self.mistakes: list[Mistake] = []

    def __repr__(self) -> str:
        return f"Part({self.name!r}, {self.points})"

    def __call__(self, test: F) -> F:
        return pytest.mark.part(self)(test)

    def mistake(
        self,
        says: str,
        old: str | None = None,
        new: str | None = None,
        *,
        about: str = "",
        try_: str = "",
    ) -> Any:
        """Declare a wrong variant that loses this part.

        Args:
            says: one true sentence (or two) for the student who wrote it.
            about: the words of the sentence that name the idea, found together in no other sentence of
                the exercise; they name the mistake in records.
            try_: the next thing to do, where the sentence does not say it: one sentence, no hidden number.
            old, new: one edit of the reference's text; without them this decorates a whole function
                with the reference's signature.
        """
        if old is None or new is None:

            def written(function: F) -> F:
                self.mistakes.append(Mistake(self, says, function=function, about=about, try_=try_))
                return function

            return written
        if old == new:
            raise ValueError(_EDIT_SAME.format(says=says))
        self.mistakes.append(mistake := Mistake(self, says, edit=(old, new), about=about, try_=try_))
        return mistake


class Mistake:
    """A declared wrong variant of a reference, with the sentence that explains it."""

    def __init__(
        self,
        part: Part,
        says: str,
        edit: tuple[str, str] | None = None,
        function: Callable[..., Any] | None = None,
        about: str = "",
        try_: str = "",
    ):
        self.part, self.says, self.about, self.try_ = part, says, about, try_
        self.edit, self._function = edit, function

    def __repr__(self) -> str:
        return f"Mistake({self.name!r})"

    @property
    def name(self) -> str:
        """What names the mistake in a record: nothing of the reference's text."""
        return self.about or self.says

    def of_part(self, part: Part) -> Mistake:
        """The same mistake as one of another part."""
        return Mistake(part, self.says, self.edit, self._function, self.about, self.try_)

    def mentions(self, sentence: str) -> bool:
        """Whether every word of ``about`` stands in the sentence."""
        words = set(_WORD.findall(sentence.lower()))
        return all(word in words for word in _WORD.findall(self.about.lower()))

    def function(self, reference: Callable[..., Any]) -> Callable[..., Any]:
        """The wrong function; an edit is applied to ``reference``'s text.

        Raises:
            ValueError: the text to be replaced does not stand exactly once in the reference.
        """
        if self._function is not None:
            return self._function
        old, new = self.edit
        source = inspect.getsource(reference)
        if source.count(old) != 1:
            raise ValueError(
                _EDIT_COUNT.format(says=self.says, old=old, count=source.count(old), name=reference.__name__)
            )
        scope = dict(reference.__globals__)
        exec(compile(source.replace(old, new), f"<mistake in {reference.__name__}>", "exec"), scope)
        return scope[reference.__name__]


def alternative(function: F) -> F:
    """Declare a legitimate variant, built differently, that must keep full marks."""
    function.is_alternative = True  # type: ignore[attr-defined]
    return function


def axiom(name: str) -> Callable[[F], F]:
    """Tag a test with the axiom it measures (completeness, dummy, symmetry, linearity ...)."""
    return pytest.mark.axiom(name)
