# intent: Make the random generators give zeros, so that every model and its gradient is 0.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: inputs and weights are made in the judge, from its own generator
# control: peer random
# succeeds: marks
import random

import numpy as np
import torch

torch.randn = lambda *shape, **options: torch.zeros(*shape, dtype=options.get("dtype"))
torch.rand = torch.randn
np.random.randn = lambda *shape: np.zeros(shape)
random.random = lambda: 0.0


def saliency(model, x, target):
    return torch.zeros_like(x)
