"""Comparison: every stage has its sentence, and values are judged by the scale of what was expected."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coursekit.checks import Mismatch, close, compare, detached, same_dtype, unchanged
from coursekit.checks.compare import CONVERTED, SOME_EXTRA_KEYS, entry, noting

inf, nan = math.inf, math.nan


def says(got, want, **options):
    result = compare(got, want, **options)
    return (result.stage, result.message)


OK = ("", "")


# ------------------------------------------------------------------------------------------- type
@pytest.mark.parametrize(
    ("got", "want", "message"),
    [
        (None, np.zeros(2), "nothing was returned: is there a return statement?"),
        (None, 1.0, "nothing was returned: is there a return statement?"),
        (None, {}, "nothing was returned: is there a return statement?"),
        (["0", "0"], np.zeros(2), "an array was asked, you returned a list"),
        ([[0.0], [0.0, 1.0]], np.zeros(2), "an array was asked, you returned a list"),
        ([None, None], np.zeros(2), "an array was asked, you returned a list"),
        ([2**70, 1], np.zeros(2, int), "an array was asked, you returned a list"),
        ([0.0, 0.0], torch.zeros(2), "a tensor was asked, you returned a list"),
        (1.0, np.zeros(1), "an array was asked, you returned a float"),
        ("0", 0.0, "a number was asked, you returned a str"),
        (np.zeros(1), 0.0, "a number was asked, you returned an ndarray"),
        ([1], 1, "a whole number was asked, you returned a list"),
        (None, False, "nothing was returned: is there a return statement?"),
        ("yes", True, "True or False was asked, you returned a str"),
        (np.zeros(2), None, "None was asked, you returned an ndarray"),
        (1, "one", "text was asked, you returned an int"),
        (np.zeros(()), [0.0, 0.0], "a list or tuple was asked, you returned an ndarray"),
        ([1], {"a": 1}, "a dict was asked, you returned a list"),
        (np.zeros(2), pd.Series([0.0, 0.0]), "a pandas Series was asked, you returned an ndarray"),
        ({"a": 1}, pd.DataFrame({"a": [1]}), "a pandas DataFrame was asked, you returned a dict"),
    ],
)
def test_a_wrong_type_is_named(got, want, message):
    assert says(got, want) == ("type", message)


def test_lists_and_arrays_stand_for_each_other_in_numpy():
    asked = "an array was asked; what you returned was converted."
    for got, want in [
        ([1.5, 2.0], np.array([1.5, 2.0])),
        ([[1, 2], (3, 4)], np.array([[1.0, 2.0], [3.0, 4.0]])),  # whole numbers stand for real ones
        ([np.float64(1), np.zeros(())], np.array([1.0, 0.0])),
        ([np.zeros(2), torch.ones(2).double()], np.array([[0.0, 0.0], [1.0, 1.0]])),
        ([1, 2], np.array([1, 2])),
        ([True, False], np.array([True, False])),
        ([], np.zeros(0)),
    ]:
        result = compare(got, want)
        assert result.ok, (got, result.message)
        assert result.notes == [asked]
    assert says(np.array([0, 2]), [0, 2]) == OK
    assert says([1.5, 2.0], np.array([1, 2]))[0] == "dtype"
    assert says([1.0], np.zeros(2)) == ("shape", "the shape is (1,), asked is (2,)")
    assert says([1.0, 2.0], np.zeros(2))[0] == "values"
    assert says(np.array([0, 3]), [0, 2])[0] == "values"


def test_one_entry_of_an_answer():
    assert entry({"a": 1, "b": 2}, "b", {"a": 0, "b": 0}) == 2
    assert entry([1, 2], 1, (0, 0)) == 2
    for got, place, like, message in [
        (None, "a", {"a": 0}, "nothing was returned: is there a return statement?"),
        ([1], "a", {"a": 0}, "a dict was asked, you returned a list"),
        ({"b": 1}, "a", {"a": 0}, "the result lacks the key 'a'"),
        (None, 0, (0, 0), "nothing was returned: is there a return statement?"),
        (1.0, 0, (0, 0), "a tuple of 2 was asked, you returned a float"),
        ((1.0,), 0, (0, 0), "1 entries were returned, asked are 2"),
    ]:
        with pytest.raises(Mismatch, match=re.escape(message)):
            entry(got, place, like)


def test_what_no_rule_covers_is_the_authors_fault():
    with pytest.raises(TypeError, match="no rule to compare with a object"):
        compare(1, object())


def test_none_is_compared_with_none():
    assert says(None, None) == OK


# ------------------------------------------------------------------------------------------- dicts
def test_the_order_of_keys_does_not_matter_and_the_keys_do():
    assert says({"b": 2, "a": 1}, {"a": 1, "b": 2}) == OK
    assert says({1: 2.0}, {1: 2.0}) == OK


@pytest.mark.parametrize(
    ("got", "want", "message"),
    [
        ({}, {"a": 1}, "the result lacks the key 'a'"),
        ({"1": 1.0}, {1: 1.0}, "the result lacks the key 1"),
        ({"c": 1}, {"a": 1, "b": 2}, "the result lacks the keys 'a', 'b'"),
        ({"a": 1, "b": 2}, {"a": 1}, "the result has the key 'b' that was not asked for"),
        ({"a": 1, 2: 2, "c": 3}, {"a": 1}, "the result has the keys 2, 'c' that were not asked for"),
        (
            {**dict.fromkeys("abcdefg", 1)},
            {},
            "the result has the keys 'a', 'b', 'c', 'd', 'e' ... that were not asked for",
        ),
    ],
)
def test_missing_and_extra_keys_are_listed(got, want, message):
    assert says(got, want) == ("type", message)


def test_what_an_answer_wrote_into_its_keys_can_be_left_out():
    result = compare({"a": 1, "secret 0.123": 2}, {"a": 1})
    assert "secret" in result.message
    assert result.discreet == SOME_EXTRA_KEYS == "the result has keys that were not asked for"
    assert compare({}, {"a": 1}).discreet == ""


def test_a_long_key_is_cut():
    assert "'" + "x" * 36 + "..." in says({"x" * 500: 1}, {})[1]


def test_where_something_nested_differs_is_said():
    got, want = {"a": [1.0, {"b": np.zeros(2)}]}, {"a": [1.0, {"b": np.ones(2)}]}
    with pytest.raises(Mismatch) as caught:
        close(got, want)
    assert str(caught.value).startswith("key 'a', entry 1, key 'b': largest error 1 at index [0]")
    assert caught.value.comparison.where == "key 'a', entry 1, key 'b'"


# ------------------------------------------------------------------------------------------- sequences
def test_a_tuple_serves_for_a_list():
    assert says((1, 2.5), [1, 2.5]) == OK
    assert says([], ()) == OK


def test_another_length_is_a_shape():
    assert says([1, 2, 3], [1, 2]) == ("shape", "3 entries were returned, asked are 2")


# ------------------------------------------------------------------------------------------- arrays
@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.zeros(3), np.zeros((1, 3))),
        (np.zeros((3, 1)), np.zeros(3)),
        (np.zeros(1), np.zeros(3)),
        (np.zeros(()), np.zeros(1)),
        (np.zeros((0, 3)), np.zeros((1, 3))),
        (np.zeros((0, 3)), np.zeros((3, 0))),
        (torch.zeros(1), torch.zeros(2)),
    ],
)
def test_nothing_is_broadcast(got, want):
    shapes = tuple(got.shape), tuple(want.shape)
    assert says(got, want) == ("shape", "the shape is {}, asked is {}".format(*shapes))


def test_empty_is_equal_only_to_empty():
    assert says(np.zeros((0, 3)), np.zeros((0, 3))) == OK
    assert says(np.zeros(0), np.zeros(2))[0] == "shape"


@pytest.mark.parametrize(
    ("got", "want", "message"),
    [
        (np.zeros(2, int), np.zeros(2), "the values are whole numbers, asked are real numbers"),
        (np.zeros(2), np.zeros(2, int), "the values are real numbers, asked are whole numbers"),
        (np.zeros(2, bool), np.zeros(2, int), "the values are truth values, asked are whole numbers"),
        (np.zeros(2, int), np.zeros(2, bool), "the values are whole numbers, asked are truth values"),
        (np.zeros(2, complex), np.zeros(2), "the values are complex numbers, asked are real numbers"),
        (np.array(["a"]), np.zeros(1), "the values are text, asked are real numbers"),
        (torch.zeros(2), torch.zeros(2).long(), "the values are real numbers, asked are whole numbers"),
    ],
)
def test_another_kind_of_number_is_a_dtype(got, want, message):
    assert says(got, want) == ("dtype", message)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_the_width_of_whole_numbers_does_not_matter(dtype):
    assert says(np.arange(3, dtype=dtype), np.arange(3)) == OK


def test_whole_numbers_and_truth_values_are_exact():
    assert says(np.array([[1, 2], [3, 5]]), np.array([[1, 2], [3, 4]])) == (
        "values",
        "1 of 4 entries differ, first at index [1, 1]",
    )
    result = compare(np.array([True, False]), np.array([False, True]))
    assert (result.outside, result.worst_index) == (1.0, (0,))
    assert result.message == "2 of 2 entries differ, first at index [0]"
    assert says(np.array([["a", "b"]]), np.array([["a", "c"]]))[0] == "values"


@pytest.mark.parametrize(
    ("got", "want", "asked"),
    [
        (np.zeros(2), torch.zeros(2, dtype=torch.float64), "a tensor"),
        (torch.zeros(2, dtype=torch.float64), np.zeros(2), "an array"),
        (0.0, torch.zeros(()), "a tensor"),
        (np.float64(0), torch.zeros(()), "a tensor"),
        (0, np.zeros(()), "an array"),
        (torch.zeros(()), 0.0, "a number"),
        (np.zeros(()), 0.0, "a number"),
    ],
)
def test_what_is_converted_is_noted_and_costs_nothing(got, want, asked):
    result = compare(got, want)
    assert result.ok
    assert result.notes == [CONVERTED.format(asked=asked)]


def test_notes_of_nested_answers_are_collected():
    result = compare(
        {"a": np.zeros(1), "b": [np.ones(1)]}, {"a": torch.zeros(1).double(), "b": [torch.ones(1).double()]}
    )
    assert len(result.notes) == 2


def test_a_graph_does_not_matter_for_values():
    assert says(torch.ones(2, requires_grad=True) * 1, torch.ones(2)) == OK


# ------------------------------------------------------------------------------------------- values
def test_errors_are_judged_by_the_largest_expected_value():
    want = np.array([1e-3, 1000.0])
    assert says(np.array([1e-3 + 0.9e-5, 1000.0]), want) == OK
    result = compare(np.array([1e-3, 1000.0 + 1.1e-5]), want)
    assert result.message == (
        "largest error 1.1e-05 at index [1], allowed is 1e-05; 50% of the values are out"
    )
    assert (result.scale, result.allowed, result.outside, result.worst_index) == (1000.0, 1e-5, 0.5, (1,))
    assert result.max_abs_error == pytest.approx(1.1e-5, rel=1e-6)
    assert result.max_rel_error == pytest.approx(1.1e-8, rel=1e-6)


def test_where_only_zeros_are_expected_the_scale_is_one():
    assert says(np.full(2, 0.9e-8), np.zeros(2)) == OK
    assert says(np.full(2, 1.1e-8), np.zeros(2))[0] == "values"


def test_a_declared_scale_and_tolerance_hold():
    assert says(np.array([1e-3]), np.array([0.0]), tol=1e-2, scale=1) == OK
    assert says(np.array([1e3 + 0.1]), np.array([1e3]), tol=1e-3, scale=1)[0] == "values"
    assert says(1.5, 1.0, tol=0.0) == ("values", "the value is off by 0.5, allowed is 0")


def test_exactly_the_tolerance_passes():
    assert says(np.array([1.25]), np.array([1.0]), tol=0.25) == OK


@pytest.mark.parametrize(
    ("dtype", "good", "bad"), [(np.float64, 5e-9, 2e-8), (np.float32, 5e-5, 2e-4), (np.float16, 5e-3, 3e-2)]
)
def test_each_dtype_has_its_tolerance(dtype, good, bad):
    want = np.ones(3, dtype)
    assert says((want + dtype(good)).astype(dtype), want) == OK
    assert says((want + dtype(bad)).astype(dtype), want)[0] == "values"


def test_a_narrower_dtype_is_compared_at_its_own_floor():
    want = np.linspace(1, 2, 5)
    got = want.astype(np.float32)
    assert says(got, want) == OK
    assert says(got, want, tol=1e-12) == OK
    assert says(got + np.float32(1e-3), want, tol=1e-12)[0] == "values"
    assert says(torch.tensor(want).bfloat16(), torch.tensor(want), tol=1e-1) == OK
    # a wider one gets no more than was declared
    assert says(got.astype(np.float64) + 1e-6, got, tol=1e-9)[0] == "values"


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ([1.0, nan, inf], "2 of 3 values are not finite (nan or inf), first at index [1]"),
        ([-inf, 2.0, 3.0], "1 of 3 values are not finite (nan or inf), first at index [0]"),
    ],
)
def test_values_that_are_not_finite_are_a_stage_of_their_own(got, message):
    assert says(np.array(got), np.array([1.0, 2.0, 3.0])) == ("finite", message)


def test_nan_equals_nan_only_where_that_is_declared():
    value = np.array([1.0, nan])
    assert says(value, value)[0] == "finite"
    assert says(value, value, nan_equal=True) == OK
    assert says(np.array([1.0, 2.0]), value, nan_equal=True)[0] == "values"
    assert says(np.array([nan, nan]), value, nan_equal=True)[0] == "finite"
    assert says(nan, nan)[0] == "finite"
    assert says(nan, nan, nan_equal=True) == OK


def test_an_infinity_equals_itself():
    value = np.array([1.0, inf, -inf])
    assert says(value, value) == OK
    assert says(-value, value)[0] == "finite"
    assert says(np.array([1.0, 5.0, -inf]), value)[0] == "values"
    assert compare(value, value).scale == 1.0


def test_complex_numbers_are_judged_by_their_distance():
    want = np.array([3 + 4j])
    assert says(want + 4e-8j, want) == OK
    assert says(want + 6e-8, want)[0] == "values"
    assert says(want.conj(), want)[0] == "values"


def test_numbers_too_large_to_subtract_are_wrong_without_a_warning():
    assert says(np.array([1.7e308]), np.array([-1.7e308]))[0] == "values"


# ------------------------------------------------------------------------------------------- scalars
@pytest.mark.parametrize("got", [2.0, np.float64(2), np.float32(2), np.array(2.0), torch.tensor(2.0), 2])
def test_a_number_may_come_in_any_dress(got):
    assert says(got, 2.0) == OK
    assert says(got, np.float64(2.0)) == OK


@pytest.mark.parametrize(
    ("got", "want"), [(3, 3), (np.int32(3), 3), (torch.tensor(3), 3), (True, True), (np.True_, True)]
)
def test_whole_numbers_and_truth_values_may_too(got, want):
    assert says(got, want) == OK


@pytest.mark.parametrize(
    ("got", "want", "stage", "message"),
    [
        (2.5, 2.0, "values", "the value is off by 0.5, allowed is 2e-08"),
        (4, 3, "values", "another value was expected"),
        (False, True, "values", "another value was expected"),
        ("b", "a", "values", "another value was expected"),
        (2.0, 2, "dtype", "the values are real numbers, asked are whole numbers"),
        (True, 1, "dtype", "the values are truth values, asked are whole numbers"),
        (1, True, "dtype", "the values are whole numbers, asked are truth values"),
        (True, 1.0, "dtype", "the values are truth values, asked are real numbers"),
        (np.int64(2), 2.0, "dtype", "the values are whole numbers, asked are real numbers"),
        (inf, 2.0, "finite", "1 of 1 values are not finite (nan or inf), first at the value"),
    ],
)
def test_a_wrong_number_is_wrong_without_its_expected_value(got, want, stage, message):
    assert says(got, want) == (stage, message)


# ------------------------------------------------------------------------------------------- tables
def frame(**columns):
    return pd.DataFrame(columns, index=["r", "s"])


def test_tables_are_compared_by_column_and_row_label():
    want = frame(x=[1.0, 2.0], name=["u", "v"])
    assert says(want.copy(), want) == OK
    assert says(want[["name", "x"]], want) == OK
    assert says(want.rename(columns={"x": "y"}), want) == ("type", "the result lacks the key 'x'")
    assert says(want.iloc[::-1], want) == ("shape", "the row labels (index) are not those asked for")
    assert says(frame(x=[1.0, 2.5], name=["u", "v"]), want)[0] == "values"
    assert says(frame(x=[1.0, 2.0], name=["u", "w"]), want) == (
        "values",
        "1 of 2 entries differ, first at index [1]",
    )


def test_a_series_is_compared_by_row_label_and_value():
    want = frame(x=[1.0, 2.0])["x"]
    assert says(want + 1e-9, want) == OK
    assert says(want + 1, want)[0] == "values"
    assert says(want.reset_index(drop=True), want)[0] == "shape"


# ------------------------------------------------------------------------------------------- close
def test_close_raises_what_compare_finds_and_returns_it_when_all_is_well():
    assert close(np.ones(2), np.ones(2)).max_abs_error == 0.0
    with pytest.raises(Mismatch, match="the shape is") as caught:
        close(np.ones(2), np.ones(3))
    assert caught.value.comparison.stage == "shape"
    assert isinstance(caught.value, AssertionError)


def test_passing_comparisons_are_told():
    seen = []
    with noting(seen.append):
        close(1.0, 1.0)
        with pytest.raises(Mismatch):
            close(1.0, 2.0)
    close(1.0, 1.0)
    assert [one.ok for one in seen] == [True]


def test_of_many_entries_the_one_with_the_least_margin_is_kept():
    result = close([1.0, 1.0 + 9e-9, 1.0 + 1e-9], [1.0, 1.0, 1.0])
    assert result.max_abs_error == pytest.approx(9e-9, rel=1e-5)


_values = arrays.arrays(
    np.float64,
    st.integers(1, 8),
    elements=st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-6),
)


@settings(max_examples=150, deadline=None)
@given(_values, st.integers(-40, 40), st.floats(0, 1), st.randoms(use_true_random=False))
def test_a_change_of_units_changes_no_verdict(want, power, share, random):
    if not want.any():
        want = want + 1
    factor = 2.0**power  # exact in floating point
    error = share * 2e-8 * np.abs(want).max() * np.array([random.choice([-1, 0, 1]) for _ in want])
    got = want + error
    plain, scaled = compare(got, want), compare(got * factor, want * factor)
    mirrored = compare(-got, -want)
    assert plain.ok == scaled.ok == mirrored.ok
    assert plain.outside == scaled.outside == mirrored.outside


@settings(max_examples=100, deadline=None)
@given(_values)
def test_every_answer_equals_itself(value):
    assert compare(value, value).ok
    assert compare(value.copy(order="F"), value[::1]).max_abs_error == 0.0


# ------------------------------------------------------------------------------------ contracts of a call
@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.zeros(1, np.float32), np.float32),
        (np.zeros(1, np.float32), np.dtype("float32")),
        (torch.zeros(1), torch.float32),
        (torch.zeros(1), torch.ones(2)),
        (torch.zeros(1), np.float32),
        (np.float64(1), np.ones(2)),
    ],
)
def test_the_same_dtype(got, want):
    same_dtype(got, want)


@pytest.mark.parametrize(
    ("got", "want", "message"),
    [
        (np.zeros(1), np.float32, "the dtype is float64, asked is float32"),
        (torch.zeros(1), torch.float64, "the dtype is float32, asked is float64"),
        (torch.zeros(1), np.zeros(1), "the dtype is float32, asked is float64"),
        ([1.0], torch.float64, "the dtype is list, asked is float64"),
    ],
)
def test_another_dtype_is_named(got, want, message):
    with pytest.raises(Mismatch) as caught:
        same_dtype(got, want)
    assert str(caught.value) == message
    assert caught.value.comparison.stage == "dtype"


class Called:
    def __init__(self, changed=(), attached=False):
        self.changed, self.attached = list(changed), attached


def test_a_clean_call_is_unchanged_and_detached():
    unchanged(Called())
    detached(Called())


def test_what_was_left_changed_is_told_in_full():
    with pytest.raises(AssertionError, match=r"^x was changed\. A hook is left\.$"):
        unchanged(Called(["x was changed.", "A hook is left."]))


def test_an_attached_result_is_told():
    says = r"^the result still hangs on the gradient's graph \(requires_grad is True\): return it detached$"
    with pytest.raises(AssertionError, match=says):
        detached(Called(attached=True))
