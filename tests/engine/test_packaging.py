"""What is declared, pinned, documented and shipped are the same things."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What PyTorch's build with CUDA brings along; its CPU build, which the pins were made with, does not.
CUDA = re.compile(r"nvidia-.*|cuda-.*|triton")
# The last is what the worker's own modules are called inside the sandbox.
OURS = {"autograder", "coursekit", "reference_impl", "worker_inside"}
pinned_platform = pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info[:2] != (3, 11),
    reason="constraints.txt lists what is installed on Linux with Python 3.11; run it there",
)


def declared() -> dict[str, list[str]]:
    """Requirements by section: "" for those always installed, else the extra's name."""
    return {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def direct() -> set[str]:
    return set().union(*(names(requirements) for requirements in declared().values()))


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
            assert match, f"constraints.txt: {line!r} is not name==version"
            name = canonicalize_name(match[1])
            assert name not in found, f"constraints.txt names {name} twice"
            found[name] = match[2]
    return found


def closure() -> set[str]:
    """Every package that the project's requirements lead to on this machine."""
    todo = [Requirement(text) for requirements in declared().values() for text in requirements]
    done: set[tuple[str, frozenset[str]]] = set()
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        key = name, frozenset(wanted.extras)
        if key in done or CUDA.fullmatch(name):
            continue
        done.add(key)
        try:
            texts = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            pytest.fail(f"{name} is required and not installed. Run: make setup")
        for requirement in map(Requirement, texts):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *wanted.extras)):
                todo.append(requirement)
    return {name for name, _ in done}


@pinned_platform
def test_every_package_that_is_needed_is_pinned_and_no_other():
    needed = closure()
    assert sorted(needed - pins().keys()) == [], "needed, and not in constraints.txt"
    assert sorted(pins().keys() - needed) == [], "in constraints.txt, and nothing needs it"


@pinned_platform
def test_what_is_installed_is_what_is_pinned():
    installed = {name: metadata.version(name).partition("+")[0] for name in pins()}
    assert installed == pins(), "run: make setup"


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0"])
def test_every_pin_takes_every_python_that_we_take(python: str):
    """Debian 12 has 3.11.2; some packages want a later 3.11."""
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    refusing = [
        name
        for name in pins().keys() & closure()
        if not SpecifierSet(metadata.metadata(name).get("Requires-Python") or "").contains(python)
    ]
    assert refusing == []


def test_every_direct_requirement_is_pinned_within_its_range():
    for text in (text for requirements in declared().values() for text in requirements):
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)]), text


def test_versions_stand_in_constraints_alone():
    with_version = [t for r in declared().values() for t in r if Requirement(t).specifier]
    assert with_version == [f"torch=={pins()['torch']}"]


def test_environment_takes_everything_but_python_from_the_constraints():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    assert environment["channels"] == ["conda-forge"]
    assert [re.split("[=<>]", text)[0] for text in conda] == ["python", "pip", "bubblewrap"]
    python = conda[0].partition("=")[2]
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{python}.9")
    constraint, editable = pip["pip"]
    assert constraint == "--constraint constraints.txt"
    extras = re.fullmatch(r"--editable \.\[(.*)\]", editable)
    assert extras is not None
    assert sorted(extras[1].split(",")) == sorted(PROJECT["optional-dependencies"])


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """Section -> package -> (what for, licence) of docs/dependencies.md."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        match = re.match(r"Extra `(\w+)`", title)
        if match or title == "Always installed":
            rows = re.findall(r"^\| ([\w.-]+) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
            rows = [row for row in rows if row[0] != "package"]
            found[match[1] if match else ""] = {name: (why, licence) for name, why, licence in rows}
            assert len({name for name, _, _ in rows}) == len(rows), f"a package stands twice under {title!r}"
    return found


def test_every_direct_requirement_has_its_line_and_no_other_package_has():
    lines = documented()
    assert lines.keys() == declared().keys()
    for section, requirements in declared().items():
        assert set(lines[section]) == names(requirements), section or "always installed"
        for name, (why, licence) in lines[section].items():
            assert why.strip(), name
            assert licence.strip(), name


def imported(path: Path) -> Iterator[str]:
    """Top-level modules that a Python file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_what_is_imported_is_declared():
    """Also what another requirement brings along: it may stop doing so."""
    owners = metadata.packages_distributions()
    undeclared: dict[str, str] = {}
    for folder in ("autograder", "coursekit", "reference_impl", "source", "tests", "scripts", "benchmarks"):
        files = [p for p in (ROOT / folder).rglob("*.py") if "independent" not in p.parts]
        local = {p.stem for p in files} | {p.parent.name for p in files}
        for path in files:
            for module in set(imported(path)) - sys.stdlib_module_names - OURS:
                distributions = {canonicalize_name(name) for name in owners.get(module, [])}
                if distributions and not distributions & direct():
                    undeclared[module] = str(path.relative_to(ROOT))
                elif not distributions and module not in local:
                    undeclared[module] = f"{path.relative_to(ROOT)} (not installed)"
    assert undeclared == {}, "name these in pyproject.toml, constraints.txt and docs/dependencies.md"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The project as ``pip install .`` gets it, built beside the project's folder, not in it."""
    copy, out = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in ("autograder", "coursekit"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXTS", "NOTICE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)
    code = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", code, str(out)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_an_ordinary_install_has_every_file_of_the_packages(wheel: zipfile.ZipFile):
    shipped = set(wheel.namelist())
    here = {
        path.relative_to(ROOT).as_posix()
        for folder in ("autograder", "coursekit")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sorted(here - shipped) == [], "name these under [tool.setuptools.package-data]"


def test_an_ordinary_install_has_nothing_that_belongs_to_the_instructor(wheel: zipfile.ZipFile):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"autograder", "coursekit"}


def test_the_licences_are_shipped(wheel: zipfile.ZipFile):
    shipped = {name.rpartition("/")[2] for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert shipped == {"LICENSE", "LICENSE-TEXTS", "NOTICE"}


def test_the_command_and_the_plugin_of_pytest_are_registered(wheel: zipfile.ZipFile):
    path = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    text = wheel.read(path).decode()
    assert "[console_scripts]\nautograder = autograder.cli:main" in text
    assert "[pytest11]\ninterpretable-ai-course = autograder.judge.plugin" in text


def test_no_version_is_written_for_one_machine_only():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    for sign in ("://", "file:", " @ ", "--", "+cpu"):
        assert sign not in text
