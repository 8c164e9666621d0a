"""The zygote as an ordinary process, for machines on which bubblewrap does not start.

What then stands around a worker it puts up itself, after the fork: ``inside/locked.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from .bubblewrap import ENVIRONMENT, FLAGS, start_code
from .layout import Layout
from .scratch import Scratch

PACKAGES, SCRATCH, READABLE = "packages", "scratch", "readable.json"
_SWEEP_SECONDS = 20.0
_NO_PLACE = "other users cannot enter any folder for temporary files: {places}"


def private_folder(layers: frozenset[str]) -> Scratch:
    """A folder for one zygote, where the users of its workers can get to if they have users of their own."""
    places = [tempfile.gettempdir(), *(("/tmp", "/var/tmp") if "uid" in layers else ())]
    for place in places:
        folders = [Path(place).resolve(), *Path(place).resolve().parents]
        with contextlib.suppress(OSError):
            if "uid" not in layers or all(folder.stat().st_mode & stat.S_IXOTH for folder in folders):
                return Scratch(place)
    raise RuntimeError(_NO_PLACE.format(places=", ".join(places)))


def spawn(
    layout: Layout, control_fd: int, errors: IO[bytes], folder: Path, layers: frozenset[str]
) -> subprocess.Popen:
    """Start the zygote as an ordinary process.

    Args:
        layout: what it can import.
        control_fd: its end of the control socket.
        errors: receives what it prints while it loads.
        folder: a private folder, removed by the caller at the end.
        layers: what will stand around its workers.
    """
    packages, scratch = folder / PACKAGES, folder / SCRATCH
    for made in (packages, scratch):
        made.mkdir()
        made.chmod(0o755)
    if "uid" in layers:  # workers of another user must get through to their own folders
        folder.chmod(0o711)
        scratch.chmod(0o711)
    for name, path in layout.packages.items():
        os.symlink(path, packages / name)
    readable = layout.readable()
    readable["read"].append(str(packages))
    (folder / READABLE).write_text(json.dumps(readable), encoding="utf-8")
    inherited = {} if "environment" in layers else os.environ
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


def sweep(layout: Layout, first_uid: int) -> None:
    """End what is left of a zygote's workers when it was ended itself before it could. Started by root.

    Args:
        layout: of that zygote.
        first_uid: the first of its workers' user ids.
    """
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parent / 'inside')!r}); "
        "import sweep; sweep.main()"
    )
    subprocess.run(
        [str(layout.interpreter), *FLAGS, code, str(first_uid)],
        stdin=subprocess.DEVNULL,
        env={},
        timeout=_SWEEP_SECONDS,
        check=False,
    )
