"""The sentence for a function that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.judge.absent import NO_FUNCTION, why_absent

GOOD = "def shift(x):\n    return x"
BROKEN = "def scale(x)\n    return x"


def why(*sources: str, failed: list[dict[str, Any]] | None = None) -> str:
    cells = [{"index": number, "source": source} for number, source in enumerate(sources, start=1)]
    says, next_step = why_absent("scale", ["scale", "shift"], cells, failed or [])
    assert next_step.endswith(".")
    return says


def failure(cell: Any, error: Any = "SyntaxError", line: Any = 1) -> dict[str, Any]:
    return {"cell": cell, "line": line, "error": error, "text": "expected ':'"}


def test_a_cell_that_python_cannot_read():
    says = "Cell 2, which defines the function, could not be read: SyntaxError in line 1."
    assert why(GOOD, BROKEN, failed=[failure(2), failure(1)]) == says


def test_a_definition_that_failed():
    source = "def scale(x: nowhere):\n    return x"
    says = "The definition in cell 1 could not be run: NameError in line 1."
    assert why(source, failed=[failure(1, "NameError")]) == says


def test_a_name_that_is_nearly_right():
    says = "No function of this name was found, but one called scale_: is it meant?"
    assert why(GOOD, "def scale_(x):\n    return x") == says


@pytest.mark.parametrize(
    "sources", [(), (GOOD,), ("def scales_of_a_fish(): pass",), ("# def scale(x):",), ("x = 'def scale('",)]
)
def test_nothing_is_known(sources: tuple[str, ...]):
    assert why(*sources) == NO_FUNCTION


@pytest.mark.parametrize(
    "odd", [{}, failure([1]), failure(1, line="<b>"), failure("1"), failure(None), failure(7), failure({})]
)
def test_whatever_the_worker_says_a_sentence_comes_out(odd: dict[str, Any]):
    assert why(BROKEN, failed=[odd]) == NO_FUNCTION


def test_an_error_of_the_students_own_kind_is_cut():
    assert len(why(BROKEN, failed=[failure(1, "E" * 9999)])) < 200
