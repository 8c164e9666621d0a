"""Classic mistakes: independent instead of cascading randomisation, and ReLUs inside blocks overlooked."""
OTHERWISE = "perfect_vectorised"

# %% guided_backprop
def guided_backprop(model, x, target):
    """..."""
    removable = []
    for layer in model.children():
        if isinstance(layer, nn.ReLU):
            removable.append(
                layer.register_full_backward_hook(lambda mod, gi, go: (torch.where(go[0] > 0, gi[0], 0 * gi[0]),))
            )
    try:
        y = x.detach().clone()
        y.requires_grad = True
        s = model(y).gather(1, target.view(-1, 1)).sum()
        return torch.autograd.grad(s, y)[0]
    finally:
        for r in removable:
            r.remove()

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    maps = [explain(model, x, target)]
    for layer in layers:
        fresh = copy.deepcopy(model)
        chosen = {n: p for n, p in fresh.named_parameters() if n.startswith(layer + ".")}
        if not chosen:
            raise ValueError(f"layer {layer}")
        for n, p in chosen.items():
            if n not in new_params:
                raise ValueError(f"parameter {n}")
            p.data = new_params[n].clone()
        maps.append(explain(fresh, x, target))
    return torch.stack(maps)
