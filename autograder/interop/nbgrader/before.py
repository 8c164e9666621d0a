"""``pre_convert_hook``: put aside what nbgrader would stop at before it has read a notebook."""

from __future__ import annotations

import os
from pathlib import Path

from nbgrader import utils

from autograder.course import load_course

ASIDE = ".ipynb_checkpoints"
"""nbgrader never looks into this folder, so what lies there is kept and in nobody's way."""


def before_student(assignment: str, student: str, notebooks: list[str]) -> None:
    """Called by nbgrader once for each student, in the course's folder, before anything is copied.

    A notebook under another name stands for the one of the right name (the list is changed in place, and the
    exporter finds the bytes). A dangling link, a pipe, a file in a folder's place or a time stamp that is no
    time would cost the student's grade, so they are moved aside inside the student's own folder.
    """
    for folder in {os.path.dirname(path) for path in notebooks}:
        right = os.path.join(folder, f"{os.path.basename(folder)}.ipynb")
        if right not in notebooks:
            notebooks[:] = [right]
        _put_aside(Path(folder), load_course().root / "solutions" / os.path.basename(folder))


def _put_aside(folder: Path, master: Path) -> None:
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if ASIDE in inside.parts or any(one in path.parents for one in found):
            continue
        if _in_the_way(path, inside, master / inside):
            found.append(path)
    for number, path in enumerate(found):
        (folder / ASIDE).mkdir(exist_ok=True)
        path.rename(folder / ASIDE / f"put-aside-{number}-{path.name}")


def _in_the_way(path: Path, inside: Path, ours: Path) -> bool:
    if ours.exists() and ours.is_dir() != path.is_dir():
        return True
    if path.is_dir():
        return False
    if path.suffix != ".ipynb" and not (path.is_file() and os.access(path, os.R_OK)):
        return True
    return inside == Path("timestamp.txt") and not _is_time(path)


def _is_time(path: Path) -> bool:
    try:
        utils.parse_utc(path.read_text(encoding="utf-8").strip() or None)
    except Exception:  # whatever nbgrader's parser ends in, it would end nbgrader's run with it
        return False
    return True
