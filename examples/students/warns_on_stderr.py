"""Right, and noisy: warnings, logging and tracebacks on stderr, in the cells and inside the graded functions."""
OTHERWISE = "perfect_loops"

# %% [before] saliency
import logging
import sys
import traceback
import warnings

logging.basicConfig(level=logging.DEBUG)
logger = logging.getLogger("homework")
warnings.simplefilter("always")
warnings.warn("saliency maps are fragile")
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()

# %% saliency
def saliency(model, x, target):
    warnings.warn("computing a full Jacobian, this may be slow", RuntimeWarning)
    jacobian = torch.autograd.functional.jacobian(lambda rows: model(rows).sum(0), x.detach())
    chosen = torch.stack([jacobian[t, i] for i, t in enumerate(target.tolist())])
    logger.warning("jacobian %s", tuple(jacobian.shape))
    chosen = chosen.abs()
    while chosen.ndim == 4:
        chosen = chosen.max(1).values
    return chosen

# %% gradient_times_input
def gradient_times_input(model, x, target):
    print("gradient times input of", len(x), "rows", file=sys.stderr)
    score_of = lambda row, t: model(row.unsqueeze(0)).squeeze(0)[t]
    rows = [torch.func.grad(score_of)(row, t) * row for row, t in zip(x.detach(), target.tolist())]
    return torch.stack(rows).detach()

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    import pandas as pd

    if a.shape != b.shape:
        raise ValueError("the two stacks differ in shape")
    frames = [pd.DataFrame(np.array(m.flatten(1), dtype=float)).T for m in (a.detach(), b.detach())]
    if absolute:
        frames = [frame.abs() for frame in frames]
    ranked = [frame.rank() for frame in frames]
    warnings.warn("numpy is about to divide by zero for constant maps")
    return torch.tensor(ranked[0].corrwith(ranked[1]).fillna(0.0).to_numpy(), dtype=torch.float64)

# %% [after] rank_similarity
np.array([1.0, 0.0]) / np.array([0.0, 0.0])
os.path.join("this name was never imported")

# %% q3
q3 = ["a", "b", "d"]

# %% q6
q6 = 3.2

# %% [markdown] reflection
# YOUR ANSWER HERE
#
# still to do, sorry
