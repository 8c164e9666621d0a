"""Classic mistakes: values correlated instead of ranks, and cascading randomisation without its first entry."""
OTHERWISE = "perfect_loops"

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("shapes")
    out = np.zeros(len(a))
    for i in range(len(a)):
        u = a[i].detach().numpy().ravel().astype("float64")
        v = b[i].detach().numpy().ravel().astype("float64")
        if absolute:
            u, v = abs(u), abs(v)
        if u.std() > 0 and v.std() > 0:
            out[i] = stats.pearsonr(u, v)[0]
    return torch.from_numpy(out)

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    net = copy.deepcopy(model)
    params = dict(net.named_parameters())
    maps = []
    for layer in layers:
        keys = [k for k in params if k.startswith(layer + ".")]
        if len(keys) == 0:
            raise ValueError(layer)
        for k in keys:
            if k not in new_params:
                raise ValueError(k)
            params[k].data.copy_(new_params[k])
        maps.append(explain(net, x, target))
    return torch.stack(maps)

# %% q1
q1 = 1

# %% [delete] q2
