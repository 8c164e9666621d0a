# intent: Leave torch with float16 as its default, so that others' results are coarse.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a fresh fork for each submission
# control: peer allclose
# succeeds: polluted
import torch

torch.set_default_dtype(torch.float16)


def saliency(model, x, target):
    return torch.zeros_like(x)
