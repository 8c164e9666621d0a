"""Names that an exercise forbids: found in the function and all it leads to, and nowhere else."""

from __future__ import annotations

import pytest

from autograder.judge.remote import Worker
from autograder.worker import Limits, Zygote
from autograder.worker.inside.forbidden import forbidden_uses

IMPORTS = "import scipy.stats as st\nfrom scipy.stats import spearmanr as sp\nimport scipy"
RULE = {"similarity": ["scipy.stats.spearmanr"]}
SAYS = "it uses scipy.stats.spearmanr (line {line} of its cell), which this exercise asks you to do without"


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["def similarity(a, b):\n    return st.spearmanr(a, b)"], 2),
        (["def similarity(a, b):\n    return sp(a, b)[0]"], 2),
        (["def similarity(a, b):\n    return scipy.stats.spearmanr(a, b)"], 2),
        (["def similarity(a, b):\n    from scipy.stats import spearmanr\n    return spearmanr(a, b)"], 3),
        (["similarity = lambda a, b: sp(a, b)"], 1),
        (["def helper(a, b):\n    return sp(a, b)", "def similarity(a, b):\n    return helper(a, b)"], 2),
        (["rank = st.spearmanr", "def similarity(a, b):\n    return rank(a, b)"], 1),
        (["class similarity:\n    def __new__(cls, a, b):\n        return sp(a, b)"], 3),
    ],
)
def test_uses_are_found_with_their_line(cells, line):
    assert forbidden_uses([IMPORTS, *cells], RULE) == {"similarity": SAYS.format(line=line)}


@pytest.mark.parametrize(
    "cells",
    [
        ["def similarity(a, b):\n    return st.rankdata(a)"],
        ["print(sp([1, 2], [2, 1]))", "def similarity(a, b):\n    return 0"],
        ["def other(a, b):\n    return sp(a, b)", "def similarity(a, b):\n    return 0"],
        ["def similarity(a, b):\n    'like scipy.stats.spearmanr'\n    return 0"],
        ["def similarity(a, b:", "x = = 1"],
        [],
    ],
)
def test_what_is_no_use_costs_nothing(cells):
    assert forbidden_uses([IMPORTS, *cells], RULE) == {}


def test_endless_nesting_is_left_out():
    assert forbidden_uses(["(" * 5000, "x = " + "-" * 100_000 + "1"], RULE) == {}


@pytest.mark.slow
def test_the_worker_reports_a_use():
    cells = [
        {"index": 1, "source": IMPORTS},
        {"index": 2, "source": "def similarity(a, b):\n    return sp(a, b)"},
    ]
    with Zygote() as zygote:
        worker = Worker(zygote, cells, {"similarity": ""}, Limits(), RULE)
        worker.close()
    assert worker.loaded.defined == {"similarity": "filled"}
    assert worker.loaded.forbidden == {"similarity": SAYS.format(line=2)}
