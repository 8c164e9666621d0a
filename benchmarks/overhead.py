"""What grading one submission of lesson 02 costs in a batch, over the student's own computation.

In turn, in one run: the control (benchmarks/control.py: the loaded process forks twice into a fresh pid
namespace, does one torch operation, exits) and one whole grading of the reference notebook: reading the
file, a fresh sandboxed worker, every hidden test, diagnosis, scoring, and the record on the disk. The
student's own computation is the time spent inside the student's functions.

    python benchmarks/overhead.py 30
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 4.0
"""Overhead may cost at most so many controls."""


def measure(rounds: int) -> dict[str, float]:
    """Medians of ``rounds`` controls and gradings, taken in turn."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch

    sys.path.insert(0, str(ROOT))
    from autograder.course import load_course
    from autograder.judge.grade import Bench, grade
    from autograder.judge.suite import load_suite
    from autograder.records import write_record
    from autograder.worker import Zygote
    from benchmarks.control import Control

    torch.set_num_threads(1)
    course = load_course(ROOT)
    lesson = course.find_lesson(2)
    suite = load_suite(ROOT, lesson.slug, [exercise.name for exercise in lesson.exercises], course.seed)
    bench = Bench.of(lesson, suite)
    runs = []
    with tempfile.TemporaryDirectory() as folder, Zygote("strict") as zygote, Control() as control:
        for number in range(rounds + 2):
            base, base_cpu = control.run()
            before, start = _cpu(), time.perf_counter()
            data = lesson.solution_notebook.read_bytes()
            record = grade(bench, zygote, "reference", lesson.solution_notebook.name, data)
            write_record(record, Path(folder) / str(number) / "record.json")
            wall, cpu = time.perf_counter() - start, _cpu() - before
            assert record.score == record.max_score, record.notes
            own = sum(exercise.wall_s for exercise in record.exercises)
            runs.append((base, base_cpu, wall, cpu, own))
    base, base_cpu, wall, cpu, own = (statistics.median(column) for column in zip(*runs[2:], strict=True))
    overhead = statistics.median(run[2] - run[4] for run in runs[2:])
    return {
        "rounds": rounds,
        "control_wall_ms": 1000 * base,
        "control_cpu_ms": 1000 * base_cpu,
        "grading_wall_ms": 1000 * wall,
        "judge_cpu_ms": 1000 * cpu,
        "own_wall_ms": 1000 * own,
        "overhead_wall_ms": 1000 * overhead,
        "overhead_over_control": overhead / base,
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=1))
    if figures["overhead_over_control"] > LIMIT:
        print(f"the overhead is more than {LIMIT:g} times the control")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
