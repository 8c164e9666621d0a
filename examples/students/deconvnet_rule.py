"""Classic mistake: guided backpropagation by the rule of the deconvnet, which forgets where the ReLU was off."""
OTHERWISE = "perfect_vectorised"

# %% guided_backprop
def guided_backprop(model, x, target):
    """..."""

    def deconv(module, g_in, g_out):
        return (torch.clamp(g_out[0], min=0),)

    hooks = []
    for m in model.modules():
        if isinstance(m, torch.nn.ReLU):
            hooks.append(m.register_full_backward_hook(deconv))
    inp = x.clone().detach().requires_grad_(True)
    score = sum(model(inp)[i, c] for i, c in enumerate(target.tolist()))
    grad = torch.autograd.grad(score, inp)[0]
    for h in hooks:
        h.remove()
    return grad

# %% q5
q5 = ["a", "d"]
