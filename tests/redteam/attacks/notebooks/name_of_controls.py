# intent: Call the file by sequences that clear a terminal and rename its window.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: control characters are shown as text
# control: unguarded
# succeeds: opened
NAME = "\x1b[2J\x1b]0;root\x07ben"
STUDENT = "__2J__0_root_ben"


def build(place):
    return {NAME + ".ipynb": place.notebook()}


def unguarded(data, folder):
    return {"opened"} if "\x1b" in f"graded: {NAME}" else set()
