"""A colon is missing in one cell, so the whole cell cannot be read; one answer lacks its quotation marks."""
OTHERWISE = "perfect_loops"

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape
        raise ValueError("shapes")
    ranks = [stats.rankdata(m.detach().abs().flatten(1).numpy(), axis=1) for m in (a, b)]
    return torch.tensor([np.corrcoef(u, v)[0, 1] for u, v in zip(*ranks)])

# %% q3
q3 = [a, b, d, f]
