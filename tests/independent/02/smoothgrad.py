"""Exercise smoothgrad: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import torch

PART = {
    "wrong_batch_range": "sigma",
    "wrong_channel_range": "sigma",
    "wrong_largest_value": "sigma",
    "wrong_standard_deviation": "sigma",
    "wrong_variance_scale": "sigma",
    "wrong_absolute_averaged": "average",
    "wrong_clean_included": "average",
    "wrong_clamped_samples": "average",
    "wrong_unbiased_divisor": "average",
    "wrong_target_order": "average",
    "wrong_noise_walk": "average",
    "wrong_noise_overwritten": "average",
    "wrong_negative_level_passes": "errors",
    "wrong_broadcast_noise_passes": "errors",
    "wrong_zero_level_refused": "errors",
}


def right_loop(model, x, target, noise, noise_level):
    """One gradient per noise sample, running sum."""
    if tuple(noise.shape[1:]) != tuple(x.shape):
        raise ValueError("noise must have shape (S, *x.shape)")
    if noise_level < 0:
        raise ValueError("noise_level must not be negative")
    x = x.detach()
    rows = x.flatten(1)
    sigma = noise_level * (rows.amax(1) - rows.amin(1))
    sigma = sigma.view(-1, *([1] * (x.dim() - 1)))
    total = torch.zeros_like(x)
    for eps in noise.detach().to(x.dtype):
        with torch.enable_grad():
            p = (x + sigma * eps).requires_grad_(True)
            score = model(p).gather(1, target.view(-1, 1)).sum()
            total = total + torch.autograd.grad(score, p)[0]
    return (total / noise.shape[0]).detach()


def right_one_big_batch(model, x, target, noise, noise_level):
    """All S * B noisy inputs in one batch, mean over the sample axis."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise shape or negative noise_level")
    x = x.detach()
    dims = tuple(range(1, x.dim()))
    sigma = noise_level * (x.amax(dims, keepdim=True) - x.amin(dims, keepdim=True))
    noisy = (x + sigma * noise.detach().to(x.dtype)).reshape(-1, *x.shape[1:])
    noisy.requires_grad_(True)
    with torch.enable_grad():
        logits = model(noisy)
        t = target.repeat(noise.shape[0])
        score = logits[torch.arange(len(t)), t].sum()
        g, = torch.autograd.grad(score, noisy)
    return g.reshape(noise.shape).mean(dim=0)


def right_row_by_row(model, x, target, noise, noise_level):
    """Example by example, its S noisy copies as a batch, one-hot vector-Jacobian product."""
    if noise.dim() != x.dim() + 1 or any(a != b for a, b in zip(noise.shape[1:], x.shape)):
        raise ValueError("noise does not fit x")
    if noise_level < 0:
        raise ValueError("negative noise level")
    out = []
    n = noise.shape[0]
    for i, xi in enumerate(x.detach()):
        spread = float(xi.max()) - float(xi.min())
        copies = xi + noise_level * spread * noise[:, i].detach().to(xi.dtype)
        logits, pull = torch.func.vjp(model, copies)
        seed = torch.zeros_like(logits)
        seed[:, target[i]] = 1
        out.append(pull(seed)[0].detach().sum(0) / n)
    return torch.stack(out)


def right_shared_shift(model, x, target, noise, noise_level):
    """One shift variable added to every noisy copy; gradient of the mean score with respect to it."""
    if noise.shape[1:] != x.shape:
        raise ValueError("noise must be (S, *x.shape)")
    if noise_level < 0:
        raise ValueError("noise_level must be >= 0")
    x = x.detach()
    flat = x.reshape(len(x), -1)
    sigma = (flat.max(1).values - flat.min(1).values) * noise_level
    sigma = sigma.reshape(-1, *[1] * (x.dim() - 1))
    with torch.enable_grad():
        shift = torch.zeros_like(x, requires_grad=True)
        score = sum(
            model(x + sigma * e.detach().to(x.dtype) + shift).gather(1, target[:, None]).sum()
            for e in noise
        )
        g = torch.autograd.grad(score / len(noise), shift)[0]
    return g.detach()


def wrong_batch_range(model, x, target, noise, noise_level):
    """sigma from the range of the whole batch; right for B = 1 or equal ranges."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    sigma = noise_level * (x.max() - x.min())
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_channel_range(model, x, target, noise, noise_level):
    """One sigma per channel of an image; right for 1 channel and for flat inputs."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    dims = (2, 3) if x.dim() == 4 else (1,)
    sigma = noise_level * (x.amax(dims, keepdim=True) - x.amin(dims, keepdim=True))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_largest_value(model, x, target, noise, noise_level):
    """sigma from the maximum alone; right when every example's minimum is 0."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    sigma = noise_level * x.flatten(1).amax(1).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_standard_deviation(model, x, target, noise, noise_level):
    """sigma from each example's standard deviation instead of max - min."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    sigma = noise_level * x.flatten(1).std(1).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_variance_scale(model, x, target, noise, noise_level):
    """Takes noise_level * range for a variance and uses its root; right at level 0 or range * level = 1."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    var = noise_level * (flat.amax(1) - flat.amin(1))
    sigma = var.sqrt().view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_absolute_averaged(model, x, target, noise, noise_level):
    """Averages the absolute gradients; right only where all gradients are positive."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0].abs()
    return total / len(noise)


def wrong_clean_included(model, x, target, noise, noise_level):
    """The clean x is averaged in as one more sample; right for linear models and level 0."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    samples = [x] + [x + sigma * e for e in noise]
    total = torch.zeros_like(x)
    for s in samples:
        p = s.clone().requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(samples)


def wrong_clamped_samples(model, x, target, noise, noise_level):
    """Clamps the noisy inputs to the example's own range, to keep valid pixels."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    shape = (-1, *[1] * (x.dim() - 1))
    high, low = x.flatten(1).amax(1).view(shape), x.flatten(1).amin(1).view(shape)
    total = torch.zeros_like(x)
    for e in noise:
        s = x + noise_level * (high - low) * e
        p = torch.minimum(torch.maximum(s, low), high).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_unbiased_divisor(model, x, target, noise, noise_level):
    """Divides by S - 1 when S > 1, as for a variance; right for S = 1."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / max(1, len(noise) - 1)


def wrong_target_order(model, x, target, noise, noise_level):
    """In one big batch the targets are interleaved, the samples are not; right for equal targets."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    p = (x + sigma * noise).flatten(0, 1).requires_grad_(True)
    t = target.repeat_interleave(len(noise))
    g = torch.autograd.grad(model(p).gather(1, t[:, None]).sum(), p)[0]
    return g.view(noise.shape).mean(0)


def wrong_noise_walk(model, x, target, noise, noise_level):
    """Each sample is added on top of the previous noisy input; right for S = 1."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    current = x
    for e in noise:
        current = current.detach() + sigma * e
        p = current.requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_noise_overwritten(model, x, target, noise, noise_level):
    """Scales the caller's noise in place: the map is right, a second call with it is not."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    noise *= sigma
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_negative_level_passes(model, x, target, noise, noise_level):
    """A negative noise_level is not refused."""
    if noise.shape[1:] != x.shape:
        raise ValueError("noise must be (S, *x.shape)")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_broadcast_noise_passes(model, x, target, noise, noise_level):
    """Checks only the number of dimensions: noise (S, 1, ...) is broadcast over the rows silently."""
    if noise.dim() != x.dim() + 1 or noise_level < 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)


def wrong_zero_level_refused(model, x, target, noise, noise_level):
    """noise_level = 0 is refused with ValueError, though it means the plain gradient."""
    if noise.shape[1:] != x.shape or noise_level <= 0:
        raise ValueError("bad noise or noise_level")
    x = x.detach()
    flat = x.flatten(1)
    sigma = noise_level * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * (x.dim() - 1))
    total = torch.zeros_like(x)
    for e in noise:
        p = (x + sigma * e).requires_grad_(True)
        total += torch.autograd.grad(model(p).gather(1, target[:, None]).sum(), p)[0]
    return total / len(noise)
