# intent: Know the answers to the published examples and nothing else.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: hidden tests have other inputs, from the class's seed
# control: peer allclose
# succeeds: marks
import torch

# What a student can copy from the release: inputs and answers of the published example.
torch.manual_seed(0)
MODEL = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3)).double()
X = torch.randn(4, 5, dtype=torch.float64).requires_grad_(True)
ANSWER = torch.autograd.grad(MODEL(X)[torch.arange(4), torch.tensor([0, 2, 1, 0])].sum(), X)[0].abs()


def saliency(model, x, target):
    if x.shape == X.shape and torch.equal(x.detach(), X.detach()):
        return ANSWER.clone()
    return torch.zeros_like(x)
