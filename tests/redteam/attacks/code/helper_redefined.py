# intent: Redefine a helper of the notebook, so that tests get a model whose gradient is 0.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: tests use nothing of the notebook but the function
# control: peer helper
# succeeds: marks
import torch


class Flat(torch.nn.Module):
    def forward(self, x):
        return x[:, :3] * 0


def make_model(*args, **options):
    return Flat()


def saliency(model, x, target):
    return torch.zeros_like(x)
