"""Exercise contextualised_weights: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

from functools import reduce

import numpy as np

PART = {
    "wrong_column_of_last": "ungated",
    "wrong_transposed_product": "ungated",
    "wrong_absolute_values": "ungated",
    "wrong_lower_layers_reversed": "ungated",
    "wrong_first_layer_only": "ungated",
    "wrong_normalised": "ungated",
    "wrong_gates_ignored": "gated",
    "wrong_gates_reversed": "gated",
    "wrong_gates_as_switches": "gated",
    "wrong_last_gate_only": "gated",
    "wrong_gate_on_inputs": "gated",
    "wrong_too_many_gates_cut": "errors",
    "wrong_negative_unit_counts_from_the_end": "errors",
    "wrong_no_gates_is_none": "errors",
}


def _checked(weights, unit, gates):
    if not 0 <= unit < len(weights[-1]):
        raise ValueError("unit is not in the last layer")
    if gates is not None and len(gates) != len(weights) - 1:
        raise ValueError("one vector of gates for each hidden layer is needed")


def right_row_downwards(weights, unit, gates=None):
    """Starts with the unit's row and goes down."""
    _checked(weights, unit, gates)
    row = np.array(weights[-1][unit], dtype=float)
    for level in range(len(weights) - 2, -1, -1):
        if gates is not None:
            row = row * gates[level]
        row = row @ weights[level]
    return row


def right_matrices_upwards(weights, unit, gates=None):
    """Multiplies whole matrices from the input up, then takes the row."""
    _checked(weights, unit, gates)
    total = np.eye(np.shape(weights[0])[1])
    for level, matrix in enumerate(weights):
        total = np.asarray(matrix, float) @ total
        if gates is not None and level < len(gates):
            total = np.diag(np.asarray(gates[level], float)) @ total
    return total[unit].copy()


def right_sum_over_paths(weights, unit, gates=None):
    """Every path from the unit to an input, added up by recursion."""
    _checked(weights, unit, gates)

    def reach(level, i):
        if level == 0:
            return [float(w) for w in weights[0][i]]
        total = [0.0] * len(weights[0][0])
        for j, w in enumerate(weights[level][i]):
            factor = float(w) * (1.0 if gates is None else float(gates[level - 1][j]))
            if factor:
                total = [t + factor * b for t, b in zip(total, reach(level - 1, j), strict=True)]
        return total

    return np.array(reach(len(weights) - 1, unit))


def wrong_column_of_last(weights, unit, gates=None):
    """The outgoing weights of the unit below; needs equal widths."""
    _checked(weights, unit, gates)
    last = np.asarray(weights[-1], float)
    row = last[:, unit] if last.shape[0] == last.shape[1] else last[unit]
    return right_row_downwards([*weights[:-1], row[None]], 0, gates)


def wrong_transposed_product(weights, unit, gates=None):
    """The lower matrices are transposed where their shape lets them."""
    _checked(weights, unit, gates)
    turned = [w.T if w.shape[0] == w.shape[1] else w for w in map(np.asarray, weights[:-1])]
    return right_row_downwards([*turned, weights[-1]], unit, gates)


def wrong_absolute_values(weights, unit, gates=None):
    """Paths cannot cancel."""
    return right_row_downwards([np.abs(w) for w in weights], unit, gates)


def wrong_lower_layers_reversed(weights, unit, gates=None):
    """The lower matrices in the wrong order, where their shapes let them."""
    _checked(weights, unit, gates)
    lower = list(weights[:-1])
    if len({np.shape(w) for w in lower}) == 1:
        lower = lower[::-1]
    return right_row_downwards([*lower, weights[-1]], unit, gates)


def wrong_first_layer_only(weights, unit, gates=None):
    """Stops one layer above the input where the widths let it."""
    _checked(weights, unit, gates)
    if len(weights) > 2 and np.shape(weights[1])[1] == np.shape(weights[0])[1]:
        return right_row_downwards(weights[1:], unit, None if gates is None else gates[1:])
    return right_row_downwards(weights, unit, gates)


def wrong_normalised(weights, unit, gates=None):
    """Divided by the largest size."""
    row = right_row_downwards(weights, unit, gates)
    top = np.abs(row).max()
    return row / top if top > 0 else row


def wrong_gates_ignored(weights, unit, gates=None):
    """The gates are checked and not used."""
    _checked(weights, unit, gates)
    return reduce(lambda row, w: row @ w, weights[-2::-1], np.asarray(weights[-1][unit], float))


def wrong_gates_reversed(weights, unit, gates=None):
    """The gates are read from the top down, where the widths let them."""
    _checked(weights, unit, gates)
    if gates is not None and len({len(g) for g in gates}) == 1:
        gates = gates[::-1]
    return right_row_downwards(weights, unit, gates)


def wrong_gates_as_switches(weights, unit, gates=None):
    """Any gate above 0 is 1; right for gates of 0 and 1."""
    return right_row_downwards(weights, unit, None if gates is None else [np.asarray(g) > 0 for g in gates])


def wrong_last_gate_only(weights, unit, gates=None):
    """Only the gates of the highest hidden layer are used; right for one hidden layer."""
    _checked(weights, unit, gates)
    if gates is None:
        return right_row_downwards(weights, unit)
    lower = [np.ones(len(g)) for g in gates[:-1]]
    return right_row_downwards(weights, unit, [*lower, *gates[-1:]])


def wrong_gate_on_inputs(weights, unit, gates=None):
    """Each gate on the columns of the layer below it, where the widths let it."""
    _checked(weights, unit, gates)
    if gates is None or any(len(g) != np.shape(w)[1] for g, w in zip(gates, weights[:-1], strict=True)):
        return right_row_downwards(weights, unit, gates)
    row = np.array(weights[-1][unit], float)
    for level in range(len(weights) - 2, -1, -1):
        row = (row @ weights[level]) * gates[level]
    return row


def wrong_too_many_gates_cut(weights, unit, gates=None):
    """A gate too many is left out."""
    return right_row_downwards(weights, unit, None if gates is None else gates[: len(weights) - 1])


def wrong_negative_unit_counts_from_the_end(weights, unit, gates=None):
    """-1 is the last unit, as in Python."""
    n = len(weights[-1])
    return right_row_downwards(weights, unit + n if -n <= unit < 0 else unit, gates)


def wrong_no_gates_is_none(weights, unit, gates=None):
    """An empty list of gates counts as None."""
    return right_row_downwards(weights, unit, gates or None)
