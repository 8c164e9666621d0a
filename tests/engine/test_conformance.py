"""The same notebook gets the same points on every route: `autograder grade`, nbgrader, Otter, Gradescope.

Each route runs once, over the whole class of the examples, in processes of its own; the four run side by side.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LESSON = "02_gradient_attribution"
SUBMISSIONS = ROOT / "examples" / "submissions"
STUDENTS = sorted(path.name for path in SUBMISSIONS.iterdir())
UNREADABLE = ("empty_file", "malformed_json")
HOSTILE = ("hostile_forger", "hostile_spy")
WRAPPED = {"empty_file", "malformed_json", "right_but_untidy"}
"""What plain `otter run` cannot open: it reads the file before any plugin is asked."""

Points = dict[str, float]


@dataclass
class Routes:
    """What each student got on each route, by exercise and question; what else the routes said."""

    native: dict[str, Points]
    nbgrader: dict[str, Points]
    otter: dict[str, Points]
    gradescope: dict[str, Points]
    records: dict[str, Any]
    documents: dict[str, dict[str, Any]]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=1500,  # a busy machine; alone this takes a minute or two
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def native(out: Path) -> dict[str, Any]:
    run(BIN / "autograder", "grade", SUBMISSIONS, "--lesson", "02", "--out", out, "--jobs", "1", "--json")
    return {s: json.loads((out / s / LESSON / "record.json").read_text()) for s in STUDENTS}


def nbgrader(root: Path) -> dict[str, Points]:
    root.mkdir()
    for name in ("source", "reference_impl", "tests/graders", "solutions", "release"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "nbgrader_config.py", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(SUBMISSIONS, root / "submitted")
    run(BIN / "autograder", "nbgrader", "init", cwd=root)
    run(BIN / "nbgrader", "autograde", LESSON, "--log-level=ERROR", cwd=root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
            return {
                one.student.id: {
                    grade.name.removeprefix("check_"): grade.auto_score
                    for grade in one.notebooks[0].grades
                    if grade.name != "reflection"
                }
                for one in gradebook.assignment_submissions(LESSON)
            }


def driven(route: str, bundle: Path) -> dict[str, Any]:
    driver = Path(__file__).with_name("route_drivers.py")
    return json.loads(run(sys.executable, driver, route, bundle, SUBMISSIONS, LESSON))


def by_tag(document: dict[str, Any]) -> Points:
    return {test["tags"][0]: test["score"] for test in document["tests"]}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Routes:
    folder = tmp_path_factory.mktemp("routes")
    bundle = folder / "bundle.zip"
    run(BIN / "autograder", "export", "gradescope", "02", "--to", bundle)
    with ThreadPoolExecutor(4) as pool:
        records = pool.submit(native, folder / "out")
        book = pool.submit(nbgrader, folder / "course")
        documents = {route: pool.submit(driven, route, bundle) for route in ("otter", "gradescope")}
        found = {route: future.result() for route, future in documents.items()}
        return Routes(
            native={
                student: {
                    item.get("name", item.get("id")): item["score"] for item in [*r["exercises"], *r["quiz"]]
                }
                for student, r in records.result().items()
            },
            nbgrader=book.result(),
            otter={student: by_tag(document) for student, document in found["otter"].items()},
            gradescope={student: by_tag(document) for student, document in found["gradescope"].items()},
            records=records.result(),
            documents=found,
        )


@pytest.mark.slow
@pytest.mark.parametrize("route", ["nbgrader", "otter", "gradescope"])
def test_every_student_reaches_the_end_of_every_route(routes: Routes, route: str):
    assert sorted(getattr(routes, route)) == STUDENTS == sorted(routes.native)


@pytest.mark.slow
@pytest.mark.parametrize("student", STUDENTS)
def test_points_are_the_same_on_every_route(routes: Routes, student: str):
    assert len(routes.native[student]) == 14
    assert routes.nbgrader[student] == routes.native[student]
    assert routes.gradescope[student] == routes.native[student]
    assert routes.otter[student] == routes.native[student]


@pytest.mark.slow
def test_otter_and_gradescope_say_the_same(routes: Routes):
    for student in STUDENTS:
        theirs, ours = (dict(routes.documents[route][student]) for route in ("otter", "gradescope"))
        theirs.pop("wrapped")
        assert ours.pop("code") == 0
        for document in (theirs, ours):
            for test in document["tests"]:
                test.pop("output")  # holds how long things took
        assert theirs == ours


@pytest.mark.slow
@pytest.mark.parametrize("student", [*UNREADABLE, *HOSTILE])
def test_what_cannot_be_read_and_what_is_hostile_gets_nothing_anywhere(routes: Routes, student: str):
    for route in (routes.native, routes.nbgrader, routes.otter, routes.gradescope):
        assert set(route[student].values()) == {0.0}
    if student in UNREADABLE:
        assert routes.records[student]["status"] == "error"
        for documents in routes.documents.values():
            assert documents[student]["extra_data"]["status"] == "error"
            assert documents[student]["score"] == 0.0
            assert "could not be read" in documents[student]["output"]


@pytest.mark.slow
def test_plain_otter_opens_all_but_what_is_named(routes: Routes):
    assert {s for s, document in routes.documents["otter"].items() if document["wrapped"]} == WRAPPED
