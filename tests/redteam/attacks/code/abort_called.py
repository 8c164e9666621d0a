# intent: Call abort.
# must: saliency error 0, share pass 5
# invariant: I7
# layer: a process of its own for each submission
# control: peer allclose
# succeeds: stopped
import os


def saliency(model, x, target):
    os.abort()
