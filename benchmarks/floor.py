"""The floor: the students' functions on the graders' inputs in one warm process, and nothing else.

    python benchmarks/floor.py FOLDER 5   # notebooks of lesson 02; repeats

Prints wall and CPU seconds for one notebook, the median over notebooks and repeats: the time inside the
functions alone. Inputs are there, nothing is compared, nothing is isolated.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def measure(folder: Path, repeats: int) -> dict[str, float]:
    """Medians of wall and CPU seconds for one notebook of ``folder``."""
    sys.path.insert(0, str(ROOT))
    import nbformat
    import torch

    from autograder.course import load_course
    from autograder.judge.player import Player
    from autograder.judge.suite import load_suite

    torch.set_num_threads(1)
    course = load_course(ROOT)
    lesson = course.find_lesson(2)
    names = [exercise.name for exercise in lesson.exercises]
    suite = load_suite(ROOT, lesson.slug, names, course.seed)
    calls = {name: Player(grader, suite.seed).usual_calls for name, grader in suite.graders.items()}
    spaces = []
    for path in sorted(folder.glob("*.ipynb")):
        space: dict[str, Any] = {}
        exec(lesson.imports, space)
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.source.startswith("def ") and "check(" not in cell.source:
                exec(cell.source, space)
        spaces.append(space)
    runs = [_once(space, calls) for _ in range(repeats + 1) for space in spaces][len(spaces) :]
    return {
        "wall_s": statistics.median(run[0] for run in runs),
        "cpu_s": statistics.median(run[1] for run in runs),
    }


def _once(space: dict[str, Any], calls: dict[str, list]) -> tuple[float, float]:
    wall = cpu = 0.0
    for name, some in calls.items():
        if name not in space:
            continue
        for call in some:
            args, kwargs = call.arguments()
            started, used = time.perf_counter(), time.process_time()
            with contextlib.suppress(Exception):  # some inputs ask for an error
                space[name](*args, **kwargs)
            wall, cpu = wall + time.perf_counter() - started, cpu + time.process_time() - used
    return wall, cpu


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
