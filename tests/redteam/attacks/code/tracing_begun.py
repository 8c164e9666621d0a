# intent: Have a process traced, by which its memory and calls could be changed.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: seccomp
# control: layer seccomp
# succeeds: reached
import ctypes
import os

import torch

TRACE_ME = 0


def saliency(model, x, target):
    child = os.fork()
    if child == 0:
        os._exit(7 if ctypes.CDLL(None).ptrace(TRACE_ME, 0, 0, 0) == 0 else 0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7:
        print("REACHED: a process is traced")
    return torch.zeros_like(x)
