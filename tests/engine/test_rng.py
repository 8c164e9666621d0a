import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.rng import Rng, as_rng


def test_equal_keys_give_equal_streams():
    a, b = Rng(3, 7), Rng(3, 7)
    assert torch.equal(a.normal(5), b.normal(5))
    assert torch.equal(a.permutation(9), b.permutation(9))
    np.testing.assert_array_equal(a.array(2, 3), b.array(2, 3))


@pytest.mark.parametrize("other", [(4,), (3, 8), (8, 3), (3, 7, 1)])
def test_different_keys_give_different_streams(other):
    assert not torch.equal(Rng(3, 7).normal(8), Rng(*other).normal(8))


def test_the_stream_is_numpys_pcg64_so_that_every_platform_has_it():
    expected = np.random.Generator(np.random.PCG64([20, 3])).standard_normal((2, 3))
    np.testing.assert_array_equal(Rng(20, 3).normal(2, 3).numpy(), expected)


@pytest.mark.parametrize("make", [Rng.normal, Rng.uniform])
def test_real_numbers_are_float64_unless_asked_otherwise(make):
    assert make(Rng(1), 2, 3).dtype is torch.float64
    single = make(Rng(1), 2, 3, dtype=torch.float32)
    assert single.dtype is torch.float32
    assert torch.equal(single, make(Rng(1), 2, 3).float())


def test_without_a_shape_one_number_comes():
    assert Rng(1).normal().shape == ()
    assert Rng(1).integers(0, 5).dtype is torch.int64
    assert Rng(1).array().shape == ()


def test_uniform_numbers_stay_in_their_interval():
    values = Rng(1).uniform(2000, low=-2.0, high=3.0)
    assert -2.0 <= values.min() < -1.9
    assert 2.9 < values.max() < 3.0


def test_whole_numbers_reach_both_ends_and_not_the_upper_bound():
    values = Rng(1).integers(2, 5, 200)
    assert values.dtype is torch.int64
    assert set(values.tolist()) == {2, 3, 4}


def test_a_permutation_holds_every_number_once():
    assert sorted(Rng(1).permutation(13).tolist()) == list(range(13))


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 7))
def test_every_class_is_a_target_about_equally_often(key, n, classes):
    targets = Rng(key).targets(n, classes)
    assert targets.dtype is torch.int64
    counts = np.bincount(targets.numpy(), minlength=classes)
    assert len(counts) == classes
    assert counts.max() - counts.min() <= 1


def test_children_are_new_streams_and_leave_their_parent_where_it_is():
    parent, untouched = Rng(5), Rng(5)
    first, second = parent.child(), parent.child()
    numbers = [stream.normal(4) for stream in (first, second, parent)]
    assert torch.equal(numbers[2], untouched.normal(4))
    assert not torch.equal(numbers[0], numbers[1])
    assert not torch.equal(numbers[0], numbers[2])
    assert torch.equal(Rng(5).child().normal(4), numbers[0])


def test_a_seed_becomes_a_stream_and_a_stream_stays_itself():
    stream = Rng(4)
    assert as_rng(stream) is stream
    assert torch.equal(as_rng(4).normal(3), Rng(4).normal(3))
    assert torch.equal(as_rng(np.int64(4)).normal(3), Rng(4).normal(3))


def test_a_negative_key_is_refused():
    with pytest.raises(ValueError):
        Rng(-1)


def test_zeros_at_the_end_of_a_key_do_not_count():
    assert torch.equal(Rng(3).normal(4), Rng(3, 0).normal(4))
    assert not torch.equal(Rng(3).normal(4), Rng(0, 3).normal(4))
