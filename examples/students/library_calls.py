"""Lets libraries do the work: captum in one exercise, scipy's spearmanr in another."""
OTHERWISE = "perfect_loops"

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    """..."""
    if steps < 1:
        raise ValueError("steps")
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(model)
    return method.attribute(x, baseline, target=target, n_steps=steps, method="riemann_middle").detach()

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("shapes")
    if absolute:
        a, b = a.abs(), b.abs()
    rows = [stats.spearmanr(u, v).statistic for u, v in zip(a.flatten(1), b.flatten(1))]
    return torch.nan_to_num(torch.tensor(rows, dtype=torch.float64))

# %% [after] rank_similarity
import scipy.stats
print(scipy.stats.spearmanr([1, 2, 3], [3, 2, 2]))  # only to compare: this costs nothing
