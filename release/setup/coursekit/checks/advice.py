"""What to try next: one specific step for a check that fails, derived from how it fails.

The same steps stand on the card in the notebook and on the feedback of a grade. In order: what a declared
mistake says itself; the error that was raised; the transform that explains the values; what the check's
docstring says after ``Try:``; the first watched value that differs; the axiom; the shape of the fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursekit.calling import UNSENDABLE, Failure
from coursekit.checks.compare import Comparison
from coursekit.checks.divergence import Divergence
from coursekit.checks.play import Outcome, Test
from coursekit.checks.transforms import Transform


@dataclass(frozen=True)
class Axiom:
    """One axiom of explanations: what it demands, and what to look at when it is broken."""

    means: str
    tries: str


AXIOMS = {
    "completeness": Axiom(
        "the attributions add up to the change of the score",
        "For one row, print the sum of its attributions beside score(x) - score(baseline): is the difference a "
        "factor, a sign, or does it shrink with more steps?",
    ),
    "efficiency": Axiom(
        "the contributions add up to the value of everybody together",
        "Print the sum of the contributions beside v(all) - v(nobody): is the difference a factor or one missing term?",
    ),
    "sensitivity": Axiom(
        "a feature that alone makes a difference gets a share that is not 0",
        "Change one feature only, and follow it through your function: where does its difference get lost?",
    ),
    "dummy": Axiom(
        "a feature that the model ignores gets 0",
        "Set one weight of the model to 0 and see what your function gives that feature: what is added to it, and where?",
    ),
    "symmetry": Axiom(
        "what plays the same part gets the same share",
        "Swap the two that are alike and compare: what treats the first one otherwise than the second?",
    ),
    "linearity": Axiom(
        "the explanation of a sum of models is the sum of their explanations",
        "Explain the two models one by one and their sum: look for a square, an absolute value or a scaling in between.",
    ),
    "additivity": Axiom(
        "the shares of two games added are the shares of their sum",
        "Play the two games one by one and their sum: look for a weight that depends on the values.",
    ),
    "implementation invariance": Axiom(
        "two models that compute the same function get the same explanation",
        "Look for something that reads the model's layers or weights instead of what it computes.",
    ),
    "homogeneity": Axiom(
        "a score that is c times as large has a map that is c times as large",
        "Look for a scaling or a softmax between the score and the result.",
    ),
    "locality": Axiom(
        "a row's result does not depend on the other rows",
        "Call your function with one row alone and compare: look for a sum, mean or index over the whole batch.",
    ),
    "monotonicity": Axiom(
        "more of it never counts for less",
        "Print the result for two inputs that differ in one step only, and follow the one that falls.",
    ),
}
"""Axioms that need no explanation of their own. A check may name any other: then its ``Try:`` says what to do."""

_MISTAKE = "Change that one thing, then look whether “{title}” passes."
_MISTAKE_SMALL = "Change that one thing; on the small case the answer must then be {expected}."
_DIVERGED = "Look at the line that makes `{name}`: what comes before it agrees."
_DIVERGED_FIRST = (
    "Look at the line that makes `{name}` and at what goes into it: it is the first value that differs."
)
_AFTER = "Look at what happens after `{name}`: up to there you agree."
_WATCH = (
    "Write `watch({name!r}, ...)` around the value that {plain} in your function: the check then tells whether it "
    "is right, and what differs first."
)
_SMALL = "Work the small case by hand, line by line, and print each value beside yours."
_ONE_ENTRY = "Work out the entry at index {index} by hand for the worked example, and compare."
_EXACT = "Take the smallest example and print yours beside what the docstring promises, entry by entry."

_BY_STAGE = {
    "type": "Look at what the docstring says the function returns, and at your `return` line.",
    "dtype": "Print the dtype of x, of every array that you make yourself, and of the result: one of them is another.",
    "finite": "Look for a division by 0 or a logarithm of 0 at that place, and treat that case by itself.",
}
_BY_TRANSFORM = {
    "zero": "Print the value after each line: find the first after which everything is 0.",
    "constant": "Print the value after each line: find the first after which all entries are equal.",
    "negated": "Look for a difference written the wrong way round, or one minus sign too many.",
    "abs": "Take out the abs() (or the square and its root) on the way to the result.",
    "unabs": "Take the absolute value before you reduce or return.",
    "clipped": "Look for a relu, a clamp or a maximum with 0, and take it out.",
    "square": "Look for a product of a value with itself, or a power of 2, and take it out.",
    "root": "Look for a square root or a norm that is taken too early.",
    "offset": "Look for a term that is added to every entry: a bias, a mean that was taken off, a score.",
    "first row": "Look for an index [0] or a slice [:1] that should run over all rows.",
    "max one": "Take out the division by the largest value.",
    "row factors": "Look for a division by something of the row: its sum, its norm, its largest value.",
    "transposed": "Swap the two axes, or write the product the other way round.",
    "softmax missing": "Apply the softmax over the last axis before you return.",
    "softmax extra": "Use the scores before the softmax: the logits.",
    "exp": "Take the logarithm, or use a function that does not take the exponential.",
    "log": "Take out the logarithm, or use a function that does not take it.",
    "last missing": "Look at the end of the range or slice: it stops one entry early.",
    "reshaped": "Give the result the shape that the docstring names; its values are right.",
    "rounding": "Look for a conversion to float32, or for an array made without `dtype=`.",
}
_TIMES = "Look for a sum that should be a mean, or divide by {n} where it is meant."
_OVER = "Look for a mean that should be a sum: a loss's default reduction, for one."
_FACTOR = "Look for a constant that is multiplied in, or one that is left out."
_AXES = "Put the axes in order with permute (torch) or transpose (numpy)."
_REVERSED = "Look for a loop that runs backwards, or a list that is built from its end."
_REDUCE = "Reduce that axis before you return."
_OF_ALL = "Reduce over the axes inside a row only: `dim=1`, or `flatten(1)` first."

_ERRORS = {
    "NameError": "Look at that name: it is misspelt, or used before it is made.",
    "UnboundLocalError": "Give the name a value before the loop or branch that may not run.",
    "IndexError": "Print the index and the shape on the line before.",
    "KeyError": "Print the keys on the line before, and compare them with the one that you ask for.",
    "AttributeError": "Print the type of the object on the line before: it is not what you take it for.",
    "TypeError": "Print the types of what goes in on the line before, and count the arguments.",
    "ZeroDivisionError": "Treat the case in which the divisor is 0 by itself, as the docstring says.",
    "RecursionError": "Say when the function must stop calling itself.",
    "ModuleNotFoundError": "Write that step with what the set-up cell imports.",
    "ImportError": "Write that step with what the set-up cell imports.",
    "AssertionError": "Look at your own assert: it does not hold for this input.",
}
_TORCH_ERRORS = (
    (
        "does not require grad",
        "Differentiate with respect to a copy: `x = x.detach().clone().requires_grad_(True)`, and compute the score "
        "from that copy.",
    ),
    ("backward through the graph a second time", "Compute the score anew for every gradient that you take."),
    (
        "leaf variable that requires grad",
        "Do not write into the tensor that you differentiate: make a new one.",
    ),
    ("grad can be implicitly created only for scalar", "Sum the scores before you take the gradient."),
    ("appears to not have been used in the graph", "Compute the score from the copy that you differentiate."),
    (
        "must match the size of tensor",
        "Print both shapes on the line before, and give the missing axis with None.",
    ),
    ("shapes cannot be multiplied", "Print both shapes on the line before the product."),
    ("same dtype", "Make your own tensors with `dtype=x.dtype`."),
    ("expected scalar type", "Make your own tensors with `dtype=x.dtype`."),
)
_ERROR = "Read the last line of the error, then print what goes into the line where it is raised."
_AT_LINE = "{step} It is {line}."
_IN_NOTEBOOK = "{step} The check in your notebook shows where it is raised."


def next_step(
    test: Test,
    outcome: Outcome,
    *,
    named: str | None = None,
    transform: Transform | None = None,
    diverged: Divergence | None = None,
    expected: str = "",
    discreet: bool = False,
) -> str:
    """One sentence or two: what to do about the first check that fails.

    Args:
        test: the check, with what its docstring says after ``Try:``.
        outcome: its failing case.
        named: where a declared mistake explains it, what that mistake says to try (may be empty).
        transform: what explains its values.
        diverged: how far the watched values agree.
        expected: the answer of the small case that is shown beside it, if one is.
        discreet: leave out all that the learner's own code wrote (a hidden call could carry its inputs out).
    """
    if named is not None:
        if named or test.tries:
            return named or _sentence(test.tries)
        return _MISTAKE_SMALL.format(expected=expected) if expected else _MISTAKE.format(title=test.title)
    if outcome.failure is not None:
        return _of_error(outcome.failure, discreet)
    if transform is not None and (step := _of_transform(transform)):
        return step
    if diverged is not None and (step := _of_divergence(diverged)):
        return step
    if test.tries:
        return _sentence(test.tries)
    return _of_comparison(test, outcome.comparison, diverged, bool(expected), discreet)


def _of_comparison(
    test: Test, comparison: Comparison | None, diverged: Divergence | None, small: bool, discreet: bool
) -> str:
    stage = comparison.stage if comparison is not None else ""
    if stage == "shape" and comparison is not None:
        return _of_shapes(comparison)
    if stage in _BY_STAGE:
        return _BY_STAGE[stage]
    rows = _wrong_rows(comparison)
    if rows:
        return rows
    if test.axiom in AXIOMS:
        return AXIOMS[test.axiom].tries
    if diverged is not None and diverged.unwatched:
        name = diverged.unwatched[0]
        return _WATCH.format(name=name, plain=f"is your {name.replace('_', ' ')}")
    if small:
        return _SMALL
    if not discreet and comparison is not None and comparison.worst_index:
        return _ONE_ENTRY.format(index=list(comparison.worst_index))
    return _EXACT


def _of_error(failure: Failure, discreet: bool) -> str:
    if failure.name == UNSENDABLE:
        return _BY_STAGE["type"]
    step = next((says for words, says in _TORCH_ERRORS if words in failure.message), "")
    step = step or next((_ERRORS[name] for name in (failure.name, *failure.bases) if name in _ERRORS), _ERROR)
    if discreet:
        return _IN_NOTEBOOK.format(step=step)
    if not failure.lines:
        return step
    number, _, code = failure.lines[-1].partition(": ")
    return _AT_LINE.format(step=step, line=f"{number}: `{code}`" if "`" not in code else number)


def _of_transform(transform: Transform) -> str:
    key = transform.key
    if key in _BY_TRANSFORM:
        return _BY_TRANSFORM[key]
    if key.startswith("times ") and " is " in transform.says:
        return _TIMES.format(n=transform.says.partition(" times ")[2].partition(";")[0])
    starts = {
        "over ": _OVER,
        "times ": _FACTOR,
        "a factor": _FACTOR,
        "axes ": _AXES,
        "reversed ": _REVERSED,
    }
    for start, step in starts.items():
        if key.startswith(start):
            return step
    if key.endswith(" of all"):
        return _OF_ALL
    return _REDUCE if " over " in key else ""


def _of_divergence(found: Divergence) -> str:
    if found.differs:
        return (_DIVERGED if found.agree else _DIVERGED_FIRST).format(name=found.differs)
    if found.agree and not found.unwatched:
        return _AFTER.format(name=found.agree[-1])
    return ""


def _of_shapes(comparison: Comparison) -> str:
    got, want = np.shape(comparison.got), np.shape(comparison.want)
    if comparison.got is None:
        return _BY_STAGE["type"]
    if len(got) < len(want):
        return "An axis was lost: look for a sum, mean, max or squeeze without `dim=`."
    if len(got) > len(want):
        return (
            "There is an axis too many: look for one that is still to be reduced, or added by None or stack."
        )
    if sorted(got) == sorted(want):
        return _AXES
    wrong = [i for i, (g, w) in enumerate(zip(got, want, strict=True)) if g != w]
    if len(wrong) == 1 and abs(got[wrong[0]] - want[wrong[0]]) == 1:
        return f"Axis {wrong[0]} is one entry off: look at the ends of your range or slice."
    return "Print the shape after each line: find the first that is not what you meant."


def _wrong_rows(comparison: Comparison | None) -> str:
    """What the rows that are wrong have in common; empty where all are, or where there are no rows."""
    if comparison is None or comparison.stage != "values" or comparison.got is None:
        return ""
    got, want = np.asarray(comparison.got), np.asarray(comparison.want)
    if got.shape != want.shape or not got.ndim or len(got) < 2 or got.dtype.kind not in "fiub":
        return ""
    allowed = comparison.allowed or 0.0
    off = np.abs(got.astype(np.float64) - want.astype(np.float64)).reshape(len(got), -1) > allowed
    wrong = np.flatnonzero(off.any(axis=1)).tolist()
    if not wrong or len(wrong) == len(got) or got.ndim < 2:
        return ""
    if wrong == list(range(1, len(got))):
        return "The first row is right and all others are not: look for something of row 0 that is used for every row."
    which = f"row {wrong[0]}" if len(wrong) == 1 else f"rows {', '.join(map(str, wrong[:4]))}"
    return f"Only {which} of {len(got)} came out wrong: call your function with that row alone and compare."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
