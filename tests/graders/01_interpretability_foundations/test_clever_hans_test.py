"""Hidden grader of `clever_hans_test`: what a classifier does when a suspected cue changes sides."""

import numpy as np
import pytest

from coursekit import predictor
from coursekit.checks import Part, alternative, unchanged

accuracy = Part("accuracy", 1)
aligned = Part("aligned", 3)
turned = Part("reversed", 3)
flips = Part("flip", 2)
worst = Part("worst group", 3)

KEYS = {"accuracy", "accuracy_aligned", "accuracy_reversed", "flip_rate", "worst_group_accuracy"}
MASK = np.array([False, True, False, False, True])


def problem(rng, n=61, cue_class=4, share=0.25):
    """A model that follows columns 0 and 2 and a cue of two columns; labels 1, 4 and 6, the cue's being rare.

    Some rows hold half of the cue already, and no cue vector has a 0 outside of the mask.
    """
    X = rng.array(n, 5)
    y = np.where(np.arange(n) < share * n, cue_class, np.where(np.arange(n) % 3 > 0, 1, 6))
    y = y[rng.permutation(n).numpy()]
    X[:, 0] += 0.8 * (y == cue_class) - 0.5 * (y == 6)
    present, absent = np.array([9.0, 1.0, -7.0, 5.0, 2.0]), np.array([-8.0, -0.5, 6.0, -9.0, 0.25])
    X[::3, 1] = present[1]
    score = predictor("linear", weights=[1.0, 0.7, 0.6, 0.0, 0.4], intercept=-0.2)
    model = predictor("labels", of=score, cuts=[-0.4, 0.9], labels=[6, 1, 4])
    return model, X, y, MASK.copy(), present, absent, cue_class


# ------------------------------------------------------------------------------------------- the tests
# All results are counts divided by numbers of rows. Three draws each, so that no wrong count is right by chance.
@accuracy
def test_accuracy(agrees, rng):
    """The accuracy on X as it is given"""
    for _ in range(3):
        agrees(*problem(rng), entries=("accuracy",), tol=1e-12)


@accuracy
def test_keys(student, rng):
    """The result holds the five keys of the docstring, and no others"""
    assert set(student.clever_hans_test(*problem(rng))) == KEYS, "the keys must be those of the docstring"


@accuracy
def test_everything_is_as_before(student, rng):
    """X, y, the mask and both cue vectors are as they were before the call"""
    student.clever_hans_test(*problem(rng))
    unchanged(student)


@aligned
def test_aligned(agrees, rng):
    """Rows of the cue's class are judged with the cue, all others without it"""
    for _ in range(3):
        agrees(*problem(rng), entries=("accuracy_aligned",), tol=1e-12)


@turned
def test_reversed(agrees, rng):
    """Rows of the cue's class are judged without the cue, all others with it"""
    for _ in range(3):
        agrees(*problem(rng), entries=("accuracy_reversed",), tol=1e-12)


@flips
def test_flip_rate(agrees, rng):
    """The share of rows whose predicted label depends on the cue"""
    for _ in range(3):
        agrees(*problem(rng), entries=("flip_rate",), tol=1e-12)


@worst
def test_worst_group(agrees, rng):
    """The lowest accuracy among the four groups of class and state"""
    for share in (0.25, 0.25, 0.6):
        agrees(*problem(rng, share=share), entries=("worst_group_accuracy",), tol=1e-12)


@worst
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_side_only(agrees, rng, share):
    """Groups without rows do not count"""
    for _ in range(2):
        agrees(*problem(rng, share=share), entries=("worst_group_accuracy",), tol=1e-12)


@worst
def test_no_cue(student, rng):
    """A mask that names no column raises ValueError"""
    model, X, y, mask, *rest = problem(rng)
    with pytest.raises(ValueError):
        student.clever_hans_test(model, X, y, mask & False, *rest)


# ---------------------------------------------------------------------------------------- the mistakes
accuracy.mistake(
    "X is overwritten: you write the cue into the caller's array, and then judge that. Work on copies.",
    "on, off = X.copy(), X.copy()",
    "on, off = X, X.copy()",
    about="overwritten",
)
accuracy.mistake(
    "You average the accuracies of the classes: every row counts the same.",
    '"accuracy": float((predict(X) == y).mean()),',
    '"accuracy": float(np.mean([(predict(X) == y)[y == c].mean() for c in np.unique(y)])),',
    about="accuracies of the classes",
)
accuracy.mistake(
    "Your accuracy is the average of the two copies: judge X as it is given.",
    '"accuracy": float((predict(X) == y).mean()),',
    '"accuracy": float((right_on.mean() + right_off.mean()) / 2),',
    about="average of the two copies",
)
accuracy.mistake(
    "You return more keys than asked: the docstring names five.",
    '"accuracy": float((predict(X) == y).mean()),',
    '"accuracy": float((predict(X) == y).mean()), "rows": len(X),',
    about="more keys",
)


@accuracy.mistake(
    "X still holds the cue after the call, although the accuracy was taken before: work on a copy.",
    about="still holds the cue",
)
def cue_left_in_x(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    if not cue_mask.any():
        raise ValueError("no cue")
    first = float((predict(X) == y).mean())
    X[:, cue_mask] = cue_absent[cue_mask]
    off = predict(X)
    X[:, cue_mask] = cue_present[cue_mask]
    on, cue = predict(X), y == cue_class
    parts = [(said == y)[rows].mean() for said in (on, off) for rows in (cue, ~cue) if rows.any()]
    return {
        "accuracy": first,
        "accuracy_aligned": float((np.where(cue, on, off) == y).mean()),
        "accuracy_reversed": float((np.where(cue, off, on) == y).mean()),
        "flip_rate": float((on != off).mean()),
        "worst_group_accuracy": float(min(parts)),
    }


aligned.mistake(
    "Aligned and reversed are exchanged: aligned means the cue where its class is.",
    "aligned = np.where(has_cue, right_on, right_off)\n    turned = np.where(has_cue, right_off, right_on)",
    "aligned = np.where(has_cue, right_off, right_on)\n    turned = np.where(has_cue, right_on, right_off)",
    about="exchanged",
)
aligned.mistake(
    "For the aligned accuracy you put the cue on every row: rows of other classes are judged without it.",
    "aligned = np.where(has_cue, right_on, right_off)",
    "aligned = right_on",
    about="aligned put the cue on every row",
)
aligned.mistake(
    "For the aligned accuracy you judge the rows of the cue's class only: all rows count.",
    "aligned = np.where(has_cue, right_on, right_off)",
    "aligned = right_on[has_cue] if has_cue.any() else right_off",
    about="rows of the cue's class only",
)
aligned.mistake(
    "For the aligned accuracy you leave the other rows as they are: take the cue off them, some hold a part of it.",
    "aligned = np.where(has_cue, right_on, right_off)",
    "aligned = np.where(has_cue, right_on, predict(X) == y)",
    about="hold a part of it",
)
aligned.mistake(
    "You average the aligned accuracies of the two sides: every row counts the same, rare class or not.",
    '"accuracy_aligned": float(aligned.mean()),',
    '"accuracy_aligned": float(np.mean([aligned[r].mean() for r in (has_cue, ~has_cue) if r.any()])),',
    about="rare class or not",
)
aligned.mistake(
    "You replace whole rows by the cue vector: only the masked columns may change.",
    "on[:, cue_mask] = cue_present[cue_mask]\n    off[:, cue_mask] = cue_absent[cue_mask]",
    "on[:] = cue_present\n    off[:] = cue_absent",
    about="masked columns",
)
aligned.mistake(
    "You ADD the cue to what is there: the columns are set to it.",
    "on[:, cue_mask] = cue_present[cue_mask]",
    "on[:, cue_mask] += cue_present[cue_mask]",
    about="are set to it",
)
aligned.mistake(
    "You set the first column of the mask only: the cue may have several columns.",
    "on, off = X.copy(), X.copy()",
    "cue_mask = np.arange(len(cue_mask)) == np.argmax(cue_mask); on, off = X.copy(), X.copy()",
    about="several columns",
)
turned.mistake(
    "Your reversed test only takes the cue away: put it on the rows of the other classes as well.",
    "turned = np.where(has_cue, right_off, right_on)",
    "turned = right_off",
    about="takes the cue away",
)
turned.mistake(
    "Your reversed test leaves the rows of other classes as they are: give them the cue.",
    "turned = np.where(has_cue, right_off, right_on)",
    "turned = np.where(has_cue, right_off, predict(X) == y)",
    about="give them the cue",
)
turned.mistake(
    "Your reversed test puts the cue on every row: rows of its own class are judged without it.",
    "turned = np.where(has_cue, right_off, right_on)",
    "turned = right_on",
    about="of its own class",
)
turned.mistake(
    "The reversed accuracy is not 1 - aligned: judge the rows once more, with the cue on the other side.",
    "turned = np.where(has_cue, right_off, right_on)",
    "turned = 1.0 - aligned",
    about="once more",
)
turned.mistake(
    "Your reversed accuracy is an average over the two sides: every row has the same weight.",
    '"accuracy_reversed": float(turned.mean()),',
    '"accuracy_reversed": float(np.mean([turned[r].mean() for r in (has_cue, ~has_cue) if r.any()])),',
    about="same weight",
)
flips.mistake(
    "You count rows whose answer turns from right to wrong or back: a flip is any change of the label, also from one wrong label to another.",
    "(said_on != said_off).mean()",
    "(right_on != right_off).mean()",
    about="one wrong label to another",
)
flips.mistake(
    "You compare with the prediction on X: a flip is a difference between cue ON and cue OFF.",
    "(said_on != said_off).mean()",
    "(said_on != predict(X)).mean()",
    about="prediction on X",
)
flips.mistake(
    "You count flips: divide by the number of rows.",
    "(said_on != said_off).mean()",
    "(said_on != said_off).sum()",
    about="count flips",
)
flips.mistake(
    "Your flip rate is the difference of two accuracies: flips in both directions must not cancel.",
    "float((said_on != said_off).mean())",
    "float(abs(aligned.mean() - turned.mean()))",
    about="cancel",
)
flips.mistake(
    "You look for flips among the rows of one class: the rate is over all rows.",
    "(said_on != said_off).mean()",
    "(said_on != said_off)[~has_cue].mean()",
    about="rate is over all rows",
)
worst.mistake(
    "You take the lower of two accuracies, with and without cue: split each by class first, into four groups.",
    "min(group.mean() for group in groups if len(group))",
    "min(right_on.mean(), right_off.mean())",
    about="four groups",
)
worst.mistake(
    "You take the worse of aligned and reversed: they mix groups, the worst GROUP is asked.",
    "min(group.mean() for group in groups if len(group))",
    "min(aligned.mean(), turned.mean())",
    about="mix groups",
)
worst.mistake(
    "You average over the groups: the worst one is asked.",
    "min(group.mean() for group in groups if len(group))",
    "np.mean([group.mean() for group in groups if len(group)])",
    about="average over the groups",
)
worst.mistake(
    "You group by the predicted label: the groups are made by the true one.",
    "for rows in (has_cue, ~has_cue)]",
    "for rows in (predict(X) == cue_class, predict(X) != cue_class)]",
    about="true one",
)
worst.mistake(
    "You group by every single label: there are two sides, the cue's class and all the rest.",
    "for rows in (has_cue, ~has_cue)]",
    "for rows in [y == c for c in np.unique(y)]]",
    about="all the rest",
)
worst.mistake(
    "A group without rows counts as 0: leave it out.",
    "min(group.mean() for group in groups if len(group))",
    "min(group.mean() if len(group) else 0.0 for group in groups)",
    about="counts as 0",
)
worst.mistake(
    "A group without rows makes the result NaN: leave such groups out.",
    "min(group.mean() for group in groups if len(group))",
    "np.min([group.mean() for group in groups])",
    about="NaN",
)
worst.mistake(
    "An empty mask slips through: without a cue there is nothing to test, so raise ValueError.",
    "if not cue_mask.any():",
    "if False:",
    about="slips through",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def row_by_row(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    columns = [j for j in range(X.shape[1]) if cue_mask[j]]
    if not columns:
        raise ValueError("no cue")
    n, right, flipped = len(X), {}, 0
    for i in range(n):
        said = []
        for vector in (cue_present, cue_absent):
            row = X[i].copy()
            for j in columns:
                row[j] = vector[j]
            said.append(int(predict(row[None])[0]))
        flipped += said[0] != said[1]
        for state, one in enumerate(said):
            right.setdefault((bool(y[i] == cue_class), state), []).append(one == y[i])
    shares = [sum(group) / len(group) for group in right.values()]
    with_cue, without = right.get((True, 0), []), right.get((False, 1), [])
    crossed = right.get((True, 1), []) + right.get((False, 0), [])
    return {
        "worst_group_accuracy": min(shares),
        "flip_rate": flipped / n,
        "accuracy": sum(int(a) == int(b) for a, b in zip(predict(X), y, strict=True)) / n,
        "accuracy_aligned": (sum(with_cue) + sum(without)) / n,
        "accuracy_reversed": sum(crossed) / n,
    }


@alternative
def one_call(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """All three copies in one call, states and classes as the axes of an array."""
    if cue_mask.sum() == 0:
        raise ValueError("no cue")
    rows = np.stack([X, np.where(cue_mask, cue_present, X), np.where(cue_mask, cue_absent, X)])
    said = predict(rows.reshape(-1, X.shape[1])).reshape(3, -1)
    hit, cue = said == y, np.equal(y, cue_class)
    table = [hit[state, side].mean() for state in (1, 2) for side in (cue, ~cue) if side.any()]
    return {
        "accuracy": hit[0].mean(),
        "accuracy_aligned": (hit[1][cue].sum() + hit[2][~cue].sum()) / len(y),
        "accuracy_reversed": (hit[2][cue].sum() + hit[1][~cue].sum()) / len(y),
        "flip_rate": np.count_nonzero(said[1] - said[2]) / len(y),
        "worst_group_accuracy": np.min(table),
    }
