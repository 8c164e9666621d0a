"""The machine: what it has, what it allows, and the command that gets what is missing."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Annotated

import typer

from autograder.cli.common import INFRASTRUCTURE, Json, print_json

_CORE = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "nbgrader",
    "otter-grader",
    "jupyterlab",
    "captum",
    "shap",
    "pytest",
)


def doctor(
    full: Annotated[bool, typer.Option("--full", help="Start the real worker with every library.")] = False,
    json: Json = False,
) -> None:
    """Say what this machine has and how student code is shut in here."""
    from autograder.reports import console
    from autograder.worker import IsolationUnavailable, Zygote
    from autograder.worker.ladder import LEAVES_OPEN, STOPS

    report: dict[str, object] = {"python": platform.python_version(), "system": platform.platform()}
    report["packages"] = {name: _version(name) for name in _CORE}
    report["foreign_autograder"] = _foreign()
    ok = all(report["packages"].values()) and not report["foreign_autograder"]  # type: ignore[attr-defined]
    try:
        with Zygote("best", light=not full) as zygote:
            report |= {"rung": zygote.rung, "isolation": zygote.layers, "notice": zygote.notice}
            report |= {"stops": STOPS[zygote.rung], "leaves_open": LEAVES_OPEN[zygote.rung]}
            report |= {"higher_rungs": zygote.reasons, "next": zygote.advice}
            report["tried"] = "with every library" if full else "with a bare interpreter"
    except (RuntimeError, IsolationUnavailable) as error:
        report |= {"rung": None, "isolation": [], "notice": str(error)}
        ok = False
    if json:
        print_json(report)
    else:
        _show(report, console())
    if not ok:
        raise typer.Exit(INFRASTRUCTURE)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _foreign() -> str:
    """Where another distribution provides the package ``autograder``, if one does."""
    import autograder

    owners = metadata.packages_distributions().get("autograder", [])
    others = sorted(set(owners) - {"interpretable-ai-course"})
    if others:
        return f"{', '.join(others)} also provides a package called autograder ({autograder.__path__[0]} is used)"
    return ""


def _show(report: dict, screen) -> None:
    screen.print(f"Python {report['python']} on {report['system']} ({sys.executable})", soft_wrap=True)
    for name, version in report["packages"].items():
        screen.print(
            f"  ✓ {name} {version}" if version else f"  ✗ {name} is missing: pip install {name}",
            soft_wrap=True,
        )
    if report["foreign_autograder"]:
        screen.print(f"  ✗ {report['foreign_autograder']}: uninstall the other one.", soft_wrap=True)
    if report["rung"] is None:
        screen.print(f"  ✗ no worker starts: {report['notice']}", soft_wrap=True)
        return
    tried = f"tried {report['tried']}"
    screen.print(f"Isolation: rung {report['rung']} of 3 ({tried})", soft_wrap=True)
    screen.print(f"  Layers: {', '.join(report['isolation'])}", soft_wrap=True)
    for title, mark, lines in (
        ("It stops", "✓", report["stops"]),
        ("It leaves open", "-", report["leaves_open"]),
    ):
        screen.print(f"  {title}:")
        for line in lines:
            screen.print(f"    {mark} {line}", soft_wrap=True, markup=False)
    for reason in report["higher_rungs"]:
        screen.print(f"  ! {reason}", soft_wrap=True, markup=False)
    if report["next"]:
        screen.print(f"  For the next rung: {report['next']}", soft_wrap=True, markup=False)
    if not report["rung"]:
        screen.print(f"  ! {report['notice']}", soft_wrap=True, markup=False)
