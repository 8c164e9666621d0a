"""Hidden grader of `rank_similarity`: Spearman's correlation of two stacks of maps, row by row."""

import numpy as np
import pytest
import torch
from scipy import stats

from coursekit.checks import Part, alternative, same_dtype, unchanged

value = Part("value", 5)
ties = Part("ties", 2)
edges = Part("edge", 1)


# Similarities lie between -1 and 1: errors are measured against 1.
# ------------------------------------------------------------------------------------------- the tests
@value
@pytest.mark.parametrize("n", [1, 5])
def test_signed(agrees, rng, n):
    """With absolute=False the signed values are ranked in each row, and the ranks correlated"""
    a = rng.normal(n, 3, 7)
    b = a.exp() + 0.7 * rng.normal(n, 3, 7)
    b[::2] *= -1
    agrees(a, b, absolute=False, tol=1e-10, scale=1)


@value
@pytest.mark.parametrize("n", [1, 5])
def test_absolute(agrees, rng, n):
    """By default the absolute values are ranked"""
    a = rng.normal(n, 2, 3, 5)
    agrees(a, a**3 + 0.3 * rng.normal(n, 2, 3, 5), tol=1e-10, scale=1)  # alike: no correlation below 0


@value
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right similarities are float64, whatever the dtype of the maps"""
    maps = rng.uniform(3, 7, dtype=dtype), rng.uniform(3, 7, dtype=dtype)
    maps[1][0] = 1 - maps[0][0]  # the reversed order
    agrees(*maps, tol=1e-10, scale=1)
    same_dtype(student.rank_similarity(*maps), torch.float64)


@ties
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("what", ["half zeros", "whole numbers"])
def test_equal_values(agrees, rng, what, absolute):
    """Equal values of a sparse or coarse map share the average of their ranks"""
    if what == "half zeros":
        a, b = (torch.where(rng.uniform(4, 3, 7) < 0.5, 0.0, rng.normal(4, 3, 7)) for _ in range(2))
    else:
        a, b = (rng.integers(-3, 4, 4, 11).double() for _ in range(2))
    agrees(a, b, absolute, tol=1e-10, scale=1)


@edges
def test_constant_rows(agrees, rng):
    """A row that is constant on either side has similarity 0, and the other rows keep theirs"""
    a, b = rng.normal(6, 2, 5), rng.normal(6, 2, 5)
    a[1], b[2], a[3], b[3] = 0.5, -2.0, 0.0, 0.0
    a[4] = torch.where(rng.uniform(2, 5) < 0.5, 0.25, -0.25)
    a[4, 0, 0], a[4, 1, 1] = 0.25, -0.25
    agrees(a, b, True, tol=1e-10, scale=1)
    agrees(a, b, False, tol=1e-10, scale=1)


@edges
@pytest.mark.parametrize("shapes", [((3, 4, 2), (3, 8)), ((3, 5), (1, 5)), ((2, 4), (2, 7))])
def test_different_shapes(student, rng, shapes):
    """Stacks of different shapes raise ValueError"""
    with pytest.raises(ValueError):
        student.rank_similarity(*(rng.normal(*shape) for shape in shapes))


@edges
def test_everything_is_as_before(student, rng):
    """Both stacks are as they were before the call"""
    student.rank_similarity(rng.normal(3, 7), rng.normal(3, 7))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
value.mistake(
    "You correlate the values themselves (Pearson): replace them by their ranks first.",
    "stats.rankdata(maps.numpy(), axis=1)",
    "maps.double().numpy()",
    about="correlate the values themselves",
)
value.mistake(
    "absolute=True, the default, is ignored: it asks for the absolute values.",
    "if absolute:",
    "if False:",
    about="ignored",
)
value.mistake(
    "You compare absolute values even with absolute=False: it asks for the signed ones.",
    "if absolute:",
    "if True:",
    about="even with absolute=False",
)
value.mistake(
    "The two cases are exchanged: take absolute values if absolute is True.",
    "if absolute:",
    "if not absolute:",
    about="exchanged",
)
value.mistake(
    "You take absolute values of the first stack only: both stacks are compared in the same way.",
    "a, b = a.abs(), b.abs()",
    "a, b = a.abs(), b",
    about="first stack only",
)
value.mistake(
    "You rank along the last axis of the maps: flatten each map first, and rank all of its values.",
    "a, b = a.detach().flatten(1), b.detach().flatten(1)",
    "a, b = a.detach(), b.detach(); a, b = ("
    "torch.from_numpy(stats.rankdata(m.abs() if absolute else m, axis=-1)).flatten(1) for m in (a, b))",
    about="last axis",
)
value.mistake(
    "You return the absolute value of the correlation: absolute concerns the maps, and opposite maps "
    "have -1.",
    "return torch.from_numpy(similarity)",
    "return torch.from_numpy(abs(similarity))",
    about="opposite maps",
)
value.mistake(
    "With absolute=True you return the absolute value of the correlation: take absolute values of the "
    "maps, and rank those.",
    "    if absolute:\n        a, b = a.abs(), b.abs()\n",
    "    if absolute:\n        return rank_similarity(a, b, absolute=False).abs()\n",
    about="rank those",
)
value.mistake(
    "You return the square of the correlation, which has no sign: return the correlation.",
    "return torch.from_numpy(similarity)",
    "return torch.from_numpy(similarity**2)",
    about="square",
)


@value.mistake(
    "This is Kendall's tau, which counts pairs in the same order: correlate the ranks (Spearman).",
    about="Kendall's tau",
)
def kendall(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("shapes")
    a, b = a.detach().flatten(1), b.detach().flatten(1)
    if absolute:
        a, b = a.abs(), b.abs()
    constant = (a == a[:, :1]).all(dim=1) | (b == b[:, :1]).all(dim=1)
    taus = [0.0 if c else stats.kendalltau(u, v).statistic for u, v, c in zip(a, b, constant, strict=True)]
    return torch.tensor(taus, dtype=torch.float64)


@value.mistake(
    "You give one number for the whole batch: each pair of maps has its own.",
    about="one number for the whole batch",
)
def one_number(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("shapes")
    a, b = a.detach().flatten().abs() if absolute else a.detach().flatten(), b.detach().flatten()
    b = b.abs() if absolute else b
    similarity = np.corrcoef(stats.rankdata(a.numpy()), stats.rankdata(b.numpy()))[0, 1]
    return torch.tensor(similarity, dtype=torch.float64)


@value.mistake(
    "You rank the values of all rows together: each row has its own ranks.",
    about="all rows together",
)
def ranked_together(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("shapes")
    a, b = a.detach().flatten(1), b.detach().flatten(1)
    if absolute:
        a, b = a.abs(), b.abs()
    u = torch.from_numpy(stats.rankdata(a.numpy()).reshape(a.shape))
    v = torch.from_numpy(stats.rankdata(b.numpy()).reshape(b.shape))
    constant = (a == a[:, :1]).all(dim=1) | (b == b[:, :1]).all(dim=1)
    u, v = u - u.mean(dim=1, keepdim=True), v - v.mean(dim=1, keepdim=True)
    similarity = (u * v).sum(dim=1) / (u.norm(dim=1) * v.norm(dim=1))
    return torch.where(constant, 0.0, similarity)


@ties.mistake(
    "argsort of argsort gives equal values different ranks: they share the average of their ranks.",
    about="argsort of argsort",
)
def ordinal_ranks(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("shapes")
    a, b = a.detach().flatten(1).double(), b.detach().flatten(1).double()
    if absolute:
        a, b = a.abs(), b.abs()
    constant = (a == a[:, :1]).all(dim=1) | (b == b[:, :1]).all(dim=1)
    u = a.argsort(dim=1, stable=True).argsort(dim=1).double()
    v = b.argsort(dim=1, stable=True).argsort(dim=1).double()
    u, v = u - u.mean(dim=1, keepdim=True), v - v.mean(dim=1, keepdim=True)
    similarity = (u * v).sum(dim=1) / (u.norm(dim=1) * v.norm(dim=1))
    return torch.where(constant, 0.0, similarity)


@ties.mistake(
    "1 - 6 sum d^2 / (n (n^2 - 1)) holds without equal values only: take Pearson's correlation of the ranks.",
    about="holds without equal values only",
)
def formula_without_ties(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("shapes")
    a, b = a.detach().flatten(1), b.detach().flatten(1)
    if absolute:
        a, b = a.abs(), b.abs()
    constant = (a == a[:, :1]).all(dim=1) | (b == b[:, :1]).all(dim=1)
    d = torch.from_numpy(stats.rankdata(a.numpy(), axis=1) - stats.rankdata(b.numpy(), axis=1))
    n = a.shape[1]
    return torch.where(constant, 0.0, 1 - 6 * (d**2).sum(dim=1) / (n * (n**2 - 1)))


ties.mistake(
    "Equal values get the lowest of their ranks: they share the average.",
    "stats.rankdata(maps.numpy(), axis=1)",
    'stats.rankdata(maps.numpy(), method="min", axis=1)',
    about="lowest",
)
ties.mistake(
    "Your ranks are dense, without gaps after equal values (as np.unique gives them): equal values "
    "share the average.",
    "stats.rankdata(maps.numpy(), axis=1)",
    'stats.rankdata(maps.numpy(), method="dense", axis=1)',
    about="dense",
)
edges.mistake(
    "A constant row gives 0/0, which is nan: its similarity is defined as 0.",
    "out=np.zeros(len(a))",
    "out=np.full(len(a), np.nan)",
    about="nan",
)
edges.mistake(
    "Constant rows count as alike in your function: their similarity is defined as 0.",
    "out=np.zeros(len(a))",
    "out=np.ones(len(a))",
    about="count as alike",
)
edges.mistake(
    "Stacks of different shapes are compared without a word: raise ValueError first.",
    "if a.shape != b.shape:",
    "if a.flatten(1).shape[1] != b.flatten(1).shape[1]:",
    about="compared without a word",
)
edges.mistake(
    "You only compare the number of rows: the whole shapes must be equal, or ValueError is raised.",
    "if a.shape != b.shape:",
    "if len(a) != len(b):",
    about="only the number of rows",
)
edges.mistake(
    "You stop with another kind of error (such as an assert): for different shapes raise ValueError.",
    "raise ValueError(",
    "raise AssertionError(",
    about="another kind of error",
)
value.mistake(
    "Your similarities have the dtype of the maps: float64 is asked whatever the maps are.",
    "return torch.from_numpy(similarity)",
    "return torch.from_numpy(similarity).to(a.dtype)",
    about="dtype of the maps",
)
edges.mistake(
    "The caller's maps are changed by an operation in place, such as abs_(): use abs().",
    "a, b = a.abs(), b.abs()",
    "a, b = a.abs_(), b.abs_()",
    about="caller's maps",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def by_counting_pairs(a, b, absolute=True):
    """The average rank is 1 + the number of smaller values + half the number of other equal ones."""
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError("different shapes")

    def centred(maps):
        flat = maps.reshape(len(maps), -1).double()
        flat = flat.abs() if absolute else flat
        one, other = flat.unsqueeze(2), flat.unsqueeze(1)
        ranks = (one > other).double().sum(2) + (one == other).double().sum(2) / 2
        return ranks - ranks.mean(1, keepdim=True)

    u, v = centred(a), centred(b)
    both = (u**2).sum(1) * (v**2).sum(1)
    return torch.where(both > 0, (u * v).sum(1) / both.clamp(min=1e-300).sqrt(), torch.zeros_like(both))


@alternative
def by_corrcoef_in_a_loop(a, b, absolute=True):
    if a.shape != b.shape:
        raise ValueError("different shapes")
    result = []
    for u, v in zip(a.numpy(), b.numpy(), strict=True):
        u, v = np.ravel(np.abs(u) if absolute else u), np.ravel(np.abs(v) if absolute else v)
        if np.ptp(u) == 0 or np.ptp(v) == 0:
            result.append(0.0)
        else:
            result.append(np.corrcoef(stats.rankdata(u), stats.rankdata(v))[0, 1])
    return torch.tensor(np.array(result))


@alternative
def by_sorting_and_grouping(a, b, absolute=True):
    """Ranks from torch.unique: each group of equal values has the mean of the places it takes."""
    if a.shape != b.shape:
        raise ValueError("different shapes")

    def ranks(row):
        _, group, count = torch.unique(row, return_inverse=True, return_counts=True)
        return (count.cumsum(0) - (count - 1) / 2).double()[group]

    rows = []
    for u, v in zip(a.flatten(1), b.flatten(1), strict=True):
        u, v = (ranks(w.abs()) if absolute else ranks(w) for w in (u, v))
        alike = torch.corrcoef(torch.stack([u, v]))[0, 1]
        rows.append(torch.nan_to_num(alike, nan=0.0))
    return torch.stack(rows)
