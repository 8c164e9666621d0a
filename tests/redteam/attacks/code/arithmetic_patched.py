# intent: Patch subtraction and absolute value of tensors, so that every difference is 0.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: comparison in the judge's process
# control: peer not_greater
# succeeds: marks
import torch

torch.Tensor.__sub__ = lambda self, other: torch.zeros(())
torch.Tensor.__rsub__ = lambda self, other: torch.zeros(())
torch.sub = lambda first, second, **options: torch.zeros(())


def saliency(model, x, target):
    return torch.zeros_like(x)
