# intent: Read address 0.
# must: saliency error 0, share pass 5
# invariant: I7
# layer: a process of its own for each submission
# control: peer allclose
# succeeds: stopped
import ctypes


def saliency(model, x, target):
    ctypes.string_at(0)
