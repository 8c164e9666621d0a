"""What a check in the notebook costs beyond the student's own computation.

The control: the same calls of the same function, in the same process, without any check. A card for a right and for
a wrong answer is made and set as HTML; both are measured in turn, so that other load on the machine falls on both.

    python benchmarks/check.py 02 10
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def main(lesson: str, rounds: int) -> None:
    """Print, for each exercise, milliseconds of CPU time: the check, the calls alone, and the difference."""
    import torch

    from autograder.course import load_course
    from autograder.judge.suite import reference_of

    torch.set_num_threads(1)
    chosen = load_course(ROOT).find_lesson(lesson)
    rows = {}
    for exercise in chosen.exercises:
        right = reference_of(ROOT, chosen.slug, exercise.name)
        rows[exercise.name] = {
            "right": measured(right, chosen.release_folder, rounds),
            "wrong": measured(spoilt(right), chosen.release_folder, rounds),
        }
    print(json.dumps({"lesson": chosen.slug, "milliseconds": rows}, indent=1))


def spoilt(function: Any) -> Any:
    """The function, with every number of its answer wrong: the dearest check, since nothing explains it."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        return changed(function(*args, **kwargs))

    wrong.__name__ = function.__name__
    return wrong


def changed(value: Any) -> Any:
    """The value with its numbers off."""
    if isinstance(value, dict):
        return {key: changed(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(one) for one in value)
    return value * value + 0.37 if hasattr(value, "dtype") or isinstance(value, float) else value


def measured(function: Any, folder: Path, rounds: int) -> dict[str, float]:
    """Medians of CPU time: the whole check, the function's own calls in it, and the difference."""
    from coursekit.checks.notebook import run_checks

    own: list[float] = []

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            own[-1] += time.process_time() - start

    timed.__name__ = function.__name__
    whole = []
    for _ in range(rounds + 1):  # the first loads what is loaded once
        own.append(0.0)
        start = time.process_time()
        run_checks(timed, folder)._repr_html_()
        whole.append(time.process_time() - start)
    pairs = list(zip(whole, own, strict=True))[1:]
    return {
        "check": round(1000 * statistics.median(w for w, _ in pairs), 1),
        "own": round(1000 * statistics.median(o for _, o in pairs), 1),
        "beyond": round(1000 * statistics.median(w - o for w, o in pairs), 1),
    }


if __name__ == "__main__":
    words = sys.argv[1:]
    main(words[0] if words else "02", int(words[1]) if len(words) > 1 else 10)
