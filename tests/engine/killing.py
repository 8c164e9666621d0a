"""Kills `autograder grade` and its processes at random moments, again and again, and looks at what is left.

    python tests/engine/killing.py COURSE HANDED_IN FOLDER --kills 100 --seed 1 --points '{"s000": 8.0}'

Prints one JSON document. It is a process of its own because it becomes the parent of every orphan below it, so
that no process can leave its sight. Each round grades into a fresh folder until that is complete, and every run
of a round but the last is killed, or has parts of it killed:

- the run itself, at a moment spread evenly over the time that an undisturbed run takes;
- the run itself, a moment after it has written a file, which is when the next one is under way;
- everything at once, as when a machine goes down;
- a judge, a sandbox, the process that workers are forked from, or a worker, while the run goes on.

After each: every finished record is there to the last byte, every file is whole, no process is left. After the
last run of a round: everybody has the points of an undisturbed run, and no temporary file or folder is left.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import ctypes
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.records import RecordError
from autograder.records.store import read_sealed

_SUBREAPER = 36
_GONE_S = 30.0
_RUN_S = 240.0
_POLL_S = 0.001
_GAP_S = 0.25
"""Mean time between two kills of parts of one run."""
HOW = ("time", "file", "file", "all", "part", "part", "part")
"""What a run meets, in turn."""


class Campaign:
    """What was done and found so far."""

    def __init__(self, options: argparse.Namespace):
        self.course, self.handed_in, self.folder = options.course, options.handed_in, options.folder
        self.kills, self.random = options.kills, random.Random(options.seed)
        self.points: dict[str, float] = json.loads(options.points)
        self.isolations: list[str] = options.isolation.split(",")
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.out, self.isolation, self.rounds = self.folder, "", 0
        self.done: Counter[str] = Counter()
        self.at: list[float] = []
        self.problems: list[str] = []
        self.finished: dict[str, bytes] = {}
        self.whole_s = 0.0
        self.regraded = 0

    # ------------------------------------------------------------------------------------- rounds
    def run(self) -> dict[str, Any]:
        """All kills; a summary."""
        self._next_round()
        how = list(HOW)
        while sum(self.done.values()) < self.kills:
            self._one(how[0])
            how.append(how.pop(0))
            self._look()
            if len(self.finished) == len(self.points):
                self._complete()
                self._next_round()
        self._complete()
        return {
            "kills": sum(self.done.values()),
            "victims": dict(self.done),
            "rounds": self.rounds,
            "regraded": self.regraded,
            "undisturbed_s": round(self.whole_s, 2),
            "moments": [sum(low <= m < low + 0.2 for m in self.at) for low in (0.0, 0.2, 0.4, 0.6, 0.8)],
            "problems": self.problems,
        }

    def _next_round(self) -> None:
        self.isolation = self.isolations[self.rounds % len(self.isolations)]
        self.rounds += 1
        self.finished = {}
        if self.rounds <= len(self.isolations):  # how long a run takes that nobody disturbs
            self.out = self.folder / f"undisturbed{self.rounds}"
            began = time.monotonic()
            self._complete()
            self.whole_s = max(self.whole_s, time.monotonic() - began)
            self.finished = {}
        self.out = self.folder / f"out{self.rounds}"

    def _complete(self) -> None:
        """A run to the end: everything is right, and nothing lies about."""
        run = self._start()
        _, errors = run.communicate(timeout=_RUN_S)
        if run.returncode != 0:
            self._say(f"an undisturbed run ended with {run.returncode}: {errors.decode()[-2000:]}")
        self._look()
        records = {path.parts[-3]: path for path in self.out.glob("*/*/record.json")}
        found = {student: read_sealed(path)[0].score for student, path in records.items()}
        if found != self.points:
            wrong = {s for s in self.points if found.get(s) != self.points[s]} | (found.keys() - self.points)
            self._say(f"other points than expected: {sorted(wrong)}")
        names = {path.name for path in self.out.rglob("*") if path.is_file()}
        if names != {"record.json", "feedback.html", "grades.csv", "report.html"}:
            self._say(f"files of other names: {sorted(names)}")
        with (self.out / "grades.csv").open(newline="", encoding="utf-8") as file:
            if len(list(csv.reader(file))) != len(self.points) + 1:
                self._say("grades.csv lacks somebody")
        if left := sorted(path.name for path in self.temporary.iterdir()):
            self._say(f"temporary files left: {left}")

    # ------------------------------------------------------------------------------------- one run
    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "autograder", "grade", str(self.handed_in), "--out", str(self.out)]
        command += ["--jobs", str(1 + self.rounds % 2), "--isolation", self.isolation]
        environment = {**os.environ, "TMPDIR": str(self.temporary), "NO_COLOR": "1"}
        return subprocess.Popen(
            command,
            cwd=self.course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def _one(self, how: str) -> None:
        """A run that meets one fate."""
        run = self._start()
        began = time.monotonic()
        if how == "part":
            while run.poll() is None and sum(self.done.values()) < self.kills:
                time.sleep(self.random.expovariate(1 / _GAP_S))
                self._kill_part(run, began)
        else:
            self._wait(run, how, began)
            if run.poll() is None:
                self._note("run" if how != "all" else "all", began)
                victims = [run.pid] if how != "all" else [run.pid, *_below(os.getpid())]
                for pid in victims:
                    _kill(pid)
        try:
            _, errors = run.communicate(timeout=_RUN_S)
        except subprocess.TimeoutExpired:
            self._say("a run did not end")
            return
        if run.returncode not in (0, 3, -signal.SIGKILL):  # 3: a judge or worker was killed too often
            self._say(f"a run ended with {run.returncode}: {errors.decode()[-2000:]}")

    def _wait(self, run: subprocess.Popen[bytes], how: str, began: float) -> None:
        """Until the moment has come."""
        if how == "file":
            wanted = self.random.randint(1, 2 * len(self.points) + 2 - len(self.finished))
            seen, before = 0, self._stamps()
            while run.poll() is None and seen < wanted:
                time.sleep(_POLL_S)
                now = self._stamps()
                seen += len(now - before)
                before = now
            time.sleep(self.random.uniform(0, 0.02))
            return
        share = (self.done["run"] + self.done["all"] + self.random.random()) * 0.6180339887 % 1.0
        left = share * self.whole_s - (time.monotonic() - began)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(max(0.0, left))

    def _stamps(self) -> set[tuple[str, int]]:
        found = set()
        for path in self.out.rglob("*"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                found.add((str(path), facts.st_ino))
        return found

    def _kill_part(self, run: subprocess.Popen[bytes], began: float) -> None:
        parts = [(role, pid) for pid, role in roles(run.pid).items() if role != "run"]
        if not parts or run.poll() is not None:
            return
        role = self.random.choice(sorted({role for role, _ in parts}))
        pid = self.random.choice([pid for one, pid in parts if one == role])
        if _kill(pid):
            self._note(role, began)

    def _note(self, victim: str, began: float) -> None:
        self.done[victim] += 1
        self.at.append((time.monotonic() - began) / self.whole_s)

    # ------------------------------------------------------------------------------------- looking
    def _look(self) -> None:
        """What holds after every run, however it ended."""
        self._nobody_left()
        for path in self.out.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                why = _damage(path)
                if why:
                    self._say(f"{path.name} is not whole: {why}")
        for student, data in list(self.finished.items()):
            path = next(self.out.glob(f"{student}/*/record.json"), None)
            now = b"" if path is None else path.read_bytes()
            if now != data and _said(now) != _said(data):
                self._say(f"the finished record of {student} is lost or another one")
            elif now != data:  # the sandbox was killed as it was tried, twice: another one, other records
                self.regraded += 1
                self.finished[student] = now
        for path in self.out.glob("*/*/record.json"):
            with contextlib.suppress(RecordError):  # said above
                record, sealed = read_sealed(path)
                if sealed and record.status != "infra":
                    self.finished.setdefault(path.parts[-3], path.read_bytes())
                    if record.score != self.points[record.student]:
                        self._say(f"{record.student} has {record.score} points")

    def _nobody_left(self) -> None:
        deadline = time.monotonic() + _GONE_S
        while left := _below(os.getpid()):
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if time.monotonic() > deadline:
                names = [Path(f"/proc/{pid}/cmdline").read_bytes()[:200] for pid in left]
                self._say(f"processes are left: {names}")
                for pid in left:
                    _kill(pid)
                return
            time.sleep(0.01)

    def _say(self, problem: str) -> None:
        self.problems.append(f"kill {sum(self.done.values())}, {self.out.name}: {problem}")


# ------------------------------------------------------------------------------------------- processes
def _below(pid: int) -> list[int]:
    """All processes below one that have not ended (zombies that wait for their parent have)."""
    children: dict[int, list[tuple[int, str]]] = {}
    for child, parent, state in _processes():
        children.setdefault(parent, []).append((child, state))
    found, waiting = [], [pid]
    while waiting:
        for child, state in children.get(waiting.pop(), []):
            waiting.append(child)
            if state != "Z" or child in children:
                found.append(child)
    return found


def _processes() -> Iterator[tuple[int, int, str]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                yield int(name), int(fields[1]), fields[0]


def roles(run: int) -> dict[int, str]:
    """What each living process of a run is."""
    found = {run: "run"}
    parents = {pid: parent for pid, parent, _ in _processes()}
    for pid in _below(run):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            above = Path(f"/proc/{parents.get(pid, 0)}/cmdline").read_bytes()
            if b"autograder.judge.process" in words:
                found[pid] = "judge"
            elif words.split(b"\0")[0].endswith(b"bwrap"):
                found[pid] = "sandbox"
            elif b".zygote import main" in words:
                found[pid] = "worker" if words == above else "zygote"
    return found


def _kill(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


# ------------------------------------------------------------------------------------------- files
def _said(data: bytes) -> tuple[object, ...]:
    """What a record says of the work."""
    tree = json.loads(data or b"{}")
    return tree.get("status"), tree.get("score"), tree.get("submission")


def _damage(path: Path) -> str:
    """Why a file is not whole; empty when it is."""
    if path.name == "record.json":
        try:
            return "" if read_sealed(path)[1] else "its seal is another one"
        except RecordError as error:
            return str(error)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return "" if text.rstrip().endswith("</html>") else "it ends in the middle"
    if path.name == "grades.csv":
        rows = list(csv.reader(io.StringIO(text)))
        whole = rows and text.endswith("\n") and len({len(row) for row in rows}) == 1
        return "" if whole else "it ends in the middle"
    return "nobody writes such a file"


def main() -> int:
    """Run a campaign and print what came of it."""
    parser = argparse.ArgumentParser(description="Kill autograder grade at random moments.")
    parser.add_argument("course", type=Path)
    parser.add_argument("handed_in", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--points", required=True, help="points by student, as JSON")
    parser.add_argument("--isolation", default="best,plain", help="of the rounds in turn")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    json.dump(Campaign(options).run(), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
