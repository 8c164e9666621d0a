"""Exercise decision_rule: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import math

import numpy as np

PART = {
    "wrong_strictly_left": "path",
    "wrong_double_precision": "path",
    "wrong_leaf_left_out": "path",
    "wrong_root_left_out": "path",
    "wrong_sides_swapped_in_rule": "rule",
    "wrong_last_bound_wins": "rule",
    "wrong_loosest_bounds": "rule",
    "wrong_sorted_by_feature": "rule",
    "wrong_one_entry_per_test": "rule",
    "wrong_missing_is_large_number": "rule",
    "wrong_order_of_last_test": "rule",
    "wrong_last_of_tied_classes": "prediction",
    "wrong_class_of_root": "prediction",
    "wrong_missing_goes_right": "error",
    "wrong_missing_only_where_tested": "error",
}


def _walk(tree, x):
    x = np.asarray(x, float)
    if np.isnan(x).any():
        raise ValueError("x holds NaN")
    node, path, tests = 0, [0], []
    while tree["children_left"][node] != -1:
        feature, threshold = int(tree["feature"][node]), float(tree["threshold"][node])
        left = bool(np.float32(x[feature]) <= threshold)
        tests.append((feature, threshold, left))
        node = int(tree["children_left" if left else "children_right"][node])
        path.append(node)
    return path, tests


def _merge(tests):
    bounds = {}
    for feature, threshold, left in tests:
        low, high = bounds.get(feature, (-math.inf, math.inf))
        bounds[feature] = (low, min(high, threshold)) if left else (max(low, threshold), high)
    return [(feature, low, high) for feature, (low, high) in bounds.items()]


def _answer(tree, path, rule, node=None):
    values = tree["value"][path[-1] if node is None else node]
    return {"path": path, "rule": rule, "prediction": int(np.argmax(values))}


def right_loop(tree, x):
    """Walks down, keeping bounds in a dict in the order of the first test."""
    path, tests = _walk(tree, x)
    return _answer(tree, path, _merge(tests))


def right_recursive(tree, x):
    """A recursion that returns path and tests; the bounds are collected afterwards."""
    row = np.asarray(x, dtype=np.float64)
    if np.any(row != row):
        raise ValueError("x holds NaN")
    row = row.astype(np.float32)

    def down(node):
        if tree["children_left"][node] < 0:
            return [node], []
        f, t = int(tree["feature"][node]), tree["threshold"][node]
        goes_left = row[f].astype(np.float64) <= t
        rest, tests = down(int(tree["children_left"][node] if goes_left else tree["children_right"][node]))
        return [node, *rest], [(f, float(t), goes_left), *tests]

    path, tests = down(0)
    rule = []
    for feature in dict.fromkeys(f for f, _, _ in tests):
        highs = [t for f, t, left in tests if f == feature and left]
        lows = [t for f, t, left in tests if f == feature and not left]
        rule.append((feature, max(lows, default=-np.inf), min(highs, default=np.inf)))
    best = max(range(tree["value"].shape[1]), key=lambda c: (tree["value"][path[-1]][c], -c))
    return {"path": path, "rule": rule, "prediction": best}


def right_from_the_leaf_up(tree, x):
    """Finds the leaf first, then climbs back through a table of parents."""
    row = np.array(x, float)
    if not np.all(~np.isnan(row)):
        raise ValueError("x holds NaN")
    parents = {}
    for side in ("children_left", "children_right"):
        parents.update({int(child): (n, side) for n, child in enumerate(tree[side]) if child != -1})
    node = 0
    while tree["children_right"][node] != -1:
        small = np.float32(row[tree["feature"][node]]) <= tree["threshold"][node]
        node = int(tree["children_left"][node]) if small else int(tree["children_right"][node])
    path = [node]
    steps = []
    while path[0] in parents:
        parent, side = parents[path[0]]
        steps.insert(
            0, (int(tree["feature"][parent]), float(tree["threshold"][parent]), side == "children_left")
        )
        path.insert(0, parent)
    return _answer(tree, path, _merge(steps))


def wrong_strictly_left(tree, x):
    """Strictly below goes left."""
    row = np.asarray(x, float)
    if np.isnan(row).any():
        raise ValueError("x holds NaN")
    node, path, tests = 0, [0], []
    while tree["children_left"][node] != -1:
        feature, threshold = int(tree["feature"][node]), float(tree["threshold"][node])
        left = bool(np.float32(row[feature]) < threshold)
        tests.append((feature, threshold, left))
        node = int(tree["children_left" if left else "children_right"][node])
        path.append(node)
    return _answer(tree, path, _merge(tests))


def wrong_double_precision(tree, x):
    """Compares in float64: another side where x lies within float32's rounding of the threshold."""
    row = np.asarray(x, float)
    if np.isnan(row).any():
        raise ValueError("x holds NaN")
    node, path, tests = 0, [0], []
    while tree["children_left"][node] != -1:
        feature, threshold = int(tree["feature"][node]), float(tree["threshold"][node])
        left = bool(row[feature] <= threshold)
        tests.append((feature, threshold, left))
        node = int(tree["children_left" if left else "children_right"][node])
        path.append(node)
    return _answer(tree, path, _merge(tests))


def wrong_leaf_left_out(tree, x):
    """The path ends one node early; a tree of one leaf has its leaf."""
    path, tests = _walk(tree, x)
    return {**_answer(tree, path, _merge(tests)), "path": path[:-1] if len(path) > 1 else path}


def wrong_root_left_out(tree, x):
    """The path begins at the first child; a tree of one leaf has its leaf."""
    path, tests = _walk(tree, x)
    return {**_answer(tree, path, _merge(tests)), "path": path[1:] if len(path) > 1 else path}


def wrong_sides_swapped_in_rule(tree, x):
    """Left gives the low bound, right the high one."""
    path, tests = _walk(tree, x)
    return _answer(tree, path, _merge([(f, t, not left) for f, t, left in tests]))


def wrong_last_bound_wins(tree, x):
    """A later test of the same side replaces the bound, whether tighter or not; trees only tighten."""
    path, tests = _walk(tree, x)
    bounds = {}
    for feature, threshold, left in tests:
        bounds[feature] = (-math.inf, threshold) if left else (threshold, math.inf)
    return _answer(tree, path, [(f, low, high) for f, (low, high) in bounds.items()])


def wrong_loosest_bounds(tree, x):
    """Keeps the first bound of each side."""
    path, tests = _walk(tree, x)
    bounds = {}
    for feature, threshold, left in tests:
        low, high = bounds.get(feature, (-math.inf, math.inf))
        if left:
            high = threshold if high == math.inf else high
        else:
            low = threshold if low == -math.inf else low
        bounds[feature] = (low, high)
    return _answer(tree, path, [(f, low, high) for f, (low, high) in bounds.items()])


def wrong_sorted_by_feature(tree, x):
    """The entries are sorted by the feature's number."""
    path, tests = _walk(tree, x)
    return _answer(tree, path, sorted(_merge(tests)))


def wrong_one_entry_per_test(tree, x):
    """One entry for each test on the path."""
    path, tests = _walk(tree, x)
    rule = [(f, -math.inf, t) if left else (f, t, math.inf) for f, t, left in tests]
    return _answer(tree, path, rule)


def wrong_missing_is_large_number(tree, x):
    """An unbounded side is the largest float."""
    path, tests = _walk(tree, x)
    big = float(np.finfo(float).max)
    return _answer(tree, path, [(f, max(low, -big), min(high, big)) for f, low, high in _merge(tests)])


def wrong_order_of_last_test(tree, x):
    """Ordered by the last test of each feature."""
    path, tests = _walk(tree, x)
    merged = {f: (f, low, high) for f, low, high in _merge(tests)}
    order = list(dict.fromkeys(f for f, _, _ in reversed(tests)))[::-1]
    return _answer(tree, path, [merged[f] for f in order])


def wrong_last_of_tied_classes(tree, x):
    """The highest of equal classes."""
    path, tests = _walk(tree, x)
    values = tree["value"][path[-1]]
    return {
        **_answer(tree, path, _merge(tests)),
        "prediction": int(np.flatnonzero(values == values.max())[-1]),
    }


def wrong_class_of_root(tree, x):
    """The largest class at the root."""
    path, tests = _walk(tree, x)
    return _answer(tree, path, _merge(tests), node=0)


def wrong_missing_goes_right(tree, x):
    """NaN is not refused: every comparison with it is false."""
    row = np.asarray(x, float)
    if not np.isnan(row).any():
        return right_loop(tree, x)
    node, path, tests = 0, [0], []
    while tree["children_left"][node] != -1:
        feature, threshold = int(tree["feature"][node]), float(tree["threshold"][node])
        left = bool(np.float32(row[feature]) <= threshold)
        tests.append((feature, threshold, left))
        node = int(tree["children_left" if left else "children_right"][node])
        path.append(node)
    return _answer(tree, path, _merge(tests))


def wrong_missing_only_where_tested(tree, x):
    """Refuses NaN only in a feature that the path tests."""
    row = np.asarray(x, float)
    filled = np.where(np.isnan(row), 0.0, row)
    answer = right_loop(tree, filled)
    node = 0
    for child in answer["path"][1:]:
        if np.isnan(row[tree["feature"][node]]):
            raise ValueError("a tested feature is NaN")
        node = child
    return answer
