"""Writing generated folders: only what changed is touched, and nothing that a person wrote is lost."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.authoring.errors import EditedByHand
from autograder.authoring.keys import files_below
from autograder.authoring.notebook import digest
from autograder.course import Lesson
from autograder.course.errors import shown


def write_bytes(path: Path, content: bytes) -> bool:
    """Write the file, whole or not at all. False when it held these bytes already."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
    return True


def differing(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Paths below `folder` that are missing, differ from `files`, or are not in it."""
    there = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    wrong = [
        name for name, content in files.items() if name not in there or there[name].read_bytes() != content
    ]
    return sorted(wrong + [name for name in there if name not in files])


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, caches left out."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_below(folder)}


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Make the folder hold exactly `files`. Returns the paths that were written or taken away."""
    changed = differing(folder, files)
    for name in changed:
        if name in files:
            write_bytes(folder / name, files[name])
        else:
            (folder / name).unlink()
    drop_empty(folder)
    return changed


def drop_empty(folder: Path) -> None:
    """Take away folders that hold nothing, and caches that would travel with the lesson."""
    for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        if path.name in ("__pycache__", ".ipynb_checkpoints"):
            shutil.rmtree(path)
        elif not any(path.iterdir()):
            path.rmdir()


def read_notebook(path: Path) -> dict[str, Any] | None:
    """The notebook as data; None when there is no file, or no notebook in it."""
    try:
        notebook = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def edited_by_hand(path: Path, which: str) -> bool:
    """Whether the notebook's sources are not those that a build wrote. `which` is solution or release.

    Outputs do not count: running a generated notebook is no edit.
    """
    if not path.exists():
        return False
    notebook = read_notebook(path)
    try:
        written = notebook["metadata"]["autograder"]["sources"][which]
        return digest(notebook["cells"]) != written
    except (KeyError, TypeError, AttributeError):
        return True


def refuse_hand_edits(lesson: Lesson) -> None:
    """Raises EditedByHand when a build would lose what somebody wrote."""
    problems = []
    for path, which in ((lesson.solution_notebook, "solution"), (lesson.release_notebook, "release")):
        if edited_by_hand(path, which):
            problems.append(
                f"{shown(path, lesson.root)} was edited after it was built, and building would lose that. "
                f"Move what you want to keep into {shown(lesson.lesson_file, lesson.root)}, then delete "
                "the notebook and build again."
                + (" To work on the exercises, use `autograder start`." if which == "release" else "")
            )
    if problems:
        raise EditedByHand(lesson.slug, problems)


def refuse_strays(lesson: Lesson, expected: set[str], generated_folders: tuple[str, ...]) -> None:
    """Raises EditedByHand for files of unknown origin in a solution's folder: they would be released."""
    folder = lesson.solution_folder
    strays = [
        path
        for path in files_below(folder)
        if (name := path.relative_to(folder)).as_posix() not in expected
        and name.parts[0] not in generated_folders
        and path.name != ".OTTER_LOG"
    ]
    if strays:
        raise EditedByHand(
            lesson.slug,
            [
                f"{shown(path, lesson.root)} was not written by the build and would be released to "
                f"learners. Move it to source/{lesson.slug}/files/ or delete it."
                for path in strays
            ],
        )
