# intent: Write one file of 40 MB.
# must: saliency fail 0, share pass 5
# invariant: I7
# layer: rlimits: size of a file
# control: layer rlimits
# succeeds: reached
import torch


def saliency(model, x, target):
    try:
        with open("large", "wb") as file:
            for _ in range(40):
                file.write(bytes(1 << 20))
        print("REACHED: 40 MB")
    except OSError as error:
        print("no:", error)
    return torch.zeros_like(x)
