# intent: Take memory that is shared between processes and belongs to none of them.
# must: saliency memory|error|fail 0, share pass 5
# invariant: I7
# layer: rlimits: address space
# control: layer rlimits memory
# succeeds: reached
import mmap

import torch


def saliency(model, x, target):
    areas = []
    try:
        for _ in range(12):
            area = mmap.mmap(-1, 256 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
            area[: 1 << 20] = bytes(1 << 20)
            areas.append(area)
    except OSError:
        raise MemoryError from None
    print("REACHED: 3 GB")
    return torch.zeros_like(x)
