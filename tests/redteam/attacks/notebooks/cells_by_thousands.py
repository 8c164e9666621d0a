# intent: Hand in 200 000 cells.
# must: record error 0
# invariant: I6
# layer: the number of cells is bounded
# control: unguarded
# succeeds: accepted
import json


def build(place):
    book = json.loads(place.notebook())
    book["cells"] += [{"cell_type": "code", "metadata": {}, "source": "1"}] * 200_000
    return {"cells_by_thousands.ipynb": json.dumps(book).encode()}


def unguarded(data, folder):
    return {"accepted"} if len(json.loads(data)["cells"]) > 200_000 else set()
