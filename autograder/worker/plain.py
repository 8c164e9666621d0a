"""The last rung: the zygote as an ordinary process, for machines on which no sandbox can be had.

Time, memory and file sizes are limited and the environment is clean, but student code runs with the
rights of whoever grades: it can read their files. Where it is used it says so.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

from .bubblewrap import ENVIRONMENT, FLAGS, start_code
from .layout import Layout

NOTICE = (
    "NOT ISOLATED: {why} Student code runs with your rights and can read your files, the hidden graders too. "
    "Grade only work you trust, or {fix}"
)


def spawn(
    layout: Layout, control_fd: int, errors: IO[bytes], folder: Path, without: frozenset[str] = frozenset()
) -> subprocess.Popen:
    """Start the zygote as an ordinary process.

    Args:
        layout: what it can import.
        control_fd: its end of the control socket.
        errors: receives what it prints while it loads.
        without: layers to leave out, for tests.
        folder: a private folder, removed by the caller at the end.
    """
    packages, scratch = folder / "packages", folder / "scratch"
    packages.mkdir()
    scratch.mkdir()
    for name, path in layout.packages.items():
        os.symlink(path, packages / name)
    inherited = os.environ if "environment" in without else {}
    environment = {**inherited, **ENVIRONMENT, "HOME": str(scratch), "TMPDIR": str(scratch)}
    return subprocess.Popen(
        [str(layout.interpreter), *FLAGS, start_code(str(packages)), str(control_fd)],
        pass_fds=[control_fd],
        stdin=subprocess.DEVNULL,
        stdout=errors,
        stderr=errors,
        env=environment,
        cwd=scratch,
        start_new_session=True,
    )
