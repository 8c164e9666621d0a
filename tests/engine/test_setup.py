"""The set-up, the Makefile and continuous integration, with programs that only write down what they are told."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    "sh",
    "bash",
    "cat",
    "cksum",
    "date",
    "dirname",
    "env",
    "grep",
    "mkdir",
    "rm",
    "uname",
    "mktemp",
    "tail",
    "id",
)

# Answers every question of set-up with yes, and writes each pip call, with what of its surroundings matters, to $LOG.
PYTHON = """#!/bin/sh
here="$(cd "$(dirname "$0")" && pwd -P)/${0##*/}"
case "$*" in
"-m venv "*) mkdir -p "$3/bin"; cat "$here" >"$3/bin/python"; /bin/chmod +x "$3/bin/python"; echo "venv" >>"$LOG" ;;
"-m pip "*) shift 2; echo "pip $*|cache=${PIP_CACHE_DIR:-none$PIP_NO_CACHE_DIR}|tmp=$TMPDIR" >>"$LOG"
    case "$*" in *--index-url*) exit "${NO_INDEX:-0}" ;; esac ;;
"-c "*version_info*sys.exit*|*sys.exit*version_info*) exit "${WRONG_VERSION:-0}" ;;
"-c import ensurepip"*) exit "${NO_VENV:-0}" ;;
"-c "*-venv*) echo python3.11-venv ;;
esac
"""


class Machine:
    """A copy of the files of the set-up, and a PATH with nothing but basic tools and the programs given."""

    def __init__(self, folder: Path):
        self.project, self.programs, self.log = folder / "project", folder / "bin", folder / "log"
        self.project.mkdir()
        self.programs.mkdir()
        self.log.touch()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.project / name)
        for name in ("scripts", ".ci"):
            shutil.copytree(ROOT / name, self.project / name)
        for name in TOOLS:
            (self.programs / name).symlink_to(shutil.which(name) or "/missing")

    def add(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        surroundings = {
            "PATH": str(self.programs),
            "HOME": "/nonexistent",
            "LOG": str(self.log),
            **environment,
        }
        return subprocess.run(
            command, cwd=self.project, env=surroundings, capture_output=True, text=True, check=False
        )

    def setup(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("scripts/setup.sh", **environment)

    def calls(self) -> list[str]:
        """What was called since the last time this was asked."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        self.log.write_text("", encoding="utf-8")
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.add("python3.11", PYTHON)
    return made


def test_set_up_takes_torch_first_then_the_pinned_rest_then_the_project(machine: Machine):
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    made, *pip = machine.calls()
    calls = [line.partition("|")[0] for line in pip if "--version" not in line]
    assert made == "venv"
    assert calls == [
        "pip install --quiet --constraint constraints.txt torch setuptools",
        "pip install --quiet --constraint constraints.txt --requirement .cache/tmp/requirements.txt",
        "pip install --quiet --no-deps --no-build-isolation --editable .",
        "pip check",
    ]


def test_set_up_says_what_it_does(machine: Machine):
    lines = machine.setup().stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["1/4", "2/4", "3/4", "4/4", "done"]


def test_set_up_writes_only_into_the_project(machine: Machine):
    machine.setup()
    project = str(machine.project.resolve())
    for line in machine.calls()[1:]:
        assert f"|cache=none1|tmp={project}/" in line
    assert not (machine.project / ".cache" / "tmp").exists()


def test_the_users_own_cache_of_downloads_is_used_where_named(machine: Machine):
    machine.setup(PIP_CACHE_DIR="/mine")
    assert all("|cache=/mine|" in line for line in machine.calls()[1:])


def test_the_second_run_does_nothing_and_says_nothing(machine: Machine):
    machine.setup()
    machine.calls()
    again = machine.setup()
    assert (again.returncode, again.stdout, again.stderr, machine.calls()) == (0, "", "", [])


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_the_requirements_sets_up_again_in_the_same_environment(machine: Machine, name: str):
    machine.setup()
    machine.calls()
    with (machine.project / name).open("a") as file:
        file.write("# changed\n")
    machine.setup()
    calls = machine.calls()
    assert "venv" not in calls
    assert any("--requirement" in call for call in calls)


def test_a_moved_folder_gets_a_new_environment(machine: Machine, tmp_path: Path):
    machine.setup()
    machine.calls()
    machine.project = machine.project.rename(tmp_path / "elsewhere")
    assert "moved" in machine.setup().stdout
    assert machine.calls()[0] == "venv"


def test_an_interrupted_set_up_is_taken_up_again(machine: Machine):
    machine.setup()
    (machine.project / ".venv" / "set-up").unlink()
    machine.calls()
    assert machine.setup().returncode == 0
    assert any("--requirement" in call for call in machine.calls())


def test_an_index_of_cpu_builds_is_asked_first_and_the_ordinary_one_serves(machine: Machine):
    done = machine.setup(NO_INDEX="1", TORCH_INDEX="https://wheels.example/cpu")
    assert done.returncode == 0
    assert "cannot be reached: taking what the ordinary index has" in done.stdout
    asked = r"pip install .*--no-deps .*--index-url https://wheels.example/cpu torch==[\d.]+\|?.*"
    assert any(re.fullmatch(asked, call) for call in machine.calls())
    (machine.project / ".venv" / "set-up").unlink()
    machine.setup()
    assert not any("--index-url" in call for call in machine.calls())


def test_no_fitting_python_is_one_clear_error(machine: Machine):
    failed = machine.setup(WRONG_VERSION="1")
    assert failed.returncode == 1
    assert failed.stderr == (
        "set-up: Python 3.11 or 3.12 is needed, and neither python3.11, python3.12, python3 nor python is one.\n"
        "set-up: Install Python 3.11, or say where it is: make setup PYTHON=/path/to/python3.11\n"
    )


def test_a_python_without_venv_is_one_clear_error(machine: Machine):
    failed = machine.setup(NO_VENV="1")
    assert failed.returncode == 1
    assert "python3.11 is here, but without the modules venv and ensurepip" in failed.stderr
    assert "apt-get install python3.11-venv" in failed.stderr


def test_a_wrong_interpreter_that_was_asked_for_is_not_replaced_by_another(machine: Machine):
    failed = machine.setup(PYTHON="no-such-python")
    assert failed.returncode == 1
    assert failed.stderr == "set-up: PYTHON=no-such-python is not Python 3.11 or 3.12 with its venv module.\n"


def test_programs_run_with_a_home_inside_the_project(machine: Machine):
    machine.setup()
    shown = machine.run("scripts/here.sh", "env", JUPYTER_DATA_DIR="/mine", PYTHONPATH="/other").stdout
    found = dict(line.split("=", 1) for line in shown.splitlines())
    project = machine.project.resolve()
    assert found["HOME"] == str(project / ".cache" / "home")
    assert found["PATH"].startswith(str(project / ".venv" / "bin"))
    assert found.keys().isdisjoint({"JUPYTER_DATA_DIR", "PYTHONPATH", "XDG_CACHE_HOME"})


def test_help_names_every_command_and_every_command_sets_up_first():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())
    assert set(re.findall(r"'make ([\w-]+) ", text)) | {"help"} == commands
    needs = dict(re.findall(r"^([\w-]+):[ ]*([\w-]*)$", text, re.MULTILINE))
    for command in commands - {"help", "setup", "clean", "clean-all"}:
        while command != "setup":
            command = needs[command]


def test_ci_runs_everything_and_lets_no_real_part_be_missing(machine: Machine):
    for name in ("bwrap", "chromium", "apt-get"):
        machine.add(name, f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n')
    machine.add("make", '#!/bin/sh\necho "make $* REQUIRE_REAL=$REQUIRE_REAL" >>"$LOG"\nexit 7\n')
    assert machine.run(".ci/run").returncode == 7
    assert machine.calls() == ["make test REQUIRE_REAL=1"]


def test_ci_installs_what_is_missing_where_it_may(machine: Machine):
    machine.add("chromium", "#!/bin/sh\n")
    machine.add("apt-get", '#!/bin/sh\necho "apt-get $*" >>"$LOG"\n')
    machine.add("make", '#!/bin/sh\necho "make $*" >>"$LOG"\n')
    for user, wanted in (
        ("0", ["apt-get update", "apt-get install --yes --no-install-recommends bubblewrap"]),
        ("1000", []),
    ):
        (machine.programs / "id").unlink()
        machine.add("id", f"#!/bin/sh\necho {user}\n")
        done = machine.run(".ci/run")
        assert done.returncode == 0
        assert machine.calls() == [*wanted, "make test"]
    assert "bubblewrap cannot be installed" in done.stderr


def test_a_skip_is_a_failure_where_every_real_part_is_required(tmp_path: Path):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_one.py").write_text("import pytest\ndef test_it(): pytest.skip('no moon: get one')\n")
    (tmp_path / "test_file.py").write_text("import pytest\npytest.skip('no sun', allow_module_level=True)\n")
    for required, summary in (("0", "2 skipped"), ("1", "1 failed, 1 error")):
        command = [shutil.which("env"), f"REQUIRE_REAL={required}", sys.executable, "-m", "pytest", "-ra"]
        options = [
            "--rootdir",
            str(tmp_path),
            "-c",
            "/dev/null",
            "-p",
            "no:cacheprovider",
            "--continue-on-collection-errors",
        ]
        shown = subprocess.run(
            [*command, *options, str(tmp_path)], capture_output=True, text=True, check=False
        ).stdout
        assert summary in shown
        assert "no moon: get one" in shown
        assert "no sun" in shown
