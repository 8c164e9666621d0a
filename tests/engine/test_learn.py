"""`autograder learn` driven as a learner would, in a real terminal (tmux): from the first stub to the finished lesson."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

_NO_TMUX = "no tmux here: `apt-get install tmux` ends this skip"


class Terminal:
    """A terminal of 100 columns and 45 rows, with a program in it."""

    def __init__(self, folder: Path, command: str, env: dict[str, str]):
        self.name = f"learn-{os.getpid()}-{time.monotonic_ns()}"
        words = [f"{key}={value}" for key, value in env.items()]
        self._tmux(
            "new-session", "-d", "-s", self.name, "-x", "100", "-y", "45", "-c", str(folder), "bash --norc"
        )
        self.type(f"env {' '.join(words)} {command}; echo ended-$?")

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-L", "autograder-tests", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def type(self, line: str) -> None:
        self._tmux("send-keys", "-t", self.name, "-l", line)
        self._tmux("send-keys", "-t", self.name, "Enter")

    def press(self, key: str) -> None:
        self._tmux("send-keys", "-t", self.name, "-l", key)

    def screen(self, coloured: bool = False) -> str:
        return self._tmux("capture-pane", "-p", "-t", self.name, *(["-e"] if coloured else []))

    def wait(self, *texts: str, limit: float = 120.0) -> str:
        """The screen once all the texts stand on it."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            shown = self.screen()
            if all(text in shown for text in texts):
                return shown
            time.sleep(0.2)
        raise AssertionError(f"not seen: {texts}\n{shown}")

    def close(self) -> None:
        subprocess.run(["tmux", "-L", "autograder-tests", "kill-session", "-t", self.name], check=False)


@pytest.fixture
def course(tiny, tmp_path):
    return tiny.build_course(tmp_path / "course")


@pytest.fixture
def terminal(course):
    if shutil.which("tmux") is None:
        pytest.skip(_NO_TMUX)
    opened = []

    def start(options: str = "", **env: str) -> Terminal:
        command = f"{sys.executable} -m autograder learn {options}"
        opened.append(Terminal(course, command, {"TERM": "screen-256color", **env}))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def write(course: Path, tiny, code: dict[str, str]) -> None:
    """Save the notebook as an editor does: a new file in the place of the old one."""
    path = course / "work" / tiny.LESSON / f"{tiny.LESSON}.ipynb"
    fresh = path.with_suffix(".new")
    fresh.write_text(tiny.notebook(course, code), encoding="utf-8")
    fresh.replace(path)


@pytest.mark.slow
def test_from_the_first_stub_to_the_finished_lesson(terminal, course, tiny):
    shown = terminal()
    shown.wait("Exercise 1 of 2: shares", "0 of 2 exercises done")
    shown.wait("Not written yet. Open the notebook, fill in shares and save")
    shown.press("h")
    shown.wait("Hint 1 of 3 for shares: the idea", "Each row is divided by its own sum.")
    shown.press("s")
    shown.wait("The solution is shown when yours passes")

    write(course, tiny, {"shares": "def shares(counts):\n    return counts / counts.sum()"})
    shown.wait(
        "You divide by the sum of the whole table: each row has its own.", "→ Print the sum of each row"
    )
    assert "checks" in shown.screen()
    shown.wait("Smallest case that it gets wrong:", "expected:")

    write(course, tiny, {"shares": tiny.RIGHT["shares"]})
    shown.wait("✓ shares is done. n goes on", "3 of 3 checks", "1 of 2 exercises done")
    shown.press("s")
    shown.wait("How we wrote it:", "def shares(counts")
    shown.press("n")
    shown.wait("Exercise 2 of 2: smooth", "Not written yet")

    write(course, tiny, {"shares": tiny.RIGHT["shares"], "smooth": tiny.RIGHT["smooth"]})
    shown.wait("✓ All 2 exercises of this lesson are done.", "2 of 2 exercises done")
    shown.press("a")
    shown.wait("6/6")  # points: the hidden checks
    shown.press("l")
    shown.wait("1 ✓ done  shares", "2 ✓ done  smooth", "✓ 01 Shares and averages: 2 of 2 done")
    shown.press("1")
    shown.wait("Exercise 1 of 2: shares")
    shown.press("q")
    shown.wait("autograder learn", "ended-0")
    shown.type("echo alive")  # the terminal is as it was: what is typed is shown and done
    shown.wait("\nalive")

    progress = json.loads((course / "work" / "progress.json").read_text())
    done = progress["lessons"][tiny.LESSON]
    assert (done["shares"]["passing"], done["shares"]["checks"], done["shares"]["hints"]) == (3, 3, 1)
    assert done["shares"]["tries"] >= 2
    assert done["smooth"]["passed"]

    again = terminal()
    again.wait("2 of 2 exercises done", "Exercise 1 of 2: shares")
    again.press("q")
    again.wait("ended-0")


@pytest.mark.slow
def test_without_colour_and_as_lines_for_a_screen_reader(terminal, course, tiny):
    shown = terminal("--plain 1", NO_COLOR="1")
    shown.wait("Exercise 1 of 2: shares", "Not written yet")
    write(course, tiny, {"shares": "def shares(counts):\n    return -counts"})
    shown.wait("0 of 3 checks")
    shown.type("h")
    shown.wait("Hint 1 of 3 for shares: the idea")
    coloured = shown.screen(coloured=True)
    assert "\x1b[3" not in coloured
    assert "\x1b[9" not in coloured
    shown.type("q")
    shown.wait("ended-0")


def test_without_a_terminal_it_lists_the_lessons_and_loads_nothing_heavy(course):
    code = (
        "import sys\nfrom autograder.cli import main\nsys.argv = ['autograder', 'learn']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print([m for m in ('torch', 'numpy', 'pytest') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "Lessons",
        "  ○ 01 Shares and averages: 0 of 2 done",
        "In a terminal, `autograder learn` goes on from here.",
        "[]",
    ]
