# intent: Nest the brackets of an output 200 000 deep, for readers that recurse.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: the scanner steps over outputs and never recurses
# control: unguarded
# succeeds: stopped
import json


def build(place):
    data = place.notebook().decode()
    deep = "[" * 200_000 + "]" * 200_000
    return {"nested_outputs.ipynb": data.replace('"outputs": []', '"outputs": ' + deep, 1).encode()}


def unguarded(data, folder):
    try:
        json.loads(data)
    except RecursionError:
        return {"stopped"}
    return set()
