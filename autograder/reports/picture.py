"""Maps of a record as small palette PNGs, and what they show in words.

A plane of a :class:`~autograder.records.Picture` is already one byte a pixel, so it *is* the index
plane of a palette PNG: nothing is computed per pixel, the palette carries the meaning. Colours are
safe for colour-blind readers: signed maps blue - white - orange around 0, unsigned maps light to dark
violet, error bands light grey to black; the words beside them say the same.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

from autograder.records import Picture
from autograder.reports.words import listed, number, percent

MOST_PIXELS = 1 << 20

BANDS = (
    ("within tolerance", (222, 226, 230)),
    ("below 1 %", (250, 211, 115)),
    ("1 % to 10 %", (240, 138, 60)),
    ("10 % to 100 %", (190, 48, 82)),
    ("more than 100 %", (56, 16, 74)),
)
_SIZES = ("", "less than 1 %", "1 % to 10 %", "10 % to 100 %", "more than 100 %")
_SIGNED = ((13, 71, 135), (103, 158, 205), (246, 245, 242), (238, 153, 85), (158, 58, 8))
_UNSIGNED = ((250, 248, 242), (214, 196, 226), (160, 124, 190), (98, 58, 142), (38, 12, 66))
_ROWS = ("upper", "middle", "lower")
_COLUMNS = ("left", "centre", "right")


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


def png(plane: bytes, height: int, width: int, palette: bytes) -> bytes:
    """A palette PNG of ``height`` x ``width`` whose pixels are the bytes of ``plane``."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + plane[at : at + width] for at in range(0, height * width, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"PLTE", palette), chunk(b"IDAT", zlib.compress(rows, 6))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def data_url(plane: bytes, height: int, width: int, palette: bytes) -> str:
    """The same PNG as a ``data:`` URL."""
    return "data:image/png;base64," + base64.b64encode(png(plane, height, width, palette)).decode("ascii")


@lru_cache(maxsize=64)
def value_palette(low: float, high: float, signed: bool) -> bytes:
    """256 colours for values from ``low`` (byte 0) to ``high`` (byte 255); signed: white is at 0."""
    reach = max(abs(low), abs(high)) or 1.0
    colours = bytearray()
    for index in range(256):
        part = index / 255
        if signed:
            value = low + (high - low) * part
            colours += _mix(_SIGNED, 0.5 + 0.5 * value / reach)
        else:
            colours += _mix(_UNSIGNED, part)
    return bytes(colours)


@lru_cache(maxsize=1)
def band_palette() -> bytes:
    """256 colours, one band each, every byte from 4 on the last band's."""
    return b"".join(bytes(BANDS[min(index, 4)][1]) for index in range(256))


def _mix(stops: tuple[tuple[int, int, int], ...], at: float) -> bytes:
    place = min(1.0, max(0.0, at)) * (len(stops) - 1)
    left = min(int(place), len(stops) - 2)
    part = place - left
    return bytes(round(a + (b - a) * part) for a, b in zip(stops[left], stops[left + 1], strict=True))


def _scale(picture: Picture, palette: bytes) -> list[tuple[str, str, int]]:
    def stop(index: int, value: float) -> tuple[str, str, int]:
        return "#" + palette[3 * index : 3 * index + 3].hex(), number(value), round(index / 2.55)

    stops = [stop(0, picture.low)]
    if picture.signed and picture.low < 0 < picture.high:
        stops.append(stop(round(-255 * picture.low / (picture.high - picture.low)), 0.0))
    return [*stops, stop(255, picture.high)]


def value_words(plane: bytes, picture: Picture) -> str:
    """Where a map is large, in words: from its lowest and highest value and the strongest region."""
    low, high = min(plane), max(plane)
    if low == high:
        return "the same value everywhere"

    def value(index: int) -> float:
        return picture.low + (picture.high - picture.low) * index / 255

    span = f"values from {number(value(low))} to {number(value(high))}"
    zero = 0
    if picture.signed and picture.high > picture.low:
        zero = min(255, max(0, round(-255 * picture.low / (picture.high - picture.low))))
    strength = bytes(abs(i - zero) for i in range(256))
    return f"{span}, {_gathered(plane.translate(strength), picture.height, picture.width, 'strongest')}"


def error_words(error: bytes, height: int, width: int) -> str:
    """How many pixels are out of tolerance, how badly, and where."""
    wrong = len(error) - error.count(0)
    if not wrong:
        return "every pixel is within tolerance"
    worst = min(4, max(error))
    counts = [error.count(band) for band in range(1, 4)]
    counts.append(wrong - sum(counts))
    common = 1 + max(range(4), key=lambda i: counts[i])
    share = f"{wrong} of {len(error)} pixels ({percent(wrong / len(error))})"
    said = f"{'every pixel is' if wrong == len(error) else f'{share} are'} out of tolerance"
    most = "all" if counts[common - 1] == wrong else "most"
    said += f", {most} of them by {_SIZES[common]} of the map’s scale"
    if worst > common:
        said += f", the worst by {_SIZES[worst]}"
    if wrong == len(error):
        return said
    lines = _whole_lines(error, height, width)
    where = lines or _gathered(error.translate(bytes([0] + [1] * 255)), height, width, "mostly")
    return f"{said}, {where}"


def _whole_lines(error: bytes, height: int, width: int) -> str:
    """Names the rows or columns when the wrong pixels are exactly some whole ones."""
    wrong = len(error) - error.count(0)
    rows = [r for r in range(height) if 0 not in error[r * width : (r + 1) * width]]
    if rows and len(rows) * width == wrong and height > 1:
        return f"in the whole {_some('row', rows)}"
    columns = [c for c in range(width) if 0 not in error[c::width]]
    if columns and len(columns) * height == wrong and width > 1:
        return f"in the whole {_some('column', columns)}"
    return ""


def _some(what: str, places: list[int]) -> str:
    if len(places) > 4:
        return f"of {len(places)} {what}s"
    return f"{what}{'s' if len(places) > 1 else ''} {listed(str(p) for p in places)}"


def _gathered(weight: bytes, height: int, width: int, how: str) -> str:
    """The third of the map (in both directions) that holds most of the weight, if one does."""
    across = min(3, width)
    down = min(3, height)
    rows = [i * height // down for i in range(down + 1)]
    columns = [i * width // across for i in range(across + 1)]
    sums: dict[tuple[int, int], float] = {}
    for i in range(down):
        for j in range(across):
            left, right = columns[j], columns[j + 1]
            sums[i, j] = sum(
                sum(weight[r * width + left : r * width + right]) for r in range(*rows[i : i + 2])
            )
    total = sum(sums.values())
    (i, j), most = max(sums.items(), key=lambda item: item[1])
    # with nine regions of equal weight each holds 11 %: twice that is a place worth naming
    if not total or most < 2 * total / len(sums):
        return "spread over the map"
    row = "" if down == 1 else _ROWS[i if down == 3 else 2 * i]
    column = "" if across == 1 else _COLUMNS[j if across == 3 else 2 * j]
    place = "centre" if (row, column) == ("middle", "centre") else f"{row} {column}".strip()
    return f"{how} in the {place}"
