"""One function never ends: its own sorting loop forgets to move on."""
OTHERWISE = "perfect_loops"

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    """..."""
    if a.shape != b.shape:
        raise ValueError("shapes")

    def insertion_sort(values):
        values = list(values)
        for i in range(1, len(values)):
            j = i
            while j > 0:
                if values[j - 1] > values[j]:
                    values[j - 1], values[j] = values[j], values[j - 1]
                    j -= 1
        return values

    rows = []
    for u, v in zip(a.flatten(1).tolist(), b.flatten(1).tolist()):
        su, sv = insertion_sort(map(abs, u)), insertion_sort(map(abs, v))
        rows.append(np.corrcoef([su.index(abs(t)) for t in u], [sv.index(abs(t)) for t in v])[0, 1])
    return torch.tensor(rows)
