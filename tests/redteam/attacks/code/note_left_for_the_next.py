# intent: Leave a file for the next submission, and read what an earlier one has left.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a scratch folder of its own, gone with the submission
# control: layer mount twice
# succeeds: reached
import os

import torch

PLACES = [os.path.join(folder, "redteam-note") for folder in ("/dev/shm", "/scratch", os.path.dirname(os.getcwd()))]
FOUND = [place for place in PLACES if os.path.exists(place)]
for place in PLACES:
    try:
        with open(place, "w") as file:
            file.write("a note")
    except OSError:
        pass


def saliency(model, x, target):
    if FOUND:
        print("REACHED: a note was left in", FOUND)
    return torch.zeros_like(x)
