"""Trains the digits network of lesson 02 and stores it. Some seconds on one core.

python -m coursekit.training.digits_mlp
"""

from __future__ import annotations

from pathlib import Path

import torch

from coursekit.data import digits
from coursekit.models import mlp
from coursekit.rng import Rng
from coursekit.stored import store
from coursekit.training.fit import accuracy, fit

SEED = 2


def main() -> None:
    torch.set_num_threads(1)
    data = digits()
    net = mlp([64, 32, 32, 10], "relu", Rng(SEED, 64), dtype="float32")
    fit(net, data.x_train, data.y_train, Rng(SEED, 1), epochs=40, rate=3e-3)
    facts = {
        "script": "coursekit.training.digits_mlp",
        "train_accuracy": round(accuracy(net, data.x_train, data.y_train), 4),
        "test_accuracy": round(accuracy(net, data.x_test, data.y_test), 4),
    }
    store(net, Path(__file__).parent.parent / "assets" / "digits_mlp.safetensors", facts)
    print(facts)


if __name__ == "__main__":
    main()
