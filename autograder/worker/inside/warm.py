"""Imports everything a lesson may need and touches what loads late, so that no worker pays for it."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

_LIBRARIES = (
    "numpy",
    "numpy.testing",
    "torch",
    "torch.nn.functional",
    "scipy.stats",
    "scipy.optimize",
    "scipy.special",
    "scipy.linalg",
    "scipy.ndimage",
    "scipy.sparse",
    "scipy.spatial.distance",
    "sklearn.linear_model",
    "sklearn.tree",
    "sklearn.ensemble",
    "sklearn.cluster",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.preprocessing",
    "sklearn.decomposition",
    "sklearn.datasets",
    "pandas",
    "matplotlib.pyplot",
    "PIL.Image",
    "IPython.display",
)
_KIT = (
    "coursekit",
    "coursekit.rng",
    "coursekit.registry",
    "coursekit.wire",
    "coursekit.watch",
    "coursekit.calling",
    "coursekit.probes",
    "coursekit.plots",
    "coursekit.notebook",
    "coursekit.need",
    "coursekit.stored",
)
_KIT_ON_TORCH = ("coursekit.models", "coursekit.models.net", "coursekit.callables", "coursekit.data")

_MANY_THREADS = "the zygote runs {count} threads; a forked worker would wait for them for ever"


def warm(libraries: Sequence[str] | None = None) -> list[str]:
    """Load the libraries. Returns the names of coursekit's modules that could not be loaded.

    Args:
        libraries: modules to load in the place of the usual ones. Without torch among them, coursekit's
            modules that rest on it are not loaded either: whoever imports one then waits for it.

    Raises:
        ImportError: a library is not there.
        RuntimeError: a thread was started.
    """
    missing = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _LIBRARIES if libraries is None else libraries:
            importlib.import_module(name)
        if "numpy" in sys.modules:
            _touch_numpy()
        if "torch" in sys.modules:
            _touch_torch()
        for name in (*_KIT, *_KIT_ON_TORCH) if "torch" in sys.modules else _KIT:
            try:
                importlib.import_module(name)
            except ImportError:
                missing.append(name)
    _close_figures()
    tasks = Path("/proc/self/task")
    if tasks.is_dir() and (count := len(os.listdir(tasks))) != 1:
        raise RuntimeError(_MANY_THREADS.format(count=count))
    return missing


def _touch_torch() -> None:
    """What torch loads on first use: autograd, convolution, optimisers, linear algebra."""
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):  # may be set once only
        torch.set_num_interop_threads(1)
    state = torch.get_rng_state()
    for dtype in (torch.float32, torch.float64):
        network = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3, padding=1),
            torch.nn.BatchNorm2d(4),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(64, 3),
            torch.nn.Softmax(dim=1),
        ).to(dtype)
        optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
        images = torch.zeros(2, 3, 8, 8, dtype=dtype, requires_grad=True)
        network(images).log().mean().backward()
        optimiser.step()
        matrix = torch.eye(8, dtype=dtype)
        torch.linalg.inv(matrix @ matrix)
        torch.linalg.svd(matrix)
        torch.einsum("ij,jk->ik", matrix, matrix)
        torch.nn.functional.interpolate(torch.zeros(1, 1, 4, 4, dtype=dtype), scale_factor=2, mode="bilinear")
    torch.set_rng_state(state)


def _touch_numpy() -> None:
    """What numpy loads on first use: linear algebra and generators."""
    import numpy as np

    np.linalg.solve(np.eye(8), np.ones(8))
    np.linalg.svd(np.eye(8))
    np.random.default_rng(0).normal(size=4)


def _close_figures() -> None:
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is not None:
        plots.close("all")
