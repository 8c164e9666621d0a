"""Exercise cascading_randomisation: several right and several subtly wrong solutions.

PART names, for each wrong solution, the part of the points it should lose.
"""
import copy

import torch

PART = {
    "wrong_independent": "cumulative order",
    "wrong_reversed": "cumulative order",
    "wrong_one_layer_late": "cumulative order",
    "wrong_predicted_target": "cumulative order",
    "wrong_empty_list_unstacked": "cumulative order",
    "wrong_bare_prefix": "selection of parameters",
    "wrong_weights_only": "selection of parameters",
    "wrong_direct_parameters_only": "selection of parameters",
    "wrong_buffers_too": "selection of parameters",
    "wrong_left_randomised_on_error": "model preserved",
    "wrong_new_params_overwritten": "model preserved",
    "wrong_only_last_layer_restored": "model preserved",
    "wrong_unfrozen_after": "model preserved",
    "wrong_missing_skipped": "error",
    "wrong_key_error": "error",
    "wrong_empty_layer_passes": "error",
}


def right_one_copy(model, x, target, layers, new_params, explain):
    """One deep copy, overwritten layer by layer; all checks come first."""
    groups = []
    for layer in layers:
        names = [n for n, _ in model.named_parameters() if n.startswith(layer + ".")]
        if not names:
            raise ValueError(f"layer {layer!r} has no parameters")
        for n in names:
            if n not in new_params:
                raise ValueError(f"no new value for {n}")
        groups.append(names)
    twin = copy.deepcopy(model)
    params = dict(twin.named_parameters())
    maps = [explain(twin, x, target).detach().clone()]
    for names in groups:
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach().clone())
    return torch.stack(maps)


def right_fresh_copy_each(model, x, target, layers, new_params, explain):
    """For every k a fresh copy of the original with layers[:k] replaced by load_state_dict."""
    owned = {s: [n for n, _ in model.named_parameters() if n.startswith(s + ".")] for s in layers}
    missing = [n for names in owned.values() for n in names if n not in new_params]
    if missing or not all(owned.values()):
        raise ValueError("a layer has no parameters or a new parameter is missing")
    out = []
    for k in range(len(layers) + 1):
        state = {key: v.clone() for key, v in model.state_dict().items()}
        for s in layers[:k]:
            state.update({n: new_params[n].detach().clone() for n in owned[s]})
        twin = copy.deepcopy(model)
        twin.load_state_dict(state)
        twin.eval()
        out.append(explain(twin, x, target).detach())
    return torch.stack(out, dim=0)


def right_in_place_put_back(model, x, target, layers, new_params, explain):
    """Works on the caller's model and puts the saved parameters back in a finally clause."""
    params = dict(model.named_parameters())
    plan = []
    for s in layers:
        mine = [n for n in params if n.startswith(f"{s}.")]
        if len(mine) == 0:
            raise ValueError("layer without parameters: " + s)
        absent = set(mine) - set(new_params)
        if absent:
            raise ValueError("missing new parameters: " + ", ".join(sorted(absent)))
        plan.append(mine)
    saved = {n: p.detach().clone() for n, p in params.items()}
    maps = []
    try:
        maps.append(explain(model, x, target).detach().clone())
        for mine in plan:
            with torch.no_grad():
                for n in mine:
                    params[n].copy_(new_params[n].detach())
            maps.append(explain(model, x, target).detach().clone())
    finally:
        with torch.no_grad():
            for n, p in params.items():
                p.copy_(saved[n])
    return torch.stack(maps)


def right_swapped_data(model, x, target, layers, new_params, explain):
    """Points the parameters' data to copies of the new values and back to the old storage."""
    where = dict(model.named_parameters())
    for s in layers:
        names = [n for n in where if n.split(".")[:s.count(".") + 1] == s.split(".")]
        names = [n for n in names if n != s]
        if not names or any(n not in new_params for n in names):
            raise ValueError(f"cannot randomise layer {s}")
    old = {n: p.data for n, p in where.items()}
    try:
        result = [explain(model, x, target).detach().clone()]
        for s in layers:
            for n, p in where.items():
                if n.startswith(s + "."):
                    p.data = new_params[n].detach().clone().to(p.dtype)
            result.append(explain(model, x, target).detach().clone())
    finally:
        for n, p in where.items():
            p.data = old[n]
    return torch.stack(result)


def wrong_independent(model, x, target, layers, new_params, explain):
    """Each entry replaces one layer only, the earlier ones have their own values back."""
    maps = [explain(model, x, target)]
    for s in layers:
        names = [n for n, _ in model.named_parameters() if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        twin = copy.deepcopy(model)
        state = twin.state_dict()
        state.update({n: new_params[n] for n in names})
        twin.load_state_dict(state)
        maps.append(explain(twin, x, target))
    return torch.stack(maps).detach()


def wrong_reversed(model, x, target, layers, new_params, explain):
    """Goes through the list from its end; right for one layer, and in the last entry."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in reversed(layers):
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_one_layer_late(model, x, target, layers, new_params, explain):
    """Explains before it replaces: entry k has only layers[:k-1], the last layer never counts."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        maps.append(explain(twin, x, target).detach())
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
    return torch.stack(maps)


def wrong_predicted_target(model, x, target, layers, new_params, explain):
    """After a replacement the copy's own predicted class is explained, not the target."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
            now = twin(x).argmax(1)
        maps.append(explain(twin, x, now).detach())
    return torch.stack(maps)


def wrong_empty_list_unstacked(model, x, target, layers, new_params, explain):
    """For layers = [] the map comes back without the leading dimension of size 1."""
    maps = explain(model, x, target).detach()
    if not layers:
        return maps
    maps = maps.unsqueeze(0)
    twin = copy.deepcopy(model)
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps = torch.cat([maps, explain(twin, x, target).detach().unsqueeze(0)])
    return maps


def wrong_bare_prefix(model, x, target, layers, new_params, explain):
    """startswith without the dot: "fc" also takes "fc2"."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s)]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_weights_only(model, x, target, layers, new_params, explain):
    """Only the weights are replaced, the biases stay; hidden for maps that biases do not touch."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                if n.endswith("weight"):
                    params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_direct_parameters_only(model, x, target, layers, new_params, explain):
    """Takes s.weight and s.bias only, so a nested block named as a layer stays as it was."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                if n.rsplit(".", 1)[0] == s:
                    params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_buffers_too(model, x, target, layers, new_params, explain):
    """Replaces buffers of the layer too when new_params happens to hold them (batch norm)."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    for s in layers:
        names = [n for n, _ in twin.named_parameters() if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        chosen = {n: v for n, v in new_params.items() if n.startswith(s + ".")}
        twin.load_state_dict(chosen, strict=False)
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_left_randomised_on_error(model, x, target, layers, new_params, explain):
    """Puts the parameters back at the end only: an error at a later layer leaves them randomised."""
    params = dict(model.named_parameters())
    saved = {n: p.detach().clone() for n, p in params.items()}
    maps = [explain(model, x, target).detach().clone()]
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(model, x, target).detach().clone())
    with torch.no_grad():
        for n, p in params.items():
            p.copy_(saved[n])
    return torch.stack(maps)


def wrong_new_params_overwritten(model, x, target, layers, new_params, explain):
    """Shares storage with new_params, so putting the old values back overwrites new_params."""
    params = dict(model.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
    saved = {n: p.detach().clone() for n, p in params.items()}
    maps = [explain(model, x, target).detach().clone()]
    for s in layers:
        for n, p in params.items():
            if n.startswith(s + "."):
                p.data = new_params[n].data
        maps.append(explain(model, x, target).detach().clone())
    for n, p in params.items():
        p.data.copy_(saved[n])
    return torch.stack(maps)


def wrong_only_last_layer_restored(model, x, target, layers, new_params, explain):
    """The backup is made anew for each layer, so only the last layer is put back."""
    params = dict(model.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
    saved = {}
    maps = [explain(model, x, target).detach().clone()]
    for s in layers:
        saved = {n: p.detach().clone() for n, p in params.items()}
        with torch.no_grad():
            for n, p in params.items():
                if n.startswith(s + "."):
                    p.copy_(new_params[n])
        maps.append(explain(model, x, target).detach().clone())
    with torch.no_grad():
        for n, v in saved.items():
            params[n].copy_(v)
    return torch.stack(maps)


def wrong_unfrozen_after(model, x, target, layers, new_params, explain):
    """Puts back new nn.Parameter objects: right values, but a frozen model comes back trainable."""
    def assign(name, value):
        owner, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(owner), leaf, torch.nn.Parameter(value))

    old = {n: p.detach().clone() for n, p in model.named_parameters()}
    for s in layers:
        names = [n for n in old if n.startswith(s + ".")]
        if not names or any(n not in new_params for n in names):
            raise ValueError(s)
    maps = [explain(model, x, target).detach().clone()]
    for s in layers:
        for n in old:
            if n.startswith(s + "."):
                assign(n, new_params[n].detach().clone())
        maps.append(explain(model, x, target).detach().clone())
    for n, v in old.items():
        if any(n.startswith(s + ".") for s in layers):
            assign(n, v)
    return torch.stack(maps)


def wrong_missing_skipped(model, x, target, layers, new_params, explain):
    """A parameter missing from new_params is skipped silently."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names:
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                if n in new_params:
                    params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_key_error(model, x, target, layers, new_params, explain):
    """A parameter missing from new_params raises KeyError instead of ValueError."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if not names:
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)


def wrong_empty_layer_passes(model, x, target, layers, new_params, explain):
    """A layer without parameters (a ReLU, a misspelt name) passes and repeats the last map."""
    twin = copy.deepcopy(model)
    maps = [explain(twin, x, target).detach()]
    params = dict(twin.named_parameters())
    for s in layers:
        names = [n for n in params if n.startswith(s + ".")]
        if any(n not in new_params for n in names):
            raise ValueError(s)
        with torch.no_grad():
            for n in names:
                params[n].copy_(new_params[n])
        maps.append(explain(twin, x, target).detach())
    return torch.stack(maps)
