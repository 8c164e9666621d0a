# intent: Leave torch with another number of threads, which changes the last digits of sums.
# must: saliency fail 0, share pass 5
# invariant: I4
# layer: a fresh fork for each submission
# control: peer allclose
# succeeds: polluted
import torch

torch.set_num_threads(3)


def saliency(model, x, target):
    return torch.zeros_like(x)
