"""What of a notebook is the student's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import Notebook, read_notebook, read_reflection, student_cells

SETUP = "import math\n\nimport coursekit as kit"
STUB = "def scale(x, k):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
DONE = "def scale(x, k):\n    return [k * v for v in x]"
PROMPT = "**Reflection.** Why scale?"
EMPTY = "YOUR ANSWER HERE"


def code(source: str, role: str | None = None, **more: object) -> dict:
    metadata = {"autograder": {"role": role}} if role else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], **more}


def text(source: str, cell_id: str | None = None, grade_id: str | None = None) -> dict:
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {
        "cell_type": "markdown",
        "source": source,
        "metadata": metadata,
        **({"id": cell_id} if cell_id else {}),
    }


RELEASE = [
    text("# Scaling"),
    code("print('coursekit?')", "install"),
    code(SETUP, "setup"),
    code("numbers = [1, 2]\n\nprint(numbers)", "demo"),
    code(STUB, "exercise"),
    code("check(scale)", "check"),
    code("print(scale(numbers, 2))", "use"),
    code('kit.need("captum")\nimport captum', "library"),
    code('kit.need("torchvision")', "real"),
    code("# q1: one number\n# YOUR CODE HERE\nraise NotImplementedError()", "answer"),
    code('kit.answered("q1")', "noted"),
    text(PROMPT, "prompt"),
    text(EMPTY, "reflection", "grade-reflection"),
    text("# Further reading"),
]


def read(tmp_path: Path, cells: list[dict], name: str = "anna.ipynb") -> Notebook:
    path = tmp_path / name
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), encoding="utf-8")
    return read_notebook(path)


def own(tmp_path: Path, cells: list[dict]) -> list[tuple[int, str]]:
    release = read(tmp_path, RELEASE, "release.ipynb")
    return [(cell.index, cell.source) for cell in student_cells(read(tmp_path, cells), release)]


def handed_in(**changes: str) -> list[dict]:
    """The release with the sources at some places changed, its metadata gone."""
    return [
        {**cell, "source": changes.get(f"at{n}", cell["source"]), "metadata": {}}
        for n, cell in enumerate(RELEASE)
    ]


def test_only_setup_and_stubs_of_an_untouched_release_are_left(tmp_path):
    assert own(tmp_path, RELEASE) == [(2, SETUP), (4, STUB)]


def test_metadata_of_the_student_make_no_difference(tmp_path):
    cells = handed_in(at4=DONE)
    for cell in cells:
        cell["metadata"] = {"autograder": {"role": "demo"}, "tags": ["use"]}
    assert own(tmp_path, cells) == own(tmp_path, handed_in(at4=DONE)) == [(2, SETUP), (4, DONE)]


def test_an_answer_that_was_filled_in_is_the_students_own(tmp_path):
    assert own(tmp_path, handed_in(at9="# q1: one number\nq1 = 3"))[-1] == (9, "# q1: one number\nq1 = 3")


@pytest.mark.parametrize(
    "demo",
    [
        "numbers = [1, 2]\r\n\r\nprint(numbers)",
        "\n\nnumbers = [1, 2]  \n\t\nprint(numbers)\n\n",
        "%%time\nnumbers = [1, 2]\n\nprint(numbers)",
        "%%capture out\n%%time\n\nnumbers = [1, 2]\n\nprint(numbers)",
    ],
)
def test_a_demo_that_differs_in_nothing_that_counts(tmp_path, demo):
    assert own(tmp_path, handed_in(at3=demo)) == [(2, SETUP), (4, STUB)]


@pytest.mark.parametrize(
    "demo",
    [
        "numbers = [1, 3]\n\nprint(numbers)",
        "numbers = [1, 2]\nhelper = 5\nprint(numbers)",
        "    numbers = [1, 2]\n\nprint(numbers)",
    ],
)
def test_a_demo_that_was_changed_is_run(tmp_path, demo):
    assert own(tmp_path, handed_in(at3=demo)) == [(2, SETUP), (3, demo), (4, STUB)]


def test_cells_moved_copied_and_added(tmp_path):
    cells = [code("import os"), *reversed(handed_in(at4=DONE)), code("helper = 1"), code(DONE), code("")]
    assert [source for _, source in own(tmp_path, cells)] == [SETUP, "import os", DONE, "helper = 1", DONE]


def test_a_set_up_cell_that_now_stands_behind_the_work_still_comes_first(tmp_path):
    assert own(tmp_path, [code(DONE), code(SETUP), code(SETUP)]) == [(1, SETUP), (0, DONE)]


def test_a_deleted_set_up_cell_is_put_first(tmp_path):
    assert own(tmp_path, [code(DONE)]) == [(-1, SETUP), (0, DONE)]


def test_a_changed_set_up_cell_comes_after_the_releases(tmp_path):
    changed = SETUP + "\nimport os"
    assert own(tmp_path, handed_in(at2=changed)) == [(-1, SETUP), (2, changed), (4, STUB)]


def test_all_work_in_one_cell(tmp_path):
    everything = "\n\n".join([SETUP, DONE, "print(scale([1], 2))"])
    assert own(tmp_path, [code(everything)]) == [(-1, SETUP), (0, everything)]


def test_a_release_without_roles_drops_nothing(tmp_path):
    release = read(tmp_path, [code("numbers = [1]")], "release.ipynb")
    assert [cell.source for cell in student_cells(read(tmp_path, [code("numbers = [1]")]), release)] == [
        "numbers = [1]"
    ]


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(14)), st.sets(st.integers(0, 13)))
def test_an_exercise_is_never_dropped(order, deleted):
    cells = handed_in(at4=DONE)
    kept = [cells[n] for n in order if n not in deleted - {4}]
    release = read_notebook(json.dumps({"cells": RELEASE}).encode())
    found = student_cells(read_notebook(json.dumps({"cells": kept}).encode()), release)
    assert [cell.source for cell in found if cell.role != "setup"].count(DONE) == 1
    assert [cell.source for cell in found].count(SETUP) == 1


# ---------------------------------------------------------------- reflections


def reflection(tmp_path: Path, cells: list[dict], cell_id: str = "reflection") -> str:
    return read_reflection(read(tmp_path, cells), read(tmp_path, RELEASE, "release.ipynb"), cell_id)


def with_answer(source: str, cell_id: str | None = "reflection", grade_id: str | None = None) -> list[dict]:
    return [*RELEASE[:12], text(source, cell_id, grade_id), RELEASE[13]]


def test_an_untouched_reflection_is_empty(tmp_path):
    assert reflection(tmp_path, RELEASE) == ""
    assert reflection(tmp_path, with_answer(f"\n {EMPTY}\r\n\n")) == ""
    assert reflection(tmp_path, with_answer("")) == ""
    assert reflection(tmp_path, []) == ""


@pytest.mark.parametrize(
    "cells",
    [
        with_answer("Because."),
        with_answer(f"{EMPTY}\n\nBecause."),
        with_answer("Because.", None, "grade-reflection"),
        with_answer("Because.", None),
        with_answer("Because.", "another id"),
        [text("Because.", "reflection")],
        [text(PROMPT), text("Because.")],
        [*RELEASE[:13], text("Because."), RELEASE[13]],
        [*RELEASE[:13], text("Because.", "new"), RELEASE[13], text("not part of it")],
        [{**text("Because.", "reflection"), "cell_type": "raw"}],
        [{**code("Because."), "id": "reflection"}],
    ],
    ids=[
        "by id",
        "under the placeholder",
        "by grade id",
        "by place",
        "id changed",
        "alone",
        "prompt retyped",
        "new cell behind",
        "ends at the next heading",
        "raw",
        "as code",
    ],
)
def test_where_a_reflection_may_stand(tmp_path, cells):
    assert reflection(tmp_path, cells) == "Because."
    assert reflection(tmp_path, cells, "grade-reflection") == "Because."


def test_every_cell_of_a_reflection_is_read(tmp_path):
    cells = [
        *with_answer("First.")[:13],
        text("Second."),
        text("First.", "reflection"),
        code("x = 1"),
        text("not part"),
    ]
    assert reflection(tmp_path, cells) == "First.\n\nSecond."


def test_a_long_reflection_is_cut(tmp_path):
    assert len(reflection(tmp_path, with_answer("a" * 50_000))) == 20_000


def test_the_release_must_have_the_cell(tmp_path):
    with pytest.raises(KeyError, match="the release has no cell 'nowhere'"):
        reflection(tmp_path, RELEASE, "nowhere")
