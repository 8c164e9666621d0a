"""The judge as a process of its own: tasks come in as lines of JSON, records go out likewise.

Started by :mod:`autograder.judge.batch`. Its parent stays free of torch; both sides are trusted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

import msgspec

from autograder.course import Policy, load_course
from autograder.records import ExerciseResult
from autograder.records.store import encode

_LOOK_S = 0.1
_CHANGED = "files of the course were changed while the judge was reading them. Grade again: what was graded before stays."
_SENTENCES = frozenset({"CourseError", "GraderError", "IsolationUnavailable", "SeedError"})
"""Errors that say in one sentence what is wrong; for any other a traceback helps."""


def main(argv: list[str] | None = None) -> int:
    """Grade what is asked until standard input ends."""
    parser = argparse.ArgumentParser(prog="autograder-judge")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--lesson", required=True)
    parser.add_argument("--isolation", default="best")
    parser.add_argument("--suite", choices=("hidden", "public"), default="hidden")
    parser.add_argument("--parent", type=int, help="end when this process, which started it, has ended")
    options = parser.parse_args(argv)
    if options.parent is not None:
        threading.Thread(target=_end_with, args=(options.parent,), daemon=True).start()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing but replies goes to the parent
    try:
        _judge(options, replies)
    except Exception as error:
        _reply(replies, {"failed": str(error) or type(error).__name__, "kind": type(error).__name__})
        if type(error).__name__ not in _SENTENCES:
            traceback.print_exc()
        return 3
    return 0


def _end_with(parent: int) -> None:
    """End, whatever is under way, once the parent was killed: nobody is left to hear a record.

    The kernel's own signal for this would come when the thread that started the judge ends. The zygote and
    its workers end with the judge.
    """
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(3)


def _judge(options: argparse.Namespace, replies: TextIO) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: one thread, the same numbers everywhere
    from autograder.worker import Zygote

    course = load_course(options.root)
    lesson, policy = course.find_lesson(options.lesson), course.policy
    zygote = Zygote(options.isolation, libraries=course.settings.libraries)
    try:
        zygote.start(wait=False)  # it loads in its sandbox while the graders are collected here
        from autograder.judge.grade import Bench
        from autograder.judge.keys import lesson_keys
        from autograder.judge.seed import course_seed
        from autograder.judge.session import with_suite
        from autograder.judge.suite import public_suite
        from coursekit.checks.play import GraderError

        seed = course_seed(options.root)
        keys = lesson_keys(lesson, seed)

        def judge(suite: Any) -> None:
            torch = sys.modules.get("torch")  # there when references or graders use it
            if torch is not None:
                torch.set_num_threads(1)
            if options.suite == "public":
                suite = public_suite(options.root, suite)
            bench = Bench.of(lesson, suite, keys)
            if lesson_keys(load_course(options.root).find_lesson(options.lesson), seed) != keys:
                raise GraderError(_CHANGED)
            zygote.wait()
            _reply(
                replies,
                {
                    "ready": True,
                    "isolation": zygote.standing,
                    "notice": zygote.notice,
                    "version": bench.keys.version,
                },
            )
            for line in sys.stdin:
                _grade_one(bench, zygote, policy, json.loads(line), replies)

        with_suite(lesson, seed, judge)
    finally:
        zygote.close()


def _grade_one(bench: Any, zygote: Any, policy: Policy, task: dict[str, Any], replies: TextIO) -> None:
    from autograder.judge.grade import grade
    from autograder.submissions import Unreadable, handed_in, read_file

    try:
        # the student reads what is said of it, and need not know where the instructor keeps it
        data: bytes | str = read_file(Path(task["path"]), called=Path(task["shown"]).name)
    except Unreadable as error:
        data = str(error)
    results = msgspec.convert(task.get("kept", []), list[ExerciseResult])
    kept = {result.name: result for result in results}
    record = grade(
        bench, zygote, task["student"], task["shown"], data, kept=kept, found=task.get("notes", [])
    )
    record.submission.handed_in = task.get("handed_in") or handed_in(Path(task["path"]))
    record = policy.applied(record)
    _reply(replies, {"task": task["task"], "record": encode(record).decode()})


def _reply(replies: TextIO, message: dict[str, Any]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    sys.exit(main())
