"""What a worker can import: an allow-list of installed packages, coursekit, and the worker's own files.

Everything else that is installed stays outside. The list is the closure, by the packages' own metadata,
of what students may use, minus the libraries that would do an exercise for them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ALLOWED = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "matplotlib",
    "pillow",
    "tqdm",
    "ipython",
    "safetensors",
    "msgspec",
)

# Libraries that do exercises, and what grades or serves notebooks.
FORBIDDEN = frozenset(
    [
        "aif360",
        "alibi",
        "bertviz",
        "captum",
        "causal-learn",
        "cobra",
        "dalex",
        "dice-ml",
        "dowhy",
        "econml",
        "eli5",
        "fairlearn",
        "grad-cam",
        "igraph",
        "innvestigate",
        "interpret",
        "interpret-core",
        "jax",
        "lime",
        "mlflow",
        "networkx",
        "nnsight",
        "omnixai",
        "otter-grader",
        "nbgrader",
        "pgmpy",
        "pytest",
        "quantus",
        "river",
        "sae-lens",
        "scikit-image",
        "shap",
        "shapiq",
        "statsmodels",
        "tcav",
        "torch-cam",
        "torchcam",
        "transformer-lens",
        "transformers",
        "zennit",
    ]
)

PACKAGES = "/opt/packages"
SCRATCH = "/scratch"
INSIDE = "worker_inside"

_MISSING_ROOT = "the package {name} is not installed, and workers need it: pip install {name}"


@dataclass(frozen=True)
class Layout:
    """Files of a worker.

    Attributes:
        packages: name in the folder of packages -> real path of a file or folder.
        interpreter: the base Python's executable.
        prefix: the base Python's prefix.
        modules: the folder of its standard library.
        hidden: folders below ``prefix`` (or /usr) whose content must not be seen.
    """

    packages: dict[str, Path]
    interpreter: Path
    prefix: Path
    modules: Path
    hidden: tuple[Path, ...]


def build_layout(*, everything: bool = False) -> Layout:
    """The layout for the Python that runs now.

    Args:
        everything: every installed package, for tests.

    Raises:
        RuntimeError: a needed package is missing.
    """
    packages: dict[str, Path] = {}
    for distribution in metadata.distributions() if everything else _closure(ALLOWED):
        packages.update(_entries(distribution))
    for name in () if everything else FORBIDDEN:
        for entry in _installed_entries(name):
            packages.pop(entry, None)
    packages["coursekit"] = _folder_of("coursekit")
    packages[INSIDE] = Path(__file__).resolve().parent / "inside"
    base = getattr(sys, "_base_executable", None) or sys.executable
    prefix, modules = Path(sys.base_prefix).resolve(), Path(os.__file__).resolve().parent
    return Layout(packages, Path(base).resolve(), prefix, modules, _hidden(prefix, modules))


def _closure(roots: tuple[str, ...]) -> list[metadata.Distribution]:
    """The distributions that ``roots`` require on this machine, extras aside, without forbidden ones."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(roots)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found or name in FORBIDDEN:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in roots:
                raise RuntimeError(_MISSING_ROOT.format(name=name)) from None
            continue
        waiting.extend(_requirements(found[name]))
    return list(found.values())


def _requirements(distribution: metadata.Distribution) -> list[str]:
    names = []
    for text in distribution.requires or []:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            names.append(requirement.name)
    return names


def _installed_entries(name: str) -> dict[str, Path]:
    try:
        return _entries(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        return {}


def _entries(distribution: metadata.Distribution) -> dict[str, Path]:
    """Top-level files and folders of a distribution inside its site-packages."""
    record = distribution.read_text("RECORD")
    if record is not None:  # only the first component of each line counts, and records are long
        names = {line.lstrip('"').split("/", 1)[0].split(",", 1)[0] for line in record.splitlines()}
    else:
        names = {file.parts[0] for file in distribution.files or [] if file.parts}
        names |= set((distribution.read_text("top_level.txt") or "").split())
    entries = {}
    for name in names:
        if name in ("", "..", ".", "__pycache__", "bin") or name.startswith("/") or name.endswith(".pth"):
            continue
        path = Path(str(distribution.locate_file(name)))
        for candidate in (path, path.with_suffix(".py")):
            if candidate.exists():
                entries[candidate.name] = candidate.resolve()
                break
    return entries


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(
            f"the package {package} cannot be found: run pip install -e . in the course's folder"
        )
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def _hidden(prefix: Path, modules: Path) -> tuple[Path, ...]:
    """Folders of packages that come with the base Python or the system: students see none of them."""
    folders = {
        modules / "site-packages",
        modules / "dist-packages",
        prefix / "lib" / "python3" / "dist-packages",
    }
    return tuple(sorted(folder for folder in folders if folder.is_dir()))
