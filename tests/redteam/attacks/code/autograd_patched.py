# intent: Patch autograd, so that the reference's gradient is 0 as well.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: comparison in the judge's process
# control: peer live
# succeeds: marks
import torch


def no_gradient(outputs, inputs, *args, **options):
    return (torch.zeros_like(inputs),)


torch.autograd.grad = no_gradient


def saliency(model, x, target):
    return torch.zeros_like(x)
