"""Classic mistake, three times: the mean score of the batch is differentiated, so all is divided by its size."""
OTHERWISE = "perfect_loops"

# %% saliency
def saliency(model, x, target):
    """..."""
    xs = x.detach().clone().requires_grad_(True)
    scores = model(xs).gather(1, target[:, None])
    g = torch.autograd.grad(scores.mean(), xs)[0].abs()
    return torch.amax(g, 1) if x.ndim == 4 else g

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    if steps < 1:
        raise ValueError("steps >= 1")
    xs, bs = x.detach(), baseline.detach().expand_as(x)
    acc = torch.zeros_like(xs)
    for k in range(steps):
        mid = torch.lerp(bs, xs, (k + 0.5) / steps).requires_grad_(True)
        scores = model(mid).gather(1, target[:, None])
        acc += torch.autograd.grad(scores.mean(), mid)[0] / steps
    return acc * (xs - bs)

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    """..."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    xs = x.detach()
    axes = list(range(1, xs.ndim))
    sigma = noise_level * (xs.amax(axes, keepdim=True) - xs.amin(axes, keepdim=True))
    acc = torch.zeros_like(xs)
    for sample in noise:
        moved = (xs + sigma * sample).requires_grad_(True)
        scores = model(moved).gather(1, target[:, None])
        acc += torch.autograd.grad(scores.mean(), moved)[0]
    return acc / len(noise)

# %% q6
q6 = 3.23
