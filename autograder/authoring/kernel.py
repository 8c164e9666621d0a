"""A kernel for solutions: one thread, our coursekit, and no network where that can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import Any

from autograder.authoring.keys import kit_folder

CELL_SECONDS = 300


@cache
def offline_prefix() -> tuple[str, ...]:
    """The command in front of a kernel that takes its network away; empty where bubblewrap does not start."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return ()
    prefix = (bwrap, "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--")
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if done.returncode == 0 else ()


def environment(scratch: str) -> dict[str, str]:
    """The variables of a solution's kernel: nothing of the person's own set-up changes what it computes."""
    path = os.pathsep.join(filter(None, [str(kit_folder().parent), os.environ.get("PYTHONPATH")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": scratch,
    }


def client(notebook: Any, folder: str, scratch: str) -> Any:
    """An nbclient for the notebook in `folder`. Its kernel talks through files in `scratch`, not a network."""
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    class Offline(AsyncKernelManager):
        def __init__(self, **options: Any):
            super().__init__(transport="ipc", ip=os.path.join(scratch, "kernel"), **options)

        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            return [*offline_prefix(), *super().format_kernel_cmd(extra_arguments)]

    return NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        kernel_manager_class=Offline if offline_prefix() else AsyncKernelManager,
        record_timing=False,
        allow_errors=True,
        resources={"metadata": {"path": folder}},
    )
