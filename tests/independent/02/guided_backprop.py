"""Exercise guided_backprop: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import copy

import torch

PART = {
    "wrong_deconvnet": "value",
    "wrong_result_clamped_too": "value",
    "wrong_clamp_at_every_layer": "value",
    "wrong_gate_open_at_zero": "value",
    "wrong_targets_summed": "value",
    "wrong_forward_sign_gate": "value",
    "wrong_top_level_only": "nested/shared",
    "wrong_shared_last_input": "nested/shared",
    "wrong_last_handle_only": "hooks removed",
    "wrong_hooks_left": "hooks removed",
    "wrong_patched_forward_left": "hooks removed",
}

OUT_OF_REACH = {
    "wrong_same_child_replaced_once": "a model of the kit registers a module that it uses twice under one name only",
}


def right_backward_hooks(model, x, target):
    """Full backward hooks on all ReLUs clamp the gradient that leaves the ReLU."""
    def clamp(module, grad_in, grad_out):
        return tuple(None if g is None else g.clamp(min=0) for g in grad_in)

    handles = [
        m.register_full_backward_hook(clamp)
        for m in model.modules() if isinstance(m, torch.nn.ReLU)
    ]
    try:
        with torch.enable_grad():
            inp = x.detach().clone().requires_grad_(True)
            score = model(inp).gather(1, target.view(-1, 1)).sum()
            (g,) = torch.autograd.grad(score, inp)
    finally:
        for h in handles:
            h.remove()
    return g.detach()


def right_custom_function_on_copy(model, x, target):
    """On a deep copy each ReLU's forward becomes an autograd function with the guided rule."""
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            (z,) = ctx.saved_tensors
            return g * (z > 0).to(g.dtype) * (g > 0).to(g.dtype)

    twin = copy.deepcopy(model)
    for m in twin.modules():
        if isinstance(m, torch.nn.ReLU):
            m.forward = Guided.apply
    with torch.enable_grad():
        inp = x.detach().clone().requires_grad_(True)
        logits = twin(inp)
        score = logits[torch.arange(len(target)), target].sum()
        g = torch.autograd.grad(score, inp)[0]
    return g.detach()


def right_tensor_hooks(model, x, target):
    """Forward hooks put a clamping gradient hook on every ReLU output; the ReLU gates by itself."""
    handles = []

    def forward_hook(module, args, output):
        if output.requires_grad:
            output.register_hook(lambda g: torch.relu(g))

    for module in model.modules():
        if isinstance(module, torch.nn.ReLU):
            handles.append(module.register_forward_hook(forward_hook))
    try:
        inp = x.detach().clone()
        inp.requires_grad = True
        with torch.enable_grad():
            logits = model(inp)
        seed = torch.zeros_like(logits).scatter(1, target.unsqueeze(1), 1.0)
        g = torch.autograd.grad(logits, inp, grad_outputs=seed)[0]
    finally:
        while handles:
            handles.pop().remove()
    return g.detach()


def right_straight_replacement(model, x, target):
    """Forward hooks swap each ReLU output for a stand-in with the same value and guided gradient."""
    class Gate(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.on = z > 0
            return torch.where(ctx.on, z, torch.zeros_like(z))

        @staticmethod
        def backward(ctx, g):
            return torch.where(ctx.on & (g > 0), g, torch.zeros_like(g))

    relus = [m for m in model.modules() if isinstance(m, torch.nn.ReLU)]
    handles = [m.register_forward_hook(lambda mod, args, out: Gate.apply(args[0])) for m in relus]
    try:
        rows = []
        for i in range(x.shape[0]):
            with torch.enable_grad():
                xi = x[i:i + 1].detach().clone().requires_grad_(True)
                rows.append(torch.autograd.grad(model(xi)[0, target[i]], xi)[0])
    finally:
        for h in handles:
            h.remove()
    return torch.cat(rows).detach()


def wrong_deconvnet(model, x, target):
    """Deconvnet rule: only the arriving gradient is clamped, the forward gate z > 0 is lost."""
    def hook(module, grad_in, grad_out):
        return (grad_out[0].clamp(min=0),)

    handles = [m.register_full_backward_hook(hook)
               for m in model.modules() if isinstance(m, torch.nn.ReLU)]
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    for h in handles:
        h.remove()
    return g


def wrong_result_clamped_too(model, x, target):
    """Right rule at the ReLUs, but the final map is clamped as well; shows where it is negative."""
    def hook(module, grad_in, grad_out):
        return (grad_in[0].clamp(min=0),)

    handles = [m.register_full_backward_hook(hook)
               for m in model.modules() if isinstance(m, torch.nn.ReLU)]
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    for h in handles:
        h.remove()
    return g.clamp(min=0)


def wrong_clamp_at_every_layer(model, x, target):
    """Clamps at the output of every leaf layer; right when each layer is followed by its ReLU."""
    handles = []
    for m in model.modules():
        if not list(m.children()):
            handles.append(m.register_forward_hook(
                lambda mod, a, out: out.register_hook(lambda g: g.clamp(min=0)) and None))
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    for h in handles:
        h.remove()
    return g


def wrong_gate_open_at_zero(model, x, target):
    """The forward gate is z >= 0; shows only when a ReLU input is exactly 0."""
    class Open(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] >= 0) * (g > 0)

    twin = copy.deepcopy(model)
    for m in twin.modules():
        if isinstance(m, torch.nn.ReLU):
            m.forward = Open.apply
    inp = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(twin(inp).gather(1, target[:, None]).sum(), inp)[0]


def wrong_targets_summed(model, x, target):
    """model(x)[:, target] adds all targets' logits for every row; right only for B = 1."""
    def hook(module, grad_in, grad_out):
        return (grad_in[0].clamp(min=0),)

    handles = [m.register_full_backward_hook(hook)
               for m in model.modules() if isinstance(m, torch.nn.ReLU)]
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp)[:, target].sum(), inp)[0]
    for h in handles:
        h.remove()
    return g


def wrong_forward_sign_gate(model, x, target):
    """Keeps g where g and z have the same sign; off where both are negative."""
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (g * ctx.saved_tensors[0] > 0)

    twin = copy.deepcopy(model)
    for m in twin.modules():
        if isinstance(m, torch.nn.ReLU):
            m.forward = Same.apply
    inp = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(twin(inp).gather(1, target[:, None]).sum(), inp)[0]


def wrong_top_level_only(model, x, target):
    """Hooks only the direct children; ReLUs inside nested blocks keep the plain gradient."""
    def hook(module, grad_in, grad_out):
        return (grad_in[0].clamp(min=0),)

    handles = [m.register_full_backward_hook(hook)
               for m in model.children() if isinstance(m, torch.nn.ReLU)]
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    for h in handles:
        h.remove()
    return g


def wrong_shared_last_input(model, x, target):
    """Stores one z per module, so a ReLU used twice gates both uses with its last input."""
    seen, handles = {}, []

    def keep(module, args, out):
        seen[module] = args[0].detach()

    def gate(module, grad_in, grad_out):
        g = grad_out[0]
        return (g * (seen[module] > 0) * (g > 0),)

    for m in model.modules():
        if isinstance(m, torch.nn.ReLU):
            handles += [m.register_forward_hook(keep), m.register_full_backward_hook(gate)]
    try:
        inp = x.detach().clone().requires_grad_(True)
        return torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    finally:
        for h in handles:
            h.remove()


def wrong_same_child_replaced_once(model, x, target):
    """named_children() lists a repeated child once: in one parent its second name keeps the ReLU."""
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] > 0) * (g > 0)

    class GuidedReLU(torch.nn.Module):
        def forward(self, z):
            return Guided.apply(z)

    def swap(parent):
        for name, child in parent.named_children():
            if isinstance(child, torch.nn.ReLU):
                setattr(parent, name, GuidedReLU())
            else:
                swap(child)

    twin = copy.deepcopy(model)
    swap(twin)
    inp = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(twin(inp).gather(1, target[:, None]).sum(), inp)[0]


def wrong_last_handle_only(model, x, target):
    """The handle variable is overwritten, so only the last hook is removed; fine with one ReLU."""
    def hook(module, grad_in, grad_out):
        return (grad_in[0].clamp(min=0),)

    handle = None
    for m in model.modules():
        if isinstance(m, torch.nn.ReLU):
            handle = m.register_full_backward_hook(hook)
    inp = x.detach().clone().requires_grad_(True)
    g = torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
    if handle is not None:
        handle.remove()
    return g


def wrong_hooks_left(model, x, target):
    """The hooks are never removed: right map, but the model's plain gradient is spoilt."""
    for m in model.modules():
        if isinstance(m, torch.nn.ReLU):
            m.register_full_backward_hook(lambda mod, gi, go: (gi[0].clamp(min=0),))
    inp = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]


def wrong_patched_forward_left(model, x, target):
    """No hooks at all, but the ReLUs' forward is replaced on the caller's model for good."""
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] > 0) * (g > 0)

    for m in model.modules():
        if isinstance(m, torch.nn.ReLU):
            m.forward = Guided.apply
    inp = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(inp).gather(1, target[:, None]).sum(), inp)[0]
