"""Numbers and counts in words, as cards, pages and the terminal say them."""

from __future__ import annotations

import math
from collections.abc import Iterable


def percent(part: float) -> str:
    """A share as a percentage that says 100 % or 0 % only when it is exactly that."""
    whole = round(100 * part)
    if whole == 100 and part < 1:
        whole = 99
    if whole == 0 and part > 0:
        return "< 1 %"
    return f"{whole} %"


def number(value: float) -> str:
    """A measured number with two significant digits: ``0``, ``0.031``, ``3.1e-04`` as ``3.1e-4``."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def times(ratio: float) -> str:
    """How many times, in words that can be read aloud: ``3.1``, ``4,200``, ``45 million``."""
    if ratio < 9.95:
        return f"{ratio:.1f}".removesuffix(".0")
    if ratio < 999_500:
        digits = len(str(int(ratio))) - 2
        return f"{round(ratio, -digits if digits > 0 else 0):,.0f}"
    for size, word in ((1e15, ""), (1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if ratio >= 0.9995 * size:
            return (
                f"{float(f'{ratio / size:.2g}'):g} {word}" if word and ratio < 999.5 * size else number(ratio)
            )
    return number(ratio)


def counted(count: int, one: str, many: str = "") -> str:
    """``1 test``, ``3 tests``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
