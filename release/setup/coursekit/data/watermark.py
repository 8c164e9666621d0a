"""A table with a shortcut: a tag that agrees with the label in one place and not in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursekit.rng import Rng, as_rng

NAMES = ("lesion size", "density", "age", "pulse", "humidity", "scanner tag")
CAUSAL, NOISE, CUE = (0, 1), (2, 3, 4), 5

BAD_N = "make_watermark needs n of at least 1, not {got}"
BAD_RHO = "rho is a probability, from 0 to 1, not {got}"


@dataclass(frozen=True)
class WatermarkTruth:
    """What decides the label, known because we wrote the rule.

    Attributes:
        causal: columns on which the label depends.
        noise: columns that mean nothing.
        cue: the column of the tag, on which the label does not depend.
        agrees: ``(n,)`` bool, whether the tag is the label's.
    """

    causal: tuple[int, ...]
    noise: tuple[int, ...]
    cue: int
    agrees: np.ndarray


@dataclass(frozen=True)
class Watermark:
    """Rows with a label.

    Attributes:
        X: ``(n, 6)`` float64; five standard normal columns, and the tag, 0.0 or 1.0.
        y: ``(n,)`` int64, 0 (healthy) or 1 (ill).
        names: of the columns.
        class_names: of the labels.
        truth: see :class:`WatermarkTruth`.
    """

    X: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    class_names: tuple[str, ...]
    truth: WatermarkTruth


def make_watermark(n: int, rho: float, seed: int | Rng) -> Watermark:
    """``n`` patients with six columns, of which two decide the label and one only goes along with it.

    ``y = 1`` where ``x0 + 0.8 x1 + 0.7 noise > 0``: lesion size, density and chance, nothing else. The
    scanner tag in column 5 equals the label with probability ``rho``: in one hospital the ill are sent to
    the scanner that writes a tag (rho = 0.95), elsewhere patients go where there is room (rho = 0.5). For
    one seed, all but the tag is the same whatever ``rho``.

    Args:
        n: number of rows, at least 1.
        rho: from 0 to 1.
        seed: a whole number or an :class:`~coursekit.rng.Rng`.
    """
    if n < 1:
        raise ValueError(BAD_N.format(got=n))
    if not 0 <= rho <= 1:
        raise ValueError(BAD_RHO.format(got=rho))
    generator = as_rng(seed).generator
    clinical = generator.standard_normal((n, 5))
    chance, turn = generator.standard_normal(n), generator.uniform(size=n)
    y = (clinical[:, 0] + 0.8 * clinical[:, 1] + 0.7 * chance > 0).astype(np.int64)
    agrees = turn < rho
    tag = np.where(agrees, y, 1 - y)
    truth = WatermarkTruth(CAUSAL, NOISE, CUE, agrees)
    return Watermark(np.column_stack([clinical, tag]), y, NAMES, ("healthy", "ill"), truth)
