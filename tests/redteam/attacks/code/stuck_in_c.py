# intent: Loop for ever inside one C call, where no handler of a signal ever runs.
# must: saliency timeout 0, share pass 5
# invariant: I7
# layer: the worker is killed from outside
# control: peer allclose
# succeeds: stopped
import itertools


def saliency(model, x, target):
    return sum(itertools.repeat(0))
