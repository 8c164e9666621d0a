"""Classic mistakes: the left end of each step in integrated gradients, and ranks without regard to ties."""
OTHERWISE = "perfect_loops"

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    if steps < 1:
        raise ValueError("steps")
    base = baseline.detach().expand_as(x)
    diff = x.detach() - base
    total = torch.zeros_like(diff)
    for t in range(steps):
        point = base + diff * t / steps
        point = point.clone().requires_grad_(True)
        out = model(point)
        total = total + torch.autograd.grad(sum(out[i, c] for i, c in enumerate(target)), point)[0]
    return diff * total / steps

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("a and b must have one shape")
    sims = []
    for u, v in zip(a.detach().double(), b.detach().double()):
        u, v = u.reshape(-1), v.reshape(-1)
        if absolute:
            u, v = u.abs(), v.abs()
        if u.min() == u.max() or v.min() == v.max():
            sims.append(torch.tensor(0.0, dtype=torch.float64))
            continue
        ru = torch.argsort(torch.argsort(u, stable=True)).double()
        rv = torch.argsort(torch.argsort(v, stable=True)).double()
        sims.append(torch.corrcoef(torch.stack([ru, rv]))[0, 1])
    return torch.stack(sims)

# %% q5
q5 = "a"

# %% [markdown] reflection
# The methods look alike to me.
