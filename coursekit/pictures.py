"""Maps as small palette pictures, and what they show in words: one drawing for cards, records and pages.

A plane is one byte a pixel, so it *is* the index plane of a palette PNG: nothing is computed per pixel, the
palette carries the meaning. Colours are safe for colour-blind readers: signed maps blue - white - orange
around 0, unsigned maps light to dark violet, error bands light grey to black; the words beside them say the
same.
"""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from coursekit.words import listed, number, percent

if TYPE_CHECKING:
    from coursekit.checks.compare import Comparison

SMALLEST, LARGEST = 8, 128
"""A map has at least and at most so many rows and columns."""

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


class Planes(Protocol):
    """What is needed to say where a map is large: ``low`` and ``high`` are the values of byte 0 and byte 255."""

    height: int
    width: int
    low: float
    high: float
    signed: bool


@dataclass(frozen=True)
class MapPlanes:
    """The first map of a failing comparison: one byte a pixel, row by row.

    ``yours`` and ``expected`` share ``low`` and ``high``; ``error`` holds the band of each pixel's error, 0 =
    within tolerance, then below 1 %, below 10 %, below 100 % of the expected map's scale, 4 = more.
    """

    height: int
    width: int
    low: float
    high: float
    signed: bool
    yours: bytes
    expected: bytes
    error: bytes


def planes_of(comparison: Comparison | None) -> MapPlanes | None:
    """The first map of a failing comparison, or None where the answer is no stack of maps.

    A map is the last two axes of an answer with at least three axes, or two axes of at least eight entries
    each; channels of ``(B, C, H, W)`` are summed, for the picture only.
    """
    import numpy as np

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
    return MapPlanes(
        height=want.shape[0],
        width=want.shape[1],
        low=low,
        high=high,
        signed=signed,
        yours=_levels(got, low, high),
        expected=_levels(want, low, high),
        error=_bands(got, want, comparison.allowed or 0.0),
    )


def _plane(value: Any) -> Any:
    import numpy as np

    from coursekit.checks.compare import to_numpy

    array = to_numpy(value)
    if array.dtype.kind not in "fiu" or array.ndim < 2 or array.ndim > 4:
        return None
    array = array.astype(np.float64)
    if array.ndim == 4:
        array = array[0].sum(0)
    elif array.ndim == 3:
        array = array[0]
    return array if min(array.shape) >= SMALLEST and max(array.shape) <= LARGEST else None


def _levels(array: Any, low: float, high: float) -> bytes:
    import numpy as np

    scaled = (np.nan_to_num(array, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.clip(np.rint(scaled * 255), 0, 255).astype(np.uint8).tobytes()


def _bands(got: Any, want: Any, allowed: float) -> bytes:
    import numpy as np

    error = np.nan_to_num(np.abs(got - want), nan=np.inf)
    scale = float(np.abs(want).max()) or 1.0
    bands = np.digitize(error, [max(allowed, 1e-12 * scale), 0.01 * scale, 0.1 * scale, scale])
    return bands.astype(np.uint8).tobytes()


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


def value_words(plane: bytes, picture: Planes) -> str:
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
