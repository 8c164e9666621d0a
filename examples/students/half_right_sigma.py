"""Half right: SmoothGrad averages signed gradients, and the noise is not scaled by each example's range."""
OTHERWISE = "perfect_loops"

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    """..."""
    if noise.shape[1:] != x.shape:
        raise ValueError("noise must look like x")
    if noise_level < 0:
        raise ValueError("noise_level must be at least 0")
    acc = 0
    for eps in noise:
        xx = (x.detach() + noise_level * eps).requires_grad_(True)
        picked = model(xx).gather(1, target.reshape(-1, 1))
        g, = torch.autograd.grad(picked.sum(), xx)
        acc = acc + g
    return acc / noise.shape[0]

# %% q1
q1 = [1, 0]

# %% [markdown] reflection
# YOUR ANSWER HERE
