"""Generated pictures and the digits: shapes, known truth, and that equal seeds give equal data."""

import numpy as np
import pytest
import torch
from torch.nn.functional import max_pool2d

from coursekit.data import digits, make_blobs_image
from coursekit.data.scene import Item, drawing, hue, render, stamp
from coursekit.rng import Rng

INKS = {
    "black": (0, 0, 0),
    "red": (0.75, 0.22, 0.17),
    "green": (0.10, 0.45, 0.30),
    "blue": (0.13, 0.30, 0.62),
}


@pytest.fixture(scope="module")
def blobs():
    return make_blobs_image(1200, seed=3)


def test_shapes_and_ranges(blobs):
    assert blobs.images.shape == (1200, 3, 12, 16)
    assert blobs.images.dtype == torch.float32
    assert 0 <= blobs.images.min() <= blobs.images.max() <= 1
    assert blobs.labels.dtype == torch.long
    assert blobs.labels.bincount().tolist() == [300] * 4
    assert blobs.class_names == ("heart", "cross", "ring", "bolt")
    assert blobs.truth.glyph_mask.shape == blobs.truth.distractor_mask.shape == (1200, 12, 16)
    assert blobs.truth.glyph_mask.dtype == torch.bool


def test_equal_seeds_give_equal_pictures_and_torchs_random_state_is_untouched():
    before = torch.get_rng_state()
    first, again, other = (make_blobs_image(5, seed) for seed in (7, Rng(7), 8))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.truth.glyph_mask, again.truth.glyph_mask)
    assert not torch.equal(first.images, other.images)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_stream_moves_on():
    rng = Rng(7)
    assert not torch.equal(make_blobs_image(3, rng).images, make_blobs_image(3, rng).images)


def test_the_glyph_is_painted_in_its_ink_where_the_mask_says(blobs):
    for k, name in enumerate(blobs.truth.inks):
        rows = blobs.truth.ink == k
        pixels = blobs.images[rows].permute(0, 2, 3, 1)[blobs.truth.glyph_mask[rows]]
        want = torch.tensor(INKS[name], dtype=torch.float32)
        assert (pixels.mean(0) - want).abs().max() < 0.03  # clipping lifts black a little
        assert (pixels - want).abs().max() < 0.4


def test_the_class_is_the_form_of_the_glyph(blobs):
    """Each class has one form, cut out of its mask wherever it lies, and no two classes share it."""
    forms = []
    for label in range(4):
        masks = blobs.truth.glyph_mask[blobs.labels == label]
        cut = {_cut(mask).tobytes() for mask in masks.numpy()}
        assert len(cut) == 1
        forms.append(cut.pop())
    assert len(set(forms)) == 4


def test_the_blob_never_touches_the_glyph_and_has_the_fullest_colour(blobs):
    glyph, blob = blobs.truth.glyph_mask, blobs.truth.distractor_mask
    wider = max_pool2d(blob.float()[:, None], 3, stride=1, padding=1)[:, 0] > 0
    assert not (wider & glyph).any()
    top = blobs.images.amax(dim=1)
    assert top[blob].mean() > 0.95
    assert top[~blob].mean() < 0.7


def test_neither_blob_nor_ink_tells_the_class(blobs):
    """Means over 300 pictures of a class lie as near each other as chance puts them."""
    blob = blobs.truth.distractor_mask
    colour = (blobs.images * blob[:, None]).sum((2, 3)) / blob.sum((1, 2))[:, None]
    rows, columns = torch.meshgrid(torch.arange(12.0), torch.arange(16.0), indexing="ij")
    place = torch.stack([(blob * axis).sum((1, 2)) / blob.sum((1, 2)) for axis in (rows, columns)], 1)
    told = torch.cat([colour, place, blob.sum((1, 2))[:, None], blobs.truth.ink[:, None]], dim=1)
    told = (told - told.mean(0)) / told.std(0)
    means = torch.stack([told[blobs.labels == label].mean(0) for label in range(4)])
    assert means.abs().max() < 4 / 300**0.5


def test_a_picture_at_least():
    with pytest.raises(ValueError, match="make_blobs_image needs n of at least 1, not 0"):
        make_blobs_image(0, seed=1)


def test_the_renderer_paints_in_order_and_within_zero_and_one():
    low = stamp(drawing("##", "##"), 1, 2, 4, 6)
    high = stamp(drawing("#"), 2, 3, 4, 6)
    assert low.sum() == 4
    assert low[1, 2]
    picture = render(
        [Item(low, (1.0, 0.0, 0.0)), Item(high, (0.0, 0.0, 1.0))], 4, 6, Rng(1), (0.5, 0.5, 0.5), 0
    )
    assert picture.dtype == np.float32
    assert picture.shape == (3, 4, 6)
    assert picture[:, 1, 2].tolist() == [1, 0, 0]
    assert picture[:, 2, 3].tolist() == [0, 0, 1]
    assert 0.4 < picture[:, 0].min() < picture[:, 0].max() < 0.6
    noisy = render([], 4, 6, Rng(1), (0.5, 0.5, 0.5), 2.0)
    assert (noisy.min(), noisy.max()) == (0, 1)
    assert hue(1 / 3) == (0, 1, 0)


def test_digits_are_split_without_overlap():
    data, again, other = digits(), digits(), digits(seed=1, test=100)
    assert data.x_train.shape == (1437, 64)
    assert data.x_test.shape == (360, 64)
    assert data.x_train.dtype == torch.float32
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert sorted(set(data.y_train.tolist())) == list(range(10))
    assert torch.equal(data.x_test, again.x_test)
    assert other.x_test.shape == (100, 64)
    whole = torch.cat([data.x_train, data.x_test])
    assert torch.equal(whole.double().sum(0), torch.cat([other.x_train, other.x_test]).double().sum(0))


@pytest.mark.parametrize("test", [0, 1797])
def test_both_parts_of_the_digits_hold_some(test):
    with pytest.raises(ValueError, match=f"test must be from 1 to 1796, not {test}"):
        digits(test=test)


def _cut(mask):
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.ascontiguousarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
