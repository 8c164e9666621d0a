"""Hidden grader of `decision_rule`: the way of one row through a tree, as one rule."""

import itertools

import numpy as np
import pytest

from coursekit import TreeArrays
from coursekit.checks import Part, alternative, close, unchanged
from coursekit.checks.compare import entry

path = Part("path", 4)
rule = Part("rule", 6)
prediction = Part("prediction", 1)
errors = Part("error", 1)

RESULT = {"path": [], "rule": [], "prediction": 0}
GRID = 2.0**-16  # thresholds are whole multiples of it, and so exact in float32


def random_tree(rng, depth=6, features=4, loose=False):
    """A tree whose features repeat on every path; loose: later questions may be weaker than earlier ones."""
    tree = TreeArrays.random(rng, depth, features, values=3, grid=GRID).as_dict()
    if loose:
        inner = np.flatnonzero(tree["children_left"] >= 0)
        tree["threshold"][inner] = tree["threshold"][inner[rng.permutation(len(inner)).numpy()]]
    return tree


def row(rng, features=4):
    """A row far from every threshold's neighbourhood of rounding."""
    return rng.uniform(features, low=-1.0, high=1.0).numpy()


def bounds_met(tree, x):
    """For each feature on the row's path its tightest bounds, in the order in which they are first tested."""
    node, met = 0, {}
    while tree["children_left"][node] >= 0:
        feature, cut = int(tree["feature"][node]), float(tree["threshold"][node])
        low, high = met.get(feature, (-np.inf, np.inf))
        left = np.float32(x[feature]) <= tree["threshold"][node]
        met[feature] = (low, min(high, cut)) if left else (max(low, cut), high)
        node = tree["children_left" if left else "children_right"][node]
    return met


# ------------------------------------------------------------------------------------------- the tests
@path
@pytest.mark.parametrize("depth", [0, 1, 3, 6])
def test_path(agrees, rng, depth):
    """The path holds every node from the root to the leaf, which may be one and the same"""
    tree = random_tree(rng, depth)
    for _ in range(4):
        agrees(tree, row(rng), entries=("path",))


@path
@pytest.mark.parametrize("above", [0.0, 1e-12])
def test_on_the_threshold(student, rng, above):
    """A value equal to the threshold, once it is rounded to float32, goes to the left child"""
    tree, x = random_tree(rng, 2, 9), row(rng, 9)
    tree["feature"][1:] = np.where(tree["feature"][1:] >= 0, (tree["feature"][0] + 1) % 9, -2)
    x[tree["feature"][0]] = tree["threshold"][0] + above
    leaf = 3 if x[tree["feature"][1]] <= tree["threshold"][1] else 4
    close(list(entry(student.decision_rule(tree, x), "path", RESULT))[-1], leaf)


@rule
@pytest.mark.parametrize("loose", [False, True])
def test_bounds(student, rng, loose):
    """One entry for each feature on the path, with the tightest bounds met"""
    for depth in (7, 7, 7, 7, 0):
        tree, x = random_tree(rng, depth, 3, loose), row(rng, 3)
        got = entry(student.decision_rule(tree, x), "rule", RESULT)
        want = [(feature, *bounds) for feature, bounds in sorted(bounds_met(tree, x).items())]
        close(sorted((tuple(one) for one in got), key=lambda one: one[0]), want)


@rule
def test_order(student, rng):
    """The entries come in the order in which the features are first tested"""
    for _ in range(12):
        tree, x = random_tree(rng, 7, 3), row(rng, 3)
        got = entry(student.decision_rule(tree, x), "rule", RESULT)
        close([int(one[0]) for one in got], list(bounds_met(tree, x)))


@prediction
@pytest.mark.parametrize("tie", [None, [0, 4, 4], [3, 3, 3], [5, 1, 5]])
def test_prediction(agrees, rng, tie):
    """The prediction is the class with the largest value at the leaf, the lowest of equal ones"""
    tree = random_tree(rng, 4)
    if tie is not None:
        tree["value"][:] = tie
        tree["value"][0] = [0, 0, 9]
    for _ in range(4):
        agrees(tree, row(rng), entries=("prediction",))


@errors
@pytest.mark.parametrize("tested", [True, False])
def test_nan(student, rng, tested):
    """NaN in x raises ValueError, whether the path tests that feature or not"""
    tree, x = random_tree(rng, 2, 6), row(rng, 6)
    on_path = list(bounds_met(tree, x))
    x[on_path[0] if tested else next(j for j in range(6) if j not in on_path)] = np.nan
    with pytest.raises(ValueError):
        student.decision_rule(tree, x)


@errors
def test_keys(student, rng):
    """The result holds the keys path, rule and prediction, and no others"""
    got = student.decision_rule(random_tree(rng, 3), row(rng))
    assert set(got) == set(RESULT), "the keys must be path, rule and prediction"


@errors
def test_everything_is_as_before(student, rng):
    """The tree and x are as they were before the call"""
    student.decision_rule(random_tree(rng, 3), row(rng))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
path.mistake(
    "A value equal to the threshold goes left: compare with <=, not with <.",
    "x[feature] <= threshold",
    "x[feature] < threshold",
    about="equal to the threshold goes left",
)
path.mistake(
    "You compare x in float64: round it with np.float32 first, as scikit-learn does, so a value a hair above the threshold goes left.",
    "x = x.astype(np.float32)",
    "x = x.copy()",
    about="hair",
)
path.mistake(
    "You turn the wrong way: a row goes LEFT where its value is at most the threshold.",
    "x[feature] <= threshold",
    "x[feature] > threshold",
    about="wrong way",
)
path.mistake(
    "The leaf is missing at the end of your path.",
    '{"path": path,',
    '{"path": path[:-1],',
    about="leaf is missing",
)
path.mistake(
    "The root is missing: the path begins with node 0.",
    "path.append(int(node))",
    "path.append(int(node)) if path != [0] else path.__setitem__(0, int(node))",
    about="root is missing",
)
path.mistake(
    "Your path lists the features that are asked about: list the numbers of the nodes.",
    '{"path": path,',
    '{"path": [int(tree["feature"][n]) for n in path[:-1]] + path[-1:],',
    about="features that are asked about",
)
path.mistake(
    "Your path is upside down: it runs from the root to the leaf.",
    '{"path": path,',
    '{"path": path[::-1],',
    about="upside down",
)
path.mistake(
    "In a tree of one leaf the path is [0], not empty: the root is the leaf.",
    '{"path": path,',
    '{"path": path if len(path) > 1 else [],',
    about="not empty",
)
rule.mistake(
    "The bounds are swapped: going right means x > threshold, and that is the LOW bound.",
    "rule = [(feature, low, high)",
    "rule = [(feature, high, low)",
    about="swapped",
)
rule.mistake(
    "You keep the last bound that was met: a later question may be weaker than an earlier one, so take the tightest.",
    'min(high, threshold)\n        else:\n            node, low = tree["children_right"][node], max(low, threshold)',
    'threshold\n        else:\n            node, low = tree["children_right"][node], threshold',
    about="last bound",
)
rule.mistake(
    "You keep the loosest bounds: of several thresholds on one side the smallest is the upper bound and the largest the lower one.",
    "low, high = bounds.get(feature, (-np.inf, np.inf))",
    "low, high = bounds.get(feature, (-np.inf, np.inf)); min, max = "
    "(lambda a, b: b if np.isinf(a) else np.maximum(a, b)), (lambda a, b: b if np.isinf(a) else np.minimum(a, b))",
    about="loosest",
)


@rule.mistake(
    "You list one entry for each question: merge the questions about one feature into one entry.",
    about="merge",
)
def one_entry_per_question(tree, x):
    if np.isnan(x).any():
        raise ValueError("NaN")
    node, nodes, entries = 0, [0], []
    while tree["children_left"][node] != -1:
        feature, cut = int(tree["feature"][node]), float(tree["threshold"][node])
        left = np.float32(x[feature]) <= tree["threshold"][node]
        entries.append((feature, -np.inf, cut) if left else (feature, cut, np.inf))
        node = int(tree["children_left" if left else "children_right"][node])
        nodes.append(node)
    return {"path": nodes, "rule": entries, "prediction": int(tree["value"][node].argmax())}


rule.mistake(
    "You list every feature of x: only those that the path tests belong into the rule.",
    "for feature, (low, high) in bounds.items()]",
    "for feature, (low, high) in (bounds | {j: (-np.inf, np.inf) for j in range(len(x)) if j not in bounds}).items()]",
    about="every feature of x",
)
rule.mistake(
    "You write None where there is no bound: write -np.inf and np.inf, so that low < x <= high can be computed.",
    "rule = [(feature, low, high)",
    "rule = [(feature, low if low > -np.inf else None, high if high < np.inf else None)",
    about="None",
)
rule.mistake(
    "You sort the entries by feature: keep the order in which the path first tests them.",
    "in bounds.items()]",
    "in sorted(bounds.items())]",
    about="sort",
)
rule.mistake(
    "You round the thresholds: give the bounds as they stand in the tree.",
    "rule = [(feature, low, high)",
    "rule = [(feature, round(low, 3) if low > -np.inf else low, round(high, 3) if high < np.inf else high)",
    about="round the thresholds",
)
prediction.mistake(
    "You return the values at the leaf: the prediction is the INDEX of the largest one.",
    'prediction = int(np.argmax(tree["value"][node]))',
    'prediction = tree["value"][node]',
    about="index",
)
prediction.mistake(
    "You return the largest value itself: the prediction is the class it belongs to.",
    'prediction = int(np.argmax(tree["value"][node]))',
    'prediction = float(np.max(tree["value"][node]))',
    about="largest value itself",
)
prediction.mistake(
    "Of equal classes you take the highest: a tie goes to the lowest class.",
    'int(np.argmax(tree["value"][node]))',
    'len(tree["value"][node]) - 1 - int(np.argmax(tree["value"][node][::-1]))',
    about="tie",
)
prediction.mistake(
    "You read the values at the root: the leaf at the end of the path decides.",
    'int(np.argmax(tree["value"][node]))',
    'int(np.argmax(tree["value"][0]))',
    about="at the root",
)
errors.mistake(
    "NaN goes to the right child without a word: raise ValueError before you start.",
    "if np.isnan(x).any():",
    "if False:",
    about="without a word",
)
errors.mistake(
    "You look for NaN in the tested features only: NaN anywhere in x must raise ValueError.",
    "if np.isnan(x).any():",
    'if np.isnan(x[tree["feature"][0]]):',
    about="tested features only",
)
errors.mistake(
    "You return more keys than asked: the result holds path, rule and prediction.",
    '"prediction": prediction}',
    '"prediction": prediction, "leaf": path[-1]}',
    about="more keys",
)
errors.mistake(
    "You put a converted array into the caller's tree: the dict must be as it was, so convert a copy.",
    "node, path, bounds = 0, [0], {}",
    'tree["threshold"] = np.array(tree["threshold"]); node, path, bounds = 0, [0], {}',
    about="converted",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def recursive(tree, x):
    if not np.all(x == x):
        raise ValueError("NaN")
    left, right = tree["children_left"].tolist(), tree["children_right"].tolist()

    def descend(node):
        if left[node] < 0:
            return [node], []
        feature, cut = int(tree["feature"][node]), tree["threshold"][node]
        goes_left = np.float32(x[feature]) <= cut
        nodes, questions = descend(left[node] if goes_left else right[node])
        return [node, *nodes], [(feature, cut, bool(goes_left)), *questions]

    nodes, questions = descend(0)
    entries = []
    for feature in dict.fromkeys(q[0] for q in questions):
        lows = [cut for f, cut, goes_left in questions if f == feature and not goes_left]
        highs = [cut for f, cut, goes_left in questions if f == feature and goes_left]
        entries.append([feature, max(lows, default=-np.inf), min(highs, default=np.inf)])
    values = tree["value"][nodes[-1]].tolist()
    return {"prediction": values.index(max(values)), "path": nodes, "rule": entries}


@alternative
def from_the_leaf_up(tree, x):
    """Finds the leaf first, then walks up through the parents."""
    if np.isnan(np.sum(x)):
        raise ValueError("NaN")
    x32 = np.asarray(x, dtype=np.float32).astype(np.float64)
    parent, side = {}, {}
    for key, name in (("children_left", "left"), ("children_right", "right")):
        for p, child in enumerate(tree[key]):
            if child != -1:
                parent[int(child)], side[int(child)] = p, name
    node = 0
    while tree["children_right"][node] != -1:
        is_left = x32[tree["feature"][node]] <= tree["threshold"][node]
        node = int(tree["children_left" if is_left else "children_right"][node])
    leaf, nodes = node, [node]
    while nodes[-1] in parent:
        nodes.append(parent[nodes[-1]])
    nodes = np.array(nodes[::-1])
    low, high = np.full(len(x), -np.inf), np.full(len(x), np.inf)
    order = []
    for p, child in itertools.pairwise(nodes):
        j, cut = tree["feature"][p], tree["threshold"][p]
        if j not in order:
            order.append(j)
        if side[int(child)] == "left":
            high[j] = np.minimum(high[j], cut)
        else:
            low[j] = np.maximum(low[j], cut)
    return {
        "path": nodes,
        "rule": [(j, low[j], high[j]) for j in order],
        "prediction": np.argmax(tree["value"][leaf]),
    }
