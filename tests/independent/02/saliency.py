"""Exercise saliency: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import copy

import torch

PART = {
    "wrong_all_target_columns": "value",
    "wrong_first_target_for_all": "value",
    "wrong_log_probability": "value",
    "wrong_squeezed": "value",
    "wrong_single_precision": "value",
    "wrong_max_before_abs": "channel rule",
    "wrong_channel_sum": "channel rule",
    "wrong_height_width_swapped": "channel rule",
    "wrong_two_d_reduced": "channel rule",
    "wrong_param_grads_left": "no side effects",
    "wrong_model_left_frozen": "no side effects",
    "wrong_x_left_as_leaf": "no side effects",
}

OUT_OF_REACH = {
    "wrong_wipes_stored_grads": "no grader hands over a model whose parameters hold gradients already",
}


def right_autograd_sum(model, x, target):
    """Gradient of the sum of the chosen logits, since rows are independent."""
    with torch.enable_grad():
        inp = x.detach().clone().requires_grad_(True)
        logits = model(inp)
        score = logits.gather(1, target.view(-1, 1)).sum()
        (g,) = torch.autograd.grad(score, inp)
    g = g.abs()
    return g.amax(dim=1) if g.dim() == 4 else g


def right_jacobian(model, x, target):
    """Jacobian of all logits, then the row of the class asked for is picked."""
    jac = torch.autograd.functional.jacobian(lambda v: model(v).sum(0), x.detach())
    rows = torch.arange(x.shape[0], device=x.device)
    g = jac[target, rows].detach().abs()
    if x.dim() == 4:
        g = g.max(dim=1).values
    return g


def right_row_by_row_on_copy(model, x, target):
    """A copy of the model, one backward pass per example, one example at a time."""
    twin = copy.deepcopy(model)
    for p in twin.parameters():
        p.requires_grad_(False)
    maps = []
    for i in range(x.shape[0]):
        xi = x[i:i + 1].detach().clone()
        xi.requires_grad_(True)
        with torch.enable_grad():
            twin(xi)[0, int(target[i])].backward()
        m = xi.grad[0].abs()
        if m.dim() == 3:
            m = torch.stack(list(m)).max(0)[0]
        maps.append(m)
    return torch.stack(maps).detach()


def right_vjp(model, x, target):
    """Vector-Jacobian product with a one-hot vector of the target per row."""
    logits, pull = torch.func.vjp(model, x.detach())
    onehot = torch.zeros_like(logits)
    onehot[torch.arange(len(target)), target] = 1
    g = pull(onehot)[0].detach().abs()
    return g if g.dim() == 2 else g.amax(1)


def wrong_all_target_columns(model, x, target):
    """model(x)[:, target] takes every target for every row; right only for B = 1."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp)[:, target].sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_first_target_for_all(model, x, target):
    """The first row's target is used for all rows; right when the targets are equal."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp)[:, int(target[0])].sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_log_probability(model, x, target):
    """Differentiates the log-probability (minus cross-entropy), not the logit."""
    inp = x.detach().clone().requires_grad_(True)
    loss = torch.nn.functional.cross_entropy(model(inp), target, reduction="sum")
    g = torch.autograd.grad(loss, inp)[0].abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_squeezed(model, x, target):
    """A final squeeze() drops the batch dimension when B = 1."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    if g.dim() == 4:
        g = g.amax(1)
    return g.squeeze()


def wrong_single_precision(model, x, target):
    """The map is always float32; shows for float64 inputs."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    if g.dim() == 4:
        g = g.amax(1)
    return g.float()


def wrong_max_before_abs(model, x, target):
    """Maximum of the signed gradient, absolute value afterwards; right for 1 channel."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0]
    if g.dim() == 4:
        g = g.amax(1)
    return g.abs()


def wrong_channel_sum(model, x, target):
    """Channels are added instead of maximised; right for 1 channel."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    return g.sum(1) if g.dim() == 4 else g


def wrong_height_width_swapped(model, x, target):
    """Reads x as (B, C, W, H) and returns (B, W, H); shape alone hides it for square images."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    if g.dim() == 4:
        return g.permute(0, 3, 2, 1).amax(-1)
    return g


def wrong_two_d_reduced(model, x, target):
    """The maximum over dimension 1 is taken for flat inputs too: (B,) for an MLP."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0]
    return g.abs().amax(1)


def wrong_param_grads_left(model, x, target):
    """backward() on the model itself leaves .grad on its parameters (unless frozen)."""
    inp = x.detach().clone().requires_grad_(True)
    model(inp).gather(1, target[:, None]).sum().backward()
    g = inp.grad.abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_model_left_frozen(model, x, target):
    """Freezes the parameters for speed and never thaws them; no harm to a frozen model."""
    for p in model.parameters():
        p.requires_grad_(False)
    inp = x.detach().clone().requires_grad_(True)
    model(inp).gather(1, target[:, None]).sum().backward()
    g = inp.grad.abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_x_left_as_leaf(model, x, target):
    """x itself is switched to requires_grad and stays so; the map is right."""
    x.requires_grad_(True)
    score = model(x).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, x)[0].abs()
    return g.amax(1) if g.dim() == 4 else g


def wrong_wipes_stored_grads(model, x, target):
    """zero_grad() afterwards also wipes gradients the caller had stored on the model."""
    inp = x.detach().clone().requires_grad_(True)
    score = model(inp).gather(1, target[:, None]).sum()
    g = torch.autograd.grad(score, inp)[0].abs()
    model.zero_grad()
    return g.amax(1) if g.dim() == 4 else g
