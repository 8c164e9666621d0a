"""What a worker can import: an allow-list of installed packages, coursekit, and the worker's own files.

Everything else that is installed stays outside. The list is the closure, by the packages' own metadata,
of what students may use, minus the libraries that would do an exercise for them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
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

_JUDGES = ("pytest", "pluggy")
"""Distributions with which a judge collects graders, and that workers do not have."""

PACKAGES = "/opt/packages"
SCRATCH = "/scratch"
INSIDE = "worker_inside"

_OPTIONAL = ("/etc/ld.so.cache", "/usr/share/zoneinfo", "/sys/devices/system/cpu")
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
        system: files and folders of the C library and its like.
    """

    packages: dict[str, Path]
    interpreter: Path
    prefix: Path
    modules: Path
    hidden: tuple[Path, ...]
    system: tuple[Path, ...]

    def readable(self) -> dict[str, list[str]]:
        """Paths of this machine: ``read`` with all below them, and ``list``, whose names alone may be read.

        For a wall that knows real paths only, and from which nothing can be taken out again.
        """
        read = [*self.system, self.interpreter, *self.packages.values()]
        listed = [self.modules]
        if self.prefix != Path("/usr"):  # a system's own Python shares that folder with every other program
            read += [path for path in (self.prefix / "lib").iterdir() if path != self.modules]
        read += [path for path in self.modules.iterdir() if path not in self.hidden]
        read = [path for path in read if not any(hidden.is_relative_to(path) for hidden in self.hidden)]
        return {"read": sorted(map(str, read)), "list": sorted(map(str, listed))}


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
    hidden = _hidden(prefix, modules)
    return Layout(packages, Path(base).resolve(), prefix, modules, hidden, _system_libraries())


def versions() -> dict[str, str]:
    """The installed version of every distribution that workers can import, and of what the judge adds.

    What is missing is left out: starting a worker says so.
    """
    workers = _closure(tuple(name for name in ALLOWED if _is_installed(name)))
    judges = [metadata.distribution(name) for name in _JUDGES if _is_installed(name)]
    return {canonicalize_name(one.name): one.version for one in (*workers, *judges)}


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


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


def _system_libraries() -> tuple[Path, ...]:
    """Folders of the C library and its like, without what else is installed below /usr/lib."""
    multiarch = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
    folders = [multiarch, "/usr/lib/locale"] if Path(multiarch).is_dir() else ["/usr/lib"]
    folders += ["/usr/lib64", "/usr/lib32", "/lib", "/lib64"]
    found = [Path(path) for path in folders if Path(path).is_dir() and not Path(path).is_symlink()]
    return (*found, *(Path(path) for path in _OPTIONAL if Path(path).exists()))


def _hidden(prefix: Path, modules: Path) -> tuple[Path, ...]:
    """Folders of packages that come with the base Python or the system: students see none of them."""
    folders = {
        modules / "site-packages",
        modules / "dist-packages",
        prefix / "lib" / "python3" / "dist-packages",
    }
    return tuple(sorted(folder for folder in folders if folder.is_dir()))
