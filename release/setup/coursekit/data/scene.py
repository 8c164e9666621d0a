"""The renderer behind all pictures of the course: flat colours on a soft background, with exact masks."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coursekit.rng import Rng

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Item:
    """Something painted: which pixels ``(H, W) bool``, and in which colour (red, green, blue of [0, 1])."""

    mask: np.ndarray
    colour: Colour


def render(
    items: Sequence[Item], height: int, width: int, rng: Rng, background: Colour, noise: float
) -> np.ndarray:
    """A picture ``(3, height, width)`` float32 of [0, 1]; later items cover earlier ones.

    The background is lit from a random side: its brightness runs evenly over about a fifth of its value.

    Args:
        items: what to paint, first at the bottom.
        background: its colour in the middle of the picture.
        noise: spread of the normal noise that every pixel and channel gets before clipping.
    """
    generator = rng.generator
    rows = np.linspace(-1, 1, height)[:, None]
    columns = np.linspace(-1, 1, width)[None, :]
    angle = generator.uniform(0, 2 * np.pi)
    light = 1 + 0.1 * (np.sin(angle) * rows + np.cos(angle) * columns)
    picture = np.asarray(background)[:, None, None] * light
    for item in items:
        picture[:, item.mask] = np.asarray(item.colour)[:, None]
    picture = picture + noise * generator.standard_normal(picture.shape)
    return np.clip(picture, 0, 1).astype(np.float32)


def stamp(pattern: np.ndarray, top: int, left: int, height: int, width: int) -> np.ndarray:
    """The mask ``(height, width)`` of a small bool pattern whose upper left corner lies at (top, left)."""
    mask = np.zeros((height, width), dtype=bool)
    mask[top : top + pattern.shape[0], left : left + pattern.shape[1]] = pattern
    return mask


def drawing(*rows: str) -> np.ndarray:
    """A bool pattern from rows of text: ``#`` is painted, anything else is not."""
    return np.array([[sign == "#" for sign in row] for row in rows])


def hue(turn: float, saturation: float = 1.0, value: float = 1.0) -> Colour:
    """A colour by its place on the colour wheel (0 to 1)."""
    return colorsys.hsv_to_rgb(turn, saturation, value)
