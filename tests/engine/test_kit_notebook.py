"""What a notebook shows while cells are empty: run in a real kernel."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import coursekit

QUESTIONS = [
    {"id": "q1", "kind": "numeric", "options": [], "numbers": 2, "form": "2 numbers"},
    {"id": "q2", "kind": "choice", "options": ["a", "b"], "numbers": 0, "form": "one letter"},
    {"id": "q3", "kind": "multi", "options": ["a", "b", "c"], "numbers": 0, "form": "all letters that hold"},
]
FACTS = {"lesson": "02_scaling", "exercises": [{"name": "scale"}], "questions": QUESTIONS}
STUB = 'def scale(x):\n    """Twice x."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
EMPTY = "q1 = ...\n# YOUR CODE HERE\nraise NotImplementedError()"
CELLS = [
    'import coursekit as kit\nkit.begin("02_scaling")',
    STUB,
    "print(scale(2))",
    EMPTY,
    'kit.answered("q1")',
    "q1 = [0, 1.5]",
    'kit.answered("q1")',
    "q1 = 'zero'",
    'kit.answered("q1")',
    "q2 = 'C'",
    'kit.answered("q2")',
    "q2 = 'B'",
    'kit.answered("q2")',
    "q3 = {'c', 'a'}",
    'kit.answered("q3")',
    "raise NotImplementedError('a reason')",
    "import io\nio.RawIOBase().read()",
    "def attempt(f, x):\n    try:\n        return f(x)\n    except NotImplementedError:\n        return []",
    "max(attempt(scale, 2))",
    "def scale(x):\n    return 2 * x",
    "scale(1) / 0",
    "class Plain(Exception):\n    def _render_traceback_(self):\n        return ['in one line']\nraise Plain",
    'kit.begin("03_other")',
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> list[str]:
    """What each of CELLS shows."""
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "lesson.json").write_text(json.dumps(FACTS))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(Path(coursekit.__file__).parent.parent)}):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    return [
        "".join(out.get("text", "") or "\n".join(out.get("traceback", [])) for out in cell.outputs).strip()
        for cell in notebook.cells
    ]


def test_nothing_is_said_at_the_beginning(shown):
    assert shown[0] == shown[1] == ""


def test_an_unwritten_function_is_one_line(shown):
    assert shown[2] == (
        "scale: not finished, `raise NotImplementedError()` still stands there. "
        "Fill it in and run it, then run this cell again."
    )


def test_an_empty_answer_is_one_line(shown):
    assert (
        shown[3] == "No answer yet: write it in this cell and delete the line `raise NotImplementedError()`."
    )
    assert shown[4] == "q1 has no answer yet. It takes 2 numbers"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (6, "q1 is noted: 0, 1.5"),
        (8, "q1 cannot be read: it holds something that is no plain number. It takes 2 numbers"),
        (10, "q2 cannot be read: 'C' is not one of the options a, b. It takes one letter"),
        (12, "q2 is noted: B"),
        (14, "q3 is noted: a, c"),
    ],
)
def test_an_answer_is_noted_when_it_has_its_form(shown, cell, says):
    assert shown[cell] == says


def test_other_errors_keep_their_traceback(shown):
    assert "NotImplementedError" in shown[15]
    assert "a reason" in shown[15]
    assert "Traceback" in shown[16]


def test_an_error_for_want_of_an_unwritten_function_is_one_line(shown):
    assert shown[18].startswith(
        "scale: not finished, `raise NotImplementedError()` still stands there. Fill it in and run it, then run "
        "this cell again. (It stopped with ValueError: max() "
    )


def test_an_error_with_a_written_function_keeps_its_traceback(shown):
    assert "Traceback" in shown[20]
    assert "division by zero" in shown[20]
    assert shown[21] == "in one line"


def test_a_notebook_that_runs_elsewhere_says_so(shown):
    assert "which is not the folder of lesson 03_other: start it where it lies" in shown[22]


def test_outside_a_notebook_nothing_happens(capsys):
    coursekit.begin("02_scaling")
    coursekit.answered("q1")
    assert capsys.readouterr().out == ""
