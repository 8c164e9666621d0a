"""`check(function)` as a learner meets it: a card, what it says, and what it leaves alone."""

import io
import random
import re
import shutil
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch

from coursekit import check
from coursekit.checks.notebook import CheckFailed, run_checks


@pytest.fixture(scope="module")
def folder(tiny_course):
    return tiny_course / "release" / "01_tiny"


@pytest.fixture(scope="module")
def right(tiny):
    scope = {}
    exec(
        "import numpy as np\ndef watch(name, value):\n    return value\n" + "\n".join(tiny.RIGHT.values()),
        scope,
    )
    return scope


def function(body, name="shares", head="counts"):
    scope = {"np": np, "random": random}
    exec(f"def {name}({head}):\n    {body}", scope)
    return scope[name]


def card(student, folder):
    with redirect_stdout(io.StringIO()) as printed:
        try:
            check(student, folder)
        except CheckFailed as error:
            return printed.getvalue(), str(error)
    return printed.getvalue(), ""


def test_the_card_of_a_right_function(folder, right):
    text, error = card(right["shares"], folder)
    lines = text.splitlines()
    assert error == ""
    assert lines[0] == "shares: 3 of 3 public checks pass"
    assert [line[:14] for line in lines[1:] if "✓" in line] == [
        "  ✓ pass    Th",
        "  ✓ pass    A ",
        "  ✓ pass    A ",
        "  ✓ pass    co",
    ]
    assert "  ✓ pass    The shares of a row add up to 1" in lines
    assert re.search(r"(error \d\.\de-\d\d, allowed \d\.\de-\d\d|exact)", text)
    assert lines[-1] == "5 hidden checks run when the notebook is graded."


def test_a_recorded_mistake_is_named(folder):
    text, error = card(function("return counts / counts.sum()"), folder)
    assert error == "2 of 3 public checks of shares do not pass yet." or error == (
        "3 of 3 public checks of shares do not pass yet."
    )
    assert (
        "What happened: You divide by the sum of the whole table: each row has its own." in text.splitlines()
    )


def test_a_transform_is_named_where_no_mistake_is(folder):
    text, _ = card(
        function(
            "return np.where(counts.sum(1, keepdims=True) == 0, 0, -counts / np.maximum(counts.sum(1, keepdims=True), 1e-9))"
        ),
        folder,
    )
    assert "Your values are the expected ones with the opposite sign." in text
    assert "What happened" not in text


def test_the_numbers_are_said_where_nothing_explains_them(folder):
    text, error = card(function("return counts * 0.3 + 0.1"), folder)
    assert error == "3 of 3 public checks of shares do not pass yet."
    line = next(line for line in text.splitlines() if "times the allowed error" in line)
    assert re.fullmatch(
        r"            error \S+, allowed \S+: \S+( million)? times the allowed error; worst at index \[\d(, \d)?\], "
        r"\d+ % of the values are out(; right solutions differ by up to \S+)?",
        line,
    )


def test_an_error_is_shown_with_the_learners_own_lines(folder, tmp_path):
    path = tmp_path / "cell.py"
    path.write_text("def shares(counts):\n    total = undefined_name\n    return total\n")
    scope = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    text, _ = card(scope["shares"], folder)
    assert "Your function raised NameError: name 'undefined_name' is not defined" in text
    assert "line 2: total = undefined_name" in text


def test_a_stub_is_not_written_yet(folder):
    text, error = card(function("raise NotImplementedError()"), folder)
    assert text.count("This function is not written yet: put your code in the place of") == 1
    assert error == "3 of 3 public checks of shares do not pass yet."


def test_what_the_function_prints_is_told_once(folder):
    text, _ = card(function("print('here', counts.shape); return counts"), folder)
    assert text.count("Your function prints: here") == 1


def test_the_page_says_the_same_and_escapes(folder):
    result = run_checks(function("print('<script>alert(1)</script>'); return '<b>bold</b>'"), folder)
    page = result._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>bold" not in page
    assert "shares: 0 of 3 public checks pass" in page
    for entry in result.entries:
        assert entry.test.title in page
    plain = re.sub("<[^>]+>", "", page)
    assert plain.count("✗ not yet") == 4  # three checks, and the axiom's board
    assert 'aria-label="Check of shares"' in page


def test_code_in_a_sentence_is_set_as_code(folder):
    from coursekit.checks.card import as_html
    from coursekit.checks.notebook import CheckResult

    page = as_html(CheckResult("f", [], "use `a < b` here"))
    assert re.search(r"use <code[^>]*>a &lt; b</code> here", page)
    assert "one ` alone" in as_html(CheckResult("f", [], "one ` alone"))


def wrong_sum(folder):
    return run_checks(function("return counts / counts.sum()"), folder)


def test_the_smallest_case_can_be_worked_by_hand_and_taken_in_hand(folder):
    from coursekit import small_case

    result = wrong_sum(folder)
    small = result.small
    assert small.size == 2  # with one row, the sum of the table is that of the row
    (counts,) = small_case("shares", small.size, small.draw, folder)
    assert counts.shape == (2, 2)
    assert dict(small.arguments) == {
        "counts": str([[int(v) for v in row] for row in counts]).replace("'", "")
    }
    right = [[v / sum(row) if sum(row) else 0.0 for v in row] for row in counts.tolist()]
    assert small.expected == str([[float(f"{v:.6g}") for v in row] for row in right]).replace(
        ".0,", ","
    ).replace(".0]", "]")
    assert small.yours != small.expected
    text = str(result).splitlines()
    at = text.index("Smallest case that it gets wrong:")
    assert text[at + 1] == f"  counts = {dict(small.arguments)['counts']}"
    assert text[at + 4] == f'  Take it in hand: shares(*kit.small_case("shares", 2, {small.draw}))'


def test_a_small_case_that_is_not_there(folder):
    from coursekit import small_case

    with pytest.raises(
        LookupError, match=r"smooth has no small cases in .*Run the notebook in its lesson's folder"
    ):
        small_case("smooth", 1, 0, folder)
    with pytest.raises(
        LookupError, match=re.escape("shares has small cases of size 1, 2, 3, draws 0 to 3; not of")
    ):
        small_case("shares", 4, 0, folder)


def test_the_next_step_is_that_of_what_is_known_best(folder):
    assert (
        wrong_sum(folder).next_step == "Print the sum of each row of your result."
    )  # the check says so itself
    raised = run_checks(function("return undefined"), folder)
    assert raised.next_step.startswith("Look at that name: it is misspelt, or used before it is made.")
    negative = function(
        "return np.where(counts.sum(1, keepdims=True) == 0, 0, -counts / np.maximum(counts.sum(1, keepdims=True), 1e-9))"
    )
    says = "Look for a difference written the wrong way round, or one minus sign too many."
    assert run_checks(negative, folder).next_step == says
    stub = run_checks(function("raise NotImplementedError()"), folder)
    assert stub.next_step.startswith("Read the docstring, then write the first line you are sure of")


def test_what_is_watched_tells_where_the_values_depart(folder):
    from coursekit import watch

    def written(body):
        scope = {"np": np, "watch": watch}
        exec(f"def shares(counts):\n    {body}", scope)
        return run_checks(scope["shares"], folder)

    off = written("total = watch('total', counts.sum(axis=1, keepdims=True) + 1)\n    return counts / total")
    assert off.diverged.startswith(
        "Of what you watch, `total` is the first that differs: largest error 1 at index"
    )
    assert off.next_step == (
        "Look at the line that makes `total` and at what goes into it: it is the first value that differs."
    )
    after = written(
        "total = watch('total', counts.sum(axis=1, keepdims=True))\n    return (counts / total) ** 1.3"
    )
    assert after.diverged == "`total` agrees with ours: the difference arises after that."
    assert after.next_step == "Look at what happens after `total`: up to there you agree."
    silent = written("return counts * 0.3 + 0.1")
    assert silent.diverged == ""
    assert silent.unwatched == ("total",)


def test_the_board_says_what_an_axiom_demands_and_the_gap(folder):
    page = re.sub("<[^>]+>", "|", wrong_sum(folder)._repr_html_())
    assert "completeness" in page
    assert "the attributions add up to the change of the score" in page
    assert re.search(r"gap 0\.\d+, allowed 1e-8", page)


def test_the_page_holds_no_script_no_style_sheet_and_no_address(folder):
    for body in ("return counts / counts.sum()", "return counts", "raise NotImplementedError()"):
        page = run_checks(function(body), folder)._repr_html_()
        assert not re.search(r"<(script|style|link|iframe|object)\b|\son\w+=|https?:|javascript:", page)


def test_a_failed_check_keeps_its_result_and_shows_no_traceback(folder):
    with redirect_stdout(io.StringIO()), pytest.raises(CheckFailed) as caught:
        check(function("return counts"), folder)
    error = caught.value
    assert error.result.exercise == "shares"
    assert error._render_traceback_() == [f"CheckFailed: {error}"]
    assert repr(error.result) == str(error.result)


def test_in_a_notebook_the_card_is_displayed(folder, right, monkeypatch):
    from types import ModuleType

    shown = []

    class Shell:
        kernel = object()

    fake = ModuleType("IPython")
    fake.get_ipython = Shell
    display = ModuleType("IPython.display")
    display.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    with redirect_stdout(io.StringIO()) as printed:
        check(right["shares"], folder)
    assert printed.getvalue() == ""
    assert shown[0].passed


@pytest.mark.parametrize(("value", "kind"), [("shares", "str"), (3, "int"), (None, "NoneType")])
def test_check_wants_the_function_itself(folder, value, kind):
    says = f"check takes the function itself, as in check(shares); it was given a {kind}."
    with pytest.raises(TypeError, match=re.escape(says)):
        check(value, folder)


def test_a_function_of_another_name_has_no_check(folder):
    says = (
        f"There is no check called 'my_shares' in {folder.resolve()}. Run the notebook in its lesson's folder, and "
        "keep the function's name as it was given. Checks here: shares, smooth."
    )
    with pytest.raises(LookupError, match=re.escape(says)):
        check(function("return counts", "my_shares"), folder)


def test_in_another_folder_there_are_no_checks(tmp_path, right, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LookupError, match=r"There is no check called 'shares' in .*Checks here: none\."):
        check(right["shares"])


def test_the_present_folder_is_the_usual_one(folder, right, monkeypatch):
    monkeypatch.chdir(folder)
    with redirect_stdout(io.StringIO()) as printed:
        check(right["smooth"])
    assert "2 of 2 public checks pass" in printed.getvalue()


def test_without_the_recorded_answers_the_folder_is_not_whole(folder, right, tmp_path):
    shutil.copytree(folder, tmp_path / "lesson")
    (tmp_path / "lesson" / "examples.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"Download the lesson's folder again, whole"):
        check(right["shares"], tmp_path / "lesson")


def test_without_the_lessons_facts_the_number_of_hidden_checks_is_left_out(folder, right, tmp_path):
    shutil.copytree(folder, tmp_path / "lesson")
    (tmp_path / "lesson" / "lesson.json").unlink()
    result = run_checks(right["shares"], tmp_path / "lesson")
    assert str(result).endswith("More checks run when the notebook is graded.")


def test_a_newer_check_is_read_at_once(folder, right, tmp_path):
    shutil.copytree(folder, tmp_path / "lesson")
    assert len(run_checks(right["smooth"], tmp_path / "lesson").entries) == 2
    path = tmp_path / "lesson" / "checks" / "test_smooth.py"
    path.write_text(path.read_text().split("def test_example")[0])
    assert len(run_checks(right["smooth"], tmp_path / "lesson").entries) == 1


def test_a_check_leaves_the_learners_generators_alone(folder):
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    expected = [random.random(), np.random.random(), float(torch.rand(()))]
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    card(function("return counts * random.random() * np.random.random()"), folder)
    assert [random.random(), np.random.random(), float(torch.rand(()))] == expected


def test_an_interrupt_stops_the_check(folder):
    with pytest.raises(KeyboardInterrupt):
        check(function("raise KeyboardInterrupt"), folder)
