"""Right answers in a notebook that was put together anew: cells copied, moved and typed again, without metadata."""
OTHERWISE = "perfect_loops"
SHAPE = "moved_and_stripped"

# %% guided_backprop
class OneWayGate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        return torch.where((ctx.saved_tensors[0] > 0) & (g > 0), g, torch.zeros_like(g))


def guided_backprop(model, x, target):
    twin = copy.deepcopy(model)
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.forward = OneWayGate.apply
    leaf = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(twin(leaf).gather(1, target[:, None]).sum(), leaf)[0]
