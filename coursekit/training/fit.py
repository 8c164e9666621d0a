"""The one training loop of the shipped networks: Adam on cross-entropy, order of batches from our stream."""

from __future__ import annotations

import torch

from coursekit.models import Net
from coursekit.rng import Rng


def fit(
    net: Net,
    x: torch.Tensor,
    y: torch.Tensor,
    rng: Rng,
    epochs: int,
    rate: float,
    decay: float = 1e-4,
    batch: int = 64,
) -> None:
    """Train ``net`` on inputs ``x`` and labels ``y``, in place."""
    net.requires_grad_(True).train()
    optimiser = torch.optim.Adam(net.parameters(), rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for rows in rng.permutation(len(x)).split(batch):
            loss = torch.nn.functional.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    net.requires_grad_(False).eval()


def accuracy(net: Net, x: torch.Tensor, y: torch.Tensor) -> float:
    """Share of inputs whose largest logit is the label's."""
    with torch.no_grad():
        return (net(x).argmax(1) == y).double().mean().item()
