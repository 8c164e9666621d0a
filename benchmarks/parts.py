"""What the parts of a grading cost: starts, the way to the first record, calls, the wall, workers.

python benchmarks/parts.py --rounds 5
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measuring import run, summary, tree_mb  # noqa: E402

LIBRARIES = "import torch, scipy.stats, sklearn.linear_model, pandas"
SIZES = {"nothing": 0, "1 kB": 1 << 7, "100 kB": 100 << 7, "1 MB": 1 << 17, "10 MB": 10 << 17}
"""float64 numbers that go there and back."""
_CELLS = [{"index": 0, "source": "def echo(x):\n    return x\n"}]


def starts(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds of each command doing nothing, and of importing the libraries, in turn."""
    here = Path(sys.executable).parent
    commands = {
        f'python -c "{LIBRARIES}"': [sys.executable, "-c", LIBRARIES],
        "autograder --help": [sys.executable, "-m", "autograder", "--help"],
        "nbgrader --version": [os.fspath(here / "nbgrader"), "--version"],
        "otter --version": [os.fspath(here / "otter"), "--version"],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, command in commands.items():
                one = run(command, ROOT, log=Path(folder) / "log")
                found[name].append((one.wall_s, one.cpu_s))
    return found


def first_record(rounds: int) -> list[tuple[float, float]]:
    """Wall seconds of importing the libraries, and of grading one notebook from nothing, in turn."""
    from autograder.course import load_course

    notebook = load_course(ROOT).find_lesson(2).solution_notebook
    found = []
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "out", Path(folder) / "log"
        for _ in range(rounds):
            libraries = run([sys.executable, "-c", LIBRARIES], ROOT, log=log)
            shutil.rmtree(out, ignore_errors=True)
            command = [sys.executable, "-m", "autograder", "grade", os.fspath(notebook), "--lesson", "02"]
            one = run([*command, "--out", os.fspath(out), "--jobs", "1", "--json", "--fresh"], ROOT, log=log)
            found.append((libraries.wall_s, one.wall_s))
    return found


def calls(rounds: int) -> dict[str, list[float]]:
    """Wall seconds of one remote call that sends an array there and back, by size."""
    import numpy as np

    from autograder.worker import Zygote

    found: dict[str, list[float]] = {size: [] for size in SIZES}
    with Zygote() as zygote:
        session = zygote.session()
        session.request({"op": "load", "cells": _CELLS, "stubs": {"echo": ""}}, wall_s=60)
        for _ in range(rounds):
            for size, count in SIZES.items():
                message = {"op": "call", "name": "echo", "args": [np.zeros(count)], "kwargs": {}}
                started = time.perf_counter()
                session.request(message, wall_s=60)
                found[size].append(time.perf_counter() - started)
        session.close()
    return found


def wall(rounds: int) -> dict[str, list[float]]:
    """Wall seconds of one session (fork, load, one call, end), without a sandbox and in the full one, in turn."""
    from autograder.worker import IsolationUnavailable, Zygote

    found: dict[str, list[float]] = {}
    zygotes = []
    for isolation in ("plain", "strict"):
        zygote = Zygote(isolation)
        try:
            zygote.start()
        except IsolationUnavailable:
            zygote.close()
            continue
        zygotes.append((f"{isolation}: {', '.join(zygote.layers)}", zygote))
    try:
        for _ in range(rounds + 1):
            for name, zygote in zygotes:
                started = time.perf_counter()
                session = zygote.session()
                session.request({"op": "load", "cells": _CELLS, "stubs": {"echo": ""}}, wall_s=60)
                session.request({"op": "call", "name": "echo", "args": [1.0], "kwargs": {}}, wall_s=60)
                session.close()
                found.setdefault(name, []).append(time.perf_counter() - started)
    finally:
        for _, zygote in zygotes:
            zygote.close()
    return {name: values[1:] for name, values in found.items()}


def workers(count: int) -> tuple[float, float]:
    """MB of a zygote and its sandbox, and MB that each of ``count`` workers adds while all of them live."""
    from autograder.worker import Zygote

    before = tree_mb(os.getpid())
    with Zygote() as zygote:
        loaded = tree_mb(os.getpid())
        sessions = []
        for _ in range(count):
            session = zygote.session()
            session.request({"op": "load", "cells": _CELLS, "stubs": {"echo": ""}}, wall_s=60)
            session.request({"op": "call", "name": "echo", "args": [1.0], "kwargs": {}}, wall_s=60)
            sessions.append(session)
        full = tree_mb(os.getpid())
        for session in sessions:
            session.close()
    return loaded - before, (full - loaded) / count


def table(rounds: int) -> str:
    """Everything as Markdown."""
    lines = ["| | wall, median | least to most | CPU, median |", "|---|---|---|---|"]
    for name, values in starts(rounds).items():
        cpu = summary([value[1] for value in values])
        lines.append(_row(f"start of `{name}`", [value[0] for value in values], f"{cpu['median']:.2f} s"))
    pairs = first_record(rounds)
    lines.append(_row("first record from nothing, `autograder grade` of one notebook", [p[1] for p in pairs]))
    ratio = summary([one / libraries for libraries, one in pairs])
    lines.append(
        f"| the same over importing the libraries | {ratio['median']:.2f} times | "
        f"{ratio['min']:.2f} to {ratio['max']:.2f} | |"
    )
    for size, values in calls(4 * rounds).items():
        lines.append(_row(f"one remote call, an array of {size} there and back", values, unit=1000))
    for name, values in wall(4 * rounds).items():
        lines.append(_row(f"one session, {name}", values, unit=1000))
    zygote_mb, each_mb = workers(8)
    lines.append(f"| memory of the process that workers are forked from | {zygote_mb:.0f} MB | | |")
    lines.append(f"| memory that one more worker takes, of 8 at a time | {each_mb:.1f} MB | | |")
    return "\n".join(lines)


def _row(name: str, values: list[float], cpu: str = "", unit: int = 1) -> str:
    found = {key: value * unit for key, value in summary(values).items()}
    what = "ms" if unit == 1000 else "s"
    return f"| {name} | {found['median']:.3g} {what} | {found['min']:.3g} to {found['max']:.3g} | {cpu} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    print(table(parser.parse_args().rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
