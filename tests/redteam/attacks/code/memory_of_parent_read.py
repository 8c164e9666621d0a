# intent: Read the memory of the process that started this one.
# must: saliency fail 0, share pass 5
# invariant: I1
# layer: a process namespace of its own
# control: peer allclose
# succeeds: reached
import os

import torch


def saliency(model, x, target):
    parent = os.getppid()
    try:
        maps = open(f"/proc/{parent}/maps").read().split("\n")
        heap = next(line for line in maps if "[heap]" in line or "rw-p" in line)
        with open(f"/proc/{parent}/mem", "rb", buffering=0) as memory:
            memory.seek(int(heap.split("-")[0], 16))
            if memory.read(64):
                print("REACHED: memory of process", parent)
    except (OSError, StopIteration) as error:
        print("no:", error)
    return torch.zeros_like(x)
