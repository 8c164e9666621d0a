"""Everything right, row by row in plain loops."""

# %% saliency
def saliency(model, x, target):
    """..."""
    maps = []
    for i in range(x.shape[0]):
        one = x[i : i + 1].clone().detach()
        one.requires_grad = True
        score = model(one)[0, target[i]]
        grad = torch.autograd.grad(score, one)[0][0]
        size = abs(grad)
        if x.dim() == 4:
            best = size[0]
            for channel in size[1:]:
                best = torch.maximum(best, channel)
            size = best
        maps.append(size)
    return torch.stack(maps)

# %% gradient_times_input
def gradient_times_input(model, x, target):
    """..."""
    result = torch.zeros_like(x)
    for i in range(len(x)):
        xi = x[i].detach().clone().unsqueeze(0).requires_grad_()
        out = model(xi)[0][target[i]]
        (g,) = torch.autograd.grad(out, [xi])
        result[i] = xi.detach()[0] * g[0]
    return result

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    if steps < 1:
        raise ValueError("I need at least one step")
    out = torch.zeros(x.shape, dtype=x.dtype)
    for i in range(len(x)):
        start = baseline[0] if baseline.shape[0] == 1 else baseline[i]
        way = (x[i] - start).detach()
        gradients = []
        for k in range(steps):
            alpha = (k + 0.5) / steps
            p = (start + alpha * way).detach()[None]
            p.requires_grad_(True)
            s = model(p)[0, target[i]]
            gradients.append(torch.autograd.grad(s, p)[0][0])
        average = sum(gradients) / len(gradients)
        out[i] = way * average
    return out

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    """..."""
    if list(noise.shape)[1:] != list(x.shape):
        raise ValueError("noise does not fit x")
    if noise_level < 0:
        raise ValueError("noise_level < 0")
    rows = []
    for i in range(len(x)):
        picture = x[i].detach()
        sigma = noise_level * (picture.max().item() - picture.min().item())
        gradients = []
        for s in range(len(noise)):
            blurred = (picture + sigma * noise[s, i]).unsqueeze(0).requires_grad_(True)
            score = model(blurred)[0, target[i]]
            gradients.append(torch.autograd.grad(score, blurred)[0][0])
        rows.append(torch.stack(gradients).mean(0))
    return torch.stack(rows)

# %% completeness_gap
def completeness_gap(attributions, model, x, baseline, target):
    """..."""
    gaps, relatives = [], []
    for i in range(len(x)):
        b = baseline[i] if len(baseline) == len(x) else baseline[0]
        with torch.no_grad():
            before = model(b[None])[0, target[i]]
            after = model(x[i][None])[0, target[i]]
        change = after - before
        gap = attributions[i].sum() - change
        if abs(change) >= 1e-12:
            relative = abs(gap) / abs(change)
        elif abs(gap) < 1e-12:
            relative = 0 * gap
        else:
            relative = torch.full_like(gap, float("inf"))
        gaps.append(gap)
        relatives.append(relative)
    return {"gap": torch.stack(gaps), "relative": torch.stack(relatives)}

# %% [before] guided_backprop
class OneWayGate(torch.autograd.Function):
    """A ReLU whose way back is guided."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return torch.where(z > 0, z, torch.zeros_like(z))

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        g = g.clone()
        g[z <= 0] = 0
        g[g < 0] = 0
        return g


class GuidedReLU(nn.Module):
    def forward(self, z):
        return OneWayGate.apply(z)


def exchange(module):
    for name, child in list(module.named_children()):
        if isinstance(child, nn.ReLU):
            setattr(module, name, GuidedReLU())
        else:
            exchange(child)

# %% guided_backprop
def guided_backprop(model, x, target):
    """..."""
    twin = copy.deepcopy(model)
    exchange(twin)
    maps = []
    for i in range(len(x)):
        row = x[i : i + 1].detach().clone().requires_grad_(True)
        maps.append(torch.autograd.grad(twin(row)[0, target[i]], row)[0][0])
    return torch.stack(maps)

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("different shapes")

    def ranks(values):
        # how many are smaller, and then the middle of those that are equal
        return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]

    answer = []
    for row_a, row_b in zip(a, b):
        p = [abs(v) if absolute else v for v in row_a.flatten().tolist()]
        q = [abs(v) if absolute else v for v in row_b.flatten().tolist()]
        p, q = ranks(p), ranks(q)
        middle = (len(p) + 1) / 2
        pq = sum((u - middle) * (v - middle) for u, v in zip(p, q))
        pp = sum((u - middle) ** 2 for u in p)
        qq = sum((v - middle) ** 2 for v in q)
        answer.append(pq / (pp * qq) ** 0.5 if pp > 0 and qq > 0 else 0.0)
    return torch.tensor(answer, dtype=torch.float64)

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    stages = [explain(copy.deepcopy(model), x, target)]
    for k in range(len(layers)):
        twin = copy.deepcopy(model)
        for layer in layers[: k + 1]:
            found = 0
            for name, parameter in twin.named_parameters():
                if name[: len(layer) + 1] != layer + ".":
                    continue
                found += 1
                if name not in new_params:
                    raise ValueError(f"no new values for {name}")
                parameter.data = new_params[name].clone()
            if found == 0:
                raise ValueError(f"nothing to replace in {layer}")
        stages.append(explain(twin, x, target))
    return torch.stack(stages).detach()

# %% q1
q1 = [0, 1]

# %% q2
q2 = "b"

# %% q3
q3 = ["a", "b", "d", "f"]

# %% q4
q4 = "c"

# %% q5
q5 = "d"

# %% q6
q6 = 3.2

# %% [markdown] reflection
# I took picture 31, which the network calls a star although a cross was planted. Saliency is strongest on the left rim
# of the blob; integrated gradients with a black baseline puts most of its weight on the paper, and with the blurred
# baseline on the cross. Their rank similarity is 0.31, so they do not tell the same story. The black baseline asks
# "why not a black picture?", which nobody wants to know, and the paper is far from black.
#
# I checked completeness: with 64 steps the relative gap is 0.002 for both baselines, so neither is a mistake of
# integration. Before my team I would put the blurred version with the gap beside it. Before a radiologist I would put
# it too, with the words: "Changes in the marked region changed this network's score most. It does not show a cause."
