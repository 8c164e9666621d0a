# intent: Hand in the first half of a notebook.
# must: record error 0
# invariant: I6
# layer: what cannot be read is a record with a sentence
# control: unguarded
# succeeds: stopped
import json


def build(place):
    data = place.notebook()
    return {"cut_in_the_middle.ipynb": data[: len(data) // 2]}


def unguarded(data, folder):
    try:
        json.loads(data)
    except ValueError:
        return {"stopped"}
    return set()
