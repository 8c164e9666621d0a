"""One notebook, a hundred, a thousand: what each costs, what memory is held, and what two cores give.

    python benchmarks/scale.py --sizes 1 100 1000

The notebooks are lesson 02's solution, each with a line of its own, so that none is known from before.
Memory is that of `autograder grade` with all judges and workers, shared pages counted once. What two
cores give is held against two processes that only compute, in the same run.
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

from benchmarks.measuring import Run, run  # noqa: E402

_WORK = "x = 0\nfor i in range(30_000_000):\n    x += i * i\n"


def notebooks(folder: Path, count: int) -> Path:
    """A folder of so many notebooks, all different, all right."""
    import nbformat

    from autograder.course import load_course

    lesson = load_course(ROOT).find_lesson(2)
    notebook = nbformat.read(lesson.solution_notebook, as_version=4)
    first = next(cell for cell in notebook.cells if cell.source.startswith("def saliency"))
    source = first.source
    folder.mkdir(parents=True)
    for number in range(count):
        first.source = f"{source}\n# student {number}"
        nbformat.write(notebook, folder / f"s{number:05}.ipynb")
    return folder


def graded(folder: Path, out: Path, jobs: int) -> Run:
    """One `autograder grade` of a folder."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "autograder", "grade", os.fspath(folder), "--lesson", "02"]
    command += ["--out", os.fspath(out), "--jobs", str(jobs), "--json", "--fresh"]
    return run(command, ROOT, log=out.parent / "log")


def two_cores(folder: Path, out: Path, count: int) -> tuple[float, float]:
    """How much faster two judges are than one, and two computing processes than one, in turn."""
    import subprocess

    one, two = graded(folder, out, 1), graded(folder, out, 2)
    started = time.perf_counter()
    for _ in range(2):
        subprocess.run([sys.executable, "-c", _WORK], check=True)
    alone = time.perf_counter() - started
    started = time.perf_counter()
    pair = [subprocess.Popen([sys.executable, "-c", _WORK]) for _ in range(2)]
    for process in pair:
        process.wait()
    return one.wall_s / two.wall_s, alone / (time.perf_counter() - started)


def table(sizes: list[int], jobs: int) -> str:
    """The runs as Markdown."""
    lines = ["| notebooks | wall s | CPU s | CPU s each | peak MB, all processes |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        home = Path(name)
        for size in sizes:
            one = graded(notebooks(home / str(size), size), home / "out", jobs)
            each = one.cpu_s / size
            lines.append(f"| {size} | {one.wall_s:.1f} | {one.cpu_s:.1f} | {each:.3f} | {one.peak_mb:.0f} |")
        some = sorted(sizes)[len(sizes) // 2]
        ours, control = two_cores(home / str(some), home / "out", some)
    lines += ["", f"Two judges are {ours:.2f} times as fast as one on {some} notebooks, start included;"]
    lines += [f"two processes that only compute are {control:.2f} times as fast as one."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print(table(options.sizes, options.jobs))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
