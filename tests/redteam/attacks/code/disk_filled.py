# intent: Fill the disk and leave it full for the next submission.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a scratch folder of its own, of a fixed size
# control: layer mount twice
# succeeds: reached
import torch

FULL = False
try:
    with open("mine", "wb") as file:
        file.write(bytes(1 << 20))
except OSError:
    FULL = True
try:
    for number in range(12):
        with open(f"part{number}", "wb") as file:
            file.write(bytes(10 << 20))
except OSError:
    pass


def saliency(model, x, target):
    if FULL:
        print("REACHED: the disk was full when this one began")
    return torch.zeros_like(x)
