"""A real JupyterLab in a headless Chromium, with nothing installed but what a student gets: for tests.

    with student_environment(folder, release) as home, lab(home) as server, browser() as chromium:
        notebook = server.open(chromium, "02_x/02_x.ipynb")
        notebook.run_all()
        notebook.save()

``student_environment`` makes a virtual environment in which `release/setup` is installed and `autograder` is not.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NO_BROWSER = "no Chromium here: `apt-get install chromium` ends this skip"


@dataclass(frozen=True)
class Home:
    """A student's folder and interpreter."""

    folder: Path
    python: Path


def student_environment(folder: Path, release: Path, *lessons: str) -> Home:
    """A folder with the released lessons, and an environment with coursekit as `release/setup` installs it.

    Heavy libraries are those of the tests' own environment; our own packages in it are out of reach.
    """
    home = folder / "student"
    for lesson in lessons:
        shutil.copytree(release / lesson, home / lesson)
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    shared = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    setup = folder / "setup"
    shutil.copytree(release / "setup", setup)  # pip writes beside what it installs
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(site), str(setup)], check=True, timeout=300)
    # a path file is no site folder: the finder of an editable install of ours is not started from there
    (site / "libraries.pth").write_text(f"{shared}\n")
    found = subprocess.run(
        [str(python), "-c", "import coursekit; print(coursekit.__file__)\nimport autograder"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert str(site) in found.stdout, found
    assert "No module named 'autograder'" in found.stderr, found
    return Home(home, python)


@dataclass
class Lab:
    """A running server."""

    home: Home
    url: str
    token: str

    def ask(self, path: str) -> Any:
        """What the server's own interface answers."""
        request = urllib.request.Request(
            f"{self.url}/{path}", headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def open(self, browser: Any, path: str, dark: bool = False) -> Notebook:
        """Open a notebook in a new page, once its kernel is there."""
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(f"{self.url}/lab/tree/{path}?token={self.token}&reset", timeout=180_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=180_000)
        notebook = Notebook(self, page, self.home.folder / path)
        notebook.wait_idle()
        return notebook


@dataclass
class Notebook:
    """One notebook in a page."""

    lab: Lab
    page: Any
    path: Path

    def run_all(self, limit: float = 600.0) -> None:
        """Run, Run All Cells; until the kernel has nothing left to do."""
        self.page.click("text=Run >> nth=0")
        self.page.click('[data-command="runmenu:run-all"]')
        self.wait_idle(limit, begun=True)

    def wait_idle(self, limit: float = 300.0, begun: bool = False) -> None:
        """Until the notebook's kernel is idle and stays so; with ``begun``, after it was busy."""
        end, quiet, busy = time.monotonic() + limit, 0, not begun
        while time.monotonic() < end:
            states = [one["kernel"]["execution_state"] for one in self.lab.ask("api/sessions")]
            busy = busy or "busy" in states
            quiet = quiet + 1 if busy and states == ["idle"] else 0
            if quiet == 5:
                return
            time.sleep(0.4)
        raise AssertionError(f"the kernel was not idle within {limit:.0f} s: {states}")

    def save(self) -> dict[str, Any]:
        """Save by keyboard; the notebook as it then lies on the disk."""
        before = self.path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        end = time.monotonic() + 60
        while self.path.stat().st_mtime_ns == before and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(0.5)
        return json.loads(self.path.read_text(encoding="utf-8"))


@contextmanager
def lab(home: Home) -> Iterator[Lab]:
    """JupyterLab on a free port of this machine, in the student's environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    app = Path(sys.prefix) / "share" / "jupyter" / "lab"
    command = [str(home.python), "-m", "jupyterlab", "--no-browser", "--allow-root", f"--app-dir={app}"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    command += [
        f"--ServerApp.root_dir={home.folder}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=",
    ]
    command[-1] = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
    private = {
        f"JUPYTER_{name}_DIR": str(home.folder.parent / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    environment = {
        **os.environ,
        **private,
        "OMP_NUM_THREADS": "1",
        "IPYTHONDIR": str(home.folder.parent / "ipython"),
    }
    environment.pop("PYTHONPATH", None)
    with (home.folder.parent / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=home.folder)
        try:
            server = Lab(home, f"http://127.0.0.1:{port}", token)
            _wait_for(server, process, home.folder.parent / "lab.log")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(server: Lab, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        try:
            server.ask("api/status")
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab does not answer:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def browser() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright; skips where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield chromium
        finally:
            chromium.close()
