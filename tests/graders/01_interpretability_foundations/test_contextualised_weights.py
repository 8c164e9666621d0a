"""Hidden grader of `contextualised_weights`: a unit's weights expressed in the inputs of the network."""

from itertools import pairwise

import numpy as np
import pytest

from coursekit.checks import Part, alternative, unchanged

ungated = Part("ungated", 4)
gated = Part("gated", 3)
errors = Part("errors", 1)


def matrices(rng, *widths):
    """One matrix (out, in) for each step between two widths, the lowest first."""
    return [rng.array(out, into) for into, out in pairwise(widths)]


def switches(rng, *widths):
    """0 or 1 for each hidden unit, both met in every layer."""
    return [(rng.permutation(width).numpy() % 3 > 0).astype(float) for width in widths]


# ------------------------------------------------------------------------------------------- the tests
@ungated
@pytest.mark.parametrize("widths", [(6, 5, 3), (4, 4, 4), (4, 4, 4, 4), (5, 3), (2, 7, 3, 4)])
def test_without_gates(agrees, rng, widths):
    """The row of the unit is multiplied down through the lower matrices, each in its turn"""
    agrees(matrices(rng, *widths), 2, tol=1e-10)


@gated
@pytest.mark.parametrize("widths", [(6, 5, 3), (4, 4, 4), (4, 4, 4, 4), (2, 7, 6, 3)])
def test_with_gates(agrees, rng, widths):
    """A gate of 0 closes every path through its unit, before the matrix below is applied"""
    agrees(matrices(rng, *widths), 1, switches(rng, *widths[1:-1]), tol=1e-10)


@gated
def test_any_factor(agrees, rng):
    """Gates between 0 and 1, or beyond, are factors; gates that are all 0 give zeros"""
    weights = matrices(rng, 5, 4, 6, 3)
    agrees(weights, 0, [rng.array(4) + 0.5, rng.array(6) - 0.5], tol=1e-10)
    agrees(weights, 0, [np.ones(4), np.zeros(6)], tol=1e-10)


@errors
@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_numbers_of_gates(student, rng, count):
    """Another number of gates than hidden layers raises ValueError"""
    with pytest.raises(ValueError):
        student.contextualised_weights(matrices(rng, 4, 4, 4, 4), 1, switches(rng, *[4] * count))


@errors
@pytest.mark.parametrize("unit", [3, -1])
def test_no_such_unit(student, rng, unit):
    """A unit that the last layer does not have raises ValueError, negative numbers too"""
    with pytest.raises(ValueError):
        student.contextualised_weights(matrices(rng, 6, 5, 3), unit)


@errors
def test_everything_is_as_before(student, rng):
    """The matrices and gates are as they were before the call"""
    student.contextualised_weights(matrices(rng, 6, 5, 3), 1, switches(rng, 5))
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
ungated.mistake(
    "You multiply in the order of the list, the lowest matrix first: start from the unit's row and go down.",
    "for layer in reversed(range(len(weights) - 1)):",
    "for layer in range(len(weights) - 1):",
    about="order of the list",
)
ungated.mistake(
    "You take a column: the incoming weights of a unit are ROW unit of an (out, in) matrix.",
    "row = weights[-1][unit].copy()",
    "row = weights[-1][:, unit].copy()",
    about="column",
)
ungated.mistake(
    "You multiply absolute values: excitatory and inhibitory paths must be able to cancel.",
    "row = row @ weights[layer]",
    "row = np.abs(row) @ np.abs(weights[layer])",
    about="cancel",
)
ungated.mistake(
    "You multiply with transposed matrices: an (out, in) matrix takes a row from the right, row @ W.",
    "row = row @ weights[layer]",
    "row = weights[layer] @ row if weights[layer].shape[1] == len(row) else row @ weights[layer]",
    about="transposed",
)
ungated.mistake(
    "You stop one matrix too early: go down to the inputs.",
    "for layer in reversed(range(len(weights) - 1)):",
    "for layer in reversed(range(1, len(weights) - 1)):",
    about="too early",
)
ungated.mistake(
    "You scale the result to length 1: the size says how strongly the inputs act.",
    "    return row\n",
    "    return row / (np.linalg.norm(row) or 1)\n",
    about="length 1",
)
ungated.mistake(
    "You return one row for each unit: only the one that is asked about.",
    "row = weights[-1][unit].copy()",
    "row = weights[-1].copy()",
    about="row for each unit",
)
ungated.mistake(
    "You drop negative weights on the way, as a ReLU would: the linear reading keeps all of them.",
    "row = row @ weights[layer]",
    "row = np.maximum(row, 0) @ weights[layer]",
    about="drop negative weights",
)
gated.mistake(
    "Your gates change nothing: multiply the row with them before each lower matrix.",
    "row = row * gates[layer]",
    "row = row * 1.0",
    about="change nothing",
)
gated.mistake(
    "You apply the gates after the matrix below: gates[layer] belongs to the units above it.",
    "        if gates is not None:\n            row = row * gates[layer]\n        row = row @ weights[layer]",
    "        row = row @ weights[layer]\n        if gates is not None and len(row) == len(gates[layer]):\n            row = row * gates[layer]",
    about="after the matrix below",
)
gated.mistake(
    "You read the gates from the top: gates[0] belongs to the LOWEST hidden layer.",
    "row = row * gates[layer]",
    "row = row * (gates[-1 - layer] if len(gates[-1 - layer]) == len(row) else gates[layer])",
    about="from the top",
)
gated.mistake(
    "You use the gates of one layer only: every hidden layer has its own.",
    "if gates is not None:",
    "if gates is not None and layer == len(weights) - 2:",
    about="gates of one layer only",
)
gated.mistake(
    "You turn the gates round: 1 lets a path through, 0 closes it.",
    "row = row * gates[layer]",
    "row = row * (1 - gates[layer])",
    about="gates round",
)
gated.mistake(
    "You turn gates into on and off: any factor may stand there.",
    "row = row * gates[layer]",
    "row = row * (gates[layer] > 0)",
    about="any factor",
)
errors.mistake(
    "Too few or too many gates slip through: raise ValueError unless there is one for each hidden layer.",
    "if gates is not None and len(gates) != len(weights) - 1:",
    "if False:",
    about="slip through",
)
errors.mistake(
    "An empty list of gates is taken for None: it is a wrong number of gates.",
    "if gates is not None and len(gates) != len(weights) - 1:",
    "gates = gates or None\n    if gates is not None and len(gates) != len(weights) - 1:",
    about="taken for None",
)
errors.mistake(
    "A negative unit counts from the end, as lists do: raise ValueError.",
    "if not 0 <= unit < len(weights[-1]):",
    "if not unit < len(weights[-1]):",
    about="from the end",
)
errors.mistake(
    "A unit beyond the last one ends in an IndexError: raise ValueError.",
    "if not 0 <= unit < len(weights[-1]):",
    "if not 0 <= unit:",
    about="IndexError",
)


@errors.mistake(
    "The last matrix is changed by the call: its row is a view, and row *= gate writes through it.",
    about="view",
)
def gated_in_place(weights, unit, gates=None):
    if not 0 <= unit < len(weights[-1]) or (gates is not None and len(gates) + 1 != len(weights)):
        raise ValueError("unit or gates")
    row = weights[-1][unit]
    for layer in range(len(weights) - 2, -1, -1):
        if gates is not None:
            row *= gates[layer]
        row = row @ weights[layer]
    return row


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def from_the_inputs_up(weights, unit, gates=None):
    """The product built up from the lowest matrix, and the unit's row of it."""
    if gates is None:
        gates = [np.ones(len(W)) for W in weights[:-1]]
    if len(gates) != len(weights) - 1 or unit not in range(len(weights[-1])):
        raise ValueError("gates or unit")
    product = np.eye(weights[0].shape[1])
    for W, gate in zip(weights, [*gates, np.ones(len(weights[-1]))], strict=True):
        product = np.diag(gate) @ (W @ product)
    return product[unit]


@alternative
def path_by_path(weights, unit, gates=None):
    """Recursion over the paths from the unit down to each input."""
    if unit < 0 or unit >= weights[-1].shape[0]:
        raise ValueError("unit")
    if gates is not None and len(gates) + 1 != len(weights):
        raise ValueError("gates")

    def down(layer, j):
        if layer == 0:
            return [float(w) for w in weights[0][j]]
        total = [0.0] * weights[0].shape[1]
        for i, w in enumerate(weights[layer][j]):
            factor = float(w) * (1.0 if gates is None else float(gates[layer - 1][i]))
            total = [t + factor * v for t, v in zip(total, down(layer - 1, i), strict=True)]
        return total

    return down(len(weights) - 1, unit)
