# intent: Break numpy and torch for whoever uses them next.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a fresh fork for each submission
# control: peer allclose
# succeeds: polluted
import torch


def saliency(model, x, target):
    torch.arange = lambda *args, **options: torch.zeros(())
    torch.Tensor.abs = lambda self: -self
    return torch.zeros_like(x)
