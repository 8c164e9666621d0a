# intent: Call the file by a name that is shown from right to left.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: overrides of direction are shown as text
# control: unguarded
# succeeds: opened
NAME = "ben\u202egnp"
STUDENT = "ben_gnp"


def build(place):
    return {NAME + ".ipynb": place.notebook()}


def unguarded(data, folder):
    return {"opened"} if "\u202e" in f"<td>{NAME}</td>" else set()
