"""Trains the two networks of lesson 01 on the watermark table and stores them. About three seconds on one core.

python -m coursekit.training.watermark
"""

from __future__ import annotations

from pathlib import Path

import torch

from coursekit.data.watermark import make_watermark
from coursekit.models import Net, mlp
from coursekit.rng import Rng
from coursekit.stored import store
from coursekit.training.fit import fit

SEED = 1
ROWS = 2000
RHO = {"watermark_shortcut": 0.95, "watermark_honest": 0.5}
"""How often the scanner tag agrees with the label in the training rows of each network."""


def main() -> None:
    torch.set_num_threads(1)
    for name, rho in RHO.items():
        train = make_watermark(ROWS, rho, seed=1000 + SEED)
        net = mlp([6, 16, 16, 2], "relu", Rng(SEED, 6))
        fit(net, torch.from_numpy(train.X), torch.from_numpy(train.y), Rng(SEED, 1), 30, 3e-3, decay=1e-3)
        net = one_logit(net)
        facts = {"script": "coursekit.training.watermark", "rho": rho}
        for place, agrees, seed in (("seen", rho, 1000), ("new", rho, 2000), ("deployed", 0.5, 3000)):
            facts[place] = round(accuracy(net, agrees, seed + SEED), 4)
        store(net, Path(__file__).parent.parent / "assets" / f"{name}.safetensors", facts)
        print(name, facts)


def one_logit(net: Net) -> Net:
    """The same classifier with one output, the log-odds of label 1: the difference of its two logits."""
    weights = {key: values.clone() for key, values in net.state_dict().items()}
    for key in ("4.weight", "4.bias"):
        weights[key] = weights[key][1:] - weights[key][:1]
    layers = net.layers
    layers[-1][2]["out"] = 1
    return Net(layers, dtype="float64", weights=weights)


def accuracy(net: Net, rho: float, seed: int) -> float:
    """Share of rows whose label the network names."""
    rows = make_watermark(ROWS, rho, seed)
    with torch.no_grad():
        said = net(torch.from_numpy(rows.X))[:, 0].numpy() > 0
    return float((said == rows.y).mean())


if __name__ == "__main__":
    main()
