"""Hidden grader of `integrated_gradients`: midpoint rule, factor (x - baseline), one target per row."""

import pytest
import torch

from coursekit import glyph_cnn, mlp
from coursekit.checks import (
    Part,
    alternative,
    axiom,
    close,
    convergence,
    detached,
    same_dtype,
    unchanged,
)

rule = Part("rule", 6)
factor = Part("factor", 4)
rows = Part("batch/target handling", 4)
contract = Part("error + side effects", 2)


def vectors(rng, n, dtype=torch.float64):
    """An MLP, n rows with a baseline each; row i asks for a class that is not predicted."""
    model = mlp([5, 11, 7, 4], "softplus", rng, dtype=dtype)
    x, baseline = rng.normal(n, 5, dtype=dtype), rng.normal(n, 5, dtype=dtype)
    return model, x, baseline, unlikely(model, x)


def unlikely(model, x):
    """For each row the class predicted last that is not the class of the row before; never the one predicted."""
    picked = []
    for ranked in model(x).argsort(dim=1).tolist():
        picked.append(next(c for c in ranked if c not in picked[-1:]))
    return torch.tensor(picked)


def gap(attributions, model, x, baseline, target):
    """How far the attributions of each row are from the change of its score."""
    picked = torch.arange(len(x))
    with torch.no_grad():
        change = (model(x) - model(baseline))[picked, target]
    return attributions.flatten(1).sum(dim=1) - change


# ------------------------------------------------------------------------------------------- the tests
# Here x = baseline + 1, so that the factor is 1 and only the averaging counts.
@rule
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_midpoints(agrees, rng, steps):
    """The gradients at the midpoints of the steps are averaged; a single step is taken halfway"""
    model, x, _, target = vectors(rng, 1)
    agrees(model, x, x - 1, target, steps)


@rule
@axiom("completeness")
def test_completeness(student, rng):
    """Twice the steps, a quarter of the completeness gap; an entry the model ignores gets 0"""
    model, x, baseline, _ = vectors(rng, 7)
    model.get_parameter("0.weight").data[:, 3] = 0
    target = torch.full((7,), 2)
    coarse, fine = (student.integrated_gradients(model, x, baseline, target, steps) for steps in (8, 16))
    close(fine[:, 3], torch.zeros(7, dtype=torch.float64))
    ratio = gap(coarse, model, x, baseline, target).norm() / gap(fine, model, x, baseline, target).norm()
    assert 3.5 < ratio < 4.5, (
        f"doubling the steps divides the completeness gap by {ratio:.2f}; about 4 is right"
    )


@factor
@pytest.mark.parametrize("steps", [1, 4])
def test_linear_model(student, rng, steps):
    """On a linear model the map is weight * (x - baseline), whatever the number of steps"""
    model, x, baseline = mlp([5, 4], None, rng).requires_grad_(False), rng.normal(3, 5), rng.normal(3, 5)
    baseline[0, 1] = x[0, 1]  # nothing changes here: exactly 0
    target = torch.full((3,), 2)
    want = model.get_parameter("0.weight")[target] * (x - baseline)
    close(student.integrated_gradients(model, x, baseline, target, steps), want)


@factor
def test_zero_baseline(agrees, rng):
    """From a zero baseline the factor is x; with few steps the map need not add up, and is not made to"""
    model, _, _, target = vectors(rng, 1)
    x = rng.uniform(1, 5, low=0.5, high=2.0)
    agrees(model, x, torch.zeros(1, 5, dtype=torch.float64), target, 3)


@rows
@pytest.mark.parametrize("n", [1, 5])
def test_each_row_has_its_own(agrees, rng, n):
    """Each row is explained for its own target, starting from its own baseline"""
    agrees(*vectors(rng, n), 3)


@rows
def test_one_baseline_for_all_rows(agrees, rng):
    """A baseline whose first dimension is 1 serves all rows; pictures keep their channels"""
    model, x, baseline = glyph_cnn(rng), rng.uniform(3, 3, 12, 16), rng.uniform(1, 3, 12, 16)
    agrees(model, x, baseline, unlikely(model, x), 3)


@rows
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right map comes in the dtype of x, detached"""
    arguments = *vectors(rng, 3, dtype), 2
    agrees(*arguments)
    same_dtype(student.integrated_gradients(*arguments), dtype)
    detached(student)


@contract
@pytest.mark.parametrize("steps", [0, -2])
def test_no_steps(student, rng, steps):
    """steps smaller than 1 raises ValueError"""
    with pytest.raises(ValueError):
        student.integrated_gradients(*vectors(rng, 2), steps)


@contract
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """The model, its .grad fields, x and baseline are as they were before the call, frozen parameters or not"""
    model, *rest = vectors(rng, 3)
    student.integrated_gradients(model.requires_grad_(not frozen), *rest, 2)
    unchanged(student)


CONVERGENCE = convergence(
    "steps",
    [2, 4, 8, 16, 32, 64],
    case=lambda rng, steps: (*vectors(rng, 7), steps),
    error=lambda args, answer: float(gap(answer, *args[:4]).norm()),
    slope=-2,
)


# ---------------------------------------------------------------------------------------- the mistakes
rule.mistake(
    "You take the left end of each step, starting at the baseline: use (k + 0.5)/steps.",
    "(k + 0.5) / steps * (x",
    "k / steps * (x",
    about="left end",
)
rule.mistake(
    "You take the right end of each step, ending at x (as the paper's formula does): use (k + 0.5)/steps.",
    "(k + 0.5) / steps * (x",
    "(k + 1) / steps * (x",
    about="right end",
)
rule.mistake(
    "Your points run from baseline to x with both ends included, as torch.linspace(0, 1, steps) gives "
    "them: use the midpoints (k + 0.5)/steps.",
    "(k + 0.5) / steps * (x",
    "k / max(steps - 1, 1) * (x",
    about="both ends included",
)
rule.mistake(
    "Your points divide the way into steps + 1 pieces and leave both ends out: use the midpoints (k + "
    "0.5)/steps.",
    "(k + 0.5) / steps * (x",
    "(k + 1) / (steps + 1) * (x",
    about="leave both ends out",
)
rule.mistake(
    "You add (k + 0.5)/steps to every entry of the baseline: go that share of the way (x - baseline).",
    "(k + 0.5) / steps * (x - baseline)",
    "(k + 0.5) / steps * torch.ones_like(x)",
    about="every entry of the baseline",
)
rule.mistake(
    "You start each point at zero instead of the baseline: baseline + (k + 0.5)/steps * (x - baseline).",
    "point = baseline + (k",
    "point = (k",
    about="start each point at zero",
)
rule.mistake(
    "You walk from x to beyond it: the path is baseline + alpha * (x - baseline).",
    "point = baseline + (k",
    "point = x + (k",
    about="beyond",
)
rule.mistake(
    "You walk along baseline + alpha * x, which ends at x + baseline: the path is baseline + alpha * (x "
    "- baseline).",
    "/ steps * (x - baseline)",
    "/ steps * x",
    about="walk along",
)
rule.mistake(
    "You add up absolute gradients: gradients of opposite sign must cancel, or completeness is lost.",
    "point)[0]",
    "point)[0].abs()",
    about="absolute gradients",
)
rule.mistake(
    "You add the gradients up and do not divide by the number of steps.",
    "total / steps",
    "total",
    about="do not divide",
)


@rule.mistake(
    "You take one gradient, at the average point: average the gradients along the path, not the inputs.",
    about="average point",
)
def gradient_at_the_average_point(model, x, baseline, target, steps):
    if steps < 1:
        raise ValueError("steps")
    middle = ((x + baseline) / 2).detach().requires_grad_(True)
    score = model(middle)[torch.arange(len(x)), target].sum()
    return (x - baseline) * torch.autograd.grad(score, middle)[0]


@rule.mistake(
    "This is the trapezoid rule, with the ends at half weight: the midpoint rule is asked, and nothing else.",
    about="trapezoid",
)
def trapezoid(model, x, baseline, target, steps):
    if steps < 1:
        raise ValueError("steps")
    total = torch.zeros_like(x)
    for k in range(steps + 1):
        point = (baseline + k / steps * (x - baseline)).detach().requires_grad_(True)
        score = model(point)[torch.arange(len(x)), target].sum()
        total += torch.autograd.grad(score, point)[0] * (0.5 if k in (0, steps) else 1.0)
    return (x - baseline) * total / steps


factor.mistake(
    "Your factor is x: that is right for a zero baseline only. Multiply by (x - baseline).",
    "return (x - baseline)",
    "return x",
    about="zero baseline only",
)
factor.mistake(
    "The factor (x - baseline) is missing: this is the average gradient along the path.",
    "return (x - baseline) * mean_gradient",
    "return mean_gradient",
    about="factor is missing",
)
factor.mistake(
    "Your factor is (baseline - x): every sign is turned.",
    "return (x - baseline)",
    "return (baseline - x)",
    about="every sign",
)
factor.mistake(
    "Your factor is |x - baseline|: where x is below the baseline the sign is turned.",
    "return (x - baseline)",
    "return (x - baseline).abs()",
    about="below the baseline sign",
)


@factor.mistake(
    "You rescale the map until it adds up to the change of the score: the gap is a measure of quality, "
    "leave it there.",
    about="rescale",
)
def made_to_add_up(model, x, baseline, target, steps):
    if steps < 1:
        raise ValueError("steps")
    picked, total = torch.arange(len(x)), torch.zeros_like(x)
    for k in range(steps):
        point = (baseline + (k + 0.5) / steps * (x - baseline)).detach().requires_grad_(True)
        total += torch.autograd.grad(model(point)[picked, target].sum(), point)[0]
    maps = (x - baseline) * total / steps
    with torch.no_grad():
        change = (model(x) - model(baseline.expand_as(x)))[picked, target]
    return maps * (change / maps.flatten(1).sum(dim=1)).reshape(-1, *[1] * (x.ndim - 1))


factor.mistake(
    "You multiply every row by the first row's (x - baseline): each row has its own.",
    "return (x - baseline)",
    "return (x - baseline)[:1]",
    about="multiply every row",
)
rows.mistake(
    "You use the baseline of the first row for all rows: row i starts from baseline[i] where there is "
    "one for each.",
    "x, baseline = x.detach(), baseline.detach()",
    "x, baseline = x.detach(), baseline[:1].detach()",
    about="use the baseline of the first row",
)
rows.mistake(
    "You explain every row for the target of the first row: row i has the class target[i].",
    "[rows, target]",
    "[rows, target[0]]",
    about="target of the first row",
)
rows.mistake(
    "model(...)[:, target] picks every target for every row, (B, B) values. Pick one logit per row: "
    "model(...)[torch.arange(B), target].",
    "[rows, target]",
    "[:, target]",
    about="picks every target",
)
rows.mistake(
    "You differentiate the mean score of the batch, so everything is divided by the number of rows. "
    "Differentiate the sum: the rows do not influence each other.",
    "scores.sum()",
    "scores.mean()",
    about="mean score",
)
rows.mistake(
    "You explain the class that the model predicts along the way: explain the class asked for.",
    "model(point)[rows, target]",
    "model(point).amax(dim=1)",
    about="model predicts",
)
rows.mistake(
    "You differentiate the softmax probability, which mixes in the other classes. Use the logit.",
    "model(point)[rows, target]",
    "model(point).softmax(dim=1)[rows, target]",
    about="softmax probability",
)
rows.mistake(
    "A batch of one row ends in an error: squeeze(), for one, takes away the batch axis as well.",
    "model(point)[rows, target]",
    "model(point).squeeze()[rows, target]",
    about="squeeze batch axis",
)
rows.mistake(
    "You add the channels up: the result keeps the shape of x.",
    "return (x - baseline) * mean_gradient",
    "return ((x - baseline) * mean_gradient).sum(dim=1) if x.ndim == 4 else (x - baseline) * mean_gradient",
    about="add the channels up",
)


@rows.mistake(
    "zip(x, baseline) stops at the shorter one: when one baseline serves all rows, only the first row "
    "is explained. Use baseline.expand_as(x).",
    about="zip",
)
def zipped_rows(model, x, baseline, target, steps):
    if steps < 1:
        raise ValueError("steps")
    maps = []
    for row, start, wanted in zip(x, baseline, target, strict=False):
        total = torch.zeros_like(row)
        for k in range(steps):
            point = (start + (k + 0.5) / steps * (row - start)).detach().requires_grad_(True)
            total += torch.autograd.grad(model(point[None])[0, wanted], point)[0]
        maps.append((row - start) * total / steps)
    return torch.stack(maps)


contract.mistake(
    "steps = 0 slips through: raise ValueError for every number of steps below 1.",
    "if steps < 1:",
    "if steps < 0:",
    about="slips through",
)
contract.mistake(
    "No error is raised for steps below 1: raise ValueError before anything else.",
    "if steps < 1:",
    "if False:",
    about="no error is raised",
)
contract.mistake(
    "You stop with another kind of error (such as an assert): for steps below 1 raise ValueError.",
    "raise ValueError(",
    "raise AssertionError(",
    about="another kind of error",
)
contract.mistake(
    "Gradients are left in the .grad of the model's parameters (backward() fills them): use "
    "torch.autograd.grad(score, point), which touches nothing else.",
    "torch.autograd.grad(scores.sum(), point)[0]",
    "(scores.sum().backward(), point.grad)[1]",
    about="gradients are left",
)
contract.mistake(
    "The caller's x is not as it was (its values, its .grad or its requires_grad): ask for gradients at "
    "the points on the path.",
    "x, baseline = x.detach(), baseline.detach()",
    "x.requires_grad_(True); x, baseline = x.detach(), baseline.detach()",
    about="caller's x is not as it was",
)
contract.mistake(
    "The model is left in another state: its parameters frozen or not, its mode train or eval, must be "
    "as they were.",
    "rows = torch.arange(len(x))",
    "rows, _ = torch.arange(len(x)), model.requires_grad_(False)",
    about="another state",
)
rows.mistake(
    "Your result still hangs on the graph (requires_grad is True): return it detached.",
    "torch.autograd.grad(scores.sum(), point)[0]",
    "torch.autograd.grad(scores.sum(), point, create_graph=True)[0]",
    about="hangs on the graph",
)
rows.mistake(
    "Your map is float64 whatever x is: keep the dtype of x.",
    "torch.zeros_like(x)",
    "torch.zeros_like(x, dtype=torch.float64)",
    about="float64",
)
rows.mistake(
    "Your map is float32 whatever x is, as torch.zeros(shape) is: keep the dtype of x.",
    "return (x - baseline) * mean_gradient",
    "return ((x - baseline) * mean_gradient).float()",
    about="float32",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def all_points_in_one_batch(model, x, baseline, target, steps):
    if steps < 1:
        raise ValueError("at least one step")
    start = baseline.expand(x.shape).detach()
    alphas = (torch.arange(steps, dtype=x.dtype) + 0.5) / steps
    alphas = alphas.reshape(-1, 1, *[1] * (x.dim() - 1))
    points = (start + alphas * (x.detach() - start)).flatten(0, 1).requires_grad_()
    scores = model(points).gather(1, target.repeat(steps)[:, None])
    (gradients,) = torch.autograd.grad(scores.sum(), points)
    return (x.detach() - start) * gradients.reshape(steps, *x.shape).mean(0)


@alternative
def row_by_row_by_the_jacobian(model, x, baseline, target, steps):
    if not steps >= 1:
        raise ValueError("at least one step")
    maps = []
    for i, (a, b) in enumerate(zip(x, baseline.expand_as(x), strict=True)):
        way, total = a - b, 0
        for k in range(steps, 0, -1):
            point = a - (k - 0.5) / steps * way
            total = total + torch.autograd.functional.jacobian(
                lambda z, i=i: model(z[None])[0, target[i]], point
            )
        maps.append(way * (total / steps))
    return torch.stack(maps).detach()


@alternative
def by_torch_func(model, x, baseline, target, steps):
    """The gradient with respect to the whole way, which carries the chain rule's alpha, divided by it."""
    if steps < 1:
        raise ValueError("at least one step")

    def mean_score(way):
        alphas = [(2 * k + 1) / (2 * steps) for k in range(steps)]
        picked = torch.arange(len(x))
        return sum(model(baseline + alpha * way)[picked, target].sum() / alpha for alpha in alphas) / steps

    way = (x - baseline).detach()
    return way * torch.func.grad(mean_score)(way).detach()
