"""Predict first, and hints one at a time: what a learner's notebook says, and that nothing happens elsewhere."""

import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from coursekit import hint, outcome, predict
from coursekit.notebook import NotAnswered

FORMS = {"sign": '"+" or "-"', "shape": "a shape", "magnitude": "a number"}
HINTS = [
    {"step": "concept", "text": "Divide."},
    {"step": "pseudocode", "text": "for each row:\n    divide"},
    {"step": "nearly code", "text": "x / x.sum(...)"},
]


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook's session in the folder of a lesson with one exercise for each kind of prediction."""
    exercises = [
        {"name": f"of_{kind}", "predict": {"kind": kind, "form": form}, "hints": HINTS}
        for kind, form in FORMS.items()
    ]
    exercises.append({"name": "asks_nothing", "predict": None, "hints": HINTS[:1]})
    (tmp_path / "lesson.json").write_text(json.dumps({"lesson": "01_x", "exercises": exercises}))
    monkeypatch.chdir(tmp_path)
    shell, fake = SimpleNamespace(user_ns={}), ModuleType("IPython")
    fake.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return shell


@pytest.mark.parametrize(
    ("kind", "value", "result", "says"),
    [
        ("sign", "+", np.array([1.0, 0.0]), "You predicted positive, and it is so: positive."),
        ("sign", "-", 3.0, "You predicted negative; it came out as positive. What makes the difference?"),
        ("sign", -2, torch.tensor([-1.0]), "You predicted negative, and it is so: negative."),
        (
            "sign",
            "both",
            torch.tensor([-1.0, 1.0]),
            "You predicted of both signs, and it is so: of both signs.",
        ),
        ("sign", 0, np.zeros(3), "You predicted 0, and it is so: 0."),
        (
            "shape",
            (2, 3),
            torch.zeros(2, 3),
            "You predicted the shape (2, 3), and it is so: the shape (2, 3).",
        ),
        (
            "shape",
            [3],
            np.zeros((3, 1)),
            "You predicted the shape (3,); it came out as the shape (3, 1). What",
        ),
        ("magnitude", 0.01, np.array([-0.02, 0.001]), "You predicted about 0.01, and it is so: about 0.02."),
        ("magnitude", 1, 50.0, "You predicted about 1; it came out as about 50. What makes the difference?"),
    ],
)
def test_a_prediction_stands_beside_the_result(notebook, capsys, kind, value, result, says):
    predict(f"of_{kind}", value)
    assert capsys.readouterr().out.endswith("You will see it beside the result.\n")
    assert outcome(f"of_{kind}", result) is result
    assert capsys.readouterr().out.startswith(says)


def test_an_empty_prediction_says_what_to_write_and_the_result_is_shown_all_the_same(notebook, capsys):
    predict("of_sign", ...)
    assert capsys.readouterr().out == (
        'No prediction for of_sign yet: write "+" or "-" in the place of ... and run this cell.\n'
    )
    outcome("of_sign", -1.0)
    assert capsys.readouterr().out == "It came out as negative. (You made no prediction.)\n"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("sign", "up"),
        ("sign", float("nan")),
        ("sign", None),
        ("shape", "2x3"),
        ("shape", (2, 0.5)),
        ("shape", (-1,)),
        ("magnitude", "big"),
        ("magnitude", float("inf")),
        ("magnitude", True),
    ],
)
def test_what_is_no_prediction_is_refused_in_one_line_and_forgotten(notebook, capsys, kind, value):
    predict(f"of_{kind}", {"sign": "+", "shape": (1,), "magnitude": 1}[kind])
    with pytest.raises(NotAnswered) as caught:
        predict(f"of_{kind}", value)
    assert str(caught.value) == f"The prediction for of_{kind} cannot be read: it takes {FORMS[kind]}."
    capsys.readouterr()
    outcome(f"of_{kind}", 1.0)
    assert "You made no prediction" in capsys.readouterr().out


def test_an_exercise_that_asks_nothing_says_nothing(notebook, capsys):
    predict("asks_nothing", "+")
    assert outcome("asks_nothing", 5) == 5
    assert capsys.readouterr().out == ""


def test_outside_a_notebook_nothing_is_said(monkeypatch, capsys, tmp_path):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.chdir(tmp_path)
    predict("of_sign", "nonsense")
    assert outcome("of_sign", 5) == 5
    assert capsys.readouterr().out == ""


def test_hints_come_one_at_a_time_and_stay_at_the_last(notebook, capsys):
    def said(*args):
        hint(*args)
        return capsys.readouterr().out

    def of_sign():
        """Known by its name."""

    assert said("of_sign") == (
        'Hint 1 of 3 for of_sign: the idea\n\n    Divide.\n\nhint("of_sign") again shows the steps.\n'
    )
    assert said(of_sign).splitlines()[:4] == [
        "Hint 2 of 3 for of_sign: the steps",
        "",
        "    for each row:",
        "        divide",
    ]
    last = "Hint 3 of 3 for of_sign: nearly the code\n\n    x / x.sum(...)\n\nThat was the last one."
    assert said("of_sign").startswith(last)
    assert said("of_sign").startswith(last)
    assert said("of_sign", 1).startswith("Hint 1 of 3")
    assert said("of_sign").startswith(last)
    assert said("of_shape").startswith("Hint 1 of 3 for of_shape")


def test_a_hint_that_is_not_there(notebook):
    with pytest.raises(LookupError) as caught:
        hint("of_sing")
    assert str(caught.value) == (
        "There are no hints for 'of_sing' here. Did you mean of_sign? "
        "Hints: of_sign, of_shape, of_magnitude, asks_nothing."
    )
    with pytest.raises(ValueError, match="of_sign has hints 1 to 3, not 4"):
        hint("of_sign", 4)
