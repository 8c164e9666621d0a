"""Hidden grader of `guided_backprop`: the gradient, with negative signals dropped at every ReLU."""

import copy

import pytest
import torch
from torch import nn

from coursekit import Net, glyph_cnn, mlp
from coursekit.checks import Part, alternative, detached, same_dtype, unchanged

value = Part("value", 8)
everywhere = Part("nested/shared", 2)
clean = Part("hooks removed", 2)


def vectors(rng, n, sizes=(6, 13, 11, 4), act="relu", dtype=torch.float64):
    """An MLP and n rows; row i asks for a class that is not predicted."""
    model = mlp(sizes, act, rng, dtype=dtype)
    x = rng.normal(n, sizes[0], dtype=dtype)
    return model, x, unlikely(model, x)


def unlikely(model, x):
    """For each row the class predicted last that is not the class of the row before; never the one predicted."""
    picked = []
    for ranked in model(x).argsort(dim=1).tolist():
        picked.append(next(c for c in ranked if c not in picked[-1:]))
    return torch.tensor(picked)


def linear(name, size_in, size_out):
    return [name, "Linear", {"in": size_in, "out": size_out}]


def same_class(model, x):
    """One class for every row, so that targets cannot be mixed up: the one predicted last for the first row."""
    return model(x[:1]).argmin(dim=1).repeat(len(x))


# ------------------------------------------------------------------------------------------- the tests
@value
def test_two_relus(agrees, rng):
    """At each of two ReLUs, a signal passes where z > 0 and g > 0"""
    model, x, _ = vectors(rng, 3, sizes=(6, 23, 29, 4))
    agrees(model, x, same_class(model, x))


@value
def test_one_relu(agrees, rng):
    """For a single row and a single ReLU, the map is signed: what comes out of the first layer is not cut"""
    agrees(*vectors(rng, 1, sizes=(23, 61, 4)))


@value
def test_a_batch(agrees, rng):
    """In a batch, each row is explained for its own target, as if it were alone"""
    agrees(*vectors(rng, 5, sizes=(6, 23, 4)))


@value
@pytest.mark.parametrize("act", ["softplus", "tanh", None])
def test_no_relu(agrees, rng, act):
    """Without a ReLU in the model, the map is the plain gradient"""
    model, x, _ = vectors(rng, 2, act=act)
    agrees(model, x, same_class(model, x))


@value
def test_exactly_zero(agrees, rng):
    """Where the input of a ReLU is exactly 0, no signal passes"""
    weights = {
        "first.weight": rng.integers(1, 4, 5, 3).double(),
        "first.bias": torch.tensor([-6.0, 0.0, 0.0, 0.0, 0.0], dtype=torch.float64),
        "last.weight": rng.integers(1, 4, 4, 5).double(),
        "last.bias": torch.tensor([99.0, 0.0, 1.0, 2.0], dtype=torch.float64),  # class 0 is predicted
    }
    weights["last.weight"][0] = weights["last.weight"][2] + 1
    model = Net([linear("first", 3, 5), ["relu", "ReLU"], linear("last", 5, 4)], weights=weights)
    weights["first.weight"][0] = torch.tensor([1.0, 2.0, 3.0])
    model.load_state_dict(weights)
    agrees(model, torch.ones(2, 3, dtype=torch.float64), torch.tensor([2, 2]))


@value
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right map comes in the dtype of x, detached"""
    model, x, _ = vectors(rng, 3, sizes=(6, 23, 4), dtype=dtype)
    agrees(model, x, same_class(model, x))
    same_dtype(student.guided_backprop(model, x, same_class(model, x)), dtype)
    detached(student)


@everywhere
@pytest.mark.parametrize("what", ["vectors", "pictures"])
def test_nested_blocks(agrees, rng, what):
    """ReLUs inside blocks, and inside blocks of blocks, follow the rule; pictures keep their channels"""
    if what == "pictures":
        model, x = glyph_cnn(rng), rng.uniform(2, 3, 12, 16)
    else:
        inner = ["inner", "Block", {"layers": [linear("b", 13, 23), ["relu", "ReLU"], linear("c", 23, 29)]}]
        outer = ["outer", "Block", {"layers": [inner, ["relu", "ReLU"]]}]
        model = Net.init([linear("a", 6, 13), ["relu", "ReLU"], outer, linear("d", 29, 4)], rng)
        x = rng.normal(3, 6)
    agrees(model, x, unlikely(model, x))


@everywhere
@pytest.mark.parametrize("what", ["vectors", "pictures"])
def test_one_module_in_two_places(agrees, rng, what):
    """A ReLU module that is used twice follows the rule with the z and g of each place"""
    if what == "pictures":
        model, x = glyph_cnn(rng, "shared"), rng.uniform(2, 3, 12, 16)
    else:
        again = ["again", "Share", {"of": "relu"}]
        layers = [linear("a", 6, 29), ["relu", "ReLU"], linear("b", 29, 29), again, linear("c", 29, 4)]
        model, x = Net.init(layers, rng).requires_grad_(False), rng.normal(3, 6)
    agrees(model, x, unlikely(model, x))


@clean
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """No hook is left; the model, its layers, its .grad fields and x are as before, frozen parameters or not"""
    model, x, target = vectors(rng, 3)
    student.guided_backprop(model.requires_grad_(not frozen), x, target)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
value.mistake(
    "This is the rule of the deconvnet: the forward gate (z > 0) is lost.",
    "(grad_input[0] * (grad_output[0] > 0),)",
    "(grad_output[0] * (grad_output[0] > 0),)",
    about="deconvnet",
)
value.mistake(
    "This is the plain gradient: at every ReLU the negative signals must be dropped as well.",
    "(grad_input[0] * (grad_output[0] > 0),)",
    "(grad_input[0],)",
    about="plain gradient",
)
value.mistake(
    "You keep the negative signals and drop the positive ones: keep g where g > 0.",
    "(grad_output[0] > 0)",
    "(grad_output[0] < 0)",
    about="keep the negative signals",
)
value.mistake(
    "You take the absolute value of the signal at every ReLU: drop it where it is negative.",
    "(grad_input[0] * (grad_output[0] > 0),)",
    "(grad_input[0].abs(),)",
    about="absolute value of the signal",
)
value.mistake(
    "You clamp only the final gradient: drop the negative signals at every ReLU on the way.",
    "relus = [module for module in model.modules() if isinstance(module, nn.ReLU)]",
    "relus = []; x.register_hook(lambda gradient: gradient.clamp(min=0))",
    about="only the final gradient",
)
value.mistake(
    "You clamp the map itself as well: the rule holds at the ReLUs, and the map keeps its sign.",
    "return torch.autograd.grad(scores.sum(), x)[0]",
    "return torch.autograd.grad(scores.sum(), x)[0].clamp(min=0)",
    about="clamp the map itself",
)
value.mistake(
    "You return absolute values: the map keeps its sign.",
    "return torch.autograd.grad(scores.sum(), x)[0]",
    "return torch.autograd.grad(scores.sum(), x)[0].abs()",
    about="return absolute values",
)
value.mistake(
    "You gate at other activations too: only nn.ReLU follows the rule, the others keep their gradient.",
    "isinstance(module, nn.ReLU)",
    "isinstance(module, (nn.ReLU, nn.Softplus, nn.Tanh))",
    about="other activations",
)
value.mistake(
    "Only the last ReLU follows the rule: every ReLU must.",
    "for relu in relus]",
    "for relu in relus[-1:]]",
    about="only the last ReLU",
)
value.mistake(
    "Only the first ReLU follows the rule: every ReLU must.",
    "for relu in relus]",
    "for relu in relus[:1]]",
    about="only the first ReLU",
)
value.mistake(
    "A batch of one row ends in an error: squeeze(), for one, takes away the batch axis as well.",
    "model(x)[rows, target]",
    "model(x).squeeze()[rows, target]",
    about="squeeze batch axis",
)
value.mistake(
    "You explain every row for the target of the first row: row i has the class target[i].",
    "[rows, target]",
    "[rows, target[0]]",
    about="target of the first row",
)
value.mistake(
    "model(x)[:, target] picks every target for every row, (B, B) values. Pick one logit per row: "
    "model(x)[torch.arange(B), target].",
    "[rows, target]",
    "[:, target]",
    about="picks every target",
)
value.mistake(
    "You differentiate the mean score of the batch, so everything is divided by the number of rows. "
    "Differentiate the sum: the rows do not influence each other.",
    "scores.sum()",
    "scores.mean()",
    about="mean score",
)
value.mistake(
    "You explain the class that the model predicts: explain the class asked for.",
    "model(x)[rows, target]",
    "model(x).amax(dim=1)",
    about="model predicts",
)
value.mistake(
    "You start from the softmax probability, which mixes in the other classes. Use the logit.",
    "model(x)[rows, target]",
    "model(x).softmax(dim=1)[rows, target]",
    about="softmax probability",
)


@value.mistake(
    "Your ReLUs let everything through on the way forward: the logits must be the ordinary ones, only "
    "the way back is changed.",
    about="everything through",
)
def forward_changed_as_well(model, x, target):
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clone()

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] > 0) * (g > 0)

    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.forward = Guided.apply
    x = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(x)[torch.arange(len(x)), target].sum(), x)[0]


@value.mistake(
    "Your gate is open at z = 0: a ReLU passes the signal where z > 0, not where z >= 0.",
    about="gate is open",
)
def open_at_zero(model, x, target):
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] >= 0) * (g > 0)

    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.forward = Guided.apply
    x = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(x)[torch.arange(len(x)), target].sum(), x)[0]


everywhere.mistake(
    "ReLUs inside blocks are missed: model.modules() finds nested ones, model.children() does not.",
    "model.modules()",
    "model.children()",
    about="inside blocks",
)


@everywhere.mistake(
    "ReLUs in blocks of blocks are missed: model.modules() finds every one, however deep it is nested.",
    about="blocks of blocks",
)
def two_levels_deep(model, x, target):
    modules = [m for child in model.children() for m in (child, *child.children())]

    def gate(module, grad_input, grad_output):
        return (grad_input[0] * (grad_output[0] > 0),)

    hooks = [m.register_full_backward_hook(gate) for m in dict.fromkeys(modules) if isinstance(m, nn.ReLU)]
    x = x.detach().clone().requires_grad_(True)
    try:
        return torch.autograd.grad(model(x)[torch.arange(len(x)), target].sum(), x)[0]
    finally:
        for hook in hooks:
            hook.remove()


@everywhere.mistake(
    "You remember one z for each module, and a module used twice has two: the second overwrites the "
    "first. Keep z for each use.",
    about="remember one z",
)
def one_z_for_each_module(model, x, target):
    seen, hooks = {}, []

    def remember(module, inputs, output):
        seen[module] = inputs[0].detach()

    def gate(module, grad_input, grad_output):
        g = grad_output[0]
        return (g * (seen[module] > 0) * (g > 0),) if g.shape == seen[module].shape else (g.clamp(min=0),)

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            hooks += [module.register_forward_hook(remember), module.register_full_backward_hook(gate)]
    x = x.detach().clone().requires_grad_(True)
    try:
        return torch.autograd.grad(model(x)[torch.arange(len(x)), target].sum(), x)[0]
    finally:
        for hook in hooks:
            hook.remove()


clean.mistake(
    "Your hooks stay on the model: from now on every gradient of it is a guided one. Remove each hook.",
    "hook.remove()",
    "pass",
    about="hooks stay",
)
clean.mistake(
    "Gradients are left in the .grad of the model's parameters (backward() fills them): use "
    "torch.autograd.grad(score, x), which touches nothing else.",
    "torch.autograd.grad(scores.sum(), x)[0]",
    "(scores.sum().backward(), x.grad)[1]",
    about="gradients are left",
)
clean.mistake(
    "The model is left in another state: its parameters frozen or not, its mode train or eval, must be "
    "as they were.",
    "rows = torch.arange(len(x))",
    "rows, _ = torch.arange(len(x)), model.requires_grad_(False)",
    about="another state",
)
value.mistake(
    "Your result still hangs on the graph (requires_grad is True): return it detached.",
    "return torch.autograd.grad(scores.sum(), x)[0]",
    "return torch.autograd.grad(scores.sum(), x, create_graph=True)[0]",
    about="hangs on the graph",
)
value.mistake(
    "Your map is float64 whatever x is: keep the dtype of x.",
    "return torch.autograd.grad(scores.sum(), x)[0]",
    "return torch.autograd.grad(scores.sum(), x)[0].double()",
    about="float64",
)
value.mistake(
    "Your map is float32 whatever x is: keep the dtype of x.",
    "return torch.autograd.grad(scores.sum(), x)[0]",
    "return torch.autograd.grad(scores.sum(), x)[0].float()",
    about="float32",
)


@clean.mistake(
    "Something you put into the caller's model, such as another forward of its ReLUs, is still there "
    "after the call: work on a copy, or put it back.",
    about="something you put",
)
def relus_left_replaced(model, x, target):
    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0] > 0) * (g > 0)

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.forward = Guided.apply
    x = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(x)[torch.arange(len(x)), target].sum(), x)[0]


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def own_backward_in_a_copy(model, x, target):
    """ReLUs of a copy get a forward with a backward of their own."""

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return torch.relu(z)

        @staticmethod
        def backward(ctx, g):
            (z,) = ctx.saved_tensors
            return torch.where((z > 0) & (g > 0), g, torch.zeros_like(g))

    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.forward = Guided.apply
    x = x.clone().detach().requires_grad_()
    model(x).gather(1, target[:, None]).sum().backward()
    return x.grad


@alternative
def hooks_on_the_tensors(model, x, target):
    """The gradient that arrives at the output of each ReLU is clamped, then goes through the ordinary ReLU."""

    def forward(module, inputs, output):
        output.register_hook(lambda g: g.clamp(min=0))

    hooks = [m.register_forward_hook(forward) for _, m in model.named_modules() if isinstance(m, nn.ReLU)]
    x = x.clone().detach().requires_grad_()
    try:
        logits = model(x)
        one_hot = nn.functional.one_hot(target, logits.shape[1]).to(logits.dtype)
        return torch.autograd.grad(logits, x, grad_outputs=one_hot)[0]
    finally:
        for hook in hooks:
            hook.remove()


@alternative
def row_by_row_with_clamped_inputs(model, x, target):
    """What leaves a ReLU on the way back is clamped instead of what arrives: the same, since the gate is 0 or 1."""
    twin = copy.deepcopy(model)
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_full_backward_hook(
                lambda m, grad_in, grad_out: (torch.clamp(grad_in[0], min=0.0),)
            )
    maps = []
    for i in range(len(x)):
        row = x[i : i + 1].detach().clone().requires_grad_()
        twin(row)[0, target[i]].backward()
        maps.append(row.grad)
    return torch.cat(maps)
