"""The judge as a process of its own: tasks come in as lines of JSON, records go out likewise.

Started by :mod:`autograder.judge.batch`. Its parent stays free of torch; both sides are trusted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from autograder.course import Policy, load_course
from autograder.records.store import encode, write_atomically

_SENTENCES = frozenset({"CourseError", "GraderError", "IsolationUnavailable", "SeedError"})
"""Errors that say in one sentence what is wrong; for any other a traceback helps."""


def main(argv: list[str] | None = None) -> int:
    """Grade what is asked until standard input ends."""
    parser = argparse.ArgumentParser(prog="autograder-judge")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--lesson", required=True)
    parser.add_argument("--isolation", default="best")
    parser.add_argument("--suite", choices=("hidden", "public"), default="hidden")
    options = parser.parse_args(argv)
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


def _judge(options: argparse.Namespace, replies: TextIO) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: one thread, the same numbers everywhere
    from autograder.worker import Zygote

    course = load_course(options.root)
    lesson, policy = course.find_lesson(options.lesson), course.policy
    zygote = Zygote(options.isolation)
    try:
        zygote.start(wait=False)  # it loads in its sandbox while the graders are collected here
        import torch

        from autograder.judge.grade import Bench
        from autograder.judge.plugin import course_seed
        from autograder.judge.session import with_suite
        from autograder.judge.suite import public_suite

        torch.set_num_threads(1)

        def judge(suite: Any) -> None:
            if options.suite == "public":
                suite = public_suite(options.root, suite)
            bench = Bench.of(lesson, suite)
            zygote.wait()
            _reply(
                replies,
                {
                    "ready": True,
                    "isolation": zygote.layers,
                    "notice": zygote.notice,
                    "version": bench.version,
                },
            )
            for line in sys.stdin:
                _grade_one(bench, zygote, policy, json.loads(line), replies)

        with_suite(lesson, course_seed(options.root), judge)
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
    record = grade(bench, zygote, task["student"], task["shown"], data)
    record.notes[:0] = task.get("notes", [])
    record.submission.handed_in = task.get("handed_in") or handed_in(Path(task["path"]))
    record = policy.applied(record)
    if task.get("out"):
        write_atomically(Path(task["out"]), encode(record))
    _reply(replies, {"task": task["task"], "record": encode(record).decode()})


def _reply(replies: TextIO, message: dict[str, Any]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    sys.exit(main())
