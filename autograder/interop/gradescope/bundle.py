"""The zip that Gradescope takes as an autograder, and ``otter run`` too. The same course gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import coursekit
from autograder.course import EXCEPTIONS_FILE, ROSTER_FILE, Course, CourseError, Lesson
from autograder.interop.gradescope.run import LESSON_FILE
from autograder.records.store import write_atomically

PLUGIN = "autograder.interop.otter.plugin.RecordPlugin"
_WHEN = (1980, 1, 1, 0, 0, 0)
_NOT_NEEDED = frozenset(
    {
        "jupyterlab",
        "nbgrader",
        "jupytext",
        "nbclient",
        "nbconvert",
        "jupyter-client",
        "otter-grader",
        "sqlalchemy",
    }
)
"""Of the engine's dependencies what only authors and other routes use."""
_NO_RELEASE = "{lesson} has no release yet. Run: autograder build {label}"
_NO_SOURCE = "{what} is missing in {root}. Export from a checkout of the course."

RUN = """#!/bin/sh
# Gradescope copies this file to /autograder/run_autograder and calls it for every submission.
base=${AUTOGRADER_ROOT:-/autograder}
python=${AUTOGRADER_PYTHON:-$base/venv/bin/python}
cd "$base/source/course" || exit 3
exec "$python" -I -m autograder.interop.gradescope.run "$base"
"""
SETUP = """#!/bin/sh
# Gradescope calls this once, when it builds the image.
set -e
base=${AUTOGRADER_ROOT:-/autograder}
apt-get update
apt-get install -y --no-install-recommends bubblewrap
for version in 3.12 3.11; do
    if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then break; fi
done
"python$version" -m venv "$base/venv"
# Name the index of PyTorch's CPU builds in TORCH_INDEX: without it torch brings 3 GB that nothing here uses.
"$base/venv/bin/pip" install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \\
    -r "$base/source/requirements.txt"
"$base/venv/bin/pip" install --no-cache-dir --no-deps "$base/source/engine"
"""


def write_bundle(course: Course, lesson: Lesson, target: Path) -> list[str]:
    """Write the bundle of one lesson; returns the names in it. Raises CourseError when something is missing."""
    if not lesson.release_notebook.is_file():
        raise CourseError(_NO_RELEASE.format(lesson=lesson.slug, label=lesson.label))
    files = dict(sorted(_files(course, lesson)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in ("run_autograder", "setup.sh") else 0o644) << 16
            bundle.writestr(entry, data)
    write_atomically(target, stream.getvalue())
    return list(files)


def _files(course: Course, lesson: Lesson) -> Iterator[tuple[str, bytes]]:
    yield "run_autograder", RUN.encode()
    yield "setup.sh", SETUP.encode()
    yield "requirements.txt", _requirements(course).encode()
    yield "otter_config.json", _otter_config().encode()
    yield "tests/README.md", b"Points come from the judge's record; Otter wants this folder to be there.\n"
    yield LESSON_FILE, f"{lesson.slug}\n".encode()
    yield "engine/pyproject.toml", _pyproject(course).encode()
    for package in (Path(__file__).resolve().parents[2], Path(coursekit.__file__).resolve().parent):
        for path in _below(package):
            yield f"engine/{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()
    yield "course/course.toml", (course.root / "course.toml").read_bytes()
    for folder in (lesson.source_folder, lesson.graders_folder):
        for path in _below(folder):
            yield f"course/{path.relative_to(course.root).as_posix()}", path.read_bytes()
    for path in (lesson.reference_file, lesson.release_notebook):
        yield f"course/{path.relative_to(course.root).as_posix()}", path.read_bytes()
    yield from _class(course, lesson)


def _class(course: Course, lesson: Lesson) -> Iterator[tuple[str, bytes]]:
    """What the policy needs to know of the class: this lesson's exceptions, and who is who."""
    policy = course.policy
    rows = [
        [student, lesson.slug, due.isoformat(), "", "", ""]
        for (student, slug), due in policy.extensions.items()
        if slug == lesson.slug
    ]
    for (student, slug), items in policy.points.items():
        if slug == lesson.slug:
            rows += [[student, slug, "", item, repr(one.points), one.comment] for item, one in items.items()]
    if rows:
        head = ["student", "lesson", "due", "item", "points", "comment"]
        yield f"course/{EXCEPTIONS_FILE}", _csv([head, *rows])
    if course.roster is not None:
        people = [[s.id, s.email, s.systems.get("gradescope", "")] for s in course.roster.students]
        yield f"course/{ROSTER_FILE}", _csv([["id", "email", "gradescope"], *people])


def _csv(rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def _project(course: Course) -> dict:
    path = course.root / "pyproject.toml"
    if not path.is_file():
        path = Path(__file__).resolve().parents[3] / "pyproject.toml"
    if not path.is_file():
        raise CourseError(_NO_SOURCE.format(what="pyproject.toml", root=course.root))
    return {"folder": path.parent, **tomllib.loads(path.read_text(encoding="utf-8"))}


def _requirements(course: Course) -> str:
    """Every package that the judge and the worker import, pinned."""
    project = _project(course)
    names = [re.split(r"[<>=!\[; ]", line)[0] for line in project["project"]["dependencies"]]
    constraints = (project["folder"] / "constraints.txt").read_text(encoding="utf-8")
    pinned = {m[1].lower(): m[2] for m in re.finditer(r"^([\w.-]+)==([^\s;#]+)", constraints, re.MULTILINE)}
    lines = [f"{name}=={pinned[name.lower()]}" for name in names if name not in _NOT_NEEDED]
    return "# What the judge and the worker import, in the versions this course was tested with.\n" + (
        "\n".join(lines) + "\n"
    )


def _pyproject(course: Course) -> str:
    project = _project(course)["project"]
    return f"""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{project["name"]}"
version = "{project["version"]}"
requires-python = "{project["requires-python"]}"

[tool.setuptools.packages.find]
include = ["autograder*", "coursekit*"]

[tool.setuptools.package-data]
coursekit = ["assets/**/*"]
autograder = ["**/templates/**/*"]
"""


def _otter_config() -> str:
    config = {"lang": "python", "plugins": [{PLUGIN: {}}], "show_hidden": True, "print_summary": True}
    return json.dumps(config, indent=1) + "\n"
