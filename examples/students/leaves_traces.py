"""Right values four times, and each time something of the caller's is left changed."""
OTHERWISE = "perfect_vectorised"

# %% saliency
def saliency(model, x, target):
    """..."""
    x = x.clone().detach()
    x.requires_grad = True
    loss = model(x)[torch.arange(len(target)), target].sum()
    loss.backward()
    if x.dim() == 4:
        return x.grad.abs().max(1).values
    return x.grad.abs()

# %% gradient_times_input
def gradient_times_input(model, x, target):
    """..."""
    x.requires_grad_()
    gradient = torch.autograd.grad(model(x)[torch.arange(len(target)), target].sum(), x)[0]
    return gradient * x.detach()

# %% guided_backprop
def guided_backprop(model, x, target):
    """..."""

    def positive_only(module, grad_in, grad_out):
        return (grad_in[0] * (grad_out[0] > 0).type_as(grad_in[0]),)

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_full_backward_hook(positive_only)
    x = x.clone().detach().requires_grad_()
    return torch.autograd.grad(model(x)[torch.arange(len(target)), target].sum(), x)[0]

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    maps = [explain(model, x, target)]
    for layer in layers:
        names = [n for n, _ in model.named_parameters() if n.startswith(layer + ".")]
        if not names:
            raise ValueError("no parameters")
        for n in names:
            if n not in new_params:
                raise ValueError("no new value")
        for n in names:
            model.get_parameter(n).data.copy_(new_params[n])
        maps.append(explain(model, x, target))
    return torch.stack(maps)
