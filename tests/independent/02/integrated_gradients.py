"""Exercise integrated_gradients: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import torch

PART = {
    "wrong_right_end": "rule",
    "wrong_trapezoid": "rule",
    "wrong_inner_points": "rule",
    "wrong_path_from_zero": "rule",
    "wrong_factor_absolute": "factor",
    "wrong_factor_mean_baseline": "factor",
    "wrong_factor_first_row": "factor",
    "wrong_target_order": "batch/target handling",
    "wrong_view_order": "batch/target handling",
    "wrong_first_baseline_only": "batch/target handling",
    "wrong_same_shape_only": "batch/target handling",
    "wrong_negative_steps_pass": "error + side effects",
    "wrong_assertion": "error + side effects",
    "wrong_x_shifted_back": "error + side effects",
    "wrong_param_grads_left": "error + side effects",
}


def right_loop(model, x, baseline, target, steps):
    """One forward and backward pass per midpoint, gradients added up."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x = x.detach()
    b = baseline.detach().to(x.dtype)
    diff = x - b
    total = torch.zeros_like(x)
    for k in range(steps):
        with torch.enable_grad():
            point = (b + (k + 0.5) / steps * diff).requires_grad_(True)
            score = model(point).gather(1, target.view(-1, 1)).sum()
            total += torch.autograd.grad(score, point)[0]
    return diff * (total / steps)


def right_one_big_batch(model, x, baseline, target, steps):
    """All midpoints of all rows in one batch of size steps * B."""
    if steps < 1:
        raise ValueError(f"steps is {steps}, need at least one")
    x = x.detach()
    start = baseline.detach().to(x.dtype).expand_as(x)
    alphas = (torch.arange(steps, dtype=x.dtype, device=x.device) + 0.5) / steps
    alphas = alphas.view(-1, *([1] * x.dim()))
    with torch.enable_grad():
        path = (start + alphas * (x - start)).flatten(0, 1).requires_grad_(True)
        all_targets = target.repeat(steps)
        score = model(path)[torch.arange(len(path)), all_targets].sum()
        grads = torch.autograd.grad(score, path)[0]
    mean = grads.view(steps, *x.shape).mean(0)
    return (mean * (x - start)).detach()


def right_row_paths_vjp(model, x, baseline, target, steps):
    """For each row its path is a batch; vector-Jacobian product with the target's one-hot."""
    if not steps >= 1:
        raise ValueError("at least one step is needed")
    points = x.detach()
    starts = torch.broadcast_to(baseline.detach().to(points.dtype), points.shape)
    result = torch.empty_like(points)
    for i in range(points.shape[0]):
        d = points[i] - starts[i]
        path = torch.stack([starts[i] + d * ((2 * k + 1) / (2 * steps)) for k in range(steps)])
        logits, pull = torch.func.vjp(model, path)
        seed = torch.zeros_like(logits)
        seed[:, target[i]] = 1.0 / steps
        result[i] = d * pull(seed)[0].sum(0).detach()
    return result


def right_directional(model, x, baseline, target, steps):
    """Derivative with respect to a shift variable s in b + alpha*d + s*d, summed over the path."""
    if steps < 1:
        raise ValueError("steps < 1")
    x = x.detach()
    b = baseline.detach().to(x.dtype) + torch.zeros_like(x)
    d = x - b
    rows = torch.arange(x.shape[0])
    with torch.enable_grad():
        s = torch.zeros_like(x, requires_grad=True)
        total = 0
        for k in range(steps):
            total = total + model(b + ((k + 0.5) / steps) * d + s * d)[rows, target].sum()
        out = torch.autograd.grad(total / steps, s)[0]
    return out.detach()


def wrong_right_end(model, x, baseline, target, steps):
    """Right end points (k+1)/steps, as in the paper; agrees for linear models."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 1) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_trapezoid(model, x, baseline, target, steps):
    """Trapezoid rule on steps+1 points with half weights at the ends."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps + 1):
        p = (b + k / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        weight = 0.5 if k in (0, steps) else 1.0
        total += weight * torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_inner_points(model, x, baseline, target, steps):
    """Inner points (k+1)/(steps+1): symmetric and right for steps = 1, off for more."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for a in torch.linspace(0, 1, steps + 2, dtype=x.dtype)[1:-1]:
        p = (b + a * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_path_from_zero(model, x, baseline, target, steps):
    """The path runs from 0 to x whatever the baseline; right for a zero baseline."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = ((k + 0.5) / steps * x).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_factor_absolute(model, x, baseline, target, steps):
    """Uses |x - b| as the factor; right when no entry of x lies below the baseline."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b).abs() * total / steps


def wrong_factor_mean_baseline(model, x, baseline, target, steps):
    """The factor subtracts the baseline's mean; right for a baseline of one constant value."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b.mean()) * total / steps


def wrong_factor_first_row(model, x, baseline, target, steps):
    """The factor takes baseline[0] for all rows, the path does not; shows for per-row baselines."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b[0]) * total / steps


def wrong_target_order(model, x, baseline, target, steps):
    """In the big batch the targets are interleaved, the points are not; right for equal targets."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach().expand_as(x)
    a = ((torch.arange(steps, dtype=x.dtype) + 0.5) / steps).view(-1, *[1] * x.dim())
    path = (b + a * (x - b)).flatten(0, 1).requires_grad_(True)
    score = model(path).gather(1, target.repeat_interleave(steps)[:, None]).sum()
    g = torch.autograd.grad(score, path)[0].view(steps, *x.shape)
    return (x - b) * g.mean(0)


def wrong_view_order(model, x, baseline, target, steps):
    """The big batch is (steps, B) but its gradients are viewed as (B, steps); right for B = 1."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach().expand_as(x)
    a = ((torch.arange(steps, dtype=x.dtype) + 0.5) / steps).view(-1, *[1] * x.dim())
    path = (b + a * (x - b)).flatten(0, 1).requires_grad_(True)
    score = model(path).gather(1, target.repeat(steps)[:, None]).sum()
    g = torch.autograd.grad(score, path)[0].view(x.shape[0], steps, *x.shape[1:])
    return (x - b) * g.mean(1)


def wrong_first_baseline_only(model, x, baseline, target, steps):
    """baseline[0] serves all rows; right for a broadcast baseline, wrong for one per row."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()[0]
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_same_shape_only(model, x, baseline, target, steps):
    """zip over rows stops after the single row of a broadcast baseline: the other rows stay 0."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    out = torch.zeros_like(x)
    for i, (xi, bi) in enumerate(zip(x.detach(), baseline.detach())):
        for k in range(steps):
            p = (bi + (k + 0.5) / steps * (xi - bi)).unsqueeze(0).requires_grad_(True)
            g = torch.autograd.grad(model(p)[0, target[i]], p)[0][0]
            out[i] += (xi - bi) * g / steps
    return out


def wrong_negative_steps_pass(model, x, baseline, target, steps):
    """Only steps == 0 is refused; a negative number returns zeros silently."""
    if steps == 0:
        raise ValueError("steps must not be 0")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_assertion(model, x, baseline, target, steps):
    """steps < 1 raises AssertionError instead of ValueError."""
    assert steps >= 1, "need at least one step"
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    return (x - b) * total / steps


def wrong_x_shifted_back(model, x, baseline, target, steps):
    """Subtracts the baseline from x in place and adds it back: x changes in its last bits."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    b = baseline.detach()
    diff = x.detach().sub_(b)
    total = torch.zeros_like(diff)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * diff).requires_grad_(True)
        score = model(p).gather(1, target[:, None]).sum()
        total += torch.autograd.grad(score, p)[0]
    result = diff * total / steps
    diff.add_(b)
    return result


def wrong_param_grads_left(model, x, baseline, target, steps):
    """backward() per step adds up gradients on the caller's parameters (unless frozen)."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    x, b = x.detach(), baseline.detach()
    total = torch.zeros_like(x)
    for k in range(steps):
        p = (b + (k + 0.5) / steps * (x - b)).requires_grad_(True)
        model(p).gather(1, target[:, None]).sum().backward()
        total += p.grad
    return (x - b) * total / steps
