"""Lesson 02, gradient attribution: the reference implementations, which are also the solutions.

Signature and docstring of a function become the learner's stub. A function uses only its arguments,
the imports below (the notebook's set-up cell) and coursekit, never another exercise.
"""

import copy
from collections.abc import Callable

import numpy as np
import torch
from scipy import stats
from torch import nn

from coursekit import watch


def saliency(model: nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Saliency map: the absolute gradient of each row's target logit with respect to that row.

    The score of row i is the logit ``model(x)[i, target[i]]``, not a probability. The map is
    ``|d score_i / d x_i|``. For pictures keep, at each pixel, the largest absolute value over the
    channels. Do not normalise.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        target: class to explain in each row, LongTensor ``(B,)``.

    Returns:
        ``(B, H, W)`` for pictures, ``(B, D)`` for vectors; not negative, detached, dtype of x.

    The model (also its ``.grad`` fields) and x are left as they were.
    Source: Simonyan, Vedaldi, Zisserman 2013 (arXiv:1312.6034), section 3.
    """
    x = x.detach().clone().requires_grad_(True)
    rows = torch.arange(len(x))
    scores = watch("scores", model(x)[rows, target])
    # Rows do not influence each other, so the gradient of the sum holds each row's own gradient.
    gradient = watch("gradient", torch.autograd.grad(scores.sum(), x)[0])
    size = gradient.abs()
    return size.amax(dim=1) if x.ndim == 4 else size


def gradient_times_input(model: nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Gradient times input: ``x * d score / d x``, entry by entry, with its sign.

    The score of row i is the logit ``model(x)[i, target[i]]``.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        target: class to explain in each row, LongTensor ``(B,)``.

    Returns:
        Signed, shape of x (channels are kept), detached, dtype of x.

    The model (also its ``.grad`` fields) and x are left as they were.
    Source: Shrikumar, Greenside, Shcherbina, Kundaje 2016 (arXiv:1605.01713).
    """
    x = x.detach().clone().requires_grad_(True)
    rows = torch.arange(len(x))
    scores = watch("scores", model(x)[rows, target])
    gradient = watch("gradient", torch.autograd.grad(scores.sum(), x)[0])
    return x.detach() * gradient


def integrated_gradients(
    model: nn.Module, x: torch.Tensor, baseline: torch.Tensor, target: torch.Tensor, steps: int
) -> torch.Tensor:
    """Integrated gradients along the straight line from the baseline to x, by the midpoint rule.

    With b the baseline and m = steps::

        (x - b) * (1/m) * sum over k = 0 .. m-1 of  grad score( b + (k + 0.5)/m * (x - b) )

    The score of row i is the logit ``model(...)[i, target[i]]``.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        baseline: shape of x, or first dimension 1: then one baseline serves all rows.
        target: class to explain in each row, LongTensor ``(B,)``.
        steps: number of midpoints, at least 1.

    Returns:
        Signed, shape of x (channels are kept), detached, dtype of x.

    Raises:
        ValueError: steps is smaller than 1.

    The model (also its ``.grad`` fields), x and baseline are left as they were.
    Source: Sundararajan, Taly, Yan 2017 (arXiv:1703.01365): the definition, and the section on computing
    integrated gradients (the paper's own sum takes the right end of each step).
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    x, baseline = x.detach(), baseline.detach()
    rows = torch.arange(len(x))
    total = torch.zeros_like(x)
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * (x - baseline)
        point.requires_grad_(True)
        scores = model(point)[rows, target]
        total += torch.autograd.grad(scores.sum(), point)[0]
    mean_gradient = watch("mean_gradient", total / steps)
    return (x - baseline) * mean_gradient


def smoothgrad(
    model: nn.Module, x: torch.Tensor, target: torch.Tensor, noise: torch.Tensor, noise_level: float
) -> torch.Tensor:
    """SmoothGrad: the mean of the signed gradients at S noisy copies of x.

    Row i is blurred with ``sigma_i = noise_level * (max of x_i - min of x_i)``: one number for each
    example, over all its channels and pixels. Sample s is ``x + sigma * noise[s]``; x itself is not
    one of the samples. The score of row i is the logit ``model(...)[i, target[i]]``.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        target: class to explain in each row, LongTensor ``(B,)``.
        noise: standard normal numbers, ``(S, *x.shape)``, dtype of x.
        noise_level: noise scale as a share of the example's range, 0 or more; 0 gives the plain gradient.

    Returns:
        Signed, shape of x (channels are kept), detached, dtype of x.

    Raises:
        ValueError: ``noise.shape[1:]`` is not ``x.shape``, or noise_level is negative.

    The model (also its ``.grad`` fields), x and noise are left as they were.
    Source: Smilkov, Thorat, Kim, Viegas, Wattenberg 2017 (arXiv:1706.03825).
    """
    if noise.shape[1:] != x.shape:
        raise ValueError(
            f"each noise sample must have x's shape {tuple(x.shape)}, got {tuple(noise.shape[1:])}"
        )
    if noise_level < 0:
        raise ValueError(f"noise_level must not be negative, got {noise_level}")
    x = x.detach()
    rows = torch.arange(len(x))
    values = x.flatten(1)
    sigma = watch("sigma", noise_level * (values.amax(dim=1) - values.amin(dim=1)))
    sigma = sigma.reshape(-1, *[1] * (x.ndim - 1))  # one number per example, against x's other axes
    total = torch.zeros_like(x)
    for sample in noise:
        noisy = (x + sigma * sample).requires_grad_(True)
        scores = model(noisy)[rows, target]
        total += torch.autograd.grad(scores.sum(), noisy)[0]
    return total / len(noise)


def completeness_gap(
    attributions: torch.Tensor,
    model: nn.Module,
    x: torch.Tensor,
    baseline: torch.Tensor,
    target: torch.Tensor,
) -> dict[str, torch.Tensor]:
    """How far attributions are from adding up to the change of the score.

    ``change_i = score(x_i) - score(b_i)``, where the score of row i is the logit of class ``target[i]``;
    ``gap_i = (sum of all attributions of row i) - change_i``, with its sign;
    ``relative_i = |gap_i| / |change_i|``. Where ``|change_i| < 1e-12`` there is nothing to divide by:
    relative is then 0 if ``|gap_i| < 1e-12``, and infinity otherwise.

    Args:
        attributions: shape of x.
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        baseline: shape of x, or first dimension 1: then one baseline serves all rows.
        target: class that was explained in each row, LongTensor ``(B,)``.

    Returns:
        ``{"gap": (B,), "relative": (B,)}``, detached, dtype of x.

    The model and all tensors are left as they were.
    Source: Sundararajan, Taly, Yan 2017 (arXiv:1703.01365), Proposition 1 (completeness).
    """
    rows = torch.arange(len(x))
    with torch.no_grad():
        score_x = watch("score_x", model(x)[rows, target])
        score_b = watch("score_baseline", model(baseline.expand_as(x))[rows, target])
        change = score_x - score_b
        gap = attributions.flatten(1).sum(dim=1) - change
        no_change = torch.where(gap.abs() < 1e-12, 0.0, torch.inf).to(gap.dtype)
        relative = torch.where(change.abs() < 1e-12, no_change, gap.abs() / change.abs())
    return {"gap": gap, "relative": relative}


def guided_backprop(model: nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Guided backpropagation: the gradient, with negative signals dropped at every ReLU.

    The forward pass, and so the logits, stay as they are. On the way back, at every ``nn.ReLU`` module
    (also inside blocks, also where one module is used in several places) the signal becomes
    ``g * (z > 0) * (g > 0)``: z is what went into the ReLU there, g the gradient that arrives from above.
    Other activations keep their ordinary gradient. The score of row i is the logit
    ``model(x)[i, target[i]]``.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``; rows do not influence each other;
            all its ReLUs are ``nn.ReLU`` modules.
        x: ``(B, channels, H, W)`` or ``(B, D)``, float32 or float64.
        target: class to explain in each row, LongTensor ``(B,)``.

    Returns:
        Signed, shape of x (channels are kept), detached, dtype of x.

    No hook stays on the model; the model (also its ``.grad`` fields) and x are left as they were.
    Source: Springenberg, Dosovitskiy, Brox, Riedmiller 2014 (arXiv:1412.6806).
    """

    def gate(module, grad_input, grad_output):
        # grad_input is g * (z > 0) already, grad_output is g: this adds the factor (g > 0)
        return (grad_input[0] * (grad_output[0] > 0),)

    x = x.detach().clone().requires_grad_(True)
    rows = torch.arange(len(x))
    relus = [module for module in model.modules() if isinstance(module, nn.ReLU)]
    hooks = [relu.register_full_backward_hook(gate) for relu in relus]
    try:
        scores = watch("scores", model(x)[rows, target])
        return torch.autograd.grad(scores.sum(), x)[0]
    finally:
        for hook in hooks:
            hook.remove()


def rank_similarity(a: torch.Tensor, b: torch.Tensor, absolute: bool = True) -> torch.Tensor:
    """Spearman's rank correlation of two stacks of maps, row by row.

    Flatten each row; take absolute values first if ``absolute``; replace the values of each row by
    their ranks, where equal values share the average of their ranks; correlate the ranks of row i of a
    with those of row i of b (Pearson). If a row of a or b is constant, its similarity is 0.0, not NaN.
    ``scipy.stats.rankdata`` may be used.

    Args:
        a: first stack of maps, ``(B, ...)``, float32 or float64.
        b: second stack, same shape.
        absolute: compare the sizes of the values (True), or the signed values (False).

    Returns:
        ``(B,)``, float64 whatever the dtype of the maps, between -1 and 1.

    Raises:
        ValueError: a and b differ in shape.

    a and b are left as they were.
    Source: Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim 2018 (arXiv:1810.03292): rank correlation with
    and without absolute values.
    """
    if a.shape != b.shape:
        raise ValueError(f"the stacks must have the same shape, got {tuple(a.shape)} and {tuple(b.shape)}")
    a, b = a.detach().flatten(1), b.detach().flatten(1)
    if absolute:
        a, b = a.abs(), b.abs()
    ranks_a, ranks_b = (watch("ranks", stats.rankdata(maps.numpy(), axis=1)) for maps in (a, b))
    away_a = ranks_a - ranks_a.mean(axis=1, keepdims=True)
    away_b = ranks_b - ranks_b.mean(axis=1, keepdims=True)
    together = (away_a * away_b).sum(axis=1)
    spread = np.sqrt((away_a**2).sum(axis=1) * (away_b**2).sum(axis=1))
    similarity = np.divide(together, spread, out=np.zeros(len(a)), where=spread > 0)
    return torch.from_numpy(similarity)


def cascading_randomisation(
    model: nn.Module,
    x: torch.Tensor,
    target: torch.Tensor,
    layers: list[str],
    new_params: dict[str, torch.Tensor],
    explain: Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor],
) -> torch.Tensor:
    """The maps of a model whose layers are replaced one after the other, and stay replaced.

    Entry 0 is the map of the model as given. Entry k is the map after all parameters of
    ``layers[0]`` to ``layers[k-1]`` were replaced: in the order of the list, each on top of the ones
    before. A parameter belongs to the layer s if its full name starts with ``s + "."``, so a block holds
    what is nested in it. Weights and biases are replaced, buffers (such as the running statistics of a
    batch norm) are not.

    Args:
        model: network in eval mode, ``(B, ...)`` to logits ``(B, C)``.
        x: inputs of the maps, ``(B, ...)``.
        target: class to explain in each row, LongTensor ``(B,)``.
        layers: names of layers, usually the output layer first; L may be 0.
        new_params: new values by full parameter name, such as ``"fc.weight"``; may hold more than is needed.
        explain: ``explain(model, x, target)`` returns a stack of maps for the model it is given.

    Returns:
        ``(L + 1, *shape of one stack of maps)``, detached.

    Raises:
        ValueError: a layer has no parameters, or one of its parameters is not in new_params.

    The caller's model keeps all its values.
    Source: Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim 2018 (arXiv:1810.03292), cascading randomisation
    in the model parameter randomisation test.
    """
    changed = copy.deepcopy(model)
    parameters = dict(changed.named_parameters())
    maps = [explain(changed, x, target)]
    for layer in layers:
        names = [name for name in parameters if name.startswith(layer + ".")]
        if not names:
            raise ValueError(f"layer {layer!r} has no parameters")
        for name in names:
            if name not in new_params:
                raise ValueError(f"new_params holds no values for {name!r}")
            with torch.no_grad():
                parameters[name].copy_(new_params[name])
        maps.append(explain(changed, x, target))
    return torch.stack(maps).detach()
