"""Hidden grader of `smoothgrad`: noise scaled by each example's range, mean of signed gradients."""

import pytest
import torch

from coursekit import glyph_cnn, mlp
from coursekit.checks import Part, alternative, close, detached, same_dtype, unchanged

scale = Part("sigma", 4)
mean = Part("average", 5)
contract = Part("errors", 1)


def vectors(rng, n, samples, dtype=torch.float64):
    """An MLP, n rows and their noise; row i asks for a class that is not predicted."""
    model = mlp([23, 11, 7, 4], "softplus", rng, dtype=dtype)
    x, noise = rng.normal(n, 23, dtype=dtype), rng.normal(samples, n, 23, dtype=dtype)
    return model, x, unlikely(model, x), noise


def in_range_one(rng, n, samples, dtype=torch.float64):
    """As `vectors`, but each row runs from 0 to 1, and no class asked for is predicted at the first copy."""
    model, x, _, noise = vectors(rng, n, samples, dtype)
    x = to_range_one(x)
    return model, x, unlikely(model, x, x + 0.8 * noise[0]), noise


def unlikely(model, x, *others):
    """For each row a class predicted neither at x nor at the others, and not that of the row before."""
    predicted = zip(*(model(point).argmax(dim=1).tolist() for point in (x, *others)), strict=True)
    picked = []
    for ranked, avoided in zip(model(x).argsort(dim=1).tolist(), predicted, strict=True):
        picked.append(next(c for c in ranked if c not in avoided and c not in picked[-1:]))
    return torch.tensor(picked)


def to_range_one(x):
    """Each row moved and scaled so that it runs from 0 to 1: then sigma is the noise level."""
    low, high = x.amin(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)
    return (x - low) / (high - low)


# ------------------------------------------------------------------------------------------- the tests
@scale
def test_rows_of_different_range(agrees, rng):
    """Each example is blurred by its own range: a narrow one a little, a constant one not at all"""
    model, x, target, noise = vectors(rng, 4, 1)
    noise[0, torch.arange(4), x.argmax(dim=1)] = 1.5  # every copy leaves the range of its row
    x = x * torch.tensor([0.2, 1.0, 3.0, 0.0], dtype=x.dtype)[:, None] + 0.5
    agrees(model, x, target, noise, 0.3)


@scale
def test_one_number_for_a_picture(agrees, rng):
    """A picture has one noise scale, over all its channels and pixels"""
    model = glyph_cnn(rng)
    x = rng.uniform(1, 3, 12, 16) * torch.tensor([0.7, 2.5, 1.5], dtype=torch.float64)[:, None, None] + 0.8
    agrees(model, x, unlikely(model, x), rng.normal(1, *x.shape), 0.3)


# Here each row has the range 1, so that only the averaging counts.
@mean
def test_several_samples(agrees, rng):
    """The gradients at the noisy copies are averaged, sign included, for each row's own target"""
    agrees(*in_range_one(rng, 5, 7), 0.8)


@mean
def test_one_sample(agrees, rng):
    """With one sample, the result is the gradient at x + sigma * noise, not at x"""
    agrees(*in_range_one(rng, 1, 1), 0.8)


@mean
def test_no_noise(agrees, rng):
    """With noise level 0, the result is the plain gradient in the shape of x, channels included"""
    model, x = glyph_cnn(rng), rng.uniform(2, 3, 12, 16)
    agrees(model, x, unlikely(model, x), rng.normal(3, *x.shape), 0.0)


@mean
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype(student, agrees, rng, dtype):
    """The right result comes in the dtype of x, detached"""
    arguments = in_range_one(rng, 3, 1, dtype)
    agrees(*arguments, 0.8)
    same_dtype(student.smoothgrad(*arguments, 0.8), dtype)
    detached(student)


@mean
def test_twice(student, agrees, rng):
    """The same noise used in two calls gives the same result twice"""
    model, x, target, noise = in_range_one(rng, 3, 1)
    agrees(model, x, target, noise, 0.8)
    model, x, noise = (student.keep(value) for value in (model, x, noise))
    first = student.smoothgrad(model, x, target, noise, 0.8)
    close(student.smoothgrad(model, x, target, noise, 0.8), first)


@contract
@pytest.mark.parametrize("shape", [(5, 1, 23), (3, 23), (5, 3, 1)])
def test_noise_of_another_shape(student, rng, shape):
    """Noise whose samples do not have the shape of x raises ValueError"""
    model, x, target, _ = vectors(rng, 3, 1)
    with pytest.raises(ValueError):
        student.smoothgrad(model, x, target, rng.normal(*shape), 0.2)


@contract
def test_negative_noise_level(student, rng):
    """A negative noise level raises ValueError, and 0 does not"""
    arguments = vectors(rng, 3, 2)
    student.smoothgrad(*arguments, 0.0)
    with pytest.raises(ValueError):
        student.smoothgrad(*arguments, -0.1)


@contract
@pytest.mark.parametrize("frozen", [False, True])
def test_everything_is_as_before(student, rng, frozen):
    """The model, its .grad fields, x and noise are as they were before the call, frozen parameters or not"""
    model, *rest = vectors(rng, 3, 2)
    student.smoothgrad(model.requires_grad_(not frozen), *rest, 0.2)
    unchanged(student)


# ---------------------------------------------------------------------------------------- the mistakes
scale.mistake(
    "The noise is not scaled by the range of the example: that is right only where max - min is 1.",
    "noise_level * (values.amax(dim=1) - values.amin(dim=1))",
    "noise_level * torch.ones_like(values[:, 0])",
    about="not scaled",
)
scale.mistake(
    "You take the range over the whole batch: each example has its own noise scale.",
    "(values.amax(dim=1) - values.amin(dim=1))",
    "(values.amax() - values.amin()).expand(len(x))",
    about="whole batch",
)
scale.mistake(
    "You scale by the largest value: the range is max - min.",
    "(values.amax(dim=1) - values.amin(dim=1))",
    "values.amax(dim=1)",
    about="scale by the largest value",
)
scale.mistake(
    "You scale by the standard deviation of the example: the range max - min is asked.",
    "(values.amax(dim=1) - values.amin(dim=1))",
    "values.std(dim=1)",
    about="scale by the standard deviation",
)
scale.mistake(
    "You use sigma squared, the variance: the noise is multiplied by the standard deviation sigma.",
    "noise_level * (values.amax(dim=1) - values.amin(dim=1))",
    "(noise_level * (values.amax(dim=1) - values.amin(dim=1))) ** 2",
    about="variance",
)


@scale.mistake(
    "You take the range of each channel: there is one noise scale for an example, over all its channels "
    "and pixels.",
    about="each channel",
)
def range_of_each_channel(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    inner = tuple(range(2, x.ndim)) or (1,)
    sigma = noise_level * (x.amax(dim=inner, keepdim=True) - x.amin(dim=inner, keepdim=True))
    total = torch.zeros_like(x)
    for sample in noise:
        noisy = (x + sigma * sample).requires_grad_(True)
        total += torch.autograd.grad(model(noisy)[torch.arange(len(x)), target].sum(), noisy)[0]
    return total / len(noise)


@mean.mistake(
    "You take one gradient, at the average of the noisy copies: average the gradients, not the inputs.",
    about="average of the noisy copies",
)
def gradient_at_the_average_copy(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    values = x.flatten(1)
    sigma = noise_level * (values.amax(dim=1) - values.amin(dim=1)).reshape(-1, *[1] * (x.ndim - 1))
    noisy = (x + sigma * noise.mean(dim=0)).requires_grad_(True)
    return torch.autograd.grad(model(noisy)[torch.arange(len(x)), target].sum(), noisy)[0]


@mean.mistake(
    "The samples are folded into the batch one after the other, so copy i of sample s has the class "
    "target[i]: that is target.repeat(S), not repeat_interleave.",
    about="repeat_interleave",
)
def targets_in_another_order(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    values = x.flatten(1)
    sigma = noise_level * (values.amax(dim=1) - values.amin(dim=1)).reshape(-1, *[1] * (x.ndim - 1))
    noisy = (x + sigma * noise).flatten(0, 1).requires_grad_(True)
    wanted = target.repeat_interleave(len(noise))
    gradient = torch.autograd.grad(model(noisy)[torch.arange(len(noisy)), wanted].sum(), noisy)[0]
    return gradient.reshape(noise.shape).mean(dim=0)


mean.mistake(
    "You count x itself as one more sample: only the noisy copies are averaged.",
    "for sample in noise:",
    "noise = torch.cat([noise, torch.zeros_like(noise[:1])])\n    for sample in noise:",
    about="count x itself",
)
mean.mistake(
    "You add the gradients up: divide by the number of samples.",
    "return total / len(noise)",
    "return total",
    about="add the gradients up",
)
mean.mistake(
    "You average absolute gradients: average the signed gradients, the absolute value is a choice for "
    "display.",
    "noisy)[0]",
    "noisy)[0].abs()",
    about="average absolute gradients",
)
mean.mistake(
    "You average the squares of the gradients: that is SmoothGrad-Squared.",
    "noisy)[0]",
    "noisy)[0].square()",
    about="squares",
)
mean.mistake(
    "You multiply by x: SmoothGrad is the averaged gradient alone.",
    "return total / len(noise)",
    "return x * total / len(noise)",
    about="multiply by x",
)
mean.mistake(
    "You return the absolute value of the average: keep the sign, the absolute value is a choice for "
    "display.",
    "return total / len(noise)",
    "return (total / len(noise)).abs()",
    about="absolute value of the average",
)
mean.mistake(
    "You keep the largest value over the channels, as in a saliency map: here the result keeps the "
    "shape of x.",
    "return total / len(noise)",
    "return (total / len(noise)).amax(dim=1) if x.ndim == 4 else total / len(noise)",
    about="largest value over the channels",
)
mean.mistake(
    "You explain every row for the target of the first row: row i has the class target[i].",
    "[rows, target]",
    "[rows, target[0]]",
    about="target of the first row",
)
mean.mistake(
    "You differentiate the mean score of the batch, so everything is divided by the number of rows. "
    "Differentiate the sum: the rows do not influence each other.",
    "scores.sum()",
    "scores.mean()",
    about="mean score",
)
mean.mistake(
    "You explain the class that the model predicts for the noisy copy: explain the class asked for.",
    "model(noisy)[rows, target]",
    "model(noisy).amax(dim=1)",
    about="model predicts",
)
mean.mistake(
    "You differentiate the softmax probability, which mixes in the other classes. Use the logit.",
    "model(noisy)[rows, target]",
    "model(noisy).softmax(dim=1)[rows, target]",
    about="softmax probability",
)
contract.mistake(
    "Noise of the wrong shape is stretched to fit x without a word: compare noise.shape[1:] with "
    "x.shape and raise ValueError.",
    "if noise.shape[1:] != x.shape:",
    "if False:",
    about="stretched",
)
contract.mistake(
    "You only count the dimensions of the noise: all of noise.shape[1:] must equal x.shape.",
    "if noise.shape[1:] != x.shape:",
    "if noise.ndim != x.ndim + 1:",
    about="count the dimensions",
)
contract.mistake(
    "A negative noise level slips through: raise ValueError.",
    "if noise_level < 0:",
    "if False:",
    about="negative noise level",
)
contract.mistake(
    "Gradients are left in the .grad of the model's parameters (backward() fills them): use "
    "torch.autograd.grad(score, noisy), which touches nothing else.",
    "torch.autograd.grad(scores.sum(), noisy)[0]",
    "(scores.sum().backward(), noisy.grad)[1]",
    about="gradients are left",
)
mean.mistake(
    "A batch of one row ends in an error: squeeze(), for one, takes away the batch axis as well.",
    "model(noisy)[rows, target]",
    "model(noisy).squeeze()[rows, target]",
    about="squeeze batch axis",
)
mean.mistake(
    "You multiply the caller's noise by sigma in place: noise *= sigma changes it. Write noise * sigma.",
    "for sample in noise:",
    "noise *= sigma; sigma = 1.0\n    for sample in noise:",
    about="caller's noise in place",
)
contract.mistake(
    "The model is left in another state: its parameters frozen or not, its mode train or eval, must be "
    "as they were.",
    "rows = torch.arange(len(x))",
    "rows, _ = torch.arange(len(x)), model.requires_grad_(False)",
    about="another state",
)
contract.mistake(
    "Noise level 0 is no error: it gives the plain gradient.",
    "if noise_level < 0:",
    "if noise_level <= 0:",
    about="noise level 0",
)
mean.mistake(
    "Your result still hangs on the graph (requires_grad is True): return it detached.",
    "torch.autograd.grad(scores.sum(), noisy)[0]",
    "torch.autograd.grad(scores.sum(), noisy, create_graph=True)[0]",
    about="hangs on the graph",
)
mean.mistake(
    "Your result is float64 whatever x is: keep the dtype of x.",
    "torch.zeros_like(x)",
    "torch.zeros_like(x, dtype=torch.float64)",
    about="float64",
)
mean.mistake(
    "Your result is float32 whatever x is, as torch.zeros(shape) is: keep the dtype of x.",
    "return total / len(noise)",
    "return (total / len(noise)).float()",
    about="float32",
)


# ------------------------------------------------------------------------------------ right in other ways
@alternative
def all_copies_in_one_batch(model, x, target, noise, noise_level):
    if tuple(noise.shape[1:]) != tuple(x.shape):
        raise ValueError("noise does not fit x")
    if noise_level < 0:
        raise ValueError("negative noise level")
    dims = tuple(range(1, x.dim()))
    sigma = noise_level * (x.amax(dims, keepdim=True) - x.amin(dims, keepdim=True))
    copies = (x + sigma * noise).flatten(0, 1).detach().requires_grad_()
    scores = model(copies).gather(1, target.repeat(noise.shape[0])[:, None])
    (gradient,) = torch.autograd.grad(scores.sum(), copies)
    return gradient.view(noise.shape).mean(0)


@alternative
def row_by_row(model, x, target, noise, noise_level):
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    result = []
    for i, row in enumerate(x.detach()):
        sigma = noise_level * (row.max() - row.min())
        copies = (row + sigma * noise[:, i]).requires_grad_()
        (gradient,) = torch.autograd.grad(model(copies)[:, target[i]].mean(), copies)
        result.append(gradient.sum(dim=0))
    return torch.stack(result)


@alternative
def gradient_of_the_mean_score(model, x, target, noise, noise_level):
    """The derivative of the average score with respect to a shift that all copies share."""
    if noise.shape[1:] != x.shape or noise_level < 0:
        raise ValueError("noise")
    sigma = noise_level * torch.stack([row.max() - row.min() for row in x])
    sigma = sigma.reshape([-1] + [1] * (x.dim() - 1))
    one_hot = torch.nn.functional.one_hot(target, model(x).shape[1]).to(x.dtype)

    def mean_score(shift):
        return torch.stack([(model(x + sigma * sample + shift) * one_hot).sum() for sample in noise]).mean()

    return torch.func.grad(mean_score)(torch.zeros_like(x)).detach()
