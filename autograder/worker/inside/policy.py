"""A clear sentence when a submission imports a library that is not there on purpose."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

ABSENT = frozenset(
    [
        "aif360",
        "alibi",
        "bertviz",
        "captum",
        "dalex",
        "dice_ml",
        "dowhy",
        "econml",
        "eli5",
        "fairlearn",
        "igraph",
        "innvestigate",
        "interpret",
        "lime",
        "mlflow",
        "networkx",
        "nnsight",
        "omnixai",
        "otter",
        "pgmpy",
        "pytest",
        "pytorch_grad_cam",
        "quantus",
        "sae_lens",
        "shap",
        "shapiq",
        "skimage",
        "statsmodels",
        "tcav",
        "torchcam",
        "transformer_lens",
        "transformers",
        "zennit",
    ]
)

_SENTENCE = (
    "{name} is not available while your work is graded: an exercise asks for your own code, without libraries "
    "that do it for you. Use what the lesson's set-up cell imports."
)


def sentence(name: str) -> str:
    """What is said of a library of ``ABSENT`` that was asked for."""
    return _SENTENCE.format(name=name)


class AbsentFinder:
    """The last finder of all: it is asked only for what nobody else could find."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Raise ModuleNotFoundError with a sentence for a library of the list; None for any other name."""
        top = name.partition(".")[0]
        if top in ABSENT:
            raise ModuleNotFoundError(sentence(top), name=name)


def install() -> None:
    """Make imports of absent libraries explain themselves."""
    sys.meta_path.append(AbsentFinder())
