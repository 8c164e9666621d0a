"""The sandbox as bubblewrap is asked for it: an empty file system with a list of things in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from .layout import INSIDE, PACKAGES, SCRATCH, Layout

INSTALL = (
    "apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora) or conda install bubblewrap"
)
_ROOT_CAPABILITIES = ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "KILL")
_TEMPORARY_BYTES = 16 << 20
_NO_BYTES = 1 << 20

ENVIRONMENT = {
    "HOME": SCRATCH,
    "TMPDIR": SCRATCH,
    "USER": "student",
    "LOGNAME": "student",
    "PATH": "/usr/bin",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JOBLIB_MULTIPROCESSING": "0",  # n_jobs=2 is then one after the other, where it would fail in the end
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
}


def program() -> str | None:
    """Where bubblewrap is, None when it is not installed or this is no Linux."""
    return shutil.which("bwrap") if sys.platform == "linux" else None


def mode() -> str:
    """``root`` or ``user``: how workers get an identity of their own."""
    return "root" if os.getuid() == 0 else "user"


def start_code(packages: str) -> str:
    """What the sandboxed Python runs: the libraries come last on its path, so none hides the standard ones."""
    return (
        f"import sys; sys.path.append({packages!r}); from {INSIDE}.zygote import main; main(int(sys.argv[1]))"
    )


def spawn(
    layout: Layout,
    control_fd: int,
    errors: IO[bytes],
    code: str = "",
    without: frozenset[str] = frozenset(),
) -> subprocess.Popen:
    """Start the zygote in a sandbox.

    Args:
        layout: what it can import.
        control_fd: its end of the control socket.
        errors: receives what it prints while it loads.
        code: Python to run in place of the zygote.
        without: layers to leave out, for tests.
    """
    arguments = b"\0".join(argument.encode() for argument in _arguments(layout, without)) + b"\0"
    # As a file, the arguments (paths of this machine) stay out of the process list inside.
    with _sealed_file(arguments) as file:
        command = [program() or "bwrap", "--args", str(file.fileno()), str(layout.interpreter), *FLAGS]
        return subprocess.Popen(
            [*command, code or start_code(PACKAGES), str(control_fd)],
            pass_fds=[control_fd, file.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=dict(os.environ) if "environment" in without else {},
        )


# No user site, no site-packages at all, no bytecode, no script folder on the path.
FLAGS = ("-s", "-S", "-B", "-P", "-c")


def _sealed_file(content: bytes) -> IO[bytes]:
    file = os.fdopen(os.memfd_create("bwrap-args", 0), "w+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def _arguments(layout: Layout, without: frozenset[str] = frozenset()) -> list[str]:
    arguments = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if "net" not in without:
        arguments.append("--unshare-net")
    if "environment" not in without:
        arguments.append("--clearenv")
    arguments += ["--new-session", "--hostname", "box", "--cap-drop", "ALL"]
    if threading.current_thread() is threading.main_thread():
        # It follows the thread that starts it. In other threads the zygote still ends with us: its
        # control socket closes.
        arguments.append("--die-with-parent")
    if mode() == "user":
        arguments += ["--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    else:
        for capability in _ROOT_CAPABILITIES:
            arguments += ["--cap-add", f"CAP_{capability}"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    binds = _binds(layout)
    if "files" in without:  # read-only, but everything: what a worker then reads, the list keeps from it
        arguments += _everything(layout)
    else:
        arguments += _folders([*binds, SCRATCH])
        for inside, outside in binds.items():
            arguments += ["--ro-bind", str(outside), inside]
        for folder in layout.hidden:
            if any(str(folder).startswith(target + "/") for target in binds):
                arguments += ["--size", str(_NO_BYTES), "--tmpfs", str(folder), "--remount-ro", str(folder)]
        arguments += _links()
    arguments += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    arguments += ["--size", str(_NO_BYTES), "--tmpfs", "/dev/shm"]
    arguments += ["--size", str(_TEMPORARY_BYTES), "--perms", "1777", "--tmpfs", SCRATCH]
    return [*arguments, "--remount-ro", "/", "--chdir", "/"]


def _everything(layout: Layout) -> list[str]:
    """The machine's own files, for tests that need a sandbox without the list."""
    arguments = []
    taken = {"/proc", "/dev", PACKAGES, SCRATCH}
    opened = {Path(PACKAGES).parent, *layout.prefix.parents} - {Path("/")}
    waiting = sorted(Path("/").iterdir())
    while waiting:
        path = waiting.pop(0)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), str(path)]
        elif path in opened:  # a worker's own user must be let through to what it imports
            arguments += ["--perms", "0755", "--dir", str(path)]
            waiting += sorted(path.iterdir()) if path.is_dir() else []
        elif path.exists() and str(path) not in taken:
            arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--perms", "0755", "--dir", PACKAGES]
    for name, path in sorted(layout.packages.items()):
        arguments += ["--ro-bind", str(path), f"{PACKAGES}/{name}"]
    return arguments


def _binds(layout: Layout) -> dict[str, Path]:
    """Path inside -> path outside, all read-only."""
    paths = [*layout.system, layout.modules if layout.prefix == Path("/usr") else layout.prefix / "lib"]
    binds = {str(path): path for path in [*paths, layout.interpreter]}
    return binds | {f"{PACKAGES}/{name}": path for name, path in sorted(layout.packages.items())}


def _folders(targets: list[str]) -> list[str]:
    """Parents with rights for all: those that bubblewrap makes itself are closed to a worker's own user."""
    parents = {str(parent) for target in targets for parent in Path(target).parents} - {"/"}
    arguments = []
    for folder in sorted([*parents, SCRATCH], key=lambda folder: folder.count("/")):
        arguments += ["--perms", "0755", "--dir", folder]
    return arguments


def _links() -> list[str]:
    arguments = []
    for path in ("/lib", "/lib64", "/bin"):
        if Path(path).is_symlink():
            arguments += ["--symlink", os.readlink(path), path]
    return arguments
