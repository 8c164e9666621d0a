"""Print what pyproject.toml asks for, every extra included, one requirement a line, as pip reads them."""

from __future__ import annotations

import tomllib
from pathlib import Path


def requirements(pyproject: Path) -> list[str]:
    """The project's direct requirements, those of all extras included, in order of appearance."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    found = [*project["dependencies"]]
    for extra in project.get("optional-dependencies", {}).values():
        found += extra
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    print("\n".join(requirements(Path(__file__).resolve().parents[1] / "pyproject.toml")))
