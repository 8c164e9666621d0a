"""Pictures of one meaningful glyph and one bright, meaningless blob."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from coursekit.data.scene import Item, drawing, hue, render, stamp
from coursekit.rng import Rng, as_rng

HEIGHT, WIDTH = 12, 16

_GLYPHS = {
    "heart": drawing(".#.#.", "#####", "#####", ".###.", "..#.."),
    "cross": drawing("..#..", "..#..", "#####", "..#..", "..#.."),
    "ring": drawing(".###.", "#...#", "#...#", "#...#", ".###."),
    "bolt": drawing("..##.", ".##..", "#####", "..##.", ".##.."),
}
_INKS = {
    "black": (0.0, 0.0, 0.0),
    "red": (0.75, 0.22, 0.17),
    "green": (0.10, 0.45, 0.30),
    "blue": (0.13, 0.30, 0.62),
}
_BLOBS = (
    drawing(".##.", "####", "####", ".##."),
    drawing("###", "###", "###"),
    drawing("#####", "#####"),
)
_PAPER = (0.62, 0.60, 0.55)
_NOISE = 0.06


@dataclass(frozen=True)
class BlobsTruth:
    """What is where, known because we put it there.

    Attributes:
        glyph_mask: ``(n, 12, 16)`` bool, the pixels of the glyph, which alone decides the class.
        distractor_mask: ``(n, 12, 16)`` bool, the pixels of the bright blob, which tells nothing.
        ink: LongTensor ``(n,)``, colour of the glyph, drawn apart from the class; see ``inks``.
        inks: names of the glyphs' colours.
    """

    glyph_mask: torch.Tensor
    distractor_mask: torch.Tensor
    ink: torch.Tensor
    inks: tuple[str, ...]


@dataclass(frozen=True)
class BlobsImages:
    """Pictures with their classes.

    Attributes:
        images: ``(n, 3, 12, 16)`` float32 of [0, 1].
        labels: LongTensor ``(n,)`` of 0 to 3.
        class_names: the glyph of each class.
        truth: masks and colours, see :class:`BlobsTruth`.
    """

    images: torch.Tensor
    labels: torch.Tensor
    class_names: tuple[str, ...]
    truth: BlobsTruth


def make_blobs_image(n: int, seed: int | Rng) -> BlobsImages:
    """``n`` pictures of 12 x 16 pixels: a small glyph in one of four inks, and a bright blob.

    The class is the glyph's form: heart, cross, ring or bolt, each about equally often. Its ink (black,
    red, green, blue) and its place are drawn apart from the class. The blob is the brightest thing in
    the picture; its form, colour and place are drawn apart from the class as well, it never touches the
    glyph, so it carries no information about the class. Both lie on noisy paper lit from one side.

    Args:
        n: number of pictures, at least 1.
        seed: a whole number or an :class:`~coursekit.rng.Rng`.
    """
    if n < 1:
        raise ValueError(f"make_blobs_image needs n of at least 1, not {n}")
    rng = as_rng(seed)
    generator = rng.generator
    labels = rng.targets(n, len(_GLYPHS))
    inks = rng.targets(n, len(_INKS))
    patterns, colours = list(_GLYPHS.values()), list(_INKS.values())
    images = np.empty((n, 3, HEIGHT, WIDTH), dtype=np.float32)
    glyph_mask = np.zeros((n, HEIGHT, WIDTH), dtype=bool)
    blob_mask = np.zeros_like(glyph_mask)
    for i, (label, ink) in enumerate(zip(labels.tolist(), inks.tolist(), strict=True)):
        blob = _BLOBS[generator.integers(len(_BLOBS))]
        blob = blob.T if generator.integers(2) else blob
        (top, left), (blob_top, blob_left) = _places(generator, blob.shape)
        glyph_mask[i] = stamp(patterns[label], top, left, HEIGHT, WIDTH)
        blob_mask[i] = stamp(blob, blob_top, blob_left, HEIGHT, WIDTH)
        bright = hue(generator.uniform(), saturation=generator.uniform(0.3, 0.9))
        items = [Item(blob_mask[i], bright), Item(glyph_mask[i], colours[ink])]
        images[i] = render(items, HEIGHT, WIDTH, rng, _PAPER, _NOISE)
    truth = BlobsTruth(torch.from_numpy(glyph_mask), torch.from_numpy(blob_mask), inks, tuple(_INKS))
    return BlobsImages(torch.from_numpy(images), labels, tuple(_GLYPHS), truth)


def _places(generator: np.random.Generator, blob: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Corners of a 5 x 5 glyph and of a blob with at least one free pixel between their boxes."""
    while True:
        top, left = int(generator.integers(HEIGHT - 4)), int(generator.integers(WIDTH - 4))
        blob_top = int(generator.integers(HEIGHT - blob[0] + 1))
        blob_left = int(generator.integers(WIDTH - blob[1] + 1))
        apart_down = blob_top >= top + 6 or blob_top + blob[0] + 1 <= top
        apart_across = blob_left >= left + 6 or blob_left + blob[1] + 1 <= left
        if apart_down or apart_across:
            return (top, left), (blob_top, blob_left)
