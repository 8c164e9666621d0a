"""Classic mistakes: the sign of the completeness gap, and the factor (baseline - x) in integrated gradients."""
OTHERWISE = "perfect_vectorised"

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    if steps <= 0:
        raise ValueError("not enough steps")
    n = len(x)
    g_sum = 0.0
    for alpha in ((np.arange(steps) + 0.5) / steps).tolist():
        inputs = torch.autograd.Variable(baseline.data + alpha * (x.data - baseline.data), requires_grad=True)
        g_sum += torch.autograd.grad(model(inputs)[np.arange(n), target].sum(), inputs)[0]
    return g_sum / steps * (baseline.data - x.data)

# %% completeness_gap
def completeness_gap(attributions, model, x, baseline, target):
    idx = range(len(target))
    fx = model(x).detach()[idx, target]
    fb = model(baseline.expand_as(x)).detach()[idx, target]
    gap = (fx - fb) - attributions.detach().flatten(start_dim=1).sum(-1)
    small = (fx - fb).abs() < 1e-12
    rel = torch.where(small, torch.where(gap.abs() < 1e-12, 0.0 * gap, 1.0 / torch.zeros_like(gap)), (gap / (fx - fb)).abs())
    return {"gap": gap, "relative": rel}

# %% q1
q1 = [0, -1]
