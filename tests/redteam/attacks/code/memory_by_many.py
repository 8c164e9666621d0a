# intent: Hold 3 GB in ten processes, each within its own limit.
# must: saliency memory 0, share pass 5
# invariant: I7
# layer: the memory of all processes together is watched
# control: layer memory
# succeeds: reached
import mmap
import os
import time

import torch


def saliency(model, x, target):
    area = mmap.mmap(-1, 300 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    for place in range(0, len(area), 4 << 20):
        area[place : place + (4 << 20)] = bytes(4 << 20)
    for _ in range(10):
        if os.fork() == 0:
            sum(area[place] for place in range(0, len(area), 4096))
            time.sleep(3)
            os._exit(0)
    time.sleep(2)
    print("REACHED: 3 GB")
    return torch.zeros_like(x)
