"""What a result depends on: whatever can move a grade moves the key of what it can move, and of nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.course.sources import read_module
from autograder.judge import keys
from autograder.judge.keys import lesson_keys, reference_texts
from autograder.worker import layout

GRADERS, REFERENCE = "tests/graders/02_scaling", "reference_impl/scaling.py"
RELEASE = "release/02_scaling/02_scaling.ipynb"
SCALE, SHIFT, REST = "scale", "shift", "rest"
ALL = {SCALE, SHIFT, REST}


@pytest.fixture
def course(plain_course, tmp_path) -> Path:
    return Path(shutil.copytree(plain_course, tmp_path / "course"))


def of(course: Path, seed: int = 7, now: datetime | None = None) -> keys.LessonKeys:
    return lesson_keys(load_course(course).find_lesson("02"), seed, now)


def moved(one: keys.LessonKeys, other: keys.LessonKeys) -> set[str]:
    names = {name for name in one.exercises if one.exercises[name] != other.exercises.get(name)}
    return names | ({REST} if one.rest != other.rest else set())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        (f"{GRADERS}/test_scale.py", "-4.0], 3.0", "-5.0], 3.0", {SCALE}),
        (f"{GRADERS}/test_shift.py", '"right values", 2', '"right values", 3', {SHIFT}),
        (REFERENCE, "[k * v for v in x]", "[v * k for v in x]", {SCALE}),
        (REFERENCE, "[v + d for v in x]", "[d + v for v in x]", {SHIFT}),
        (REFERENCE, "Return x + d for", "Return d + x for", {SHIFT}),  # the stub
        (REFERENCE, "import math\n", "import math\nimport cmath\n", {SCALE, SHIFT}),
        (REFERENCE, "import math\n", "import math\n\nSTEP = 2\n", {SCALE, SHIFT}),
        ("source/02_scaling/quiz.toml", "answer = 3", "answer = 4", {REST}),
        ("source/02_scaling/lesson.py", "# A story.", "# Another story.", set()),
        (
            "source/02_scaling/lesson.py",
            "hint concept: The same",
            "notice: Only a toy.\n# hint concept: The same",
            {SHIFT},
        ),
        ("course.toml", "A plain course", "A renamed course", set()),
        ("course.toml", '["numpy"]', '["numpy", "json"]', ALL),
        (RELEASE, "print(scale([1.0, 2.0], 2.0))", "print(scale([1.0, 2.0], 2.5))", ALL),
    ],
)
def test_a_changed_file_moves_what_it_can_change(course, file, old, new, moves):
    before = of(course)
    edit(course / file, old, new)
    after = of(course)
    assert moved(before, after) == moves
    assert (before.version != after.version) == (bool(moves) and file != "course.toml")


def test_the_same_files_give_the_same_keys_wherever_they_lie(plain_course, course):
    assert of(plain_course) == of(course)
    assert re.fullmatch(r"[0-9a-f]{16}", of(course).version)


def test_prose_of_the_release_is_compared_with_reflections_alone(course):
    before = of(course)
    edit(course / RELEASE, "A story.", "A tale.")
    assert moved(before, of(course)) == {REST}


def test_a_file_beside_the_graders_may_serve_all_of_them(course):
    before = of(course)
    (course / GRADERS / "data.csv").write_text("1,2\n")
    with_data = of(course)
    assert moved(before, with_data) == ALL
    (course / GRADERS / "data.csv").write_text("1,3\n")
    assert moved(with_data, of(course)) == ALL


def test_memory_that_one_grader_declares_holds_for_the_session_of_all(course):
    grader = course / GRADERS / "test_shift.py"
    text = grader.read_text()
    before = of(course)
    grader.write_text(text + "\nfrom coursekit.checks import limits\nLIMITS = limits(memory_mb=4096)\n")
    assert moved(before, of(course)) == ALL
    grader.write_text(text + "\nfrom coursekit.checks import limits\nLIMITS = limits(wall_s=9)\n")
    assert moved(before, of(course)) == {SHIFT}


def test_another_exercise_changes_how_all_are_read(course):
    before = of(course)
    edit(course / "source/02_scaling/lesson.py", "] shift diff", "] moved diff")
    edit(course / REFERENCE, "def shift", "def moved")
    (course / GRADERS / "test_shift.py").rename(course / GRADERS / "test_moved.py")
    assert moved(before, of(course)) == ALL


def test_the_seed_and_the_sandbox_move_everything(course):
    before = of(course)
    assert moved(before, of(course, seed=8)) == ALL
    assert before.version == of(course, seed=8).version
    assert before.of_record(["a"], []) != before.of_record(["a", "b"], []) != before.of_record(["ab"], [])
    assert before.of_exercise(SCALE, ["a"]) != before.of_exercise(SCALE, [])
    assert before.of_record(["a"], ["b"]) != before.of_record(["a", "b"], [])


def test_the_due_date_moves_everything_when_it_passes(course):
    with (course / "course.toml").open("a") as file:
        file.write("\n[after_due]\n02_scaling = 2030-01-01T00:00:00+00:00\n")
    due = datetime(2030, 1, 1, tzinfo=UTC)
    early, later, late = (of(course, now=due + timedelta(days=days)) for days in (-9, -1, 1))
    assert early == later
    assert (early.waits, late.waits) == (True, False)
    assert moved(later, late) == ALL


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (keys, "versions"),
        (keys.sys, "version"),
        (keys.platform, "machine"),
        (keys, "_engine"),
    ],
)
def test_versions_python_machine_and_engine_move_everything(course, monkeypatch, where, what):
    before = of(course)
    changed = {
        "versions": lambda: {**layout.versions(), "numpy": "0.0"},
        "version": sys.version.replace("[", "[another ", 1),
        "machine": lambda: "abacus",
        "_engine": lambda: ["another"],
    }
    monkeypatch.setattr(where, what, changed[what])
    assert moved(before, of(course)) == ALL


def test_the_engine_that_has_a_say_is_all_in_the_key():
    named = {text.split("\0")[0] for text in keys._engine()}
    assert {
        "judge/exercise.py",
        "judge/scoring.py",
        "judge/quiz.py",
        "worker/inside/loader.py",
        "worker/inside/policy.py",
        "worker/layout.py",
        "worker/limits.py",
        "submissions/release.py",
        "submissions/answers.py",
        "records/schema.py",
        "course/quiz.py",
        "checks/compare.py",
        "checks/diagnose.py",
        "wire.py",
    } <= named
    assert any(name.startswith("assets/") for name in named)
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in named)
    assert {"torch", "numpy", "scipy", "scikit-learn", "pandas", "pytest"} <= layout.versions().keys()
    assert "captum" not in layout.versions()


def test_a_reference_that_speaks_of_another_one_depends_on_it(tmp_path):
    path = tmp_path / "r.py"
    path.write_text(
        "import math\n\n\ndef f(x):\n    return helper(x)\n\n\ndef helper(x):\n    return g(x) + 1\n\n\n"
        "def g(x):\n    return math.sqrt(x)\n\n\n@math.trunc\ndef h(x):\n    return globals()['k'](x)\n\n\n"
        "def k(x):\n    return x\n"
    )
    module = read_module(path)

    def names(exercise: str) -> set[str]:
        return set(re.findall(r"def (\w+)", "\n".join(reference_texts(module, exercise, "fghk"))))

    # the helper belongs to whoever may use it, and g is reached through it
    assert names("f") == {"f", "helper", "g"}
    assert names("g") == {"g", "helper"}
    assert names("h") == {"h", "helper", "g", "k"}
    assert names("k") == {"k", "helper", "g"}
    assert any(text.startswith("@math.trunc") for text in reference_texts(module, "h", "fghk"))


def test_keys_are_read_without_torch_and_without_running_a_grader(course):
    (course / GRADERS / "test_scale.py").write_text("raise SystemExit('run')\n")
    code = (
        "import sys; from autograder.judge.reuse import plan; from autograder.judge.keys import lesson_keys\n"
        "from autograder.course import load_course\n"
        "lesson_keys(load_course().find_lesson('02'), 7); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=course, timeout=120).returncode == 0
