"""Transforms: each is found where it was applied, and nothing is said where nothing holds."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coursekit.checks.transforms import common, explanations

W = np.random.default_rng(3).normal(size=(3, 5)) * 2
POSITIVE = np.abs(W) + 0.5
SQUARE = np.random.default_rng(4).normal(size=(4, 4))
STACK = np.random.default_rng(5).normal(size=(2, 3, 5))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


CASES = {
    "zero": (np.zeros_like(W), W, "All your values are 0."),
    "constant": (np.full_like(W, 3), W, "All your values are the same number."),
    "negated": (-W, W, "Your values are the expected ones with the opposite sign."),
    "abs": (np.abs(W), W, "Your values are the absolute values of the expected ones: the sign is lost."),
    "unabs": (W, np.abs(W), "Your values have the right size but keep a sign: absolute values are asked."),
    "clipped": (
        np.maximum(W, 0),
        W,
        "Where the expected values are negative, yours are 0: nothing is to be cut off.",
    ),
    "square": (POSITIVE**2, POSITIVE, "Your values are the squares of the expected ones."),
    "root": (np.sqrt(POSITIVE), POSITIVE, "Your values are the square roots of the expected ones."),
    "times the size of the first axis": (
        3 * W,
        W,
        "Your values are the expected ones times 3; 3 is the size of the first axis: a mean became a sum?",
    ),
    "times the size of the second axis": (
        5 * W,
        W,
        "Your values are the expected ones times 5; 5 is the size of the second axis: a mean became a sum?",
    ),
    "over the size of the second axis": (
        W / 5,
        W,
        "Your values are the expected ones divided by 5; 5 is the size of the second axis: a sum became a mean?",
    ),
    "times the number of values": (
        15 * W,
        W,
        "Your values are the expected ones times 15; 15 is the number of values: a mean became a sum?",
    ),
    "times 2": (2 * W, W, "Your values are the expected ones times 2."),
    "times 0.5": (0.5 * W, W, "Your values are the expected ones times 0.5."),
    "times -0.7": (-0.7 * W, W, "Your values are the expected ones times -0.7."),
    "offset": (W + 1.5, W, "Your values are the expected ones plus a constant (here 1.5)."),
    "first row": (
        np.tile(W[:1], (3, 1)),
        W,
        "Every row of your answer is the expected first row: treat each row by itself.",
    ),
    "max one": (
        W / np.abs(W).max(1, keepdims=True),
        W,
        "Each row of your answer is scaled so that its largest value is 1: no scaling is asked.",
    ),
    "row factors": (
        W * np.array([[2.0], [3.0], [-1.0]]),
        W,
        "Each row of your answer is the expected row times a factor of its own.",
    ),
    "reversed 0": (W[::-1], W, "The first axis of your answer is in reversed order."),
    "reversed 1": (W[:, ::-1], W, "The second axis of your answer is in reversed order."),
    "transposed": (SQUARE.T, SQUARE, "Your answer is the transpose of the expected one."),
    "softmax missing": (
        W,
        softmax(W),
        "A softmax over the last axis of your answer gives the expected values: it is missing.",
    ),
    "softmax extra": (
        softmax(W),
        W,
        "Your answer is the softmax of the expected values: no softmax is asked.",
    ),
    "exp": (np.exp(W), W, "The logarithm of your answer gives the expected values."),
    "log": (np.log(POSITIVE), POSITIVE, "Your answer is the logarithm of the expected values."),
    "rounding": (
        W.astype(np.float32),
        W,
        "The difference has the size of float32 rounding: compute in the dtype of the input.",
    ),
    "axes (2, 0, 1)": (
        STACK.transpose(2, 0, 1),
        STACK,
        "The values are right but the axes are in the order [2, 0, 1].",
    ),
    "last missing": (W[:, :-1], W, "The last entry is missing; the others are right."),
    "reshaped": (W.reshape(15), W, "The values are right but the shape is (15,) where (3, 5) is asked."),
    "sum over 1": (
        STACK,
        STACK.sum(1),
        "The sum over your second axis gives the expected values: it is missing.",
    ),
    "mean over 0": (
        STACK,
        STACK.mean(0),
        "The mean over your first axis gives the expected values: it is missing.",
    ),
    "largest absolute value over 2": (
        STACK,
        np.abs(STACK).max(2),
        "The largest absolute value over your third axis gives the expected values: it is missing.",
    ),
    "sum of all": (
        np.asarray(W.sum()),
        W,
        "You return the sum of all expected values: keep one value per entry.",
    ),
    "mean of all": (
        np.asarray(W.mean()),
        W,
        "You return the mean of all expected values: keep one value per entry.",
    ),
}


@pytest.mark.parametrize("key", CASES)
def test_each_transform_is_found_first_where_it_was_applied(key):
    got, want, says = CASES[key]
    first = explanations(got, want)[0]
    assert (first.key, first.says) == (key, says)
    assert common([(got, want)]) == first


@pytest.mark.parametrize("key", CASES)
def test_a_right_answer_needs_no_explanation(key):
    _, want, _ = CASES[key]
    assert explanations(want, want) == []
    assert explanations(want * (1 + 1e-12), want) == []


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.array(3.0), np.array(7.0)),
        (np.array([3.0]), np.array([7.0])),
        (np.array([[3.0], [2.0]]), np.array([[1.0], [1.0]])),
    ],
)
def test_numbers_that_stand_alone_are_only_said_to_be_a_multiple_with_that_multiple(got, want):
    assert "a factor" not in {
        t.key for t in explanations(got[:1] if got.ndim else got, want[:1] if want.ndim else want)
    }
    assert not any("softmax" in t.key for t in explanations(got, want))


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.array([]), np.array([])),
        (np.zeros((0, 2)), np.zeros((2, 2))),
        (np.array([np.nan, 1.0]), np.array([1.0, 1.0])),
        (np.array([np.inf, 1.0]), np.array([1.0, 2.0])),
        (np.array(["a"]), np.array([1.0])),
        (np.array([1j, 2]), np.array([1.0, 2.0])),
        (np.array([None, 1]), np.array([1.0, 2.0])),
    ],
)
def test_where_no_arithmetic_is_meant_nothing_is_said(got, want):
    assert explanations(got, want) == []


def test_whole_numbers_are_explained_too():
    want = np.array([1, 2, 5])
    assert explanations(want * 3, want)[0].key == "times the size of the first axis"
    assert explanations(want + 1, want)[0].key == "offset"


def test_a_wild_answer_overflows_without_a_warning():
    assert explanations(np.array([1e308, -1e308, 3.0]), np.array([1.0, 2.0, 4.0])) == []
    assert explanations(np.array([1.0, 2.0, 4.0]), np.array([1e308, -1e308, 3.0])) == []


# --------------------------------------------------------------------------------------------- common
def pairs_of(transform, count=3, shape=(3, 5)):
    wants = [np.random.default_rng(i).normal(size=shape) for i in range(count)]
    return [(transform(i, want), want) for i, want in enumerate(wants)]


def test_an_explanation_must_hold_for_every_pair():
    assert common(pairs_of(lambda i, w: 2 * w)).key == "times 2"
    assert common(pairs_of(lambda i, w: w + i + 1)).key == "offset"
    assert common(pairs_of(lambda i, w: 2 * w if i < 2 else w[::-1])) is None
    assert common(pairs_of(lambda i, w: 2 * w if i < 2 else w)) is None


def test_a_factor_that_changes_from_input_to_input_is_still_one_factor():
    found = common(pairs_of(lambda i, w: (i + 2) * w, shape=(7, 11)))
    assert found.key == "a factor"
    assert found.says == "Your values are the expected ones times one factor (here 2)."


def test_a_factor_that_is_the_size_of_each_input_is_named_by_that_size():
    wants = [np.random.default_rng(n).normal(size=n) for n in (4, 6, 9)]
    assert common([(w * len(w), w) for w in wants]).key == "times the size of the first axis"


def test_three_single_numbers_are_no_pattern():
    numbers = [(2.0, 3.0), (5.0, -1.0), (0.5, 8.0)]
    assert common([(np.array(g), np.array(w)) for g, w in numbers]) is None
    assert common([(np.array([g]), np.array([w])) for g, w in numbers]) is None


def test_the_sentence_is_that_of_the_first_pair():
    assert common(pairs_of(lambda i, w: w + i + 1)).says.endswith("(here 1).")


def test_without_pairs_there_is_nothing_to_explain():
    assert common([]) is None


# ------------------------------------------------------------------------------------------ never false
_shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1), _shapes, _shapes)
def test_three_unrelated_answers_are_never_explained(seed, shape_got, shape_want):
    rng = np.random.default_rng(seed)
    pairs = [(rng.normal(size=shape_got), rng.normal(size=shape_want)) for _ in range(3)]
    assert common(pairs) is None


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1), _shapes, st.sampled_from(["ones", "positive", "shares", "zeros"]))
def test_nor_are_unrelated_answers_where_the_expected_ones_are_special(seed, shape, special):
    rng = np.random.default_rng(seed)
    wants = {
        "ones": lambda: np.ones(shape),
        "zeros": lambda: np.zeros(shape),
        "positive": lambda: rng.uniform(0.1, 1, shape),
        "shares": lambda: softmax(rng.normal(size=shape)) if shape else np.ones(shape),
    }
    assert common([(rng.normal(size=shape), wants[special]()) for _ in range(3)]) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.3))
def test_noise_on_a_known_transform_is_no_longer_that_transform(seed, noise):
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(3):
        want = rng.normal(size=(3, 4))
        pairs.append((2 * want + noise * rng.normal(size=want.shape), want))
    assume(all(np.abs(g).max() > 0 for g, _ in pairs))
    assert common(pairs) is None
