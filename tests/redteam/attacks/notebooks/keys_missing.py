# intent: Strip types, metadata, numbers and ids from every cell.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: nothing of a notebook is needed but its text
# control: unguarded
# succeeds: stopped
import json


def build(place):
    book = json.loads(place.notebook())
    cells = [{"source": c["source"]} for c in book["cells"] if c["cell_type"] == "code"]
    return {"keys_missing.ipynb": json.dumps({"cells": cells}).encode()}


def unguarded(data, folder):
    try:
        return set(sorted(c["cell_type"] for c in json.loads(data)["cells"])) and set()
    except KeyError:
        return {"stopped"}
