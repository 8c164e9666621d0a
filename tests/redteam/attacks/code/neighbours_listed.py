# intent: List the processes of the machine.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a process namespace of its own
# control: layer pid
# succeeds: reached
import os

import torch


def saliency(model, x, target):
    others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]
    if others:
        print("REACHED:", others[:5])
    return torch.zeros_like(x)
