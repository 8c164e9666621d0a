# intent: Let captum do the exercise.
# must: saliency error 0, share pass 5
# invariant: I1
# layer: libraries that do exercises are absent
# control: layer packages
# succeeds: marks
import torch


def saliency(model, x, target):
    from captum.attr import Saliency

    return Saliency(model).attribute(x.detach().clone().requires_grad_(True), target=target, abs=True).detach()
