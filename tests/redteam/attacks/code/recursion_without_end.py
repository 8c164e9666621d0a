# intent: Recurse through C until the stack of the process is used up.
# must: saliency error|memory 0, share pass 5
# invariant: I7
# layer: a process of its own for each submission
# control: peer allclose
# succeeds: stopped
import sys


class Endless:
    def __repr__(self):
        return repr(self)


def saliency(model, x, target):
    sys.setrecursionlimit(10**9)
    return repr(Endless())
