"""Everything a learner's notebook may import from the course: models, data, plots and checks.

``import coursekit as kit`` loads nothing heavy; each name below imports its module when first used.
The kit holds no exercise's answer.
"""

from __future__ import annotations

import importlib

# now, not when first used: once a module of the same name is imported, it would stand in the function's place
from coursekit.need import need as need
from coursekit.stored import stored as stored
from coursekit.watch import watch as watch

_HOMES = {
    "coursekit.rng": ["Rng"],
    "coursekit.watch": ["watch"],
    "coursekit.need": ["need", "Missing"],
    "coursekit.stored": ["stored"],
    "coursekit.checks.notebook": ["check", "small_case"],
    "coursekit.notebook": ["begin", "answered"],
    "coursekit.hints": ["hint"],
    "coursekit.predictions": ["predict", "outcome"],
    "coursekit.models": ["Net", "mlp", "glyph_cnn"],
    "coursekit.models.trees": ["TreeArrays"],
    "coursekit.predictors": ["predictor"],
    "coursekit.callables": ["map_explainer"],
    "coursekit.data": ["digits", "make_blobs_image"],
    "coursekit.data.watermark": ["make_watermark"],
    "coursekit.data.real": ["imagenet_cnn", "photographs"],
    "coursekit.plots": [
        "bars",
        "curve",
        "heatmap",
        "landscape",
        "link",
        "panels",
        "scatter",
        "show_maps",
        "squares",
        "table",
        "waterfall",
    ],
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str):
    if name not in _HOME_OF:
        raise AttributeError(f"module 'coursekit' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
