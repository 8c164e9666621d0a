"""Two classic mistakes of one kind: probabilities instead of logits, in saliency and in the completeness gap."""
OTHERWISE = "perfect_loops"

# %% saliency
def saliency(model, x, target):
    """..."""
    inp = x.detach().clone()
    inp.requires_grad_(True)
    probs = torch.softmax(model(inp), dim=-1)
    p = probs[torch.arange(inp.shape[0]), target]
    grad, = torch.autograd.grad(p.sum(), inp)
    grad = grad.abs()
    if grad.dim() == 4:
        grad, _ = grad.max(dim=1)
    return grad

# %% completeness_gap
def completeness_gap(attributions, model, x, baseline, target):
    with torch.no_grad():
        p_x = nn.Softmax(dim=1)(model(x)).gather(1, target[:, None]).squeeze(1)
        p_b = nn.Softmax(dim=1)(model(baseline.expand(x.shape))).gather(1, target[:, None]).squeeze(1)
    delta = p_x - p_b
    gap = attributions.reshape(len(x), -1).sum(1) - delta
    rel = []
    for g, d in zip(gap, delta):
        if d.abs() < 1e-12:
            rel.append(0.0 if g.abs() < 1e-12 else float("inf"))
        else:
            rel.append((g.abs() / d.abs()).item())
    return {"gap": gap, "relative": torch.tensor(rel, dtype=gap.dtype)}

# %% q2
q2 = "a"

# %% q6
q6 = ...
