# intent: Make a user namespace, in which every right of the kernel's surface can be had.
# must: saliency fail 0, share pass 5
# invariant: I5
# layer: seccomp
# control: layer seccomp
# succeeds: reached
import ctypes

import torch

NEW_USER = 0x10000000


def saliency(model, x, target):
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_USER) == 0:
        print("REACHED: a namespace")
    return torch.zeros_like(x)
