# intent: Use up the number of files that a disk can hold (at most 9000).
# must: saliency fail 0, share pass 5
# invariant: I7
# layer: a scratch folder of its own, with a number of files
# control: layer mount
# succeeds: reached
import os
import shutil

import torch


def saliency(model, x, target):
    os.mkdir("many")
    try:
        for number in range(9000):
            os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
        print("REACHED: 9000 files")
    except OSError as error:
        print("no:", error)
    shutil.rmtree("many")
    return torch.zeros_like(x)
