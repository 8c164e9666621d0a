"""Every rung that this machine does not have by itself: in a simulated container, as root and as somebody else."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.worker import Zygote, ladder
from autograder.worker.advice import next_step
from autograder.worker.inside import sweep
from autograder.worker.layers import LAYERS

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "tests" / "locked_container.py"
HERE = Path(__file__).parent
INSIDE = [HERE / "test_worker_sessions.py", HERE / "test_honest_work.py", HERE / "test_rung_walls.py"]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or "LOCKED_CONTAINER" in os.environ,
    reason="run on Linux, outside of the simulated container: pytest tests/engine/test_rungs.py",
)

# What stands around the command, and the rung it gets.
if os.geteuid() == 0:
    PLACES = {
        "root": ([], 2),
        "user": (["--user", "nobody"], 1),
        "user, open": (["--user", "nobody", "--open"], 3),
    }
else:
    PLACES = {"user": ([], 1)}


@pytest.fixture(params=list(PLACES))
def place(request):
    """Options of the launcher, and the rung."""
    return PLACES[request.param]


def run(options, *command, **more):
    arguments = [sys.executable, CONTAINER, *options, "--", *command]
    return subprocess.run(list(map(str, arguments)), capture_output=True, text=True, timeout=900, **more)


@pytest.mark.slow
def test_the_tests_of_the_worker_hold_on_every_rung(place):
    options, _ = place
    flags = ["-q", "-p", "no:cacheprovider", "--no-header"]
    done = run(options, sys.executable, "-m", "pytest", *flags, *INSIDE, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-6000:]


def test_the_best_rung_is_taken_and_said(place):
    options, rung = place
    done = run(options, sys.executable, "-m", "autograder", "doctor", "--json", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["rung"] == rung
    assert said["tried"] == "with a bare interpreter"
    assert said["stops"] == list(ladder.STOPS[rung])
    assert said["leaves_open"] == list(ladder.LEAVES_OPEN[rung])
    assert bool(said["next"]) == (rung < 3)
    if rung < 3:
        assert said["higher_rungs"][0].startswith("bubblewrap does not start here (bwrap: ")
        assert said["next"].startswith("let the container make namespaces: docker run --cap-add SYS_ADMIN ")


def test_doctor_prints_what_stops_what_does_not_and_the_next_command():
    options, rung = next(iter(PLACES.values()))
    done = run(options, sys.executable, "-m", "autograder", "doctor", cwd=ROOT)
    assert f"Isolation: rung {rung} of 3 (tried with a bare interpreter)" in done.stdout
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert [f"✓ {text}" in lines for text in ladder.STOPS[rung]] == [True] * len(ladder.STOPS[rung])
    assert [f"- {text}" in lines for text in ladder.LEAVES_OPEN[rung]] == [True] * len(
        ladder.LEAVES_OPEN[rung]
    )
    assert any(
        line.startswith("For the next rung: let the container make namespaces: docker run") for line in lines
    )


# ------------------------------------------------------------------------------------------------ grading
@pytest.fixture(scope="module")
def commons(tiny, tiny_course):
    """A folder that every user can enter, unlike pytest's: a course, submissions to it, and room for results."""
    root = Path(tempfile.mkdtemp(prefix="commons-"))
    shutil.copytree(tiny_course, root / "course")
    half = {**tiny.RIGHT, "smooth": "def smooth(values, width):\n    return values * 0"}
    for name, functions in {"ada": tiny.RIGHT, "ben": half}.items():
        target = root / "in" / f"{name}.ipynb"
        target.parent.mkdir(exist_ok=True)
        target.write_text(tiny.notebook(tiny_course, functions, q1="0.25"), encoding="utf-8")
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield root
    shutil.rmtree(root, ignore_errors=True)


def results(commons, name):
    out = commons / name
    out.mkdir()
    out.chmod(0o777)
    return out


def scores(folder):
    records = [json.loads(path.read_text()) for path in sorted(folder.rglob("record.json"))]
    told = [
        (
            record["student"],
            record["score"],
            record["status"],
            [(e["name"], e["score"]) for e in record["exercises"]],
        )
        for record in records
    ]
    return (
        told,
        {record["isolation"][0] for record in records},
        {len(record["isolation"]) > 3 for record in records},
    )


def test_scores_are_the_same_on_every_rung(commons):
    ways = [([], ["--isolation", "plain"], 0, False)]
    ways += [(options, [], rung, True) for options, rung in PLACES.values()]
    seen = []
    for number, (options, flags, rung, contained) in enumerate(ways):
        out = results(commons, str(number))
        command = [sys.executable, "-m", "autograder", "grade", commons / "in", "--out", out, *flags]
        if contained:
            done = run(options, *command, cwd=commons / "course")
        else:
            done = subprocess.run(
                list(map(str, command)), capture_output=True, text=True, cwd=commons / "course", timeout=300
            )
        assert done.returncode == 0, done.stderr
        told, rungs, several = scores(out)
        assert (rungs, several) == ({f"rung {rung}"}, {True})
        seen.append(told)
    assert len(seen[0]) == 2
    assert seen[0][0][1] > seen[0][1][1] > 0  # ada has more than ben, who has something
    assert all(told == seen[0] for told in seen)


def test_strict_refuses_less_than_rung_3(commons):
    options, rung = next(iter(PLACES.values()))
    assert rung < 3
    out = results(commons, "strict")
    command = [sys.executable, "-m", "autograder", "grade", commons / "in", "--out", out]
    done = run(options, *command, "--isolation", "strict", cwd=commons / "course")
    assert done.returncode == 3
    assert "bubblewrap does not start here (bwrap: " in done.stderr
    assert "Grading with --isolation strict needs a sandbox: let the container make namespaces" in done.stderr
    assert not list(out.rglob("record.json"))


# ------------------------------------------------------------------------------------------------ the ladder itself
def test_workers_started_ahead_of_need():
    """As on macOS, where a loaded process cannot be forked: rung 0, each worker used once."""
    with Zygote(forks=False, light=True) as zygote:
        assert (zygote.rung, zygote.notice[:14]) == (0, "NOT ISOLATED: ")
        pids = set()
        for _ in range(2):
            with zygote.session() as session:
                cells = [{"index": 0, "source": "import os\ndef f():\n    return os.getpid()"}]
                session.request({"op": "load", "cells": cells, "stubs": {}}, wall_s=20)
                pids.add(
                    session.request({"op": "call", "name": "f", "args": [], "kwargs": {}}, wall_s=20)["value"]
                )
            assert session.close().reason == "closed"
        assert len(pids) == 2


@pytest.mark.parametrize("user", [0, 1, 1000, 32767])
def test_no_sweep_reaches_a_user_who_may_be_real(user):
    with pytest.raises(ValueError, match=f"user id {user} is no worker's"):
        sweep.sweep([user])


def test_only_strict_stops_at_the_top():
    assert [rung.number for rung in ladder.rungs("strict")] == [3]
    assert [rung.number for rung in ladder.rungs("plain")] == [0, 0]
    numbers = [rung.number for rung in ladder.rungs("best")]
    assert numbers == ([3, 2, 1, 0, 0] if os.geteuid() == 0 else [3, 1, 0, 0])


def test_every_layer_of_a_rung_is_explained():
    for rung in (ladder.NAMESPACES, ladder.OWN_USER, ladder.SAME_USER, ladder.FILTERED, ladder.LIMITS):
        assert set(rung.layers) <= LAYERS.keys()
        assert rung.needed <= set(rung.layers)
        assert ladder.STOPS[rung.number]
        assert ladder.LEAVES_OPEN[rung.number]


@pytest.mark.parametrize(
    ("rung", "reasons", "setting", "command"),
    [
        (3, [], None, ""),
        (
            1,
            ["x", "rung 2 cannot be had here (OSError: other users cannot enter /root: chmod o+x /root)."],
            None,
            "chmod o+x /root",
        ),
        (
            0,
            ["x", "rung 1 cannot be had here (OSError: [Errno 38] Landlock: no)."],
            None,
            "use a kernel with Landlock",
        ),
        (1, ["x"], ("user/max_user_namespaces", "0"), "sudo sysctl user.max_user_namespaces=15000"),
        (
            1,
            ["x"],
            ("kernel/unprivileged_userns_clone", "0"),
            "sudo sysctl kernel.unprivileged_userns_clone=1",
        ),
        (
            1,
            ["x"],
            ("kernel/apparmor_restrict_unprivileged_userns", "1"),
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (2, ["x"], ("user/max_user_namespaces", "100"), "let the container make namespaces: docker run"),
    ],
)
def test_the_next_step(tmp_path, monkeypatch, rung, reasons, setting, command):
    monkeypatch.setattr("autograder.worker.bubblewrap.program", lambda: "/usr/bin/bwrap")
    if setting is not None:
        file = tmp_path / setting[0]
        file.parent.mkdir(parents=True)
        file.write_text(setting[1] + "\n")
    said = next_step(rung, reasons, tmp_path)
    assert said.startswith(command)
    assert bool(said) == bool(command)


def test_without_bubblewrap_the_next_step_is_to_install_it(monkeypatch):
    monkeypatch.setattr("autograder.worker.bubblewrap.program", lambda: None)
    assert next_step(2, ["bubblewrap is not installed."]).startswith(
        "install bubblewrap: apt install bubblewrap"
    )
