"""What the outputs of a solution depend on, as hashes: `build --check` says which of them moved."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.authoring.notebook import Notebook, source
from autograder.course import Course, Lesson

_SKIPPED = ("__pycache__", ".ipynb_checkpoints", ".DS_Store")
NAMES = {
    "code": "its code cells (lesson.py, the reference or quiz.toml)",
    "checks": "its public checks",
    "coursekit": "coursekit",
    "constraints": "constraints.txt",
}
"""How each component is called in messages."""


def kit_folder() -> Path:
    """The folder of the coursekit that runs here."""
    spec = importlib.util.find_spec("coursekit")
    return Path(spec.origin).parent


def files_below(folder: Path) -> list[Path]:
    """All files of a folder in a fixed order, caches left out."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not set(path.parts) & set(_SKIPPED) and path.suffix != ".pyc")


def kit_files() -> list[Path]:
    """The files of coursekit that travel to learners; the scripts that trained its weights stay at home."""
    folder = kit_folder()
    return [path for path in files_below(folder) if path.relative_to(folder).parts[0] != "training"]


def hash_files(paths: Iterable[Path], base: Path) -> str:
    """One hash of names and contents."""
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()[:20]


def kit_hash() -> str:
    """The hash of what lessons use of coursekit: its code and its stored weights."""
    folder = kit_folder()
    return hash_files(kit_files(), folder)


def execution_key(
    course: Course, lesson: Lesson, notebook: Notebook, kit: str | None = None
) -> dict[str, str]:
    """What the notebook's outputs depend on. `kit` is `kit_hash()` where it is known already."""
    code = "\0".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")
    constraints = course.root / "constraints.txt"
    return {
        "code": hashlib.sha256(code.encode()).hexdigest()[:20],
        "checks": hash_files(files_below(lesson.checks_folder), lesson.checks_folder),
        "coursekit": kit or kit_hash(),
        "constraints": hash_files([constraints] if constraints.exists() else [], course.root),
    }


def examples_key(course: Course, lesson: Lesson, kit: str | None = None) -> str:
    """What the recorded examples depend on: reference, public checks, declared mistakes, coursekit, seed."""
    files = [lesson.reference_file, *files_below(lesson.checks_folder), *files_below(lesson.graders_folder)]
    text = f"{hash_files(files, course.root)} {kit or kit_hash()} {course.seed}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The names of the components that differ, joined; empty when none does."""
    return ", ".join(NAMES[name] for name in new if old.get(name) != new[name])
