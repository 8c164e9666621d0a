"""Hidden grader of `gradient_times_input`: x times the gradient of the target logit, with its sign."""

import pytest
import torch

from coursekit import glyph_cnn, mlp
from coursekit.checks import Part, alternative, axiom, close, detached, same_dtype, unchanged

value = Part("value", 5)
clean = Part("side effects", 1)


def vectors(rng, n, dtype=torch.float64):
    """An MLP and n rows with entries of both signs; row i asks for a class that is not predicted."""
    model = mlp([23, 11, 5, 4], "softplus", rng, dtype=dtype)
    x = rng.normal(n, 23, dtype=dtype)
    return model, x, unlikely(model, x)


def unlikely(model, x):
    """For each row the class predicted last that is not the class of the row before; never the one predicted."""
    picked = []
    for ranked in model(x).argsort(dim=1).tolist():
        picked.append(next(c for c in ranked if c not in picked[-1:]))
    return torch.tensor(picked)


def same_class(model, x):
    """One class for every row, so that targets cannot be mixed up: the one predicted last for the first row."""
    return model(x[:1]).argmin(dim=1).repeat(len(x))


# ------------------------------------------------------------------------------------------- the tests
@value
def test_one_row(agrees, rng):
    """For a single row, each entry of x is multiplied by its gradient, signs kept"""
    agrees(*vectors(rng, 1))


@value
@axiom("completeness")
def test_homogeneous_net(student, agrees, rng):
    """On a ReLU net without biases, the entries of each row add up to the score of its own target"""
    model, x = mlp([6, 41, 7, 4], "relu", rng, bias=False), rng.normal(5, 6)
    x[1, 2] = x[3, 0] = 0.0
    target = unlikely(model, x)
    agrees(model, x, target)
    scores = model(x)[torch.arange(5), target].detach()
    close(student.gradient_times_input(model, x, target).sum(dim=1), scores)


@value
@pytest.mark.parametrize("variant", ["plain", "one_channel"])
def test_pictures(agrees, rng, variant):
    """On pictures the result keeps the shape of x, channels included"""
    model = glyph_cnn(rng, variant)
    x = rng.uniform(3, 3 if variant == "plain" else 1, 12, 16)
    agrees(model, x, same_class(model, x))


@value
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right result comes in the dtype of x, detached"""
    model, x, _ = vectors(rng, 3, dtype)
    agrees(model, x, same_class(model, x))
    same_dtype(student.gradient_times_input(model, x, same_class(model, x)), dtype)
    detached(student)


@clean
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """The model, its .grad fields and x are as they were before the call, frozen parameters or not"""
    model, x, target = vectors(rng, 3)
    student.gradient_times_input(model.requires_grad_(not frozen), x, target)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
value.mistake(
    "A batch of one row ends in an error: squeeze(), for one, takes away the batch axis as well.",
    "model(x)[rows, target]",
    "model(x).squeeze()[rows, target]",
    about="squeeze batch axis",
)
value.mistake(
    "You multiply by |x|: where x is negative, the sign is the other way round.",
    "x.detach() * gradient",
    "x.detach().abs() * gradient",
    about="other way round",
)
value.mistake(
    "You add the channels up: the result keeps the shape of x.",
    "return x.detach() * gradient",
    "return (x.detach() * gradient).sum(dim=1) if x.ndim == 4 else x.detach() * gradient",
    about="add the channels up",
)
value.mistake(
    "You keep the largest value over the channels, as in a saliency map: here the result keeps the "
    "shape of x.",
    "return x.detach() * gradient",
    "return (x.detach() * gradient).amax(dim=1) if x.ndim == 4 else x.detach() * gradient",
    about="largest value over the channels",
)
value.mistake(
    "You differentiate the mean score of the batch, so everything is divided by the number of rows. "
    "Differentiate the sum: the rows do not influence each other.",
    "scores.sum()",
    "scores.mean()",
    about="mean score",
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
    "You return absolute values: the sign tells whether an entry speaks for or against the class.",
    "x.detach() * gradient",
    "(x.detach() * gradient).abs()",
    about="return absolute values",
)
value.mistake(
    "You multiply by the absolute gradient: the sign of the gradient counts as well.",
    "x.detach() * gradient",
    "x.detach() * gradient.abs()",
    about="absolute gradient",
)
value.mistake(
    "The factor x is missing: this is the plain gradient.",
    "x.detach() * gradient",
    "gradient",
    about="factor x is missing",
)
value.mistake(
    "You differentiate x * score, and the product rule adds the score itself: multiply the gradient by "
    "x afterwards.",
    "return x.detach() * gradient",
    "return x.detach() * gradient + scores.detach().reshape(-1, *[1] * (x.ndim - 1))",
    about="product rule",
)
value.mistake(
    "You differentiate the softmax probability, which mixes in the other classes. Use the logit.",
    "model(x)[rows, target]",
    "model(x).softmax(dim=1)[rows, target]",
    about="softmax probability",
)
value.mistake(
    "You explain the class that the model predicts: explain the class asked for.",
    "model(x)[rows, target]",
    "model(x).amax(dim=1)",
    about="model predicts",
)


@value.mistake(
    "You take differences over a small step, which only come near the gradient: torch.autograd.grad "
    "computes it exactly.",
    about="differences over a small step",
)
def small_differences(model, x, target):
    h, rows = 0.1, torch.arange(len(x))
    with torch.no_grad():
        here, gradient = model(x)[rows, target], torch.zeros_like(x)
        for place in torch.eye(x[0].numel(), dtype=x.dtype).reshape(-1, *x.shape[1:]):
            slope = (model(x + h * place)[rows, target] - here) / h
            gradient += slope.reshape(-1, *[1] * (x.ndim - 1)) * place
    return x * gradient


clean.mistake(
    "Gradients are left in the .grad of the model's parameters (backward() fills them): use "
    "torch.autograd.grad(score, x), which touches nothing else.",
    "torch.autograd.grad(scores.sum(), x)[0]",
    "(scores.sum().backward(), x.grad)[1]",
    about="gradients are left",
)
clean.mistake(
    "The caller's x is not as it was (its values, its .grad or its requires_grad): work on "
    "x.detach().clone().",
    "x = x.detach().clone().requires_grad_(True)",
    "x = x.requires_grad_(True)",
    about="caller's x is not as it was",
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
    "x.detach() * gradient",
    "x * gradient",
    about="hangs on the graph",
)
value.mistake(
    "Your result is float64 whatever x is: keep the dtype of x.",
    "return x.detach() * gradient",
    "return x.detach().double() * gradient",
    about="float64",
)
value.mistake(
    "Your result is float32 whatever x is: keep the dtype of x.",
    "return x.detach() * gradient",
    "return (x.detach() * gradient).float()",
    about="float32",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def row_by_row(model, x, target):
    result = torch.empty_like(x)
    for i in range(x.shape[0]):
        row = x[i : i + 1].detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(model(row)[0, target[i]], row)
        result[i] = (row * gradient)[0].detach()
    return result


@alternative
def by_scaling_the_input(model, x, target):
    """The derivative of f(s * x) with respect to every entry of s, at s = 1."""
    s = torch.ones_like(x, requires_grad=True)
    one_hot = torch.nn.functional.one_hot(target, model(x).shape[1]).to(x.dtype)
    (gradient,) = torch.autograd.grad(model(s * x.detach()), s, grad_outputs=one_hot)
    return gradient


@alternative
def by_torch_func(model, x, target):
    def total(z):
        return model(z).gather(1, target.view(-1, 1)).sum()

    return (torch.func.grad(total)(x) * x).detach()
