"""One function has another name than the one asked for; no question is answered."""
OTHERWISE = "perfect_vectorised"

# %% smoothgrad
def smooth_grad(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    low, high = torch.aminmax(x.detach().flatten(1), dim=1)
    sigma = as_column(noise_level * (high - low), x)
    total = 0
    for sample in noise:
        leaf = (x.detach() + sigma * sample).requires_grad_()
        total = total + torch.autograd.grad(model(leaf).gather(1, target[:, None]).sum(), leaf)[0]
    return total / len(noise)

# %% q1
q1 = ...

# %% q2
q2 = ...

# %% q3
q3 = []

# %% q4
q4 = ""

# %% q5
q5 = None

# %% q6
# I do not know

# %% [markdown] reflection
#
