"""Hidden grader of `saliency`: absolute gradient of the target logit, largest over the channels."""

import copy

import pytest
import torch

from coursekit import glyph_cnn, mlp
from coursekit.checks import Part, alternative, detached, same_dtype, unchanged

value = Part("value", 5)
channels = Part("channel rule", 2)
clean = Part("no side effects", 1)


def vectors(rng, n, act="softplus", dtype=torch.float64):
    """An MLP and n rows; row i asks for a class that the model does not predict."""
    model = mlp([6, 11, 5, 4], act, rng, dtype=dtype)
    x = rng.normal(n, 6, dtype=dtype)
    return model, x, unlikely(model, x)


def pictures(rng, n, variant="plain"):
    """A CNN and n pictures, 12 high and 16 wide."""
    model = glyph_cnn(rng, variant)
    x = rng.uniform(n, 1 if variant == "one_channel" else 3, 12, 16)
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
@pytest.mark.parametrize("act", ["softplus", "relu", None])
def test_one_row(agrees, rng, act):
    """For a single row, the map is the absolute gradient of the class asked for"""
    agrees(*vectors(rng, 1, act))


@value
def test_a_batch(agrees, rng):
    """In a batch, each row is explained for its own target, as if it were alone"""
    agrees(*vectors(rng, 5))


@value
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right map comes in the dtype of x, detached"""
    model, x, _ = vectors(rng, 3, dtype=dtype)
    agrees(model, x, same_class(model, x))
    same_dtype(student.saliency(model, x, same_class(model, x)), dtype)
    detached(student)


@channels
@pytest.mark.parametrize("n", [1, 3])
def test_colour_pictures(agrees, rng, n):
    """A picture's map keeps the largest absolute gradient over the channels of each pixel"""
    agrees(*pictures(rng, n))


@channels
def test_grey_pictures(agrees, rng):
    """A picture with one channel gives a map (B, H, W) as well"""
    agrees(*pictures(rng, 3, "one_channel"))


@channels
def test_vectors_have_no_channels(agrees, rng):
    """For vectors (B, D) the map is (B, D): nothing is taken together"""
    agrees(*vectors(rng, 3, "tanh"))


@clean
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """The model, its .grad fields and x are as they were before the call, frozen parameters or not"""
    model, x, target = vectors(rng, 3)
    student.saliency(model.requires_grad_(not frozen), x, target)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
value.mistake(
    "A batch of one row ends in an error: squeeze(), for one, takes away the batch axis as well.",
    "model(x)[rows, target]",
    "model(x).squeeze()[rows, target]",
    about="squeeze batch axis",
)
value.mistake(
    "You differentiate the mean score of the batch, so every map is divided by the number of rows. "
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
    "You differentiate the softmax probability: it mixes in the other classes, and your map shrinks as "
    "the model gets confident. Use the logit.",
    "model(x)[rows, target]",
    "model(x).softmax(dim=1)[rows, target]",
    about="softmax probability",
)
value.mistake(
    "You differentiate the log-probability (the cross-entropy loss): it mixes in the other classes. Use "
    "the logit.",
    "model(x)[rows, target]",
    "model(x).log_softmax(dim=1)[rows, target]",
    about="cross-entropy loss",
)
value.mistake(
    "You explain the class that the model predicts: explain the class asked for.",
    "model(x)[rows, target]",
    "model(x).amax(dim=1)",
    about="model predicts",
)
value.mistake(
    "The absolute value is missing: a saliency map is never negative.",
    "size = gradient.abs()",
    "size = gradient",
    about="never negative",
)
value.mistake(
    "You square the gradient: the map is its absolute value.",
    "size = gradient.abs()",
    "size = gradient.square()",
    about="square the gradient",
)
value.mistake(
    "You divide the maps by their largest value: no normalisation is asked, the size of the gradient "
    "matters.",
    "size = gradient.abs()",
    "size = gradient.abs() / gradient.abs().max()",
    about="divide",
)


@value.mistake(
    "You take differences over a small step, which only come near the gradient: torch.autograd.grad "
    "computes it exactly.",
    about="differences over a small step",
)
def small_differences(model, x, target):
    h, rows = 1e-4, torch.arange(len(x))
    with torch.no_grad():
        here, gradient = model(x)[rows, target], torch.zeros_like(x)
        for place in torch.eye(x[0].numel(), dtype=x.dtype).reshape(-1, *x.shape[1:]):
            slope = (model(x + h * place)[rows, target] - here) / h
            gradient += slope.reshape(-1, *[1] * (x.ndim - 1)) * place
    return gradient.abs().amax(dim=1) if x.ndim == 4 else gradient.abs()


@value.mistake(
    "You stretch each map to [0, 1]: no normalisation is asked, the size of the gradient matters.",
    about="stretch",
)
def stretched(model, x, target):
    x = x.detach().clone().requires_grad_(True)
    score = model(x)[torch.arange(len(x)), target].sum()
    size = torch.autograd.grad(score, x)[0].abs()
    size = size.amax(dim=1) if x.ndim == 4 else size
    low, high = size.flatten(1).amin(dim=1), size.flatten(1).amax(dim=1)
    low, high = (bound.reshape(-1, *[1] * (size.ndim - 1)) for bound in (low, high))
    return (size - low) / (high - low)


channels.mistake(
    "A picture with one channel has four dimensions as well: reduce over the channels whenever x has "
    "four, not only when there are three colours.",
    "if x.ndim == 4 else",
    "if x.ndim == 4 and x.shape[1] == 3 else",
    about="one channel",
)
channels.mistake(
    "You take the largest value over the features of a vector: only pictures, four dimensions, have "
    "channels.",
    "size.amax(dim=1) if x.ndim == 4 else size",
    "size.amax(dim=1)",
    about="features of a vector",
)
channels.mistake(
    "You add the channels up: keep the largest absolute value of each pixel.",
    "size.amax(dim=1)",
    "size.sum(dim=1)",
    about="add the channels up",
)
channels.mistake(
    "You average over the channels: keep the largest absolute value of each pixel.",
    "size.amax(dim=1)",
    "size.mean(dim=1)",
    about="average over the channels",
)
channels.mistake(
    "You take the length of the gradient over the channels: keep the largest absolute value of each pixel.",
    "size.amax(dim=1)",
    "size.norm(dim=1)",
    about="length of the gradient",
)
channels.mistake(
    "You take the maximum over the channels before the absolute value: a strongly negative channel gets "
    "lost.",
    "size.amax(dim=1)",
    "gradient.amax(dim=1).abs()",
    about="maximum before the absolute value",
)
channels.mistake(
    "The channel axis is still there: a picture's map has the shape (B, H, W).",
    "size.amax(dim=1)",
    "size.amax(dim=1, keepdim=True)",
    about="channel axis is still there",
)
channels.mistake(
    "You return every channel: for pictures keep, at each pixel, the largest absolute value over the "
    "channels.",
    "size.amax(dim=1) if x.ndim == 4 else size",
    "size",
    about="every channel",
)
clean.mistake(
    "Gradients are left in the .grad of the model's parameters (backward() fills them): use "
    "torch.autograd.grad(score, x), which touches nothing else.",
    "torch.autograd.grad(scores.sum(), x)[0]",
    "(scores.sum().backward(), x.grad)[1]",
    about="gradients are left",
)
value.mistake(
    "Your map is float64 whatever x is: keep the dtype of x.",
    "size = gradient.abs()",
    "size = gradient.abs().double()",
    about="float64",
)
value.mistake(
    "Your map is float32 whatever x is: keep the dtype of x.",
    "size = gradient.abs()",
    "size = gradient.abs().float()",
    about="float32",
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
    "torch.autograd.grad(scores.sum(), x)[0]",
    "torch.autograd.grad(scores.sum(), x, create_graph=True)[0]",
    about="hangs on the graph",
)


@clean.mistake(
    "The caller's x is not as it was: a gradient left in x.grad is added to that of the next call. Work "
    "on x.detach().clone(), with torch.autograd.grad.",
    about="caller's x is not as it was",
)
def adds_up_in_x(model, x, target):
    x.requires_grad_(True)
    score = model(x)[torch.arange(len(x)), target].sum()
    score.backward(inputs=[x])
    size = x.grad.abs()
    return size.amax(dim=1) if x.ndim == 4 else size


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def row_by_row_on_a_copy(model, x, target):
    model = copy.deepcopy(model)
    maps = []
    for row, wanted in zip(x, target.tolist(), strict=True):
        row = row.detach().clone()[None].requires_grad_(True)
        model(row)[0, wanted].backward()
        maps.append(row.grad[0].abs())
    maps = torch.stack(maps)
    return maps.max(dim=1).values if x.dim() == 4 else maps


@alternative
def by_the_jacobian(model, x, target):
    """All classes at once, then one of them for each row."""
    all_classes = torch.autograd.functional.jacobian(lambda z: model(z).sum(dim=0), x)
    size = all_classes[target, torch.arange(len(x))].abs()
    return size if x.dim() == 2 else size.max(1)[0]


@alternative
def by_torch_func(model, x, target):
    def score(row, wanted):
        return model(row[None])[0].gather(0, wanted[None])[0]

    size = torch.func.vmap(torch.func.grad(score))(x, target).detach().abs()
    return size.amax(-3) if x.dim() == 4 else size
