"""Exercise clever_hans_test: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""

import numpy as np
import pandas as pd

PART = {
    "wrong_cue_written_into_x": "accuracy",
    "wrong_accuracy_per_class": "accuracy",
    "wrong_aligned_only_of_class": "aligned",
    "wrong_aligned_others_as_given": "aligned",
    "wrong_exchanged": "aligned",
    "wrong_reversed_only_removes": "reversed",
    "wrong_reversed_is_complement": "reversed",
    "wrong_whole_row_replaced": "flip",
    "wrong_flip_from_given": "flip",
    "wrong_flip_of_correctness_in_class": "flip",
    "wrong_mask_first_column_only": "flip",
    "wrong_worst_of_classes_only": "worst group",
    "wrong_worst_of_states_only": "worst group",
    "wrong_worst_empty_group_is_zero": "worst group",
    "wrong_worst_by_every_label": "worst group",
    "wrong_empty_mask_allowed": "worst group",
}


def _copies(X, cue_mask, cue_present, cue_absent):
    mask = np.asarray(cue_mask, bool)
    if not mask.any():
        raise ValueError("the mask names no column")
    on, off = np.array(X, float), np.array(X, float)
    on[:, mask] = np.asarray(cue_present, float)[mask]
    off[:, mask] = np.asarray(cue_absent, float)[mask]
    return on, off


def _worst(right_on, right_off, member):
    groups = [r[g] for r in (right_on, right_off) for g in (member, ~member)]
    return float(min(g.mean() for g in groups if len(g)))


def _answer(predict, X, y, on, off, cue_class):
    y = np.asarray(y)
    member = y == cue_class
    p_on, p_off = np.asarray(predict(on)), np.asarray(predict(off))
    right_on, right_off = p_on == y, p_off == y
    return {
        "accuracy": float(np.mean(np.asarray(predict(X)) == y)),
        "accuracy_aligned": float(np.where(member, right_on, right_off).mean()),
        "accuracy_reversed": float(np.where(member, right_off, right_on).mean()),
        "flip_rate": float((p_on != p_off).mean()),
        "worst_group_accuracy": _worst(right_on, right_off, member),
    }


def right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Two copies, four averages."""
    return _answer(predict, X, y, *_copies(X, cue_mask, cue_present, cue_absent), cue_class)


def right_built_rows(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Builds the aligned and the reversed table themselves and asks the model for each."""
    mask = np.asarray(cue_mask, dtype=bool)
    if mask.sum() == 0:
        raise ValueError("the mask names no column")
    on = np.where(mask, cue_present, X)
    off = np.where(mask, cue_absent, X)
    member = (np.asarray(y) == cue_class)[:, None]
    aligned, reverse = np.where(member, on, off), np.where(member, off, on)

    def share(table):
        return float(np.mean(predict(table) == y))

    states = {name: predict(table) for name, table in (("on", on), ("off", off))}
    groups = [
        np.mean((states[name] == y)[side])
        for name in states
        for side in (member[:, 0], ~member[:, 0])
        if side.any()
    ]
    return {
        "accuracy": share(np.array(X)),
        "accuracy_aligned": share(aligned),
        "accuracy_reversed": share(reverse),
        "flip_rate": float(np.mean(states["on"] != states["off"])),
        "worst_group_accuracy": float(min(groups)),
    }


def right_pandas(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """A long table of all rows in both states, grouped."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    n = len(X)
    frame = pd.DataFrame(
        {
            "row": np.tile(np.arange(n), 2),
            "y": np.tile(np.asarray(y), 2),
            "on": np.repeat([True, False], n),
            "p": np.concatenate([np.asarray(predict(on)), np.asarray(predict(off))]),
        }
    )
    frame["member"] = frame.y == cue_class
    frame["right"] = (frame.p == frame.y).astype(float)
    aligned = frame[frame.member == frame.on]
    return {
        "accuracy": float(np.mean(np.asarray(predict(np.array(X))) == np.asarray(y))),
        "accuracy_aligned": float(aligned.right.mean()),
        "accuracy_reversed": float(frame[frame.member != frame.on].right.mean()),
        "flip_rate": float((frame.groupby("row").p.nunique() > 1).mean()),
        "worst_group_accuracy": float(frame.groupby(["member", "on"]).right.mean().min()),
    }


def wrong_cue_written_into_x(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """ON is made inside of X, and the accuracy is measured after that."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    X[:, np.asarray(cue_mask, bool)] = on[:, np.asarray(cue_mask, bool)]
    return {**answer, "accuracy": float(np.mean(np.asarray(predict(X)) == np.asarray(y)))}


def wrong_accuracy_per_class(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """The mean over the classes in place of the rows."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    p, y = np.asarray(predict(X)), np.asarray(y)
    return {**answer, "accuracy": float(np.mean([np.mean(p[y == c] == c) for c in np.unique(y)]))}


def wrong_aligned_only_of_class(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Aligned counts only the rows of the cue's class, if there are any."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    chosen = y == cue_class
    right = np.asarray(predict(on)) == y
    return {
        **answer,
        "accuracy_aligned": float(right[chosen].mean()) if chosen.any() else answer["accuracy_aligned"],
    }


def wrong_aligned_others_as_given(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Rows of other classes stay as they are: they may hold the cue."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    right = np.where(y == cue_class, np.asarray(predict(on)) == y, np.asarray(predict(X)) == y)
    return {**answer, "accuracy_aligned": float(right.mean())}


def wrong_exchanged(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Aligned and reversed change places."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    return {
        **answer,
        "accuracy_aligned": answer["accuracy_reversed"],
        "accuracy_reversed": answer["accuracy_aligned"],
    }


def wrong_reversed_only_removes(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Reversed takes the cue away everywhere and never puts it on the other classes."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    return {**answer, "accuracy_reversed": float(np.mean(np.asarray(predict(off)) == np.asarray(y)))}


def wrong_reversed_is_complement(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """1 - aligned; right for a model that follows the cue alone."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    return {**answer, "accuracy_reversed": 1 - answer["accuracy_aligned"]}


def wrong_whole_row_replaced(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """The flips are counted on rows that the cue vectors replace whole."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    on = np.broadcast_to(np.asarray(cue_present, float), np.shape(X)).copy()
    off = np.broadcast_to(np.asarray(cue_absent, float), np.shape(X)).copy()
    return {**answer, "flip_rate": float(np.mean(np.asarray(predict(on)) != np.asarray(predict(off))))}


def wrong_flip_from_given(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Compares ON with the rows as given."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    return {**answer, "flip_rate": float(np.mean(np.asarray(predict(on)) != np.asarray(predict(X))))}


def wrong_flip_of_correctness_in_class(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Counts rows that become right or wrong: a change between two wrong labels is missed."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    changed = (np.asarray(predict(on)) == y) != (np.asarray(predict(off)) == y)
    return {**answer, "flip_rate": float(changed.mean())}


def wrong_mask_first_column_only(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Sets the first column of the mask only, when it counts flips."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    first = np.zeros(np.shape(X)[1], bool)
    first[np.flatnonzero(cue_mask)[0]] = True
    on, off = _copies(X, first, cue_present, cue_absent)
    return {**answer, "flip_rate": float(np.mean(np.asarray(predict(on)) != np.asarray(predict(off))))}


def wrong_worst_of_classes_only(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Two groups by class, both states together."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    right = (np.asarray(predict(on)) == y).astype(float) + (np.asarray(predict(off)) == y)
    groups = [right[g].mean() / 2 for g in (y == cue_class, y != cue_class) if g.any()]
    return {**answer, "worst_group_accuracy": float(min(groups))}


def wrong_worst_of_states_only(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """Two groups by state, all classes together."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    return {
        **answer,
        "worst_group_accuracy": float(min(np.mean(np.asarray(predict(t)) == y) for t in (on, off))),
    }


def wrong_worst_empty_group_is_zero(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """An empty group counts as accuracy 0."""
    answer = right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    member = np.asarray(y) == cue_class
    return answer if member.any() and not member.all() else {**answer, "worst_group_accuracy": 0.0}


def wrong_worst_by_every_label(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """One group for every label; right for two labels."""
    on, off = _copies(X, cue_mask, cue_present, cue_absent)
    answer = _answer(predict, X, y, on, off, cue_class)
    y = np.asarray(y)
    shares = [np.mean((np.asarray(predict(t)) == y)[y == c]) for t in (on, off) for c in np.unique(y)]
    return {**answer, "worst_group_accuracy": float(min(shares))}


def wrong_empty_mask_allowed(predict, X, y, cue_mask, cue_present, cue_absent, cue_class):
    """An empty mask changes nothing, and that is answered."""
    if np.asarray(cue_mask, bool).any():
        return right_two_copies(predict, X, y, cue_mask, cue_present, cue_absent, cue_class)
    return _answer(predict, X, y, np.array(X, float), np.array(X, float), cue_class)
