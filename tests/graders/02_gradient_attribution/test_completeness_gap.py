"""Hidden grader of `completeness_gap`: do attributions add up to the change of the score?"""

import pytest
import torch

from coursekit import glyph_cnn, mlp
from coursekit.checks import Part, alternative, axiom, close, same_dtype, unchanged

gap = Part("gap", 5)
relative = Part("relative", 3)

KEYS = "the result must be a dict with the keys 'gap' and 'relative'"


def vectors(rng, n, dtype=torch.float64):
    """Attributions, an MLP, n rows with a baseline each; no row asks for its predicted class or its neighbour's.

    The score falls from the baseline to x in rows 0, 2, 4 and rises in the others; the gaps' signs alternate too.
    """
    model = mlp([6, 11, 7, 4], "softplus", rng, dtype=dtype)
    x, baseline = rng.normal(99, 6, dtype=dtype), rng.normal(99, 6, dtype=dtype)
    logits = model(x).detach()
    changes = logits - model(baseline).detach()
    rows, target = [], []
    for i in range(n):
        fits = (changes * (-1) ** i < -0.1) & (torch.arange(4) != logits.argmax(dim=1, keepdim=True))
        row, c = next((r, c) for r, c in fits.nonzero().tolist() if r not in rows and c not in target[-1:])
        rows.append(row)
        target.append(c)
    x, baseline, target = x[rows], baseline[rows], torch.tensor(target)
    attributions = rng.normal(n, 6, dtype=dtype)
    return both_signs(attributions, change(model, x, baseline, target)), model, x, baseline, target


def both_signs(attributions, change):
    """The same attributions, but for one entry of each row, with negative and positive gaps in turn."""
    gaps = attributions.flatten(1).sum(dim=1) - change
    signs = (-1.0) ** (torch.arange(len(gaps)) + 1)
    attributions.flatten(1)[:, 0] += (signs * (2 * gaps.abs() + 1)).to(gaps.dtype)
    return attributions


def unlikely(model, x):
    """For each row the class predicted last that is not the class of the row before; never the one predicted."""
    picked = []
    for ranked in model(x).argsort(dim=1).tolist():
        picked.append(next(c for c in ranked if c not in picked[-1:]))
    return torch.tensor(picked)


def change(model, x, baseline, target):
    """What the score of each row changes by from the baseline to x."""
    with torch.no_grad():
        return (model(x) - model(baseline.expand_as(x)))[torch.arange(len(x)), target]


def entry(result, key):
    assert isinstance(result, dict), KEYS
    assert key in result, KEYS
    return result[key]


# ------------------------------------------------------------------------------------------- the tests
@gap
@axiom("completeness")
@pytest.mark.parametrize("n", [1, 5])
def test_gap(student, rng, n):
    """The gap of each row is the sum of its attributions minus the change of its own score"""
    attributions, *rest = vectors(rng, n)
    got = student.completeness_gap(attributions, *rest)
    close(entry(got, "gap"), attributions.sum(dim=1) - change(*rest))


@gap
def test_gap_of_pictures(student, rng):
    """All channels and pixels are added up; one baseline may serve all rows"""
    model, x, baseline = glyph_cnn(rng), rng.uniform(5, 3, 12, 16), rng.uniform(1, 3, 12, 16)
    target, attributions = unlikely(model, x), rng.normal(5, 3, 12, 16)
    attributions = both_signs(attributions, change(model, x, baseline, target))
    got = student.completeness_gap(attributions, model, x, baseline, target)
    close(entry(got, "gap"), attributions.sum(dim=(1, 2, 3)) - change(model, x, baseline, target))


@gap
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_and_everything_as_before(student, rng, dtype):
    """The right gap comes in the dtype of x; attributions, model, x and baseline are as before the call"""
    attributions, model, x, baseline, target = vectors(rng, 3, dtype)
    attributions = both_signs(attributions, change(model, x, baseline[:1], target))
    got = student.completeness_gap(attributions, model, x, baseline[:1], target)
    unchanged(student)
    close(entry(got, "gap"), attributions.sum(dim=1) - change(model, x, baseline[:1], target))
    same_dtype(entry(got, "gap"), dtype)


@relative
def test_relative(student, rng):
    """The relative gap is |gap| / |change|, and the result holds just the two keys"""
    attributions, *rest = vectors(rng, 5)
    attributions[:, 0] += torch.tensor([9.0, -9.0, 9.0, -9.0, 9.0]) * change(*rest).sign()
    got = student.completeness_gap(attributions, *rest)
    changes = change(*rest)
    close(entry(got, "relative"), (attributions.sum(dim=1) - changes).abs() / changes.abs())
    assert set(got) == {"gap", "relative"}, KEYS + ", and no others"


@relative
def test_no_change(student, rng):
    """Where the score does not change, the relative gap is 0 without a gap and infinite with one"""
    attributions, model, x, baseline, target = vectors(rng, 5)
    baseline[1], baseline[2], baseline[4] = x[1], x[2], x[4]
    attributions[1], attributions[2, 1:] = 0, -0.25
    changes = change(model, x, baseline, target)
    want = (attributions.sum(dim=1) - changes).abs() / changes.abs()
    want[1], want[2], want[4] = 0, torch.inf, torch.inf
    close(entry(student.completeness_gap(attributions, model, x, baseline, target), "relative"), want)


# ---------------------------------------------------------------------------------------- the mistakes
gap.mistake(
    "The sign is turned: gap = sum of the attributions - change.",
    "gap = attributions.flatten(1).sum(dim=1) - change",
    "gap = change - attributions.flatten(1).sum(dim=1)",
    about="sign is turned",
)
gap.mistake(
    "The score of the baseline is forgotten: completeness compares with the DIFFERENCE of two scores.",
    "change = score_x - score_b",
    "change = score_x",
    about="forgotten",
)
gap.mistake(
    "You compare softmax probabilities: the score is the logit.",
    "rows = torch.arange(len(x))",
    "rows, logits = torch.arange(len(x)), model; model = lambda z: logits(z).softmax(dim=1)",
    about="softmax",
)
gap.mistake(
    "You compare log-probabilities: the score is the logit.",
    "rows = torch.arange(len(x))",
    "rows, logits = torch.arange(len(x)), model; model = lambda z: logits(z).log_softmax(dim=1)",
    about="log",
)
gap.mistake(
    "You compare the scores of the class that is predicted for x: take the class target[i].",
    "rows = torch.arange(len(x))",
    "rows, target = torch.arange(len(x)), model(x).argmax(dim=1)",
    about="predicted for x",
)
gap.mistake(
    "At the baseline you take the class that is predicted there: both scores are of the class target[i].",
    "model(baseline.expand_as(x))[rows, target]",
    "model(baseline.expand_as(x)).amax(dim=1)",
    about="predicted there",
)
gap.mistake(
    "You use the baseline of the first row for all rows: row i has baseline[i] where there is one for each.",
    "baseline.expand_as(x)",
    "baseline[:1].expand_as(x)",
    about="use the baseline of the first row",
)
gap.mistake(
    "You compute the score of the baseline for the first row's target only: row i needs it for target[i].",
    "model(baseline.expand_as(x))[rows, target]",
    "model(baseline.expand_as(x))[rows, target[0]]",
    about="first row's target only",
)
gap.mistake(
    "You add up along one axis only: all channels and pixels of a row count.",
    "attributions.flatten(1).sum(dim=1)",
    "attributions.sum(dim=1)",
    about="one axis only",
)
gap.mistake(
    "A baseline for all rows gives one row of logits: expand it to the rows of x before you pick the "
    "targets.",
    "baseline.expand_as(x)",
    "baseline",
    about="expand",
)
gap.mistake(
    "You average the attributions of a row: add them up.",
    "attributions.flatten(1).sum(dim=1)",
    "attributions.flatten(1).mean(dim=1)",
    about="average",
)
gap.mistake(
    "You add up absolute attributions: signed ones add up to the change.",
    "attributions.flatten(1).sum(dim=1)",
    "attributions.abs().flatten(1).sum(dim=1)",
    about="absolute attributions",
)
gap.mistake(
    "You add up the attributions of the whole batch: there is one gap for each row.",
    "attributions.flatten(1).sum(dim=1)",
    "attributions.sum()",
    about="whole batch",
)
gap.mistake(
    "The gap has lost its sign: only the relative gap is without one.",
    'return {"gap": gap,',
    'return {"gap": gap.abs(),',
    about="lost its sign",
)
gap.mistake(
    "Your gap is float64 whatever x is: keep the dtype of x.",
    "attributions.flatten(1).sum(dim=1)",
    "attributions.double().flatten(1).sum(dim=1)",
    about="float64",
)
gap.mistake(
    "Your gap is float32 whatever x is: keep the dtype of x.",
    'return {"gap": gap,',
    'return {"gap": gap.float(),',
    about="float32",
)
gap.mistake(
    "The caller's tensors are changed by the call, as attributions are by a subtraction in place: work "
    "on a copy.",
    "gap = attributions.flatten(1).sum(dim=1) - change",
    "attributions.flatten(1)[:, 0].sub_(change); gap = attributions.flatten(1).sum(dim=1)",
    about="caller's tensors",
)
relative.mistake(
    "You add a small number to the denominator: where nothing changes, the answer is exactly 0 or infinity.",
    "torch.where(change.abs() < 1e-12, no_change, gap.abs() / change.abs())",
    "gap.abs() / (change.abs() + 1e-12)",
    about="small number",
)
relative.mistake(
    "0/0 gives nan: where neither the score changes nor a gap is left, the relative gap is 0.",
    "torch.where(change.abs() < 1e-12, no_change, gap.abs() / change.abs())",
    "gap.abs() / change.abs()",
    about="nan",
)
relative.mistake(
    "Where the score does not change you return 0 even if there is a gap: it is infinitely large beside "
    "no change.",
    "no_change = torch.where(gap.abs() < 1e-12, 0.0, torch.inf).to(gap.dtype)",
    "no_change = torch.zeros_like(gap)",
    about="even if there is a gap",
)
relative.mistake(
    "Where the score does not change you return infinity even without a gap: then the relative gap is 0.",
    "no_change = torch.where(gap.abs() < 1e-12, 0.0, torch.inf).to(gap.dtype)",
    "no_change = torch.full_like(gap, torch.inf)",
    about="even without a gap",
)
relative.mistake(
    "The relative gap is negative where the gap is: it is |gap| / |change|.",
    "no_change, gap.abs() / change.abs()",
    "no_change, gap / change.abs()",
    about="negative",
)
relative.mistake(
    "You divide by the signed change: the relative gap is |gap| / |change|.",
    "no_change, gap.abs() / change.abs()",
    "no_change, gap.abs() / change",
    about="divide by the signed change",
)
relative.mistake(
    "You divide by the sum of the attributions: divide by the change of the score.",
    "no_change, gap.abs() / change.abs()",
    "no_change, gap.abs() / (gap + change).abs()",
    about="divide by the sum",
)
relative.mistake(
    "You divide by the score of x: divide by the change of the score.",
    "no_change, gap.abs() / change.abs()",
    "no_change, gap.abs() / score_x.abs()",
    about="divide by the score of x",
)
relative.mistake(
    "You return percent: the relative gap is |gap| / |change|.",
    "no_change, gap.abs() / change.abs()",
    "no_change, 100 * gap.abs() / change.abs()",
    about="percent",
)
relative.mistake(
    "You return the change as well: the result holds the keys 'gap' and 'relative', and no others.",
    '"relative": relative}',
    '"relative": relative, "change": change}',
    about="return the change as well",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def row_by_row(attributions, model, x, baseline, target):
    gaps, relatives = [], []
    for i in range(len(x)):
        start = baseline[i] if len(baseline) == len(x) else baseline[0]
        with torch.no_grad():
            after, before = model(x[i][None])[0, target[i]], model(start[None])[0, target[i]]
        moved = (after - before).item()
        left = attributions[i].sum().item() - moved
        if abs(moved) >= 1e-12:
            relatives.append(abs(left) / abs(moved))
        else:
            relatives.append(0.0 if abs(left) < 1e-12 else float("inf"))
        gaps.append(left)
    return {"relative": torch.tensor(relatives, dtype=x.dtype), "gap": torch.tensor(gaps, dtype=x.dtype)}


@alternative
def with_masks(attributions, model, x, baseline, target):
    with torch.inference_mode():
        picked = target.unsqueeze(1)
        moved = (model(x).gather(1, picked) - model(baseline).expand(len(x), -1).gather(1, picked)).squeeze(1)
        left = torch.einsum("b...->b", attributions) - moved
        share = torch.zeros_like(left)
        still = moved.abs() < 1e-12
        share[~still] = (left[~still] / moved[~still]).abs()
        share[still & (left.abs() >= 1e-12)] = float("inf")
    return {"gap": left.clone(), "relative": share.clone()}
