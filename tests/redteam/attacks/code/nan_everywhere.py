# intent: Return NaN everywhere: no difference is greater than a tolerance.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: values must be finite before they are compared
# control: peer not_greater
# succeeds: marks
import torch


def saliency(model, x, target):
    return torch.full_like(x, float("nan"))
