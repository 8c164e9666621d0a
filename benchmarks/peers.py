"""The same work in nbgrader, in Otter and here, in turn, on one core, over the floor.

    python benchmarks/peers.py --rounds 3 --students 3

Each round runs, one after the other and on the same core: `nbgrader autograde` with its own execution,
`otter run`, `autograder grade`, and the floor (floor.py), on lean notebooks and then on whole ones
(lean.py). The start of each command is taken out: of nbgrader and of ours as what one notebook costs
more than each further one, of Otter, which starts for every notebook, as its command without any.
Scores must be equal, or the run is void.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measuring import Run, run, summary  # noqa: E402

EXECUTES = {
    "lean": {
        "nbgrader": "set-up cell, 8 exercise cells, 8 test cells (the hidden tests, inside the kernel)",
        "otter": "the same cells; the same tests after the notebook, in the kernel",
        "ours": "set-up cell, 8 exercise cells; the hidden tests outside, in the judge",
        "floor": "the 8 functions on the tests' inputs, in one warm process",
    },
    "whole": {
        "nbgrader": "every code cell of the lesson with its demos, plots and models, and the 8 test cells",
        "otter": "the same cells and tests",
        "ours": "set-up cell and exercise cells; cells that equal the release's demos are not run",
        "floor": "the 8 functions on the tests' inputs, in one warm process",
    },
}


def measure(rounds: int, students: int, kinds: list[str], core: int | None) -> dict:
    """All runs of all rounds, with what they cost for each notebook."""
    from autograder.course import load_course
    from autograder.judge.suite import load_suite
    from benchmarks.lean import Notebooks

    course = load_course(ROOT)
    lesson = course.find_lesson(2)
    suite = load_suite(ROOT, lesson.slug, [e.name for e in lesson.exercises], course.seed)
    found: dict = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for kind in kinds:
            books = Notebooks(Path(folder) / kind, course, lesson, suite, kind, students)
            found[kind] = [_round(books, core, number) for number in range(rounds)]
    return found


def _round(books, core: int | None, number: int) -> dict[str, dict[str, float]]:
    """What one notebook costs, and what each command's start does: seconds and MB by autograder."""
    found = {
        "nbgrader": _nbgrader(books, core),
        "otter": _otter(books, core),
        "ours": _ours(books, core),
        "floor": _floor(books, core),
    }
    print(f"{books.kind}, round {number + 1}:", _told(found), file=sys.stderr, flush=True)
    return found


def _told(found: dict[str, dict[str, float]]) -> str:
    return ", ".join(
        f"{who} {cost['wall_s']:.2f} s ({cost['cpu_s']:.2f} s CPU)" for who, cost in found.items()
    )


def _slope(one: Run, many: Run, more: int) -> dict[str, float]:
    wall, cpu = (many.wall_s - one.wall_s) / more, (many.cpu_s - one.cpu_s) / more
    return {
        "wall_s": wall,
        "cpu_s": cpu,
        "start_wall_s": one.wall_s - wall,
        "start_cpu_s": one.cpu_s - cpu,
        "peak_mb": max(one.peak_mb, many.peak_mb),
    }


def _nbgrader(books, core: int | None) -> dict[str, float]:
    from benchmarks.lean import ASSIGNMENT, tool

    command = [os.fspath(tool("nbgrader")), "autograde", ASSIGNMENT, "--create", "--force"]
    first = books.students[0]
    one = run([*command, "--student", first], books.nbgrader, core=core)
    many = run(command, books.nbgrader, core=core)
    _same("nbgrader", books, books.nbgrader_scores())
    return _slope(one, many, len(books.students) - 1)


def _otter(books, core: int | None) -> dict[str, float]:
    from benchmarks.lean import tool

    start = run([os.fspath(tool("otter")), "--version"], books.otter, core=core)
    runs, scores = [], {}
    for student in books.students[:2]:
        out = books.otter / "out" / student
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        command = [os.fspath(tool("otter")), "run", f"in/{student}.ipynb", "-a", "autograder.zip"]
        runs.append(run([*command, "-o", os.fspath(out), "--no-logo"], books.otter, core=core))
        scores[student] = books.otter_score(out)
    _same("otter", books, scores)
    return {
        "wall_s": sum(r.wall_s for r in runs) / len(runs) - start.wall_s,
        "cpu_s": sum(r.cpu_s for r in runs) / len(runs) - start.cpu_s,
        "start_wall_s": start.wall_s,
        "start_cpu_s": start.cpu_s,
        "peak_mb": max(r.peak_mb for r in runs),
    }


def _ours(books, core: int | None) -> dict[str, float]:
    out = books.folder / "out"
    one = _graded(books, [books.ours / f"{books.students[0]}.ipynb"], out, core)
    many_books = books.folder / "many"
    if not many_books.exists():
        many_books.mkdir()
        for copy in range(_COPIES):
            for student in books.students:
                text = (books.ours / f"{student}.ipynb").read_text()
                text = text.replace(f"handed in by {student}", f"handed in by {student}, copy {copy}")
                (many_books / f"{student}{f'-{copy}' if copy else ''}.ipynb").write_text(text)
    many = _graded(books, [many_books], out, core)
    _same("ours", books, books.our_scores(out))
    return _slope(one, many, _COPIES * len(books.students) - 1)


_COPIES = 6


def _graded(books, paths: list[Path], out: Path, core: int | None) -> Run:
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "autograder", "grade", *map(os.fspath, paths)]
    command += ["--lesson", "02", "--out", os.fspath(out), "--jobs", "1", "--json", "--fresh"]
    return run(command, ROOT, core=core, log=books.folder / "ours.log")


def _floor(books, core: int | None) -> dict[str, float]:
    log = books.folder / "floor.log"
    command = [sys.executable, "benchmarks/floor.py", os.fspath(books.ours), "3"]
    whole = run(command, ROOT, core=core, log=log)
    return {**json.loads(log.read_text()), "peak_mb": whole.peak_mb}


def _same(who: str, books, scores: dict[str, float]) -> None:
    wanted = {student: books.expected(student) for student in scores}
    if not scores or any(abs(scores[s] - wanted[s]) > 1e-6 for s in wanted):
        raise RuntimeError(f"{who} gives {scores}, asked is {wanted}: the run measures other work")


def ratios(rounds: list[dict], unit: str) -> dict[str, dict[str, float]]:
    """(peer - floor) / (ours - floor), round by round."""
    return {
        peer: summary(
            [(r[peer][unit] - r["floor"][unit]) / (r["ours"][unit] - r["floor"][unit]) for r in rounds]
        )
        for peer in ("nbgrader", "otter")
    }


def tables(found: dict) -> str:
    """The runs as Markdown."""
    lines = []
    for kind, rounds in found.items():
        lines += [f"### {kind.capitalize()} notebooks", ""]
        lines += ["| | wall s | CPU s | start of the command, wall s | start, CPU s | peak MB | executes |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for who in ("nbgrader", "otter", "ours", "floor"):
            cells = [
                _cell([r[who][unit] for r in rounds]) if unit in rounds[0][who] else ""
                for unit in ("wall_s", "cpu_s", "start_wall_s", "start_cpu_s", "peak_mb")
            ]
            lines.append(f"| {who} | {' | '.join(cells)} | {EXECUTES[kind][who]} |")
        lines.append("")
        for unit, name in (("wall_s", "wall"), ("cpu_s", "CPU")):
            for peer, ratio in ratios(rounds, unit).items():
                lines.append(
                    f"- ({peer} - floor) / (ours - floor), {name}: **{ratio['median']:.1f}** "
                    f"({ratio['min']:.1f} to {ratio['max']:.1f})"
                )
        lines.append("")
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    found = summary(values)
    return f"{found['median']:.3g} ({found['min']:.3g} to {found['max']:.3g})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--students", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=("lean", "whole"), default=["lean", "whole"])
    parser.add_argument("--core", type=int, default=None, help="the only processor the commands may use")
    options = parser.parse_args()
    found = measure(options.rounds, options.students, options.kinds, options.core)
    print(tables(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
