"""Lesson 02: every reference against captum, scipy, or the textbook computation where no library has it."""

import copy
import warnings

import numpy as np
import pytest
import torch
from scipy import stats

from coursekit import Rng, glyph_cnn, map_explainer, mlp
from reference_impl import gradient_attribution as reference

captum = pytest.importorskip("captum.attr", reason="captum is not installed: pip install captum")

SEEDS = [1, 2, 3]
MODELS = ["cnn", "mlp", "one_channel", "float32"]


def case(seed: int, which: str = "cnn"):
    """A model of each family, inputs and one target per row."""
    rng = Rng(seed, 2)
    if which == "mlp":
        return mlp([6, 7, 5, 4], "softplus", rng), rng.normal(5, 6), rng.targets(5, 4), rng
    if which == "float32":
        dtype = torch.float32
        return (
            mlp([6, 7, 4], "relu", rng, dtype="float32"),
            rng.normal(5, 6, dtype=dtype),
            rng.targets(5, 4),
            rng,
        )
    channels, variant = (1, "one_channel") if which == "one_channel" else (3, "plain")
    return glyph_cnn(rng, variant), rng.uniform(5, channels, 12, 16), rng.targets(5, 4), rng


def near(got: torch.Tensor, want: torch.Tensor, tol: float) -> None:
    """Same shape, and the largest difference at most ``tol`` of the largest entry."""
    assert got.shape == want.shape
    assert (got - want).abs().max() <= tol * want.abs().max()


def exactness(x: torch.Tensor) -> float:
    """1e-12 in float64; float32 has 24 bits."""
    return 1e-12 if x.dtype == torch.float64 else 1e-6


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_saliency_is_captums(seed, which):
    model, x, target, _ = case(seed, which)
    want = captum.Saliency(model).attribute(x.clone().requires_grad_(), target=target).detach()
    near(reference.saliency(model, x, target), want.amax(1) if x.ndim == 4 else want, exactness(x))


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_gradient_times_input_is_captums(seed, which):
    model, x, target, _ = case(seed, which)
    want = captum.InputXGradient(model).attribute(x.clone().requires_grad_(), target=target).detach()
    near(reference.gradient_times_input(model, x, target), want, exactness(x))


@pytest.mark.parametrize("steps", [2, 7])  # captum refuses a single step
@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_integrated_gradients_is_captums_midpoint_rule(seed, which, steps):
    model, x, target, rng = case(seed, which)
    for baseline in (torch.zeros_like(x[:1]), rng.normal(*x.shape, dtype=x.dtype)):
        ig = captum.IntegratedGradients(model)
        want = ig.attribute(x, baseline.expand_as(x), target=target, n_steps=steps, method="riemann_middle")
        # captum keeps the step sizes in float32, so a ReLU net's kinks may be met a hair earlier or later
        got = reference.integrated_gradients(model, x, baseline, target, steps)
        near(got, want, 1e-5 if x.dtype == torch.float32 else 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_integrated_gradients_of_a_single_step_is_the_gradient_halfway(seed):
    model, x, target, rng = case(seed)
    baseline = rng.normal(*x.shape)
    halfway = ((x + baseline) / 2).requires_grad_()
    gradient = torch.autograd.grad(model(halfway).gather(1, target[:, None]).sum(), halfway)[0]
    near(reference.integrated_gradients(model, x, baseline, target, 1), (x - baseline) * gradient, 1e-12)


@pytest.mark.parametrize("samples", [1, 6])
@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_smoothgrad_is_captums_noise_tunnel(seed, which, samples):
    model, x, target, _ = case(seed, which)
    for i in range(len(x)):
        row, level = x[i : i + 1], 0.15
        sigma = level * float(row.max() - row.min())
        torch.manual_seed(seed)
        drawn = torch.normal(0, torch.tensor(sigma).repeat(samples, *row.shape[1:]))  # captum's draw
        torch.manual_seed(seed)
        want = captum.NoiseTunnel(captum.Saliency(model)).attribute(
            row, nt_type="smoothgrad", nt_samples=samples, stdevs=sigma, target=target[i : i + 1], abs=False
        )
        noise = (drawn.to(x.dtype) / sigma)[:, None]
        got = reference.smoothgrad(model, row, target[i : i + 1], noise, level)
        near(got, want.detach(), 1e-10 if x.dtype == torch.float64 else 1e-5)


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_completeness_gap_is_captums_convergence_delta(seed, which):
    model, x, target, rng = case(seed, which)
    baseline = rng.normal(*x.shape, dtype=x.dtype)
    attributions, delta = captum.IntegratedGradients(model).attribute(
        x, baseline, target=target, n_steps=5, method="riemann_middle", return_convergence_delta=True
    )
    got = reference.completeness_gap(attributions, model, x, baseline, target)
    tol = 1e-8 if x.dtype == torch.float64 else 1e-4
    near(got["gap"], delta.detach(), tol)
    change = (model(x) - model(baseline)).gather(1, target[:, None])[:, 0].detach()
    near(got["relative"], (delta / change).abs().detach(), tol)


def test_relative_gap_without_a_change_is_zero_or_infinite():
    model, x, target, _ = case(1, "mlp")
    attributions = torch.zeros_like(x)
    attributions[1, 2] = 0.5
    got = reference.completeness_gap(attributions, model, x, x.clone(), target)
    assert got["relative"].tolist() == [0, np.inf, 0, 0, 0]


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_guided_backprop_is_captums(seed, which):
    model, x, target, _ = case(seed, which)
    near(reference.guided_backprop(model, x, target), captum_guided(model, x, target), exactness(x))


@pytest.mark.parametrize("seed", SEEDS)
def test_guided_backprop_through_shared_modules_equals_the_net_without_sharing(seed):
    shared, alone = glyph_cnn(seed, "shared"), glyph_cnn(seed, "each_relu_once")
    x, target = Rng(seed).uniform(4, 3, 12, 16), Rng(seed).targets(4, 4)
    near(shared(x), alone(x), 1e-12)
    near(reference.guided_backprop(shared, x, target), captum_guided(alone, x, target), 1e-12)


def captum_guided(model, x, target):
    """captum's map; it warns that it sets hooks, which is what it is asked to do."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
        return captum.GuidedBackprop(model).attribute(x.clone().requires_grad_(), target=target).detach()


@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_rank_similarity_is_scipys_spearman(seed, absolute):
    rng = Rng(seed)
    maps = [rng.normal(5, 3, 7) for _ in range(2)]
    sparse = [torch.where(rng.uniform(5, 3, 7) < 0.5, 0.0, m) for m in maps]  # ties
    whole = [rng.integers(-3, 4, 5, 11).double() for _ in range(2)]
    for a, b in (maps, sparse, whole):
        got = reference.rank_similarity(a, b, absolute)
        for i, (u, v) in enumerate(zip(a.flatten(1).numpy(), b.flatten(1).numpy(), strict=True)):
            u, v = (abs(u), abs(v)) if absolute else (u, v)
            assert got[i].item() == pytest.approx(stats.spearmanr(u, v).statistic, abs=1e-12)


@pytest.mark.parametrize("which", ["cnn", "mlp"])
@pytest.mark.parametrize("name", ["fingerprint", "grad_square"])
@pytest.mark.parametrize("seed", SEEDS)
def test_cascading_randomisation_is_loading_partly_replaced_weights(seed, name, which):
    model, x, target, _ = case(seed, which)
    fresh = dict(case(seed + 100, which)[0].named_parameters())
    layers = ["fc", "block", "conv1"] if which == "cnn" else ["4", "0", "2"]
    explain = map_explainer(name)
    got = reference.cascading_randomisation(model, x, target, layers, fresh, explain)
    assert len(got) == len(layers) + 1
    state = copy.deepcopy(model.state_dict())
    for k in range(len(layers) + 1):
        if k > 0:
            state |= {n: p.detach() for n, p in fresh.items() if n.startswith(layers[k - 1] + ".")}
        partly = copy.deepcopy(model)
        partly.load_state_dict(state)
        assert torch.equal(got[k], explain(partly, x, target))
