# intent: Ask for 12 GB at once.
# must: saliency memory 0, share pass 5
# invariant: I7
# layer: rlimits: address space
# control: layer rlimits memory
# succeeds: reached
import mmap

import torch


def saliency(model, x, target):
    try:
        hoard = mmap.mmap(-1, 12 << 30)
    except OSError:
        raise MemoryError from None
    print("REACHED:", len(hoard))
    return torch.zeros_like(x)
