"""Decision trees as plain arrays, numbered and laid out as in scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.rng import Rng, as_rng

LEAF = -1
NOT_FITTED = "from_sklearn takes one fitted decision tree of scikit-learn, not a {got}"
BAD_SIZES = "a random tree needs depth, features and values of at least 1, not {got}"
ONE_VALUE = "this tree has {got} numbers at each node: the five-array form holds one"


@dataclass(frozen=True, eq=False)
class TreeArrays:
    """A tree of yes-or-no questions: a row goes to the left child where ``x[feature] <= threshold``.

    Node 0 is the root, and children stand after their parents.

    Attributes:
        children_left, children_right: ``(nodes,)`` int64, -1 at a leaf.
        feature: ``(nodes,)`` int64, -2 at a leaf.
        threshold: ``(nodes,)`` float64, -2.0 at a leaf.
        value: ``(nodes, K)`` float64: shares of K classes, or one number (K = 1).
    """

    children_left: np.ndarray
    children_right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray

    @classmethod
    def from_sklearn(cls, tree: Any) -> TreeArrays:
        """The arrays of a fitted ``DecisionTreeClassifier`` or ``...Regressor``, or of its ``tree_``.

        Raises:
            TypeError: it is no fitted tree.
        """
        inner = getattr(tree, "tree_", tree)
        if not hasattr(inner, "children_left"):
            raise TypeError(NOT_FITTED.format(got=type(tree).__name__))
        return cls(
            np.array(inner.children_left, dtype=np.int64),
            np.array(inner.children_right, dtype=np.int64),
            np.array(inner.feature, dtype=np.int64),
            np.array(inner.threshold, dtype=np.float64),
            np.array(inner.value[:, 0, :], dtype=np.float64),
        )

    @classmethod
    def random(
        cls, seed: int | Rng, depth: int, features: int, values: int = 1, grid: float | None = None
    ) -> TreeArrays:
        """A full tree of that depth, every node of which some row of ``[-1, 1]`` reaches.

        A split lies in the middle half of what the node's rows can have in its feature, so features repeat
        on a path and every threshold differs. Leaves hold normal numbers; inner nodes the mean of their
        children.

        Args:
            seed: a whole number or an :class:`~coursekit.rng.Rng`.
            depth: number of questions on every path; 0 gives a single leaf.
            features, values: number of columns, and of numbers at a node.
            grid: round thresholds to whole multiples of this; a power of two makes them exact in float32.
        """
        if depth < 0 or features < 1 or values < 1:
            raise ValueError(BAD_SIZES.format(got=f"{depth}, {features} and {values}"))
        generator, nodes = as_rng(seed).generator, 2 ** (depth + 1) - 1
        left, right = np.full(nodes, LEAF), np.full(nodes, LEAF)
        feature, threshold = np.full(nodes, -2), np.full(nodes, -2.0)
        value = generator.standard_normal((nodes, values))
        low, high = np.full((nodes, features), -1.0), np.full((nodes, features), 1.0)
        for node in range(2**depth - 1):
            j = feature[node] = generator.integers(features)
            cut = low[node, j] + generator.uniform(0.25, 0.75) * (high[node, j] - low[node, j])
            threshold[node] = cut if grid is None else np.round(cut / grid) * grid
            left[node], right[node] = 2 * node + 1, 2 * node + 2
            for child in (left[node], right[node]):
                low[child], high[child] = low[node], high[node]
            high[left[node], j] = low[right[node], j] = threshold[node]
        for node in range(2**depth - 2, -1, -1):
            value[node] = (value[left[node]] + value[right[node]]) / 2
        return cls(left, right, feature, threshold, value)

    def as_dict(self) -> dict[str, np.ndarray]:
        """Copies of the five arrays by name, ``value`` being ``(nodes, K)``."""
        return {
            "children_left": self.children_left.copy(),
            "children_right": self.children_right.copy(),
            "feature": self.feature.copy(),
            "threshold": self.threshold.copy(),
            "value": self.value.copy(),
        }

    def as_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Copies of the five arrays in that order, ``value`` being ``(nodes,)``.

        Raises:
            ValueError: there is more than one number at a node.
        """
        if self.value.shape[1] != 1:
            raise ValueError(ONE_VALUE.format(got=self.value.shape[1]))
        left, right, feature, threshold, value = self.as_dict().values()
        return left, right, feature, threshold, value[:, 0]
