"""Who may import whom: the walls between the packages, read from the sources."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    {"records"},
    {"course"},
    {"submissions"},
    {"worker"},
    {"judge"},
    {"authoring"},
    {"reports"},
    {"gradebook", "interop", "cluster"},
    {"cli"},
]


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, anywhere in it; relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (start, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def floor(name: str) -> int | None:
    """The number of a package's floor; None for what is none (``autograder.__version__``)."""
    return next((number for number, names in enumerate(FLOORS) if name in names), None)


def test_every_package_of_the_engine_has_its_floor():
    packages = {path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")}
    assert packages - set().union(*FLOORS) == set()


def test_a_package_imports_only_what_stands_before_it():
    wrong = set()
    for path in files("autograder"):
        inside = path.relative_to(ROOT / "autograder").parts[0]
        if inside == "__main__.py":  # python -m autograder: nothing imports it
            continue
        mine = floor(inside)
        for module in imports(path):
            parts = module.split(".")
            other = floor(parts[1]) if parts[0] == "autograder" and len(parts) > 1 else None
            if other is None or parts[1] == inside:
                continue
            if mine is None or other >= mine:
                wrong.add(f"{path.relative_to(ROOT)} imports autograder.{parts[1]}")
    assert wrong == set()


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("coursekit", {"autograder", "reference_impl", "tests"}),
        ("autograder/worker/inside", {"autograder", "reference_impl", "tests"}),
        ("reference_impl", {"autograder", "tests", "reference_impl"}),
        ("autograder", {"reference_impl", "tests"}),
    ],
)
def test_walls(folder: str, forbidden: set[str]):
    itself = folder.replace("/", ".") + "."
    found = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(folder)
        for module in imports(path)
        if module.split(".")[0] in forbidden and not f"{module}.".startswith(itself)
    }
    assert found == set()


def test_nothing_pickles_and_nothing_calls_a_shell():
    found = set()
    for path in [*files("autograder"), *files("coursekit")]:
        text = path.read_text(encoding="utf-8")
        modules = {module.split(".")[0] for module in imports(path)}
        for name in modules & {"pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}:
            found.add(f"{path.relative_to(ROOT)} imports {name}")
        if "shell=True" in text or "os.system(" in text:
            found.add(f"{path.relative_to(ROOT)} calls a shell")
    assert found == set()


@pytest.mark.parametrize("module", ["autograder", "coursekit", "autograder.cli", "autograder.cli.app"])
def test_torch_is_imported_only_where_it_is_needed(module: str):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
