"""The long search: mixtures of attacks by hypothesis, and bytes by a fuzzer that is guided by coverage.

    python -m tests.redteam.soak [--minutes 10]

The time is shared by the four targets. Stops at the first fault with exit code 1, and prints what shows it.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.redteam.targets import TARGETS, seeds

ROOT = Path(__file__).resolve().parents[2]
_GUIDED = """
import sys
import atheris
with atheris.instrument_imports(include=["autograder.submissions", "coursekit.wire", "coursekit.calling"]):
    from tests.redteam.targets import TARGETS
atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
"""
_MISSING = "atheris is not installed, so bytes are not fuzzed with guidance: pip install atheris"


def main() -> int:
    """Search."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam.soak")
    parser.add_argument("--minutes", type=float, default=10.0)
    seconds = parser.parse_args().minutes * 60 / 4
    print(f"mixtures of attacks, {seconds:.0f} s", flush=True)
    if not mixed(seconds):
        return 1
    if importlib.util.find_spec("atheris") is None:
        print(_MISSING)
        return 1
    for target in TARGETS:
        print(f"bytes for the reader of a {target}, {seconds:.0f} s", flush=True)
        if not guided(target, seconds):
            return 1
    print("nothing was found")
    return 0


def mixed(seconds: float) -> bool:
    """Mixtures until the time is over; whether all of them reached nothing."""
    from hypothesis import HealthCheck, given, settings

    from tests.redteam.judging import judging
    from tests.redteam.mixing import mixtures

    count = 0
    with judging() as judge:
        end = time.monotonic() + seconds  # what it takes to start is not searched

        @settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(code=mixtures())
        def holds(code: str) -> None:
            nonlocal count
            if time.monotonic() < end:
                count += 1
                faults = judge.faults(code)
                assert not faults, faults

        try:
            while time.monotonic() < end:
                holds()
            assert judge.honest(), "honest work lost points"
        except AssertionError as error:
            print(f"FOUND after {count}: {error}\n{getattr(error, '__notes__', '')}")
            return False
    print(f"{count} mixtures reached nothing")
    return True


def guided(target: str, seconds: float) -> bool:
    """Bytes that lead to code not yet run, until the time is over; whether everything held."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, data in enumerate(seeds(target)):
            (corpus / str(number)).write_bytes(data)
        limits = [f"-max_total_time={seconds:.0f}", "-timeout=30", "-rss_limit_mb=4096", "-max_len=40000"]
        command = [sys.executable, "-c", _GUIDED, target, *limits, f"-artifact_prefix={folder}/", str(corpus)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines = done.stdout.decode(errors="replace").strip().split("\n")
        if done.returncode == 0:
            print(lines[-1])
            return True
        print("\n".join(lines[-60:]))
        for path in Path(folder).glob("*-*"):
            if path.is_file():
                print(f"FOUND: {path.read_bytes()!r}")
        return False


if __name__ == "__main__":
    sys.exit(main())
