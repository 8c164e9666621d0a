"""Half right: integrated gradients average the gradients well, and the factor (x - baseline) is missing."""
OTHERWISE = "perfect_vectorised"

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    if steps < 1:
        raise ValueError("steps must be 1 or more")
    x = x.detach()
    baseline = baseline.detach()
    b_idx = torch.arange(x.size(0))
    collected = []
    for j in range(steps):
        where = (2 * j + 1) / (2 * steps)
        z = ((1 - where) * baseline + where * x).requires_grad_(True)
        score = model(z)[b_idx, target].sum()
        collected.append(torch.autograd.grad(score, z)[0])
    return torch.mean(torch.stack(collected), dim=0)

# %% q4
q4 = "a"

# %% [markdown] reflection
# Saliency and IG disagree on the sky of picture 4 (rank similarity 0.2). The sky is saturated. I would show IG to both.
