"""Maps of a record as small palette PNGs, each with what it shows in words (see :mod:`coursekit.pictures`)."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass

from autograder.records import Picture
from coursekit.pictures import BANDS, band_palette, data_url, error_words, value_palette, value_words
from coursekit.words import number

MOST_PIXELS = 1 << 20


@dataclass(frozen=True)
class Plane:
    """One drawn map: ``src`` is a data URL, ``alt`` its pattern in words."""

    title: str
    src: str
    alt: str


@dataclass(frozen=True)
class Band:
    """One line of the error legend."""

    words: str
    colour: str
    pixels: int


@dataclass(frozen=True)
class Drawn:
    """A picture ready for the page; ``notice`` says why something is not shown."""

    height: int
    width: int
    planes: list[Plane]
    bands: list[Band]
    caption: str
    scale: list[tuple[str, str, int]]
    """The value scale: colour, value, place in percent; its ends and, for signed maps, 0."""
    notice: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height on the page: whole multiples where it can be, thin maps made visible."""
        grow = max(1, min(176 // self.width, 264 // self.height))
        return max(16, min(320, self.width * grow)), max(16, min(480, self.height * grow))


def draw(picture: Picture) -> Drawn | None:
    """Draw what the picture holds; None when its size is absurd or no plane fits it."""
    height, width = picture.height, picture.width
    if height < 1 or width < 1 or height * width > MOST_PIXELS:
        return None
    if not (math.isfinite(picture.low) and math.isfinite(picture.high)):
        return None
    yours, expected, error = (
        _plane(p, height * width) for p in (picture.yours, picture.expected, picture.error)
    )
    palette = value_palette(picture.low, picture.high, picture.signed)
    planes = []
    for title, plane in (("Yours", yours), ("Expected", expected)):
        if plane is not None:
            alt = f"{title} map, {height} by {width}: {value_words(plane, picture)}."
            planes.append(Plane(title, data_url(plane, height, width, palette), alt))
    bands: list[Band] = []
    if error is not None:
        alt = f"Error map, {height} by {width}: {error_words(error, height, width)}."
        planes.append(Plane("Error", data_url(error, height, width, band_palette()), alt))
        counts = [error.count(band) for band in range(4)]
        counts.append(len(error) - sum(counts))
        bands = [
            Band(words, "#" + bytes(colour).hex(), count)
            for (words, colour), count in zip(BANDS, counts, strict=True)
            if count
        ]
    if not planes:
        return None
    shown = yours is not None or expected is not None
    notice = "" if shown else "Only where the error lies is shown: the values of a hidden test stay hidden."
    scale = _scale(picture, palette) if shown else []
    return Drawn(height, width, planes, bands, picture.caption, scale, notice)


def _plane(encoded: str, size: int) -> bytes | None:
    try:
        plane = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return plane if len(plane) == size else None


def _scale(picture: Picture, palette: bytes) -> list[tuple[str, str, int]]:
    def stop(index: int, value: float) -> tuple[str, str, int]:
        return "#" + palette[3 * index : 3 * index + 3].hex(), number(value), round(index / 2.55)

    stops = [stop(0, picture.low)]
    if picture.signed and picture.low < 0 < picture.high:
        stops.append(stop(round(-255 * picture.low / (picture.high - picture.low)), 0.0))
    return [*stops, stop(255, picture.high)]
