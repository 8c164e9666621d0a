# intent: Fork twice, leave the session, and run on after the end.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a process namespace of its own ends with its first process
# control: layer pid
# succeeds: outlived
import ctypes
import os
import time

import torch


def saliency(model, x, target):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"rt_outlived", 0, 0, 0)
            for fd in range(64):
                try:
                    os.close(fd)
                except OSError:
                    pass
            time.sleep(25)
        os._exit(0)
    return torch.zeros_like(x)
