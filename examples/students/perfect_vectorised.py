"""Everything right in another style: whole batches at once, with debug prints, plots and a warning from numpy."""

# %% [before] saliency
%matplotlib inline
import warnings

import matplotlib.pyplot as plt
from torch.nn import functional as F

warnings.filterwarnings("ignore", category=FutureWarning)
DEBUG = True


def log(*things):
    if DEBUG:
        print("   [debug]", *things)


def as_column(values, like):
    """(B,) -> (B, 1, 1, ...)"""
    return values.view(len(values), *(1,) * (like.dim() - 1))

# %% saliency
%%time
def saliency(model, x, target):
    leaf = x.detach().requires_grad_()
    logits = model(leaf)
    log("logits", tuple(logits.shape))
    grad = torch.autograd.grad(logits.gather(1, target.unsqueeze(1)).sum(), leaf)[0]
    return grad.abs() if grad.dim() == 2 else grad.abs().max(dim=1)[0]

# %% [after] saliency
fig, ax = plt.subplots()
ax.imshow(np.random.rand(12, 16))
ax.set_title("just to see that it plots")
plt.show()

# %% gradient_times_input
def gradient_times_input(model, x, target):
    picked = F.one_hot(target, model(x[:1]).shape[-1]).to(x.dtype)
    _, gradient = torch.autograd.functional.vjp(model, x.detach(), picked)
    return torch.einsum("...,...->...", x.detach(), gradient)

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    if not steps >= 1:
        raise ValueError(f"{steps=}")
    x, b = x.detach(), baseline.detach()
    alphas = torch.linspace(0, 1, 2 * steps + 1, dtype=x.dtype)[1::2]
    points = torch.lerp(b.expand_as(x)[None], x[None], alphas.view(-1, *[1] * x.dim()))
    log("points", points.shape)
    points = points.flatten(0, 1).requires_grad_()
    picked = model(points).gather(1, target.repeat(steps)[:, None])
    grads = torch.autograd.grad(picked.sum(), points)[0].unflatten(0, (steps, len(x)))
    return grads.mean(0) * (x - b)

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    if noise.dim() != x.dim() + 1 or noise.shape[1:] != x.shape:
        raise ValueError("bad noise shape")
    if noise_level < 0:
        raise ValueError("negative noise level")
    low, high = torch.aminmax(x.detach().flatten(1), dim=1)
    sigma = as_column(noise_level * (high - low), x)
    log("sigma", sigma.flatten())
    cloud = torch.addcmul(x.detach(), sigma, noise).reshape(-1, *x.shape[1:]).requires_grad_()
    logits = model(cloud)
    wanted = target.tile(len(noise))
    grads = torch.autograd.grad(logits[torch.arange(len(cloud)), wanted].sum(), cloud)[0]
    return grads.reshape(noise.shape).sum(0).div(len(noise))

# %% completeness_gap
@torch.no_grad()
def completeness_gap(attributions, model, x, baseline, target):
    both = torch.cat([x, baseline.expand_as(x)])
    scores = model(both).gather(1, target.repeat(2)[:, None])[:, 0]
    after, before = scores.chunk(2)
    change = after - before
    gap = attributions.sum(dim=tuple(range(1, attributions.dim()))) - change
    relative = gap.abs() / change.abs()
    still = change.abs() < 1e-12
    relative[still] = float("inf")
    relative[still & (gap.abs() < 1e-12)] = 0.0
    print(gap, relative)
    return {"relative": relative, "gap": gap}

# %% guided_backprop
def guided_backprop(model, x, target):
    def watch_output(module, inputs, output):
        # the signal that comes from above loses its negative part; relu itself then takes care of z > 0
        output.register_hook(lambda g: g.clamp(min=0.0))

    handles = [m.register_forward_hook(watch_output) for m in model.modules() if type(m) is nn.ReLU]
    log(len(handles), "hooks")
    try:
        leaf = x.clone().detach().requires_grad_()
        score = (model(leaf) * F.one_hot(target, model(leaf).size(1))).sum()
        (grad,) = torch.autograd.grad(score, leaf)
    finally:
        [h.remove() for h in handles]
    return grad

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError("shapes differ")
    a, b = (np.asarray(t.detach()).reshape(len(t), -1) for t in (a, b))
    if absolute:
        a, b = np.abs(a), np.abs(b)
    u, v = stats.rankdata(a, axis=-1), stats.rankdata(b, axis=-1)
    u, v = u - u.mean(-1, keepdims=True), v - v.mean(-1, keepdims=True)
    r = np.einsum("ij,ij->i", u, v) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)  # warns for 0/0
    return torch.as_tensor(np.nan_to_num(r, nan=0.0), dtype=torch.float64)

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    names = [n for n, _ in model.named_parameters()]
    mine = {layer: [n for n in names if n.startswith(f"{layer}.")] for layer in layers}
    if not all(mine.values()):
        raise ValueError(f"no parameters: {[k for k, v in mine.items() if not v]}")
    if missing := {n for group in mine.values() for n in group} - new_params.keys():
        raise ValueError(f"not in new_params: {missing}")
    victim = copy.deepcopy(model)
    out = explain(victim, x, target).unsqueeze(0)
    for layer in layers:
        victim.load_state_dict({n: new_params[n] for n in mine[layer]}, strict=False)
        out = torch.cat((out, explain(victim, x, target).unsqueeze(0)))
    return out.detach()

# %% q1
q1 = (0.0, 3 - 2)  # gradient, IG

# %% q2
q2: str = "B"

# %% q3
q3 = {"f", "d", "b", "a"}

# %% q4
q4 = "c"

# %% q5
answers = {}
q5 = "d"

# %% q6
q6 = 32 / 10

# %% [markdown] reflection
# **Picture:** the digit 8 in position 17 of the test set, read as a 1.
#
# | method | on the loop of the 8 |
# |---|---|
# | saliency | 22 % |
# | IG, black | 41 % |
# | IG, mean digit | 55 % |
# | SmoothGrad, 15 % noise | 30 % |
#
# The digit's unit for "1" is saturated, so saliency is small where the stroke is. IG adds up along the way and finds the
# stroke. Completeness gap 0.4 % with 50 steps; after randomising the top layer the similarity of saliency fell to 0.1.
#
# For the radiologist: IG against the mean, under it "what differs from an average picture and moved the score". For the
# team: all four and the gap.
