"""Exercise rank_similarity: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import numpy as np
import scipy.stats
import torch

PART = {
    "wrong_ranks_over_batch": "value",
    "wrong_ranks_along_last_axis": "value",
    "wrong_absolute_ignored": "value",
    "wrong_absolute_first_only": "value",
    "wrong_absolute_correlation": "value",
    "wrong_single_precision": "value",
    "wrong_ordinal_ranks": "ties",
    "wrong_minimum_ranks": "ties",
    "wrong_dense_ranks": "ties",
    "wrong_shared_zeros_dropped": "ties",
    "wrong_squared_differences": "ties",
    "wrong_constant_before_absolute": "edge",
    "wrong_constant_first_only": "edge",
    "wrong_two_constants_equal_one": "edge",
    "wrong_same_size_passes": "edge",
    "wrong_type_error": "edge",
}


def right_rankdata(a, b, absolute=True):
    """scipy's average ranks per row, centred, cosine of the centred ranks."""
    if a.shape != b.shape:
        raise ValueError("a and b must have the same shape")
    u = a.detach().cpu().double().reshape(a.shape[0], -1).numpy()
    v = b.detach().cpu().double().reshape(b.shape[0], -1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru = scipy.stats.rankdata(u, axis=1)
    rv = scipy.stats.rankdata(v, axis=1)
    ru = ru - ru.mean(axis=1, keepdims=True)
    rv = rv - rv.mean(axis=1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    num = (ru * rv).sum(1)
    out = np.where(den > 0, num / np.where(den > 0, den, 1.0), 0.0)
    return torch.from_numpy(np.clip(out, -1.0, 1.0))


def right_pairwise_comparisons(a, b, absolute=True):
    """Pure torch: rank = number below + half the number equal, by comparing all pairs."""
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError(f"shapes differ: {tuple(a.shape)} and {tuple(b.shape)}")
    result = torch.zeros(a.shape[0], dtype=torch.float64)
    for i in range(a.shape[0]):
        centred = []
        for m in (a[i], b[i]):
            v = m.detach().to(torch.float64).flatten()
            if absolute:
                v = v.abs()
            below = (v[None, :] < v[:, None]).sum(1).to(torch.float64)
            equal = (v[None, :] == v[:, None]).sum(1).to(torch.float64)
            r = below + (equal + 1) / 2
            centred.append(r - (len(r) + 1) / 2)
        p, q = centred
        scale = p.norm() * q.norm()
        if scale > 0:
            result[i] = (p @ q) / scale
    return result.clamp(-1, 1)


def right_unique_counts(a, b, absolute=True):
    """Average ranks from sorted unique values and their counts, then np.corrcoef."""
    if a.shape != b.shape:
        raise ValueError("different shapes")

    def ranks(row):
        _, where, counts = np.unique(row, return_inverse=True, return_counts=True)
        last = np.cumsum(counts)
        return (last - (counts - 1) / 2.0)[np.ravel(where)]

    values = []
    for p, q in zip(a.detach().double(), b.detach().double()):
        p, q = p.numpy().ravel(), q.numpy().ravel()
        if absolute:
            p, q = abs(p), abs(q)
        if p.min() == p.max() or q.min() == q.max():
            values.append(0.0)
        else:
            values.append(float(np.corrcoef(ranks(p), ranks(q))[0, 1]))
    return torch.tensor(values, dtype=torch.float64)


def right_spearmanr(a, b, absolute=True):
    """scipy.stats.spearmanr row by row; constant rows are caught before it is called."""
    if a.shape != b.shape:
        raise ValueError("a and b differ in shape")
    x = a.detach().to(torch.float64).flatten(1)
    y = b.detach().to(torch.float64).flatten(1)
    if absolute:
        x, y = x.abs(), y.abs()
    out = torch.zeros(len(x), dtype=torch.float64)
    for i in range(len(x)):
        if bool((x[i] == x[i, 0]).all()) or bool((y[i] == y[i, 0]).all()):
            continue
        out[i] = float(scipy.stats.spearmanr(x[i].numpy(), y[i].numpy())[0])
    return out


def wrong_ranks_over_batch(a, b, absolute=True):
    """Ranks are taken over the whole batch at once, then correlated per row; right for B = 1."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u, v = a.detach().double().numpy(), b.detach().double().numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru = scipy.stats.rankdata(u.ravel()).reshape(len(u), -1)
    rv = scipy.stats.rankdata(v.ravel()).reshape(len(v), -1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))


def wrong_ranks_along_last_axis(a, b, absolute=True):
    """Ranks along the last axis before flattening: per pixel row for images; right for (B, D)."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u, v = a.detach().double().numpy(), b.detach().double().numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru = scipy.stats.rankdata(u, axis=-1).reshape(len(u), -1)
    rv = scipy.stats.rankdata(v, axis=-1).reshape(len(v), -1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))


def wrong_absolute_ignored(a, b, absolute=True):
    """The absolute value is taken of the ranks, where it does nothing; right for maps >= 0."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    ru = scipy.stats.rankdata(a.detach().double().flatten(1).numpy(), axis=1)
    rv = scipy.stats.rankdata(b.detach().double().flatten(1).numpy(), axis=1)
    if absolute:
        ru, rv = np.abs(ru), np.abs(rv)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))


def wrong_absolute_first_only(a, b, absolute=True):
    """Only a is made absolute; right when b has no negative entry."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u = a.detach().double().flatten(1).numpy()
    v = b.detach().double().flatten(1).numpy()
    if absolute:
        u = np.abs(u)
    ru, rv = scipy.stats.rankdata(u, axis=1), scipy.stats.rankdata(v, axis=1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))


def wrong_absolute_correlation(a, b, absolute=True):
    """absolute is read as: absolute value of the correlation, not of the maps."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    ru = scipy.stats.rankdata(a.detach().double().flatten(1).numpy(), axis=1)
    rv = scipy.stats.rankdata(b.detach().double().flatten(1).numpy(), axis=1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    rho = torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))
    return rho.abs() if absolute else rho


def wrong_single_precision(a, b, absolute=True):
    """The result is cast to the maps' dtype: float32 maps give float32 correlations."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u = a.detach().double().flatten(1).numpy()
    v = b.detach().double().flatten(1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru, rv = scipy.stats.rankdata(u, axis=1), scipy.stats.rankdata(v, axis=1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0)).to(a.dtype)


def wrong_ordinal_ranks(a, b, absolute=True):
    """Double argsort: ties get different ranks by position; right without ties."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u, v = a.detach().double().flatten(1), b.detach().double().flatten(1)
    if absolute:
        u, v = u.abs(), v.abs()
    flat = (u.amax(1) == u.amin(1)) | (v.amax(1) == v.amin(1))
    ru = u.argsort(dim=1, stable=True).argsort(dim=1).double()
    rv = v.argsort(dim=1, stable=True).argsort(dim=1).double()
    ru, rv = ru - ru.mean(1, keepdim=True), rv - rv.mean(1, keepdim=True)
    den = (ru.norm(dim=1) * rv.norm(dim=1)).clamp(min=1e-300)
    return ((ru * rv).sum(1) / den).masked_fill(flat, 0.0)


def wrong_minimum_ranks(a, b, absolute=True):
    """Ties share their lowest rank instead of the average; right without ties."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u = a.detach().double().flatten(1).numpy()
    v = b.detach().double().flatten(1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru = scipy.stats.rankdata(u, method="min", axis=1).astype(float)
    rv = scipy.stats.rankdata(v, method="min", axis=1).astype(float)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    flat = (np.ptp(u, axis=1) == 0) | (np.ptp(v, axis=1) == 0)
    return torch.from_numpy(np.where(flat, 0.0, (ru * rv).sum(1) / np.where(den > 0, den, 1.0)))


def wrong_dense_ranks(a, b, absolute=True):
    """Dense ranks (position among the distinct values); right without ties."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    out = []
    for p, q in zip(a.detach().double(), b.detach().double()):
        if absolute:
            p, q = p.abs(), q.abs()
        rp = torch.unique(p.flatten(), return_inverse=True)[1].double()
        rq = torch.unique(q.flatten(), return_inverse=True)[1].double()
        rp, rq = rp - rp.mean(), rq - rq.mean()
        if p.max() == p.min() or q.max() == q.min():
            out.append(torch.zeros((), dtype=torch.float64))
        else:
            out.append((rp @ rq) / (rp.norm() * rq.norm()))
    return torch.stack(out)


def wrong_shared_zeros_dropped(a, b, absolute=True):
    """Pixels that are 0 in both maps are left out; right when no pixel is 0 in both."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    out = []
    for p, q in zip(a.detach().double().flatten(1), b.detach().double().flatten(1)):
        keep = (p != 0) | (q != 0)
        p, q = p[keep].numpy(), q[keep].numpy()
        if absolute:
            p, q = np.abs(p), np.abs(q)
        if len(p) < 2 or np.ptp(p) == 0 or np.ptp(q) == 0:
            out.append(0.0)
            continue
        out.append(float(np.corrcoef(scipy.stats.rankdata(p), scipy.stats.rankdata(q))[0, 1]))
    return torch.tensor(out, dtype=torch.float64)


def wrong_squared_differences(a, b, absolute=True):
    """1 - 6 sum d^2 / (n (n^2 - 1)) with average ranks; right without ties."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    u = a.detach().double().flatten(1).numpy()
    v = b.detach().double().flatten(1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    d = scipy.stats.rankdata(u, axis=1) - scipy.stats.rankdata(v, axis=1)
    n = u.shape[1]
    rho = 1 - 6 * (d ** 2).sum(1) / (n * (n ** 2 - 1.0))
    flat = (np.ptp(u, axis=1) == 0) | (np.ptp(v, axis=1) == 0)
    return torch.from_numpy(np.where(flat, 0.0, rho))


def wrong_constant_before_absolute(a, b, absolute=True):
    """Constant rows are looked for before the absolute value: a row of +c and -c gives NaN."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    out = []
    for p, q in zip(a.detach().double().flatten(1), b.detach().double().flatten(1)):
        if p.max() == p.min() or q.max() == q.min():
            out.append(0.0)
            continue
        if absolute:
            p, q = p.abs(), q.abs()
        r = torch.from_numpy(scipy.stats.rankdata(p.numpy()))
        s = torch.from_numpy(scipy.stats.rankdata(q.numpy()))
        r, s = r - r.mean(), s - s.mean()
        out.append(float((r @ s) / (r.norm() * s.norm())))
    return torch.tensor(out, dtype=torch.float64)


def wrong_constant_first_only(a, b, absolute=True):
    """Only a is checked for constant rows: a constant row of b gives NaN."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    out = []
    for p, q in zip(a.detach().double().flatten(1), b.detach().double().flatten(1)):
        if absolute:
            p, q = p.abs(), q.abs()
        if p.max() == p.min():
            out.append(0.0)
            continue
        r = torch.from_numpy(scipy.stats.rankdata(p.numpy()))
        s = torch.from_numpy(scipy.stats.rankdata(q.numpy()))
        r, s = r - r.mean(), s - s.mean()
        out.append(float((r @ s) / (r.norm() * s.norm())))
    return torch.tensor(out, dtype=torch.float64)


def wrong_two_constants_equal_one(a, b, absolute=True):
    """Two constant rows count as the same map and give 1; one constant row gives 0."""
    if a.shape != b.shape:
        raise ValueError("different shapes")
    out = []
    for p, q in zip(a.detach().double().flatten(1), b.detach().double().flatten(1)):
        if absolute:
            p, q = p.abs(), q.abs()
        r, s = scipy.stats.rankdata(p.numpy()), scipy.stats.rankdata(q.numpy())
        if np.array_equal(r, s):
            out.append(1.0)
        elif np.ptp(r) == 0 or np.ptp(s) == 0:
            out.append(0.0)
        else:
            out.append(float(np.corrcoef(r, s)[0, 1]))
    return torch.tensor(out, dtype=torch.float64)


def wrong_same_size_passes(a, b, absolute=True):
    """Compares the number of entries only: (B, 3, 4) against (B, 4, 3) raises nothing."""
    if a.numel() != b.numel():
        raise ValueError("different sizes")
    u = a.detach().double().reshape(len(a), -1).numpy()
    v = b.detach().double().reshape(len(a), -1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru, rv = scipy.stats.rankdata(u, axis=1), scipy.stats.rankdata(v, axis=1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))


def wrong_type_error(a, b, absolute=True):
    """Different shapes raise TypeError instead of ValueError."""
    if a.shape != b.shape:
        raise TypeError("different shapes")
    u = a.detach().double().flatten(1).numpy()
    v = b.detach().double().flatten(1).numpy()
    if absolute:
        u, v = np.abs(u), np.abs(v)
    ru, rv = scipy.stats.rankdata(u, axis=1), scipy.stats.rankdata(v, axis=1)
    ru, rv = ru - ru.mean(1, keepdims=True), rv - rv.mean(1, keepdims=True)
    den = np.sqrt((ru ** 2).sum(1) * (rv ** 2).sum(1))
    return torch.from_numpy((ru * rv).sum(1) / np.where(den > 0, den, 1.0))
