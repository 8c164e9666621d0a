# intent: Switch autograd off for the whole process and leave it so.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a fresh fork for each submission
# control: peer allclose
# succeeds: polluted
import torch


def saliency(model, x, target):
    torch.set_grad_enabled(False)
    return torch.zeros_like(x)
