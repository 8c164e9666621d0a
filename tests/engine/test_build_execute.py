"""Executing a solution: outputs are kept, small, free of chance; what must not happen stops the build."""

from __future__ import annotations

import base64
import io
import json

import pytest
from PIL import Image

from autograder.authoring import CellFailed, build, check
from autograder.authoring.examples import record_examples
from autograder.authoring.execute import palette_png, run_solution
from autograder.authoring.kernel import offline_prefix
from autograder.course import load_course

LESSON = "source/02_scaling/lesson.py"
SOLUTION = "solutions/02_scaling/02_scaling.ipynb"
DEMO = 'numbers = [1, -2, 3]\nprint(len(numbers), "numbers")'
PICTURE = """\
import matplotlib.pyplot as plt
import io
from IPython.display import display
figure, axes = plt.subplots()
axes.imshow([[0, 1], [2, 3]])
buffer = io.BytesIO()
figure.savefig(buffer)
plt.close(figure)
display({"image/png": buffer.getvalue()}, raw=True, metadata={"image/png": {"alt": "Four squares"}})"""


def execute(small_course, progress=None):
    course = load_course(small_course.root)
    return build(course, course.lessons, execute=True, record=record_examples, progress=progress)


def outputs(small_course):
    notebook = json.loads((small_course.root / SOLUTION).read_text(encoding="utf-8"))
    return {cell["id"]: cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"}


def test_a_solution_is_executed_once(small_course):
    said = []
    assert execute(small_course, lambda *step: said.append(step))[0].executed
    shown = outputs(small_course)
    assert shown["demo-a-list-and-a-factor"][0]["text"] == ["3 numbers\n"]
    assert shown["use-scale"][0]["text"] == ["[2, -4, 6]\n"]
    assert shown["library-math"][0]["text"] == ["6\n"]
    assert shown["check-q1"][0]["text"] == ["q1 is noted: 3\n"]
    assert "".join(shown["q2"][0]["data"]["text/markdown"]).startswith(
        '**Answer:** `["a", "c"]`. Only b is wrong.'
    )
    assert "public" in json.dumps(shown["check-scale"]) or "✓" in json.dumps(
        shown["check-scale"], ensure_ascii=False
    )
    assert ("02_scaling: running its solution", 1, 11) in said
    first = (small_course.root / SOLUTION).read_bytes()
    assert b"execution" not in first.replace(b"execution_count", b"")
    course = load_course(small_course.root)
    assert check(course, course.lessons) == []
    assert not execute(small_course)[0].executed
    assert (small_course.root / SOLUTION).read_bytes() == first


def test_two_executions_are_equal(small_course):
    execute(small_course)
    first = (small_course.root / SOLUTION).read_bytes()
    (small_course.root / SOLUTION).unlink()
    execute(small_course)
    assert (small_course.root / SOLUTION).read_bytes() == first


def test_prose_needs_no_execution_and_code_does(small_course):
    execute(small_course)
    small_course.edit(LESSON, "A story", "Another story")
    course = load_course(small_course.root)
    build(course, course.lessons, record=record_examples)
    assert check(course, course.lessons) == []
    small_course.edit(LESSON, "print(len(numbers)", "print(1 + len(numbers)")
    course = load_course(small_course.root)
    build(course, course.lessons, record=record_examples)
    assert [str(one) for one in check(course, course.lessons)] == [
        f"{SOLUTION} holds outputs from before a change of its code cells (lesson.py, the reference or quiz.toml). "
        "Run `autograder build 02 --execute`."
    ]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "raised ZeroDivisionError: division by zero"),
        ("import warnings\nwarnings.warn('old')", "wrote to stderr (a warning?)"),
        ("object()", "shows an object's address ('<object at 0x"),
        ("import os\nos._exit(1)", "could not be run: "),
        (PICTURE.replace("Four squares", ""), "shows a picture without alternative text"),
        ("numbers = [1]\nprint('x' * 700_000)", "The executed notebook has 7"),
    ],
)
def test_what_must_not_happen_stops_the_build(small_course, code, says):
    small_course.edit(LESSON, DEMO, code)
    with pytest.raises(CellFailed) as caught:
        execute(small_course)
    assert says in str(caught.value)
    assert "[demo-a-list-and-a-factor]" in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "doubled = scale(numbers, 2)",
        "try:\n    doubled = scale(numbers, 2)\nexcept NotImplementedError:\n    doubled = None\nmax(doubled)",
        "def use():\n    return scale(numbers, 2)[0]\nprint(use())",
    ],
)
def test_a_cell_that_uses_an_unwritten_function_is_calm(small_course, code):
    small_course.edit(LESSON, "print(scale(numbers, 2))", code)
    execute(small_course)


def test_a_traceback_in_an_unsolved_notebook_stops_the_build(small_course):
    hidden = "print(globals()['doubled'])"  # a name that only a run can find missing
    small_course.edit(LESSON, "print(scale(numbers, 2))", f"doubled = scale(numbers, 2)\n\n# %%\n{hidden}")
    with pytest.raises(CellFailed) as caught:
        execute(small_course)
    says = f"[demo-a-list-and-a-factor-2] ({hidden}) shows a traceback while the exercises are unwritten (KeyError"
    assert says in str(caught.value)


def test_pictures_are_small_and_keep_their_text(small_course):
    small_course.edit(LESSON, DEMO, f"numbers = [1, -2, 3]\n{PICTURE}")
    execute(small_course)
    shown = outputs(small_course)["demo-a-list-and-a-factor"][0]
    assert shown["metadata"]["image/png"]["alt"] == "Four squares"
    picture = Image.open(io.BytesIO(base64.b64decode(shown["data"]["image/png"])))
    assert picture.mode == "P"
    assert len(shown["data"]["image/png"]) < 15_000


def test_a_palette_keeps_the_picture():
    noisy = Image.effect_noise((80, 60), 50).convert("RGBA")
    out = io.BytesIO()
    noisy.save(out, "PNG", pnginfo=None)
    raw = base64.b64encode(out.getvalue()).decode()
    small = Image.open(io.BytesIO(base64.b64decode(palette_png(raw)))).convert("L")
    difference = [abs(a - b) for a, b in zip(small.tobytes(), noisy.convert("L").tobytes(), strict=True)]
    assert max(difference) <= 16


def test_a_solution_runs_without_network(small_course):
    if not offline_prefix():
        pytest.skip("bubblewrap does not start here: apt-get install bubblewrap")
    code = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 2)\nexcept OSError as e:\n    print(e)"
    small_course.edit(LESSON, DEMO, f"numbers = [1, -2, 3]\n{code}")
    execute(small_course)
    assert "unreachable" in outputs(small_course)["demo-a-list-and-a-factor"][0]["text"][0]


def test_a_solution_can_be_run_elsewhere(small_course, tmp_path):
    execute(small_course)
    lesson = load_course(small_course.root).lessons[0]
    path, seconds = run_solution(lesson, tmp_path / "out" / lesson.slug)
    assert path.read_bytes() == lesson.solution_notebook.read_bytes()
    assert seconds > 0
    assert (path.parent / "checks/test_scale.py").exists()
