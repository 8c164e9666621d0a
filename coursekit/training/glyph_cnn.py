"""Trains the CNN of lesson 02 on painted glyphs and stores it. About half a minute on one core.

python -m coursekit.training.glyph_cnn
"""

from __future__ import annotations

from pathlib import Path

import torch

from coursekit.data import make_blobs_image
from coursekit.models import glyph_cnn
from coursekit.rng import Rng
from coursekit.stored import store
from coursekit.training.fit import accuracy, fit

SEED = 2
TRAIN, TEST = 4000, 1000


def main() -> None:
    torch.set_num_threads(1)
    train, test = make_blobs_image(TRAIN, seed=1000 + SEED), make_blobs_image(TEST, seed=2000 + SEED)
    net = glyph_cnn(Rng(SEED), dtype="float32")
    fit(net, train.images, train.labels, Rng(SEED, 1), epochs=25, rate=2e-3)
    facts = {
        "script": "coursekit.training.glyph_cnn",
        "train_accuracy": round(accuracy(net, train.images, train.labels), 4),
        "test_accuracy": round(accuracy(net, test.images, test.labels), 4),
    }
    store(net, Path(__file__).parent.parent / "assets" / "glyph_cnn.safetensors", facts)
    print(facts)


if __name__ == "__main__":
    main()
