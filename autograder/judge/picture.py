"""A map-valued answer as a picture small enough for a record."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from autograder.records import Picture
from coursekit.checks.compare import Comparison, to_numpy

_SMALLEST, _LARGEST = 8, 128


def picture_of(comparison: Comparison | None) -> Picture | None:
    """The first map of a failing comparison, or None where the answer is no stack of maps.

    A map is the last two axes of an answer with at least three axes, or two axes of at least
    eight entries each; channels of ``(B, C, H, W)`` are summed, for the picture only.
    """
    if comparison is None or comparison.got is None or comparison.want is None or comparison.ok:
        return None
    got, want = _plane(comparison.got), _plane(comparison.want)
    if got is None or want is None or got.shape != want.shape:
        return None
    finite = np.concatenate([want[np.isfinite(want)], got[np.isfinite(got)]])
    if not finite.size:
        return None
    signed = bool((want < 0).any())
    high = float(np.abs(finite).max()) or 1.0
    low = -high if signed else 0.0
    return Picture(
        height=want.shape[0],
        width=want.shape[1],
        low=low,
        high=high,
        signed=signed,
        yours=_bytes(_levels(got, low, high)),
        expected=_bytes(_levels(want, low, high)),
        error=_bytes(_bands(got, want, comparison.allowed or 0.0)),
    )


def _plane(value: Any) -> np.ndarray | None:
    array = to_numpy(value)
    if array.dtype.kind not in "fiu" or array.ndim < 2 or array.ndim > 4:
        return None
    array = array.astype(np.float64)
    if array.ndim == 4:
        array = array[0].sum(0)
    elif array.ndim == 3:
        array = array[0]
    if min(array.shape) < _SMALLEST or max(array.shape) > _LARGEST:
        return None
    return array


def _levels(array: np.ndarray, low: float, high: float) -> np.ndarray:
    scaled = (np.nan_to_num(array, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.clip(np.rint(scaled * 255), 0, 255).astype(np.uint8)


def _bands(got: np.ndarray, want: np.ndarray, allowed: float) -> np.ndarray:
    error = np.nan_to_num(np.abs(got - want), nan=np.inf)
    scale = float(np.abs(want).max()) or 1.0
    return np.digitize(error, [max(allowed, 1e-12 * scale), 0.01 * scale, 0.1 * scale, scale]).astype(
        np.uint8
    )


def _bytes(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
