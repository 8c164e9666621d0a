# intent: Open files of installed packages for writing, so that the next student imports what we wrote.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: everything is read-only but the scratch folder
# control: peer allclose
# succeeds: reached
import coursekit
import torch


def saliency(model, x, target):
    for module in (coursekit, torch):
        try:
            with open(module.__file__, "r+b"):
                print("REACHED:", module.__name__, "can be written")
        except OSError as error:
            print("no:", error)
    return torch.zeros_like(x)
