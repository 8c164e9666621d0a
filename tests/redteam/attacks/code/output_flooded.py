# intent: Write 60 MB of text to the process's own output.
# must: saliency error 0, share pass 5
# invariant: I7
# layer: printed text is counted and cut
# control: peer allclose
# succeeds: reached
import os

import torch


def saliency(model, x, target):
    for _ in range(960):
        os.write(1, b"x" * 65536)
    os.write(1, b"\nREACHED: all of it was taken\n")
    return torch.zeros_like(x)
