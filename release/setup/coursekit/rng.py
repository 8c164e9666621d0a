"""The only source of random numbers in tests and data: numpy's PCG64, the same on every platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class Rng:
    """A stream of numbers fixed by its key.

    Args:
        key: one or more integers from 0 to 2**32 - 1. Equal keys give equal streams, different keys
            independent ones; zeros at the end of a key do not count.
    """

    def __init__(self, *key: int):
        self.key = key
        self.generator = np.random.Generator(np.random.PCG64(list(key)))
        self._children = 0

    def array(self, *shape: int) -> np.ndarray:
        """Standard normal numbers, float64."""
        return self.generator.standard_normal(shape)

    def normal(self, *shape: int, dtype: torch.dtype | None = None) -> torch.Tensor:
        """Standard normal numbers as a tensor (float64 unless ``dtype`` says otherwise)."""
        return self._tensor(self.generator.standard_normal(shape), dtype)

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype | None = None
    ) -> torch.Tensor:
        """Numbers spread evenly over ``[low, high)`` as a tensor (float64 unless ``dtype`` says otherwise)."""
        return self._tensor(self.generator.uniform(low, high, shape), dtype)

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Whole numbers of ``[low, high)`` as a LongTensor."""
        return self._tensor(self.generator.integers(low, high, shape), None)

    def permutation(self, n: int) -> torch.Tensor:
        """``0 .. n-1`` in random order as a LongTensor."""
        return self._tensor(self.generator.permutation(n), None)

    def targets(self, n: int, classes: int) -> torch.Tensor:
        """One class for each of ``n`` rows, every class about equally often, as a LongTensor ``(n,)``."""
        offset = self.generator.integers(classes)
        return self._tensor(self.generator.permutation((np.arange(n) + offset) % classes), None)

    def child(self) -> Rng:
        """A new stream, independent of this one and of earlier children; leaves this stream where it is."""
        self._children += 1
        return Rng(*self.key, 0x9E3779B9, self._children)

    @staticmethod
    def _tensor(values, dtype: torch.dtype | None) -> torch.Tensor:
        import torch

        tensor = torch.as_tensor(np.asarray(values))
        return tensor if dtype is None else tensor.to(dtype)


def as_rng(seed: int | Rng) -> Rng:
    """``seed`` itself when it is a stream already, else the stream of that key."""
    return seed if isinstance(seed, Rng) else Rng(int(seed))
