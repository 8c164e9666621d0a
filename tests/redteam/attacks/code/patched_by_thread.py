# intent: Leave a thread that puts a wrong function in the place of the next student's.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a fresh fork for each submission
# control: peer allclose
# succeeds: polluted
import sys
import threading
import time

import torch


def wrong(model, x, target):
    return torch.zeros_like(x)


def replace(own):
    for _ in range(2000):
        names = vars(sys.modules["__main__"])
        if names.get("saliency") is not own:
            names["saliency"] = wrong
        time.sleep(0.0005)


def saliency(model, x, target):
    threading.Thread(target=replace, args=(saliency,), daemon=True).start()
    return torch.zeros_like(x)
