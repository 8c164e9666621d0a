"""How much one reply may hold; the judge enforces it, the harness asks before it sends."""

from __future__ import annotations

from coursekit import wire

_HEADER_BYTES = 4 << 20
_NODES = 400_000


def of_replies(megabytes: int) -> wire.Bounds:
    """Bounds of a reply with arrays of at most ``megabytes`` MB in all."""
    return wire.Bounds(header=_HEADER_BYTES, total=megabytes << 20, nodes=_NODES)
