"""Right in the middle, careless at the edges: missing errors, an epsilon, 0/0, a KeyError."""
OTHERWISE = "perfect_loops"

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    total = torch.zeros_like(x)
    for k in range(steps):
        here = (baseline + (x - baseline) * (k + 0.5) / steps).detach().requires_grad_(True)
        rows = model(here)
        total += torch.autograd.grad(rows[torch.arange(len(x)), target].sum(), here)[0]
    return (x - baseline).detach() * (total / steps)

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    """..."""
    flat = x.detach().flatten(1)
    sigma = noise_level * (flat.max(dim=1)[0] - flat.min(dim=1)[0])
    gradients = []
    for sample in noise:
        here = (x.detach().flatten(1) + sigma[:, None] * sample.flatten(1)).reshape(x.shape).requires_grad_(True)
        rows = model(here)
        gradients.append(torch.autograd.grad(rows[torch.arange(len(x)), target].sum(), here)[0])
    return torch.stack(gradients).mean(dim=0)

# %% completeness_gap
def completeness_gap(attributions, model, x, baseline, target):
    """..."""
    with torch.no_grad():
        i = torch.arange(len(x))
        change = model(x)[i, target] - model(baseline.expand_as(x))[i, target]
        gap = attributions.flatten(1).sum(1) - change
        return {"gap": gap, "relative": gap.abs() / (change.abs() + 1e-12)}

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("not the same shape")
    f = torch.abs if absolute else (lambda m: m)
    similarities = []
    for u, v in zip(a.detach().flatten(1), b.detach().flatten(1)):
        ranks = np.stack([stats.rankdata(f(u)), stats.rankdata(f(v))])
        similarities.append(np.corrcoef(ranks)[0, 1])
    return torch.tensor(np.array(similarities))

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    twin = copy.deepcopy(model)
    out = [explain(twin, x, target)]
    for layer in layers:
        names = [n for n, _ in twin.named_parameters() if n.startswith(layer + ".")]
        if not names:
            raise ValueError(layer + " has nothing to replace")
        for n in names:
            twin.get_parameter(n).data = new_params[n].clone()
        out.append(explain(twin, x, target))
    return torch.stack(out)

# %% q6
q6 = 3.25
