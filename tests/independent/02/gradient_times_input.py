"""Exercise gradient_times_input: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import copy

import torch

PART = {
    "wrong_product_rule": "value",
    "wrong_batch_mean": "value",
    "wrong_targets_summed": "value",
    "wrong_channel_mean_gradient": "value",
    "wrong_negative_inputs_clipped": "value",
    "wrong_probability": "value",
    "wrong_still_attached": "value",
    "wrong_row_normalised": "value",
    "wrong_x_overwritten": "side effects",
    "wrong_param_grads_left": "side effects",
    "wrong_params_unfrozen": "side effects",
}


def right_autograd(model, x, target):
    """x times the gradient of the sum of the chosen logits."""
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        out = model(leaf)
        picked = out[torch.arange(out.shape[0]), target]
        grad = torch.autograd.grad(picked.sum(), leaf)[0]
    return (x.detach() * grad).detach()


def right_scale_derivative(model, x, target):
    """Derivative with respect to a mask of ones that multiplies x: it is x * gradient."""
    base = x.detach()
    with torch.enable_grad():
        mask = torch.ones_like(base, requires_grad=True)
        logits = model(base * mask)
        grad = torch.autograd.grad(logits.gather(1, target.unsqueeze(1)).sum(), mask)[0]
    return grad.detach()


def right_copy_backward(model, x, target):
    """backward() on a deep copy, so that nothing is left on the caller's model."""
    twin = copy.deepcopy(model)
    leaf = x.detach().clone()
    leaf.requires_grad = True
    with torch.enable_grad():
        logits = twin(leaf)
        select = torch.nn.functional.one_hot(target, logits.shape[1]).to(logits.dtype)
        logits.backward(gradient=select)
    return leaf.detach() * leaf.grad.detach()


def wrong_product_rule(model, x, target):
    """Differentiates x_j * score by the product rule, so the score is added to every entry."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None])
    grad = torch.autograd.grad(score.sum(), leaf)[0]
    return x.detach() * grad + score.detach().view(-1, *[1] * (x.dim() - 1))


def wrong_batch_mean(model, x, target):
    """The score is averaged over the batch, so everything is divided by B; right for B = 1."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None]).mean()
    return x.detach() * torch.autograd.grad(score, leaf)[0]


def wrong_targets_summed(model, x, target):
    """index_select picks all targets' columns for each row; right only for B = 1."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).index_select(1, target).sum()
    return x.detach() * torch.autograd.grad(score, leaf)[0]


def wrong_channel_mean_gradient(model, x, target):
    """The gradient is averaged over the channels first; right for 1 channel and for MLPs."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None]).sum()
    grad = torch.autograd.grad(score, leaf)[0]
    if grad.dim() == 4:
        grad = grad.mean(1, keepdim=True)
    return x.detach() * grad


def wrong_negative_inputs_clipped(model, x, target):
    """Takes pixels to be non-negative and clips the factor; shows for negative inputs."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None]).sum()
    return x.detach().clamp(min=0) * torch.autograd.grad(score, leaf)[0]


def wrong_probability(model, x, target):
    """Differentiates the softmax probability instead of the logit."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).softmax(1).gather(1, target[:, None]).sum()
    return x.detach() * torch.autograd.grad(score, leaf)[0]


def wrong_still_attached(model, x, target):
    """Multiplies with the tracked copy of x: right numbers, but the result is not detached."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None]).sum()
    return leaf * torch.autograd.grad(score, leaf)[0]


def wrong_row_normalised(model, x, target):
    """Rescales each row to add up to its score; changes nothing for a bias-free ReLU net."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None])[:, 0]
    grad = torch.autograd.grad(score.sum(), leaf)[0]
    prod = x.detach() * grad
    total = prod.flatten(1).sum(1)
    factor = torch.where(total.abs() > 1e-12, score.detach() / total, torch.ones_like(total))
    return prod * factor.view(-1, *[1] * (x.dim() - 1))


def wrong_x_overwritten(model, x, target):
    """Multiplies in place, so the caller's x holds the attributions afterwards."""
    leaf = x.detach().clone().requires_grad_(True)
    score = model(leaf).gather(1, target[:, None]).sum()
    result = x.detach()
    result *= torch.autograd.grad(score, leaf)[0]
    return result.clone()


def wrong_param_grads_left(model, x, target):
    """backward() on the caller's model leaves parameter gradients (unless frozen)."""
    leaf = x.detach().clone().requires_grad_(True)
    model(leaf).gather(1, target[:, None]).sum().backward()
    return x.detach() * leaf.grad


def wrong_params_unfrozen(model, x, target):
    """Freezes the parameters, then thaws all of them; shows only for a model given frozen."""
    for p in model.parameters():
        p.requires_grad_(False)
    leaf = x.detach().clone().requires_grad_(True)
    model(leaf).gather(1, target[:, None]).sum().backward()
    for p in model.parameters():
        p.requires_grad_(True)
    return x.detach() * leaf.grad
