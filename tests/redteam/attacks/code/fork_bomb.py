# intent: Fork as often as one can (at most 60 times).
# must: saliency fail 0, share pass 5
# invariant: I7
# layer: rlimits: a number of processes
# control: layer rlimits
# succeeds: reached
import os
import signal
import time

import torch


def saliency(model, x, target):
    children = []
    try:
        for _ in range(60):
            child = os.fork()
            if child == 0:
                time.sleep(1.5)
                os._exit(0)
            children.append(child)
        print("REACHED: 60 processes")
    except OSError as error:
        print("no:", error)
    for child in children:
        os.kill(child, signal.SIGKILL)
    return torch.zeros_like(x)
