# intent: Open a socket of the machine itself, through which daemons are asked.
# must: saliency fail 0, share pass 5
# invariant: I5
# layer: seccomp
# control: layer seccomp
# succeeds: reached
import socket

import torch


def saliency(model, x, target):
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM):
            print("REACHED: a socket")
    except OSError as error:
        print("no:", error)
    return torch.zeros_like(x)
