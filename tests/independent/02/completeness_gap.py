"""Exercise completeness_gap: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import math

import torch

PART = {
    "wrong_sign": "gap",
    "wrong_unsigned_gap": "gap",
    "wrong_first_baseline_row": "gap",
    "wrong_broadcast_first_target": "gap",
    "wrong_default_precision": "gap",
    "wrong_image_sum_over_pixels_only": "gap",
    "wrong_log_probability": "gap",
    "wrong_relative_to_sum": "relative",
    "wrong_always_zero_when_flat": "relative",
    "wrong_always_inf_when_flat": "relative",
    "wrong_nan_when_flat": "relative",
    "wrong_batch_denominator": "relative",
    "wrong_flat_row_resets_batch": "relative",
    "wrong_signed_change": "relative",
}


def right_where(attributions, model, x, baseline, target):
    """Vectorised: both score vectors, torch.where for the flat rows."""
    with torch.no_grad():
        b = baseline.to(x.dtype).expand_as(x)
        idx = target.view(-1, 1)
        change = (model(x).gather(1, idx) - model(b).gather(1, idx)).squeeze(1)
        gap = attributions.flatten(1).sum(dim=1) - change
        flat = change.abs() < 1e-12
        ratio = gap.abs() / torch.where(flat, torch.ones_like(change), change.abs())
        special = torch.where(
            gap.abs() < 1e-12, torch.zeros_like(gap), torch.full_like(gap, math.inf)
        )
        relative = torch.where(flat, special, ratio)
    return {"gap": gap, "relative": relative}


def right_row_loop(attributions, model, x, baseline, target):
    """One row at a time in plain Python numbers, stacked at the end in x's dtype."""
    starts = torch.broadcast_to(baseline.detach(), x.shape).to(x.dtype)
    gaps, relatives = [], []
    for i in range(x.shape[0]):
        t = int(target[i])
        with torch.no_grad():
            after = model(x[i:i + 1].detach())[0, t].item()
            before = model(starts[i:i + 1])[0, t].item()
        change = after - before
        gap = attributions[i].detach().sum().item() - change
        if abs(change) < 1e-12:
            rel = 0.0 if abs(gap) < 1e-12 else float("inf")
        else:
            rel = abs(gap) / abs(change)
        gaps.append(gap)
        relatives.append(rel)
    return {
        "gap": torch.tensor(gaps, dtype=x.dtype),
        "relative": torch.tensor(relatives, dtype=x.dtype),
    }


def right_masked_assignment(attributions, model, x, baseline, target):
    """Division first, then the flat rows are overwritten through boolean masks."""
    rows = torch.arange(len(target))
    with torch.no_grad():
        full = baseline + torch.zeros_like(x)
        change = model(x)[rows, target] - model(full)[rows, target]
    total = attributions.detach().reshape(len(target), -1).sum(-1)
    gap = total - change
    relative = (gap / change).abs()
    small = change.abs() < 1e-12
    tiny = gap.abs() < 1e-12
    relative[small & tiny] = 0.0
    relative[small & ~tiny] = float("inf")
    return {"gap": gap, "relative": relative}


def wrong_sign(attributions, model, x, baseline, target):
    """The gap has the opposite sign (change minus sum); relative is right."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = change - attributions.flatten(1).sum(1)
        rel = gap.abs() / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_unsigned_gap(attributions, model, x, baseline, target):
    """The gap is returned as an absolute value; shows when the sum is too small."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = (attributions.flatten(1).sum(1) - change).abs()
        rel = gap / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat] < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_first_baseline_row(attributions, model, x, baseline, target):
    """Uses baseline[:1] for all rows; right for a broadcast baseline, wrong for one per row."""
    with torch.no_grad():
        b, idx = baseline[:1].expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_broadcast_first_target(attributions, model, x, baseline, target):
    """With a one-row baseline the baseline's score is that of target[0] for all rows."""
    with torch.no_grad():
        idx = target[:, None]
        before = model(baseline).gather(1, idx[:len(baseline)])[:, 0]
        change = model(x).gather(1, idx)[:, 0] - before
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_default_precision(attributions, model, x, baseline, target):
    """torch.tensor of Python numbers gives float32 whatever x is; shows for float64."""
    b = baseline.expand_as(x)
    gaps, rels = [], []
    with torch.no_grad():
        for i, t in enumerate(target.tolist()):
            change = float(model(x[i:i + 1])[0, t] - model(b[i:i + 1])[0, t])
            gap = float(attributions[i].sum()) - change
            if abs(change) < 1e-12:
                rels.append(0.0 if abs(gap) < 1e-12 else math.inf)
            else:
                rels.append(abs(gap) / abs(change))
            gaps.append(gap)
    return {"gap": torch.tensor(gaps), "relative": torch.tensor(rels)}


def wrong_image_sum_over_pixels_only(attributions, model, x, baseline, target):
    """For images the channels are averaged before the pixels are added; right for 1 channel."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        a = attributions.mean(1) if attributions.dim() == 4 else attributions
        gap = a.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_log_probability(attributions, model, x, baseline, target):
    """Scores are log-probabilities instead of logits."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        after = model(x).log_softmax(1).gather(1, idx)
        change = (after - model(b).log_softmax(1).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_relative_to_sum(attributions, model, x, baseline, target):
    """relative divides by |sum of attributions| instead of |change|; near-right for small gaps."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        total = attributions.flatten(1).sum(1)
        gap = total - change
        rel = gap.abs() / total.abs()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_always_zero_when_flat(attributions, model, x, baseline, target):
    """relative is 0 whenever the change is 0, even with a gap; shows for x = baseline."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        rel[change.abs() < 1e-12] = 0.0
    return {"gap": gap, "relative": rel}


def wrong_always_inf_when_flat(attributions, model, x, baseline, target):
    """relative is inf whenever the change is 0, even without a gap; shows for x = baseline."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs()
        rel[change.abs() < 1e-12] = math.inf
    return {"gap": gap, "relative": rel}


def wrong_nan_when_flat(attributions, model, x, baseline, target):
    """Plain division: inf comes out by itself, but 0 / 0 is NaN; shows for x = baseline, zero map."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
    return {"gap": gap, "relative": gap.abs() / change.abs()}


def wrong_batch_denominator(attributions, model, x, baseline, target):
    """relative divides by the largest |change| of the batch; right for B = 1."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change.abs().max()
        flat = change.abs() < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}


def wrong_flat_row_resets_batch(attributions, model, x, baseline, target):
    """One flat row decides for the whole batch; shows when flat and ordinary rows are mixed."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        if (change.abs() < 1e-12).any():
            rel = torch.where(gap.abs() < 1e-12, 0.0, math.inf).to(gap.dtype)
        else:
            rel = gap.abs() / change.abs()
    return {"gap": gap, "relative": rel}


def wrong_signed_change(attributions, model, x, baseline, target):
    """The denominator is not made absolute; shows when a score falls, and falling rows count as flat."""
    with torch.no_grad():
        b, idx = baseline.expand_as(x), target[:, None]
        change = (model(x).gather(1, idx) - model(b).gather(1, idx))[:, 0]
        gap = attributions.flatten(1).sum(1) - change
        rel = gap.abs() / change
        flat = change < 1e-12
        rel[flat] = torch.where(gap[flat].abs() < 1e-12, 0.0, math.inf).to(rel.dtype)
    return {"gap": gap, "relative": rel}
