"""The watermark table and the two networks that were trained on it."""

import numpy as np
import pytest
import torch

import coursekit as kit
from coursekit.data.watermark import make_watermark
from coursekit.rng import Rng


def test_shapes_and_kinds():
    rows = make_watermark(500, 0.8, 1)
    assert rows.X.shape == (500, 6)
    assert rows.X.dtype == np.float64
    assert rows.y.dtype == np.int64
    assert set(rows.y) == {0, 1}
    assert set(rows.X[:, 5]) == {0.0, 1.0}
    assert rows.names[rows.truth.cue] == "scanner tag"
    assert len(rows.names) == 6
    assert sorted([*rows.truth.causal, *rows.truth.noise, rows.truth.cue]) == list(range(6))


def test_the_label_follows_the_rule_and_the_tag_goes_along_as_often_as_rho_says():
    rows = make_watermark(20_000, 0.9, 2)
    assert np.array_equal(rows.truth.agrees, rows.X[:, 5] == rows.y)
    assert rows.truth.agrees.mean() == pytest.approx(0.9, abs=0.01)
    without_chance = (rows.X[:, 0] + 0.8 * rows.X[:, 1] > 0) == rows.y
    assert without_chance.mean() == pytest.approx(1 - np.arctan(0.7 / np.sqrt(1.64)) / np.pi, abs=0.01)
    for column in rows.truth.noise:
        assert abs(np.corrcoef(rows.X[:, column], rows.y)[0, 1]) < 0.03
    loose = make_watermark(20_000, 0.5, 2)
    assert abs(np.corrcoef(loose.X[:, 5], loose.y)[0, 1]) < 0.03


def test_only_the_tag_depends_on_rho_and_equal_seeds_give_equal_rows():
    one, other = make_watermark(300, 0.95, 4), make_watermark(300, 0.5, 4)
    assert np.array_equal(one.X[:, :5], other.X[:, :5])
    assert np.array_equal(one.y, other.y)
    assert not np.array_equal(one.X[:, 5], other.X[:, 5])
    assert np.array_equal(one.X, make_watermark(300, 0.95, Rng(4)).X)
    assert (make_watermark(300, 1.0, 4).truth.agrees).all()
    assert not (make_watermark(300, 0.0, 4).truth.agrees).any()


@pytest.mark.parametrize(("n", "rho"), [(0, 0.5), (5, 1.2), (5, -0.1)])
def test_what_cannot_be_made(n, rho):
    with pytest.raises(ValueError, match=r"make_watermark needs n of at least 1|rho is a probability"):
        make_watermark(n, rho, 1)


@pytest.mark.parametrize(
    ("name", "rho", "here", "elsewhere"),
    [
        ("watermark_shortcut", 0.95, (0.95, 0.98), (0.65, 0.72)),
        ("watermark_honest", 0.5, (0.81, 0.86), (0.81, 0.86)),
    ],
)
def test_the_stored_networks_follow_the_tag_or_ignore_it(name, rho, here, elsewhere):
    net = kit.stored(name)
    assert net.dtype == "float64"
    assert not any(parameter.requires_grad for parameter in net.parameters())

    def accuracy(rho):
        rows = make_watermark(2000, rho, 77)
        out = net(torch.from_numpy(rows.X))
        assert out.shape == (2000, 1)
        return ((out[:, 0].numpy() > 0) == rows.y).mean()

    assert here[0] < accuracy(rho) < here[1]
    assert elsewhere[0] < accuracy(0.5) < elsewhere[1]
