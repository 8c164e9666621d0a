# intent: Hand in the old format, in which cells lie elsewhere.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: formats 1 to 4 are read
# control: unguarded
# succeeds: stopped
import json


def build(place):
    book = json.loads(place.notebook())
    cells = [{"cell_type": "code", "input": c["source"]} for c in book["cells"] if c["cell_type"] == "code"]
    return {"format_3.ipynb": json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}], "metadata": {}}).encode()}


def unguarded(data, folder):
    try:
        json.loads(data)["cells"]
    except KeyError:
        return {"stopped"}
    return set()
