"""Hidden grader of `cascading_randomisation`: replace layer after layer, and look at the map each time."""

import contextlib
import copy

import pytest
import torch

from coursekit import Net, glyph_cnn, map_explainer, mlp
from coursekit.checks import Part, alternative, unchanged
from coursekit.checks.student import RemoteError

order = Part("cumulative order", 6)
selection = Part("selection of parameters", 3)
preserved = Part("model preserved", 2)
errors = Part("error", 1)


def deep_mlp(rng, layers, explain="fingerprint", bias=False):
    """Seven Linear layers called "0", "2" ... "12", and new values for all of their parameters."""
    sizes = [5, 5, 7, 5, 5, 3, 5, 4]
    model, fresh = (mlp(sizes, "softplus", rng, bias=bias) for _ in range(2))
    return model, rng.normal(3, 5), rng.targets(3, 4), layers, parameters(fresh), map_explainer(explain)


def parameters(model):
    return {name: values.detach() for name, values in model.named_parameters()}


# ------------------------------------------------------------------------------------------- the tests
# These models have no biases and no names that begin alike, so that only the order counts.
@order
@pytest.mark.parametrize("layers", [["12"], ["12", "8"], ["12", "8", "6", "4"]])
@pytest.mark.parametrize("explain", ["fingerprint", "grad_square"])
def test_output_layer_first(agrees, rng, layers, explain):
    """Entry 0 is the model as given; each further entry has one more layer replaced"""
    agrees(*deep_mlp(rng, layers, explain))


@order
def test_the_given_order(agrees, rng):
    """The layers are replaced in the order of the list, also when it starts at the input"""
    agrees(*deep_mlp(rng, ["0", "4", "6", "12"]))


@order
def test_empty_list(agrees, rng):
    """Without layers, the result holds the map of the model as given, and no other"""
    agrees(*deep_mlp(rng, []))


@selection
def test_names_that_begin_alike(agrees, rng):
    """Layer "fc" does not hold what belongs to "fc2" or "my_fc"; biases are replaced like weights"""
    model, fresh = (mlp([6, 7, 5, 4], "softplus", rng, names=["fc2", "fc", "my_fc"]) for _ in range(2))
    explain = map_explainer("fingerprint")
    agrees(model, rng.normal(3, 6), rng.targets(3, 4), ["fc", "fc2"], parameters(fresh), explain)


@selection
@pytest.mark.parametrize("layers", [["fc", "block", "conv1"], ["block.conv3", "fc"]])
def test_blocks(agrees, rng, layers):
    """A block holds what is nested in it, and a nested layer can be named by itself"""
    model, fresh = glyph_cnn(rng), glyph_cnn(rng)
    x, target = rng.uniform(2, 3, 12, 16), rng.targets(2, 4)
    agrees(model, x, target, layers, parameters(fresh), map_explainer("fingerprint"))


@selection
def test_buffers_stay(agrees, rng):
    """The running statistics of a batch norm stay, even if new_params holds values for them"""
    layers = [
        ["conv", "Conv2d", {"in": 2, "out": 3, "kernel": 3, "bias": False}],
        ["norm", "BatchNorm2d", {"size": 3}],
        ["softplus", "Softplus"],
        ["pool", "GlobalAvgPool"],
        ["fc", "Linear", {"in": 3, "out": 4, "bias": False}],
    ]
    model, fresh = Net.init(layers, rng), Net.init(layers, rng)
    more = {name: values.detach() for name, values in fresh.state_dict().items()}
    explain = map_explainer("fingerprint")
    agrees(model, rng.uniform(3, 2, 5, 7), rng.targets(3, 4), ["fc", "norm", "conv"], more, explain)


@preserved
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """The caller's model, new_params and x are as they were before the call, frozen parameters or not"""
    model, *rest = deep_mlp(rng, ["12", "4"], "grad_square", bias=True)
    student.cascading_randomisation(model.requires_grad_(not frozen), *rest)
    unchanged(student)


@preserved
def test_as_before_after_an_error(student, rng):
    """The caller's model is as it was even if a later layer of the list ends in an error"""
    arguments = deep_mlp(rng, ["12", "4"])
    del arguments[4]["4.weight"]
    with contextlib.suppress(RemoteError):
        student.cascading_randomisation(*arguments)
    unchanged(student)


@errors
@pytest.mark.parametrize("layer", ["13", "9", "out"])
def test_layer_without_parameters(student, rng, layer):
    """A layer without parameters, an activation or a name that does not exist, raises ValueError"""
    with pytest.raises(ValueError):
        student.cascading_randomisation(*deep_mlp(rng, ["12", layer]))


@errors
@pytest.mark.parametrize("missing", ["8.weight", "8.bias"])
def test_missing_values(student, rng, missing):
    """A parameter that new_params holds no values for raises ValueError"""
    arguments = deep_mlp(rng, ["12", "8"], bias=True)
    del arguments[4][missing]
    with pytest.raises(ValueError):
        student.cascading_randomisation(*arguments)


# ---------------------------------------------------------------------------------------- the mistakes
order.mistake(
    "You replace one layer at a time, and entry 2 has its first layer back: each layer stays replaced.",
    "for layer in layers:",
    "for layer in layers:\n        changed = copy.deepcopy(model)\n        parameters = dict(changed.named_parameters())",
    about="one layer at a time",
)
order.mistake(
    "Entry 0, the map of the model as given, is missing.",
    "return torch.stack(maps)",
    "return torch.stack(maps[1:])",
    about="missing map as given",
)
order.mistake(
    "All maps are equal: you explain the original model, not the copy with the replaced layers.",
    "maps.append(explain(changed,",
    "maps.append(explain(model,",
    about="all maps are equal",
)
order.mistake(
    "After a replacement you explain the class that the changed model predicts: explain the target at "
    "every stage.",
    "maps.append(explain(changed, x, target))",
    "maps.append(explain(changed, x, changed(x).argmax(dim=1)))",
    about="after a replacement",
)
order.mistake(
    "You return the last map only: the result holds one entry for each stage.",
    "return torch.stack(maps)",
    "return maps[-1]",
    about="last map only",
)
order.mistake(
    "You replace the layers in reverse: follow the list as it is, the caller decides which comes first.",
    "for layer in layers:",
    "for layer in reversed(layers):",
    about="in reverse",
)
order.mistake(
    "An empty list is no error: the result is the one map of the model as given.",
    "maps = [explain(changed, x, target)]",
    "maps = [explain(changed, x, target)] if layers else [][0]",
    about="empty list",
)


@order.mistake(
    "You go through the model from its output to its input instead of following the list: the caller "
    "decides which layer comes first.",
    about="from its output to its input",
)
def in_the_models_order(model, x, target, layers, new_params, explain):
    if any(not any(n.startswith(f"{layer}.") for n, _ in model.named_parameters()) for layer in layers):
        raise ValueError("no parameters")
    place = {name: i for i, (name, _) in enumerate(model.named_modules())}
    changed = copy.deepcopy(model)
    maps = [explain(changed, x, target)]
    for layer in sorted(layers, key=place.__getitem__, reverse=True):
        for name, values in changed.named_parameters():
            if name.startswith(f"{layer}."):
                if name not in new_params:
                    raise ValueError(name)
                values.data = new_params[name].clone()
        maps.append(explain(changed, x, target))
    return torch.stack(maps)


order.mistake(
    "You sort the layers by their place in the model, input first: follow the list, the caller decides.",
    "for layer in layers:",
    "for layer in [name for name, _ in model.named_modules() if name in layers] + "
    "[name for name in layers if name not in dict(model.named_modules())]:",
    about="sort",
)


@order.mistake(
    "You take each map before its layer is replaced, so entry 1 equals entry 0: replace first, then explain.",
    about="map before its layer",
)
def map_before_the_layer(model, x, target, layers, new_params, explain):
    changed = copy.deepcopy(model)
    maps = [explain(changed, x, target)]
    for layer in layers:
        maps.append(explain(changed, x, target))
        names = [name for name, _ in changed.named_parameters() if name.startswith(layer + ".")]
        if not names or any(name not in new_params for name in names):
            raise ValueError(layer)
        changed.load_state_dict({name: new_params[name] for name in names}, strict=False)
    return torch.stack(maps)


selection.mistake(
    'startswith(layer) without the dot: "fc" also takes the parameters of "fc2". Compare with layer + ".".',
    'name.startswith(layer + ".")',
    "name.startswith(layer)",
    about="without the dot",
)
selection.mistake(
    "A parameter belongs to the layer if its name STARTS with the layer's: you look for it anywhere in "
    "the name.",
    'name.startswith(layer + ".")',
    'layer + "." in name',
    about="anywhere in the name",
)
selection.mistake(
    "You replace what lies directly in the layer: a block holds the parameters of the layers nested in "
    "it as well.",
    'if name.startswith(layer + ".")]',
    'if name.rpartition(".")[0] == layer]',
    about="directly in the layer",
)
selection.mistake(
    "You compare the first piece of the name only: a nested layer such as block.conv3 has a dot in its "
    "own name.",
    'if name.startswith(layer + ".")]',
    'if name.split(".")[0] == layer]',
    about="first piece of the name",
)
selection.mistake(
    "You replace the weights only: biases are parameters too.",
    'if name.startswith(layer + ".")]',
    'if name.startswith(layer + ".") and not name.endswith("bias")]',
    about="weights only",
)
selection.mistake(
    "You replace everything in new_params at the first layer: it may hold more than is needed.",
    'names = [name for name in parameters if name.startswith(layer + ".")]',
    "names = [name for name in parameters if name in new_params] if any("
    'name.startswith(layer + ".") and name in new_params for name in parameters) else []',
    about="everything in new_params",
)
selection.mistake(
    "You replace buffers too (a batch norm's running statistics): only parameters are replaced.",
    "parameters = dict(changed.named_parameters())",
    "parameters = changed.state_dict(keep_vars=True)",
    about="buffers",
)
preserved.mistake(
    "The caller's model is left with the replaced values: work on copy.deepcopy(model) (copy.copy "
    "shares the parameters), or put them back.",
    "copy.deepcopy(model)",
    "copy.copy(model)",
    about="left with the replaced values",
)
preserved.mistake(
    "The model is left in another state: its parameters frozen or not, its mode train or eval, must be "
    "as they were.",
    "copy.deepcopy(model)",
    "copy.deepcopy(model.requires_grad_(False))",
    about="another state",
)


@preserved.mistake(
    "After an error the caller's model stays half replaced: put the values back in a finally block.",
    about="after an error",
)
def put_back_at_the_end(model, x, target, layers, new_params, explain):
    before = {name: values.detach().clone() for name, values in model.named_parameters()}
    maps = [explain(model, x, target)]
    for layer in layers:
        names = [name for name in before if name.startswith(layer + ".")]
        if not names or any(name not in new_params for name in names):
            raise ValueError(layer)
        model.load_state_dict({name: new_params[name] for name in names}, strict=False)
        maps.append(explain(model, x, target))
    model.load_state_dict(before, strict=False)
    return torch.stack(maps)


@preserved.mistake(
    "You put the weights back and leave the biases replaced: put every parameter back.",
    about="leave the biases",
)
def biases_left_replaced(model, x, target, layers, new_params, explain):
    parameters = dict(model.named_parameters())
    before = {name: values.detach().clone() for name, values in parameters.items()}
    maps = [explain(model, x, target)]
    try:
        for layer in layers:
            names = [name for name in parameters if name.startswith(layer + ".")]
            if not names or any(name not in new_params for name in names):
                raise ValueError(layer)
            for name in names:
                parameters[name].data = new_params[name].clone()
            maps.append(explain(model, x, target))
    finally:
        for name in before:
            if name.endswith("weight"):
                parameters[name].data = before[name]
    return torch.stack(maps)


errors.mistake(
    "A layer without parameters is passed over: raise ValueError, or a misspelt name goes unnoticed.",
    'raise ValueError(f"layer {layer!r} has no parameters")',
    "pass",
    about="passed over",
)
errors.mistake(
    "A parameter that is missing from new_params keeps its old value: raise ValueError.",
    'raise ValueError(f"new_params holds no values for {name!r}")',
    "continue",
    about="keeps its old value",
)
errors.mistake(
    "A missing parameter ends in a KeyError: raise ValueError, with a sentence that says which one.",
    'raise ValueError(f"new_params holds no values for {name!r}")',
    "raise KeyError(name)",
    about="KeyError",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def a_fresh_copy_for_each_stage(model, x, target, layers, new_params, explain):
    names = [name for name, _ in model.named_parameters()]
    groups = [[name for name in names if name.startswith(f"{layer}.")] for layer in layers]
    if not all(groups) or any(name not in new_params for group in groups for name in group):
        raise ValueError("a layer without parameters, or parameters without values")
    stages = []
    for k in range(len(layers) + 1):
        state = model.state_dict()
        state.update({name: new_params[name] for group in groups[:k] for name in group})
        twin = copy.deepcopy(model)
        twin.load_state_dict(state)
        stages.append(explain(twin, x, target))
    return torch.stack(stages)


@alternative
def in_place_and_put_back(model, x, target, layers, new_params, explain):
    kept = {name: values.data for name, values in model.named_parameters()}
    result = explain(model, x, target)[None]
    try:
        for layer in layers:
            mine = [
                (name, p) for name, p in model.named_parameters() if name[: len(layer) + 1] == layer + "."
            ]
            if len(mine) == 0:
                raise ValueError(layer)
            for name, p in mine:
                if name not in new_params:
                    raise ValueError(name)
                p.data = new_params[name].to(p.dtype).clone()
            result = torch.cat([result, explain(model, x, target)[None]])
    finally:
        for name, p in model.named_parameters():
            p.data = kept[name]
    return result


@alternative
def last_stage_first(model, x, target, layers, new_params, explain):
    """Replace all layers, then take the replacements back one by one from the end of the list."""
    twin, maps = copy.deepcopy(model), []
    mine, theirs = dict(twin.named_parameters()), dict(model.named_parameters())
    owned = {layer: [name for name in mine if (name + ".").startswith(layer + ".")] for layer in layers}
    if any(not names or not set(names) <= set(new_params) for names in owned.values()):
        raise ValueError("layers")
    with torch.no_grad():
        for name in {name for names in owned.values() for name in names}:
            mine[name].copy_(new_params[name])
    for k in range(len(layers), 0, -1):
        maps.insert(0, explain(twin, x, target))
        still = {name for layer in layers[: k - 1] for name in owned[layer]}
        with torch.no_grad():
            for name in owned[layers[k - 1]]:
                if name not in still:
                    mine[name].copy_(theirs[name])
    return torch.stack([explain(twin, x, target), *maps])
