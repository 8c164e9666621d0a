"""Every benchmark in one run; the tables and a plot go to benchmarks/results/.

python benchmarks/report.py            # about an hour on a quiet machine
python benchmarks/report.py --quick    # a look: few rounds, few notebooks
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT))

from benchmarks import overhead, parts, peers, scale  # noqa: E402

_PACKAGES = ("nbgrader", "otter-grader", "torch", "numpy", "jupyter-client")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, few notebooks")
    quick = parser.parse_args().quick
    RESULTS.mkdir(exist_ok=True)
    found = peers.measure(1 if quick else 5, 2 if quick else 4, ["lean", "whole"], core=0)
    over = overhead.measure(15 if quick else 40)
    text = "\n".join(
        [
            "# How long grading takes",
            "",
            *_head(quick),
            "",
            "## The same work in three autograders, on one core",
            "",
            "Each cell: median (least to most) over the rounds, for one notebook, the start of the command apart.",
            "",
            peers.tables(found),
            "![Seconds for one notebook](peers.svg)",
            "",
            "## Overhead of one whole lesson over the control",
            "",
            "`python benchmarks/overhead.py` says what is measured.",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value:.2f} |" for name, value in over.items()),
            "",
            "## Parts",
            "",
            parts.table(3 if quick else 7),
            "",
            "## Classes",
            "",
            scale.table([1, 10] if quick else [1, 100, 1000], os.cpu_count() or 1),
            "",
        ]
    )
    (RESULTS / "README.md").write_text(text, encoding="utf-8")
    (RESULTS / "peers.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _plot(found, RESULTS / "peers.svg")
    print(text)
    return 0


def _head(quick: bool) -> list[str]:
    command = "python benchmarks/report.py" + (" --quick" if quick else "")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"- Command: `{command}`, {datetime.now(UTC):%d %B %Y}.",
        f"- Machine: {os.cpu_count()} processors ({_processor()}), {_memory_gb():.0f} GB, "
        f"{platform.system()} {platform.release()}, load at the start {load}.",
        f"- Python {platform.python_version()}; " + ", ".join(f"{p} {version(p)}" for p in _PACKAGES) + ".",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _plot(found: dict, path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    from benchmarks.measuring import summary

    figure, axes = plt.subplots(1, len(found), figsize=(9, 2.8), squeeze=False, layout="constrained")
    for ax, (kind, rounds) in zip(axes[0], found.items(), strict=True):
        names = ["otter", "nbgrader", "ours", "floor"]
        medians = [summary([r[name]["cpu_s"] for r in rounds])["median"] for name in names]
        bars = ax.barh(names[::-1], medians[::-1], color="#0072b2")
        ax.bar_label(bars, fmt="%.3g s", padding=3)
        ax.set_xscale("log")
        ax.margins(x=0.2)
        ax.set_xlabel("CPU seconds for one notebook (log scale)")
        ax.set_title(f"{kind} notebooks", fontsize=10)
    figure.savefig(path)
    plt.close(figure)


if __name__ == "__main__":
    raise SystemExit(main())
