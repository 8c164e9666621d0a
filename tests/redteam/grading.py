"""A class of attacks graded as any class is: by the command line, its judges and its workers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.redteam.case import Attack
from tests.redteam.course import LESSON, POINTS, ROOT, TOKENS, build_course, filled

NOBODY = 65534
LAUNCHER = ROOT / "tests" / "locked_container.py"
OUTLIVED = "rt_outlived"
TIME = 400.0

# An honest student whose work depends on all that an attack could have left changed.
SENSITIVE = """\
import os
import threading

def saliency(model, x, target):
    assert torch.get_default_dtype() is torch.float32 and torch.get_num_threads() == 1
    assert torch.is_grad_enabled() and threading.active_count() == 1
    assert os.listdir(".") == []
    y = x.detach().clone().requires_grad_(True)
    scores = model(y)[torch.arange(len(y)), target]
    return torch.autograd.grad(scores.sum(), y)[0].abs()
"""
HONEST = ("aaa_honest", "g_honest", "m_honest", "r_honest", "zzz_honest")


@dataclass
class Seen:
    """What was seen of one attack.

    Attributes:
        record: its record, or None when there is none.
        signs: the signs of success, as in :data:`tests.redteam.case.SIGNS`.
        detail: what was found, for a message.
    """

    record: dict | None
    signs: set[str] = field(default_factory=set)
    detail: str = ""

    def exercise(self, name: str) -> tuple[str, float]:
        """Status and points of one exercise (``record``: of the whole)."""
        if self.record is None:
            return "none", -1.0
        if name == "record":
            return self.record["status"], self.record["score"]
        if name == "q1":
            return self.record["quiz"][0]["status"], self.record["quiz"][0]["score"]
        found = next(e for e in self.record["exercises"] if e["name"] == name)
        return found["status"], found["score"]


@dataclass
class Run:
    """One call of ``autograder grade``.

    Attributes:
        seen: by the student's name, which is the attack's.
        exit_code, printed: of the command.
        out: its folder of results.
        isolation: what records say of it.
        pages: text of the files beside the students' folders.
    """

    seen: dict[str, Seen]
    exit_code: int
    printed: str
    out: Path
    isolation: list[str]
    pages: dict[str, str] = field(default_factory=dict)


class Place:
    """A folder that an ordinary user may enter, with the course, a home and a class in it."""

    def __init__(self, user: int | None = None) -> None:
        self.user = user
        self.root = Path(tempfile.mkdtemp(prefix="redteam-"))
        self.root.chmod(0o755)
        self.course = build_course(self.root / "course")
        for name in ("home/.ssh", "work"):
            (self.root / name).mkdir(parents=True)
        (self.root / "home/.ssh/id_ed25519").write_text(TOKENS["home"])
        if user is not None:
            for path in (self.root, *self.root.rglob("*")):
                os.chown(path, user, user)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def hand_in(self, files: dict[str, bytes | Path | None], folder: str = "class") -> Path:
        """Write files as they were handed in: bytes, a link to a path, or a pipe."""
        place = self.root / folder
        for name, data in files.items():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                os.mkfifo(target)
            elif isinstance(data, Path):
                target.symlink_to(data)
            else:
                target.write_bytes(data)
        for path in (place, *place.rglob("*")) if self.user is not None else ():
            os.chown(path, self.user, self.user, follow_symlinks=False)
        return place

    def notebook(self, saliency: str = "", mark: str = "") -> bytes:
        """A notebook with that code in the cell of the first exercise."""
        book = filled(self.course, saliency)
        book["cells"].append({"cell_type": "markdown", "id": "mark", "metadata": {}, "source": mark})
        return json.dumps(book).encode()

    def grade(self, *paths: Path, isolation: str = "strict", jobs: int = 3, locked: bool = False) -> Run:
        """``autograder grade`` as the place's user, ``locked``: as in a container that allows no namespace."""
        out = self.root / f"out{len(list(self.root.glob('out*')))}"
        home = str(self.root / "home")
        command = [f"HOME={home}", f"MPLCONFIGDIR={home}", sys.executable]
        command += ["-c", "from autograder.cli import main; main()", "grade", *map(str, paths)]
        command += ["--lesson", LESSON, "--out", str(out), "--isolation", isolation, "--jobs", str(jobs)]
        container = [] if locked else ["--open"]
        if self.user is not None:
            container += ["--user", str(self.user)]
        if container != ["--open"]:
            command = [sys.executable, str(LAUNCHER), *container, "--", "env", *command]
        else:
            command = ["env", *command]
        environment = {
            **os.environ,
            "HIDDEN_TOKEN": TOKENS["environment"],
            "COLUMNS": "100",
        }
        done = subprocess.run(
            command,
            cwd=self.course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME,
            text=True,
            errors="replace",
        )
        records = {}
        for path in out.glob(f"*/{LESSON}/record.json"):
            record = json.loads(path.read_text())
            records[record["student"]] = record
        isolation_said = next(iter(records.values()), {}).get("isolation", [])
        seen = {name: self._seen(record, out) for name, record in records.items()}
        return Run(seen, done.returncode, done.stdout, out, isolation_said)

    def _seen(self, record: dict, out: Path) -> Seen:
        seen = Seen(record)
        said = json.dumps([record["exercises"], record["notes"]])
        pages = b"".join(p.read_bytes() for p in (out / record["student"]).rglob("*.html")).decode()
        for place, token in TOKENS.items():
            if token in said or (token in pages and place != "quiz answer"):
                seen.signs.add("leak")
                seen.detail += f"the token of {place} is in the record or the page. "
        if str(self.root) in said or str(self.root) in pages:
            seen.signs.add("leak")
            seen.detail += "a path of the machine is in the record or the page. "
        if "REACHED" in said:
            seen.signs.add("reached")
            seen.detail += said[said.index("REACHED") :][:80]
        if seen.exercise("saliency")[1] == POINTS["saliency"]:
            seen.signs.add("marks")
        if record["status"] == "infra":
            seen.signs.add("stopped")
        return seen

    def strays(self) -> set[str]:
        """Signs that are seen on the machine and not in a record."""
        signs = set()
        if outliving():
            signs.add("outlived")
        for name in ("opened.txt", "results.json"):
            if list(self.root.rglob(name)):
                signs.add("opened")
        return signs


def outliving() -> list[int]:
    """Processes that an attack has named, so that they can be found after its end."""
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if path.read_text().strip() == OUTLIVED:
                found.append(int(path.parent.name))
    return found


def end_outliving() -> None:
    """End them, and wait until they are gone."""
    for _ in range(100):
        left = outliving()
        if not left:
            return
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def honest_class(place: Place) -> dict[str, bytes]:
    """Honest students before, between and after the attacks; one of them holds a token."""
    return {
        f"{name}.ipynb": place.notebook(SENSITIVE, TOKENS["classmate"] if name == HONEST[0] else "")
        for name in HONEST
    }


def grade_all(place: Place, chosen: list[Attack], **options: Any) -> Run:
    """One call of the command line with a class and archives in which every chosen attack is."""
    files = honest_class(place)
    archives: dict[str, bytes] = {}
    for attack in chosen:
        if attack.kind in ("code", "wire"):
            files[f"{attack.name}.ipynb"] = place.notebook(attack.text)
            if attack.control.endswith("twice"):
                files[f"{attack.name}_twice.ipynb"] = place.notebook(attack.text)
        elif attack.kind == "notebooks":
            files |= attack.module().build(place)
        else:
            module = attack.module()
            archives[f"{attack.name}.{module.SUFFIX}"] = module.build(place)
    paths = [place.hand_in(files)]
    if archives:
        folder = place.hand_in(archives, "archives")
        paths += [folder / name for name in sorted(archives)]
    return place.grade(*paths, **options)


def verdict(attack: Attack, run: Run, rung: int = 3) -> list[str]:
    """What is wrong with how an attack was graded; empty when it has failed as it must.

    An attack on the sandbox may also run out of its time, on a machine with other work; below rung 3 another layer
    may stop it, and earlier: with an error in place of a failure.
    """
    student = getattr(attack.module(), "STUDENT", attack.name) if attack.kind == "notebooks" else attack.name
    seen = run.seen.get(student, Seen(None))
    wrong = []
    for name, (statuses, points) in attack.must.items():
        status, got = seen.exercise(name)
        if points == 0 and attack.invariant in ("I1", "I4", "I5", "I7"):
            statuses = statuses | {"timeout"} | ({"fail", "error", "memory"} if rung < 3 else set())
        if status not in statuses or (points >= 0 and got != points):
            wrong.append(
                f"{name} is {status} with {got:g} points, it must be {' or '.join(statuses)} {points:g}"
            )
    full = attack.must.get("saliency", ((), 0))[1] == POINTS["saliency"]
    if bad := seen.signs - ({"marks"} if full else set()):
        wrong.append(f"it shows {', '.join(sorted(bad))}: {seen.detail}")
    if (
        attack.kind == "archives"
        and (says := attack.module().SAYS)
        and says not in " ".join(run.printed.split())
    ):
        wrong.append(f"nothing was said of it: {says}")
    return wrong
