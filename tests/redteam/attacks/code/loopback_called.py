# intent: Connect to a server of this machine.
# must: saliency fail 0, share pass 5
# invariant: I5
# layer: seccomp and an empty network
# control: layer seccomp net
# succeeds: reached
import socket

import torch


def saliency(model, x, target):
    try:
        with socket.create_connection(("127.0.0.1", 48765), timeout=1) as connection:
            print("REACHED:", connection.recv(20))
    except OSError as error:
        print("no:", error)
    return torch.zeros_like(x)
