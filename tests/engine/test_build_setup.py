"""What learners install: coursekit as a folder that pip takes, and tested versions."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.authoring.files import contents, replace_folder
from autograder.authoring.kit import ASIDE, NEEDED, setup_files
from autograder.course import CourseError, find_root, load_course


def test_pip_makes_a_wheel_of_it(small_course, tmp_path):
    folder = tmp_path / "setup"
    files = setup_files(load_course(small_course.root))
    replace_folder(folder, files)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", str(folder)]
    done = subprocess.run([*pip, "-w", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("coursekit/")}
    assert packed == {name for name in files if name.startswith("coursekit/")}


def test_the_courses_versions_are_pinned():
    course = load_course(find_root(Path(__file__).parent))
    lines = setup_files(course)["requirements.txt"].decode().split("\n")[1:-1]
    assert [re.match(r"([a-z-]+)==\d", line)[1] for line in lines] == [*NEEDED, *ASIDE]
    assert not any("+" in line for line in lines)


def test_a_missing_version_is_named(small_course):
    small_course.write("constraints.txt", "".join(f"{name}==1.0\n" for name in NEEDED[1:]))
    with pytest.raises(CourseError, match=r"constraints\.txt gives no version of torch, jupyterlab, "):
        setup_files(load_course(small_course.root))


def test_neither_engine_nor_reference_is_in_it(small_course):
    replace_folder(small_course.root / "release/setup", setup_files(load_course(small_course.root)))
    for name, content in contents(small_course.root / "release/setup").items():
        assert not name.startswith(("autograder", "reference_impl", "tests"))
        if name.endswith(".py"):
            assert not re.search(rb"^\s*(from|import) (autograder|reference_impl)", content, re.MULTILINE), (
                name
            )
