"""Scikit-learn's handwritten digits as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from coursekit.rng import Rng, as_rng


@dataclass(frozen=True)
class Digits:
    """Handwritten digits of 8 x 8 pixels, split into two parts.

    Attributes:
        x_train, x_test: ``(n, 64)`` float32 of [0, 1], rows of pixels; ``x.reshape(-1, 8, 8)`` is the picture.
        y_train, y_test: LongTensor ``(n,)`` of 0 to 9.
        class_names: ``"0"`` to ``"9"``.
    """

    x_train: torch.Tensor
    y_train: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor
    class_names: tuple[str, ...]


def digits(seed: int | Rng = 0, test: int = 360) -> Digits:
    """The 1797 digits of scikit-learn (UCI optical recognition of handwritten digits, test part).

    Args:
        seed: decides which digits are kept for the test part.
        test: how many those are, from 1 to 1796.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    if not 1 <= test < len(x):
        raise ValueError(f"test must be from 1 to {len(x) - 1}, not {test}")
    order = as_rng(seed).permutation(len(x))
    pixels = torch.from_numpy(x / 16).float()[order]
    labels = torch.from_numpy(y).long()[order]
    return Digits(pixels[test:], labels[test:], pixels[:test], labels[:test], tuple("0123456789"))
