# intent: Save the notebook in UTF-16.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: every encoding that editors write is read
# control: unguarded
# succeeds: stopped
import json


def build(place):
    return {"utf16_with_mark.ipynb": place.notebook().decode().encode("utf-16")}


def unguarded(data, folder):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return {"stopped"}
    return set()
