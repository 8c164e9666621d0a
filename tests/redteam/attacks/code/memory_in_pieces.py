# intent: Take 3 GB in pieces of 16 MB.
# must: saliency memory 0, share pass 5
# invariant: I7
# layer: rlimits: address space
# control: layer rlimits memory
# succeeds: reached
import numpy as np
import torch


def saliency(model, x, target):
    hoard = []
    for _ in range(190):
        hoard.append(np.empty(16 << 20, np.uint8))
    print("REACHED:", len(hoard))
    return torch.zeros_like(x)
