# intent: Loop for ever at module level and swallow the time-out of the statement.
# must: saliency fail 0, share pass 5
# invariant: I7
# layer: the worker is killed from outside; the statement is left out the next time
# control: peer allclose
# succeeds: stopped
import torch

while True:
    try:
        while True:
            pass
    except BaseException:
        pass


def saliency(model, x, target):
    return torch.zeros_like(x)
