"""The bundle for Gradescope and Otter: its own scripts, run in a folder laid out as Gradescope's."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BIN = Path(sys.executable).parent
LESSON = "01_tiny"
DUE = "2027-02-01T12:00:00+00:00"
ROOT = Path(__file__).resolve().parents[2]


class Harness:
    """A course with a bundle, and Gradescope's folder made anew for every submission."""

    def __init__(self, course: Path, folder: Path):
        self.course, self.folder, self.bundle = course, folder, folder / "bundle.zip"

    def export(self, target: Path | None = None) -> None:
        done = subprocess.run(
            [str(BIN / "autograder"), "export", "gradescope", "1", "--to", str(target or self.bundle)],
            cwd=self.course,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    def run(self, files: dict[str, bytes], metadata: Any = None, **environment: str) -> tuple[int, Any, str]:
        """Exit code, results and standard error of `run_autograder`."""
        base = self.folder / "autograder"
        shutil.rmtree(base, ignore_errors=True)
        for name in ("source", "submission", "results"):
            (base / name).mkdir(parents=True)
        with zipfile.ZipFile(self.bundle) as bundle:
            bundle.extractall(base / "source")
        script = shutil.copy(base / "source" / "run_autograder", base)
        os.chmod(script, 0o755)
        for name, data in files.items():
            path = base / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if metadata is not None:
            text = metadata if isinstance(metadata, str) else json.dumps(metadata)
            (base / "submission_metadata.json").write_text(text)
        done = subprocess.run(
            [script],
            cwd=base,
            env={
                **os.environ,
                "AUTOGRADER_ROOT": str(base),
                "AUTOGRADER_PYTHON": sys.executable,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        path = base / "results" / "results.json"
        return done.returncode, json.loads(path.read_text()) if path.exists() else None, done.stderr


@pytest.fixture(scope="module")
def harness(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Harness:
    folder = tmp_path_factory.mktemp("gradescope")
    course = folder / "course"
    shutil.copytree(tiny_course, course)
    with (course / "course.toml").open("a") as settings:
        settings.write(f"\n[due]\n{LESSON} = {DUE}\n\n[late]\nper_day = 10\n")
    (course / "students.csv").write_text(
        "id,email,gradescope\nada,ada@example.org,77\nben,ben@example.org,\n"
    )
    (course / "exceptions.csv").write_text(
        "student,lesson,due,item,points,comment\nada,1,2027-02-03T12:00:00+00:00,,,\nben,1,,smooth,5,nearly\n"
    )
    made = Harness(course, folder)
    made.export()
    return made


def test_the_bundle_is_whole_and_always_the_same(harness: Harness, tmp_path: Path):
    harness.export(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == harness.bundle.read_bytes()
    with zipfile.ZipFile(harness.bundle) as bundle:
        names = set(bundle.namelist())
        modes = {i.filename: i.external_attr >> 16 for i in bundle.infolist()}
        requirements = bundle.read("requirements.txt").decode()
        config = json.loads(bundle.read("otter_config.json"))
    assert {"run_autograder", "setup.sh", "otter_config.json", "requirements.txt", "lesson.txt"} <= names
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert not [
        name for name in names if name.startswith(("autograder", "coursekit")) or "__pycache__" in name
    ]
    assert f"course/tests/graders/{LESSON}/test_shares.py" in names
    pins = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    assert all("==" in line for line in pins)
    assert {line.split("==")[0] for line in pins} >= {"torch", "numpy", "msgspec", "pytest"}
    assert config["plugins"] == [{"autograder.interop.otter.plugin.RecordPlugin": {}}]


@pytest.mark.slow
def test_results_hold_the_students_view(harness: Harness, tiny: ModuleType):
    half = {**tiny.RIGHT, "smooth": tiny.RIGHT["smooth"].replace(" / width for", " for")}
    book = tiny.notebook(harness.course, half, q1="0.25").encode()
    code, document, _ = harness.run({"mine.ipynb": book, "otter.py": b"raise SystemExit", "json.py": b"1/0"})
    assert code == 0
    assert document["score"] == 14.0
    assert document["stdout_visibility"] == "hidden"
    tests = {test["tags"][0]: test for test in document["tests"]}
    assert {name: (t["score"], t["max_score"]) for name, t in tests.items()} == {
        "shares": (9.0, 9.0),
        "smooth": (3.0, 6.0),
        "q1": (2.0, 2.0),
        "q2": (0.0, 2.0),
    }
    assert tests["smooth"]["status"] == "failed"
    assert tests["smooth"]["output"].startswith("You add the window up and do not divide.")
    assert {test["visibility"] for test in document["tests"]} == {"visible"}
    assert "EXPLAINED" not in json.dumps(document)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "No notebook was handed in. Hand in 01_tiny.ipynb."),
        (
            {"a.ipynb": b"{}", "b.ipynb": b"{}"},
            "One notebook is needed, and 2 were handed in (a.ipynb, b.ipynb).",
        ),
        ({"x.ipynb": b""}, "The file is empty."),
        ({"x.ipynb": b"[" * 100_000}, "The file holds a JSON list"),
    ],
)
def test_anything_has_a_result(harness: Harness, files: dict[str, bytes], says: str):
    code, document, _ = harness.run(files, metadata="[not json")
    assert (code, document["score"], document["extra_data"]["status"]) == (0, 0.0, "error")
    assert says in document["output"]
    assert [test["score"] for test in document["tests"]] == [0.0] * 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user", "score", "says"),
    [
        ({"id": 77, "email": "other@example.org"}, 15.0, ""),
        ({"id": 1, "email": "Ben@example.org"}, 11.2, "20 % of 14 points, 2.8, are taken off."),
        ({"id": 1, "email": "nobody@example.org"}, 12.0, "20 % of 15 points, 3, are taken off."),
    ],
)
def test_the_course_decides_on_lateness_and_exceptions(harness: Harness, tiny: ModuleType, user, score, says):
    metadata = {"created_at": "2027-02-02T14:00:00.000000+01:00", "users": [user]}
    book = tiny.notebook(harness.course, tiny.RIGHT).encode()
    code, document, _ = harness.run({f"{LESSON}.ipynb": book, "old.ipynb": b""}, metadata)
    assert (code, document["score"]) == (0, pytest.approx(score))
    assert says in document["output"]


@pytest.mark.slow
def test_where_the_machine_fails_there_is_a_result_that_says_so(harness: Harness):
    code, document, errors = harness.run({"x.ipynb": b"{}"}, AUTOGRADER_SEED_FILE="/nowhere")
    assert code == 3
    assert "the judge could not start" in errors
    assert document["output"].startswith("This could not be graded, through no fault of yours")
    assert (document["tests"], document["extra_data"]["status"]) == ([], "infra")


class Boom:
    def __reduce__(self):
        return exec, ("import pathlib; pathlib.Path('RAN').touch()",)


@pytest.mark.slow
def test_otter_run_agrees_and_runs_nothing_of_the_students(
    harness: Harness, tiny: ModuleType, tmp_path: Path
):
    mark = tmp_path / "RAN"
    evil = f"import pathlib; pathlib.Path({str(mark)!r}).touch()"
    half = {**tiny.RIGHT, "smooth": tiny.RIGHT["smooth"].replace(" / width for", " for"), "evil": evil}
    book = tiny.notebook(harness.course, half, q1="0.25")
    log = pickle.dumps(Boom()).replace(b"'RAN'", repr(str(mark)).encode())
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as handed_in:
        handed_in.writestr(f"{LESSON}.ipynb", book)
        for name in ("otter.py", "json.py", "sitecustomize.py", "dill/__init__.py"):
            handed_in.writestr(name, evil)
        handed_in.writestr(".OTTER_LOG", log + b"\n")
    done = subprocess.run(
        [
            str(BIN / "otter"),
            "run",
            str(tmp_path / "mine.zip"),
            "-a",
            str(harness.bundle),
            "-o",
            str(tmp_path),
        ],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    theirs = json.loads((tmp_path / "results.json").read_text())
    _, ours, _ = harness.run({f"{LESSON}.ipynb": book.encode()})
    assert theirs["score"] == ours["score"] == 14.0
    assert [(t["name"], t["score"], t["visibility"]) for t in theirs["tests"]] == [
        (t["name"], t["score"], t["visibility"]) for t in ours["tests"]
    ]
