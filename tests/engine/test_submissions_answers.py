"""Concept answers: literals that are read, never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import Answer, Notebook, read_answers, read_notebook

PLAIN = 'Write one plain value, as in q1 = "a" or q1 = 0.5.'
ITSELF = 'Write the value itself, as in q1 = "a" or q1 = 0.5.'


def notebook(*sources: str) -> Notebook:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return read_notebook(json.dumps({"cells": cells}).encode())


def answer(*sources: str) -> Answer:
    return read_answers(notebook(*sources), ["q1"])["q1"]


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("3", 3),
        ("-0.25", -0.25),
        ("+1e-3", 1e-3),
        ("1_000", 1000),
        ("True", True),
        ("'b'", "b"),
        ('"a" "b"', "ab"),
        ('["a", "c"]', ["a", "c"]),
        ("('a', 'c')", ["a", "c"]),
        ("'c', 'a'", ["c", "a"]),
        ("{'c', 'a'}", ["a", "c"]),
        ("[1, -2.5, 3]", [1, -2.5, 3]),
        ("2/3", 2 / 3),
        ("1 - 0.25", 0.75),
        ("(1 + 2) * 4", 12),
        ("[1/4, 2]", [0.25, 2]),
        ("[\n  'a',  # yes\n  'c',\n]", ["a", "c"]),
        ("'''two\nlines'''", "two\nlines"),
        ("'#not a comment'", "#not a comment"),
        ("(\n    0.5\n)", 0.5),
        ("1 + \\\n  2", 3),
        ("'\\ud800'", "?"),
        ("'\\d'", "\\d"),
    ],
)
def test_values(code, value):
    found = answer(f"q1 = {code}")
    assert found == Answer("answered", value=value, cell=0)
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    "source",
    [
        "q1 = 3",
        "q1=3",
        "q1 = 3  # because",
        "q1 = 3;",
        "x = 1; q1 = 3",
        "q1: int = 3",
        "q1 = x = 3",
        "x, q1 = 1, 3",
        "[q1, y] = [3, 4]",
        "q1 = 3\nraise NotImplementedError()",
        "# q1: a number, as in  q1 = 0.25\nq1 = 3",
        "q1 = 4\nq1 = 3",
        "%%time\nq1 = 3",
        "!pip install x'y\nq1 = 3",
        "import torch\ndef f(x):\n    q1 = 5\n    return x\n\nq1 = 3",
        "text = '''\nq1 = 5\n'''\nq1 = 3",
        "f(\n  q1 = 5)\nq1 = 3",
        "q1 = 3\ndef broken(:\n",
        "q1 = 3\nx = (1,",
        "x = (1\nq1 = 3",
        "x = '''never closed\nq1 = 3",
        "x = 'never closed\nq1 = 3",
        "q1 = 3\nprint(q1)",
        "q1 = 3\nq1 == 4",
        "q1 = ...\nq1 = 3",
        "q1 = 3\nq1 = ...",
        "q1 = 3\nq1 = None",
        "q11 = 5\nq1 = 3",
        "q1 = 3\nq12 = 5",
        "q1 = 3\nx.q1 = 5",
        "q1 = 3\nq1.x = 5",
        "q1 = 3\nif x:\n    q1 = 5",
        "q1 = 3\nfor q1 in []: pass",
        "q1 = 3\r\n",
        "\tq1 = 5\nq1 = 3",
        "def f(): q1 = 5\nq1 = 3",
    ],
)
def test_where_an_answer_may_stand(source):
    assert answer(source) == Answer("answered", value=3, cell=0)


def test_the_last_of_several_cells_counts_and_is_named():
    assert answer("q1 = 1", "x = 2", "q1 = 3", "q1 = ...", "y = q1") == Answer("answered", value=3, cell=2)


def test_text_cells_hold_no_answers():
    cells = [{"cell_type": "markdown", "source": "q1 = 3"}]
    assert read_answers(read_notebook(json.dumps({"cells": cells}).encode()), ["q1"])["q1"].state == "missing"


def test_several_questions():
    found = read_answers(notebook("q1, q2 = 'a', 'b'", "q3 = len('abc')"), ["q1", "q2", "q3", "q4"])
    states = [found[question].state for question in ("q1", "q2", "q3", "q4")]
    assert states == ["answered", "answered", "problem", "missing"]


def test_nothing_is_run(tmp_path: Path):
    mark = tmp_path / "ran"
    opens = f"open({str(mark)!r}, 'w')"
    for code in (opens, f"__import__('os').mkdir({str(mark)!r})", f"[print(), {opens}]"):
        assert answer(f"q1 = {code}").state == "problem"
    assert not mark.exists()


# ---------------------------------------------------------------- no value


@pytest.mark.parametrize("code", ["...", "None", "''", "[]", "()", "[...]", "(None,)"])
def test_untouched(code):
    assert answer(f"q1 = {code}") == Answer(
        "unanswered",
        problem='q1 is not answered yet: write your answer in place of the dots, as in q1 = "a" or q1 = 0.5.',
        cell=0,
    )


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "q1",
        "q1 == 3",
        "print('q1 = 3')",
        "# q1 = 3",
        "Q1 = 3",
        "q1: int",
        "my.q1 = 3",
        "q1[0] = 3",
    ],
)
def test_missing(source):
    assert answer(source) == Answer(
        "missing",
        problem="q1 is not answered: no line of the form q1 = ... was found. "
        'Put your answer in a code cell as q1 = "a" or q1 = 0.5.',
    )


def test_only_indented():
    assert answer("if True:\n    q1 = 3") == Answer(
        "missing",
        problem="q1 is only assigned inside an indented block, which is not read. "
        'Put q1 = "a" or q1 = 0.5 at the left margin of a cell.',
    )


NOT_PLAIN = "is not a plain value, and answers are read, never run."
NO_NUMBER = (
    "has no finite value in the range of ordinary numbers. "
    'Write the number itself, as in q1 = "a" or q1 = 0.5.'
)
FINAL = 'and answers are read, never run. Write the final value, as in q1 = "a" or q1 = 0.5.'
TOO_LONG = "The answer to q1 is too long or too deeply nested to be read. " + PLAIN


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("q1 = b", 'q1 = b names a variable. If you mean the text, put it in quotes: q1 = "b".'),
        ("q1 = max(1, 2)", f"q1 = max(1, 2) {NOT_PLAIN} {ITSELF}"),
        ("q1 = x + 1", f"q1 = x + 1 {NOT_PLAIN} {ITSELF}"),
        ("q1 = 'a' + 'b'", f"q1 = 'a' + 'b' {NOT_PLAIN} {ITSELF}"),
        ("q1 = 2**10", f"q1 = 2**10 {NOT_PLAIN} {ITSELF}"),
        ("q1 = 1j", f"q1 = 1j {NOT_PLAIN} {ITSELF}"),
        ("q1 = b'a'", f"q1 = b'a' {NOT_PLAIN} {ITSELF}"),
        ("q1 = f'a'", f"q1 = f'a' {NOT_PLAIN} {ITSELF}"),
        ("q1 = {'a': 1}", f"q1 = {{'a': 1}} {NOT_PLAIN} {ITSELF}"),
        ("q1 = ['a', ...]", f"q1 = ['a', ...] {NOT_PLAIN} {ITSELF}"),
        ("q1 = {('a', 'b')}", f"q1 = {{('a', 'b')}} {NOT_PLAIN} {ITSELF}"),
        ("q1 = -True", f"q1 = -True {NOT_PLAIN} {ITSELF}"),
        ("q1, x = f()", f"q1 = f() {NOT_PLAIN} {ITSELF}"),
        ("q1 = 1 / 0", f"q1 = 1 / 0 {NO_NUMBER}"),
        ("q1 = 1e999", f"q1 = 1e999 {NO_NUMBER}"),
        ("q1 = -1e301", f"q1 = -1e301 {NO_NUMBER}"),
        ("q1 = 3\nq1 += 1", f"q1 is changed by q1 += 1 after it was assigned, {FINAL}"),
        ("q1 = 50 %", f"q1 = 50 % cannot be read: invalid syntax. {PLAIN}"),
        ("q1 =", f"q1 =  cannot be read: invalid syntax. {PLAIN}"),
        ("q1 = 'a", f"q1 = 'a cannot be read: unterminated string literal (detected at line 1). {PLAIN}"),
        ("q1 = (1", f"q1 = (1 cannot be read: '(' was never closed. {PLAIN}"),
        ("q1 = 'a'\nq1 = b", 'q1 = b names a variable. If you mean the text, put it in quotes: q1 = "b".'),
        ("q1 = '" + "a" * 2000 + "'", TOO_LONG),
        ("q1 = " + "[" * 11 + "1" + "]" * 11, TOO_LONG),
        ("q1 = " + "9" * 1900 + "0" * 50, f"q1 = {'9' * 59}… {NO_NUMBER}"),
        (
            "q1 = x\x1b[31m\u202e",
            "q1 = x\\x1b[31m\\u202e cannot be read: invalid non-printable character U+001B. " + PLAIN,
        ),
    ],
)
def test_problems(source, sentence):
    found = answer(source)
    assert (found.state, found.value, found.cell) == ("problem", None, 0)
    assert found.problem == sentence


@pytest.mark.parametrize(
    "code",
    [
        "-" * 1900 + "1",
        "not " * 450 + "1",
        "lambda:" * 270 + "1",
        "1**" * 600 + "1",
        "1-" * 900 + "x",
        "a" + ".b" * 900,
        "a" + "()" * 900,
        "1 if 1 else " * 150 + "1",
        "(" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "{" * 50_000,
        "f'{" * 300,
        "await " * 300 + "x",
        "*" * 1900,
        "1<" * 900 + "1",
        "x" * 900_000,
        "'" + "\\" * 400_000,
        '"""' * 1001,
        "\\\n" * 100_000,
    ],
)
def test_expressions_that_would_exhaust_a_parser(code):
    found = answer(f"q1 = {code}")
    assert found.state == "problem"
    assert len(found.problem) < 400
    assert found.problem.isprintable()


@pytest.mark.parametrize(
    "filler",
    ["(" * 900_000, "q1 = ...\n" * 100_000, "'\\'" * 300_000, '"""a' * 200_000, "if q1:\n" * 100_000],
)
def test_an_answer_before_much_rubbish(filler):
    assert answer("q1 = 3\n" + filler).state in ("answered", "unanswered", "missing")


# ---------------------------------------------------------------- properties

FLOATS = st.floats(allow_nan=False, min_value=-1e9, max_value=1e9)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
SCALARS = st.booleans() | st.integers(-(10**9), 10**9) | FLOATS | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=8)
LINES = st.sampled_from(
    [
        "x = 1",
        "def f(a):",
        "    return a",
        "",
        "# q1",
        "print(q1)",
        "%matplotlib inline",
        "!ls",
        "s = '''",
        "'''",
        "y = (1,",
        ")",
        "if q1:",
        "q2 = 'a'",
        "\\",
        "s = 'it",
        "@d",
        "class A: pass",
    ]
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_every_plain_value_comes_back(value):
    assert answer(f"x = 0\nq1 = {value!r}\ny = q1") == Answer("answered", value=value, cell=0)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=6), st.lists(LINES, max_size=6))
def test_an_answer_in_a_cell_of_its_own_is_found_whatever_else_is_there(before, after):
    assert answer("\n".join(before), "q1 = 3", "\n".join(after)) == Answer("answered", value=3, cell=1)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.lists(LINES, max_size=8).map("\n".join), st.text(max_size=30))
def test_any_text_gives_an_answer_or_a_sentence(before, code):
    found = answer(f"{before}\nq1 = {code}")
    assert (found.state == "answered") == (found.problem == "")
    assert found.problem.isprintable()
    assert json.dumps(found.value, allow_nan=False).encode()
