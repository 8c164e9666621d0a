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
_STOPS = {
    3: "each submission has its own processes, files, network (none), user and limits",
    2: "each submission has a user of its own, no network, and of the files a list; names of files can be seen",
    1: "no network, no new process, and of the files a list; names of files can be seen",
    0: "limits on time, memory and files only: a submission could read this account's files",
}


def doctor(
    full: Annotated[bool, typer.Option("--full", help="Start the real worker with every library.")] = False,
    json: Json = False,
) -> None:
    """Say what this machine has and how student code is shut in here."""
    from autograder.reports import console
    from autograder.worker import IsolationUnavailable, Zygote

    report: dict[str, object] = {"python": platform.python_version(), "system": platform.platform()}
    report["packages"] = {name: _version(name) for name in _CORE}
    report["foreign_autograder"] = _foreign()
    ok = all(report["packages"].values()) and not report["foreign_autograder"]  # type: ignore[attr-defined]
    try:
        with Zygote("best", light=not full) as zygote:
            report |= {"rung": zygote.rung, "isolation": zygote.layers, "notice": zygote.notice}
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
    screen.print(f"Isolation: rung {report['rung']} ({', '.join(report['isolation'])})", soft_wrap=True)
    screen.print(f"  It means: {_STOPS[report['rung']]}.", soft_wrap=True)
    if report["notice"]:
        screen.print(f"  ! {report['notice']}", soft_wrap=True)
