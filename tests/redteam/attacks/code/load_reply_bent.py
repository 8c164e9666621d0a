# intent: Bend what the worker reports of the notebook: names, notes and failures that are no text.
# must: saliency fail|error|missing 0, share pass|missing|error|fail 5
# invariant: I2
# layer: the reply to a load is taken apart, item by item
# control: unguarded
# succeeds: stopped
import gc

import torch

for found in gc.get_objects():
    if type(found).__name__ == "Loader":
        found.notes = [1, None, {"a": [2]}, "\ud800" * 9000] * 100
        found.failed = [7, {"cell": {}, "line": [], "error": None, "text": {"b": 1}}] * 300
        found.cell_of = {1: 2, "share": "x"}


def saliency(model, x, target):
    return torch.zeros_like(x)


def unguarded(folder):
    try:
        ", ".join([1, None])  # notes as they come
    except TypeError:
        return {"stopped"}
    return set()
