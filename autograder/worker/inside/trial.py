"""Limits for the worker that is started once to see which layers work here."""

from __future__ import annotations

LIMITS = {
    "wall_s": 10,
    "cpu_s": 10,
    "memory_mb": 256,
    "processes": 8,
    "file_mb": 1,
    "output_kb": 1,
    "output_mb": 1,
    "reply_mb": 1,
    "scratch_mb": 1,
}
