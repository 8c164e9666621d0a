"""Two classic mistakes of one kind: absolute values where signs are asked, in gradient x input and SmoothGrad."""
OTHERWISE = "perfect_vectorised"

# %% gradient_times_input
def gradient_times_input(model, x, target):
    leaf = x.detach().clone().requires_grad_()
    model_out = model(leaf)
    g = torch.autograd.grad([model_out[i, t] for i, t in enumerate(target)], leaf)[0]
    return torch.abs(g * leaf.detach())

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("check noise and noise_level")
    flat = x.detach().reshape(x.shape[0], -1)
    spread = noise_level * (flat.max(1).values - flat.min(1).values)
    spread = spread[(...,) + (None,) * (x.ndim - 1)]
    maps = []
    for n in noise:
        leaf = (x.detach() + n * spread).requires_grad_()
        g = torch.autograd.grad(model(leaf)[range(len(x)), target].sum(), leaf)[0]
        maps.append(g.abs())
    return sum(maps) / len(maps)

# %% q3
q3 = "abdf"
