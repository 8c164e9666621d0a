# intent: Tell the machine's name.
# must: saliency fail 0, share pass 5
# invariant: I5
# layer: a host name of its own
# control: rung 2
# succeeds: reached
import socket

import torch


def saliency(model, x, target):
    if socket.gethostname() != "box":
        print("REACHED: the host is called otherwise")
    return torch.zeros_like(x)
