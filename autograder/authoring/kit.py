"""``release/setup``: coursekit as a folder that ``pip install`` takes, and the versions to use."""

from __future__ import annotations

import re

from autograder import __version__
from autograder.authoring.keys import kit_files, kit_folder
from autograder.course import Course, CourseError

NEEDED = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "matplotlib",
    "pillow",
    "safetensors",
    "msgspec",
    "pytest",
)
"""What coursekit imports."""
ASIDE = ("jupyterlab", "ipykernel", "captum", "shap", "otter-grader")
"""What learners work with besides: the editor, and the libraries that lessons compare with."""


def setup_files(course: Course) -> dict[str, bytes]:
    """Contents by path below ``release/setup``."""
    versions = _versions(course)
    files = {
        "README.md": _readme(course).encode(),
        "pyproject.toml": _pyproject().encode(),
        "requirements.txt": _requirements(versions).encode(),
    }
    folder = kit_folder()
    for path in kit_files():
        files[f"coursekit/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return files


def _versions(course: Course) -> dict[str, str]:
    """Versions by package from constraints.txt; empty where the course has none."""
    path = course.root / "constraints.txt"
    if not path.exists():
        return {}
    versions = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;#]+)", line)
        if found:
            versions[re.sub(r"[-_.]+", "-", found[1]).lower()] = found[2].split("+")[0]
    missing = [name for name in (*NEEDED, *ASIDE) if name not in versions]
    if missing:
        raise CourseError(
            f"constraints.txt gives no version of {', '.join(missing)}. Add name==version lines."
        )
    return versions


def _requirements(versions: dict[str, str]) -> str:
    lines = [f"{name}=={versions[name]}" if name in versions else name for name in (*NEEDED, *ASIDE)]
    return "# The versions this course was tested with.\n" + "\n".join(lines) + "\n"


def _pyproject() -> str:
    needed = "".join(f'    "{name}",\n' for name in NEEDED)
    return f"""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "interpretable-ai-coursekit"
version = "{__version__}"
description = "What the notebooks of the course import: models, data, plots and checks"
requires-python = ">=3.11,<3.13"
license = "BSD-3-Clause"
dependencies = [
{needed}]

[tool.setuptools.packages.find]
include = ["coursekit*"]

[tool.setuptools.package-data]
coursekit = ["**/*"]
"""


def _readme(course: Course) -> str:
    return f"""# {course.title}: set-up

Once, in a terminal, in the folder that holds this one:

    python -m pip install -r setup/requirements.txt ./setup

That installs the libraries in the versions the course was tested with, and coursekit, which the notebooks
import. Without a graphics card, install torch's CPU build first: it is much smaller.
Then start `jupyter lab` and open a lesson's notebook.
"""
