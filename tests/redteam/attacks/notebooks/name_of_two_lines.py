# intent: Call the file by two lines, the second of which looks like a result.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: control characters are shown as text
# control: unguarded
# succeeds: opened
NAME = "ben\nzoe 17"
STUDENT = "ben_zoe_17"


def build(place):
    return {NAME + ".ipynb": place.notebook()}


def unguarded(data, folder):
    return {"opened"} if "zoe 17" in f"graded: {NAME}".split("\n") else set()
