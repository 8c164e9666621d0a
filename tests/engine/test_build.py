"""Building a lesson: what is written, that it is stable, and that nbgrader agrees."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from autograder.authoring import BuildError, EditedByHand, build, check
from autograder.course import load_course

SOLUTION = "solutions/02_scaling/02_scaling.ipynb"
EXAMPLES_OLD = "is older than the reference, the checks, the mistakes or coursekit"
RELEASE = "release/02_scaling/02_scaling.ipynb"


def record(lesson, path):
    path.write_bytes(b"recorded")


def built(small_course, **options):
    course = load_course(small_course.root)
    return build(course, course.lessons, record=record, **options)


def stale(small_course):
    course = load_course(small_course.root)
    found = [one for one in check(course, course.lessons) if one.why != "was never executed"]
    return {one.path: one.why for one in found}


def cells(small_course, path=RELEASE):
    notebook = json.loads((small_course.root / path).read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in notebook["cells"]}


def text(cell):
    return "".join(cell["source"])


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_lesson_becomes_two_notebooks(small_course):
    built(small_course)
    solved, released = cells(small_course, SOLUTION), cells(small_course)
    assert list(solved) == list(released)
    assert list(released)[:8] == [
        "title",
        "install",
        "text-a-list-and-a-factor",
        "setup",
        "demo-a-list-and-a-factor",
        "about-scale",
        "scale",
        "check-scale",
    ]
    assert "### BEGIN SOLUTION\n    if not math.isfinite(k):" in text(solved["scale"])
    assert (
        text(released["scale"]) == load_course(small_course.root).lessons[0].exercise("scale").stub_source()
    )
    assert text(released["check-scale"]) == "check(scale)"
    assert 'q2 = ["a", "c"]' in text(solved["q2"])
    assert text(released["reflection"]) == "YOUR ANSWER HERE"


def test_nothing_of_the_solution_is_released(small_course):
    built(small_course)
    for path in (small_course.root / "release/02_scaling").rglob("*"):
        content = path.read_text(encoding="utf-8") if path.is_file() else ""
        for secret in (
            "isfinite",
            "BEGIN SOLUTION",
            "Only b is wrong",
            'q2 = ["a", "c"]',
            "Part(",
            "A full answer",
        ):
            assert secret not in content, path


def test_the_learners_page_says_what_an_exercise_is(small_course):
    built(small_course)
    page = cells(small_course)
    assert text(page["title"]).startswith(
        "# Lesson 2: Scaling and shifting\n\n★☆☆☆☆ 1 of 5 stars · about 20 minutes"
    )
    assert "**12 points**: exercises 4, concept questions 4, reflection 4." in text(page["title"])
    about = text(page["about-scale"])
    assert about.startswith(
        "### Exercise 1: `scale`\n\n**Difficulty** ●○○○○ gentle · **Importance** ●●●○○ valuable"
    )
    assert "**4 points** (right values 3, error 1)" in about
    assert "> **Predict first.** What is the sign" in about
    hints = text(page["hints-scale"])
    assert hints.count("<details>") == hints.count("</details>") == 3
    assert (
        "<summary>Hint 2 of 3: the steps</summary>\n\n```text\nfor each v:\n  multiply v by k\n```" in hints
    )
    assert "- **b** 2 + 2 = 5" in text(page["text-q2"])
    assert "<summary>What is <code>k * x</code>?</summary>" in text(page["flashcards"])
    assert "- 3 points: an example" in text(page["prompt-reflection"])


def test_run_all_goes_on(small_course):
    built(small_course)
    tags = {name: cell["metadata"].get("tags", []) for name, cell in cells(small_course).items()}
    guarded = {name for name, given in tags.items() if given == ["raises-exception"]}
    assert guarded == {"check-scale", "use-scale", "library-math", "q1", "check-q1", "q2", "check-q2"}


def test_nbgrader_counts_the_same_points(small_course):
    built(small_course)
    blocks = {name: cell["metadata"].get("nbgrader") for name, cell in cells(small_course, SOLUTION).items()}
    graded = {name: block["points"] for name, block in blocks.items() if block and block["grade"]}
    lesson = load_course(small_course.root).lessons[0]
    assert graded == {"check-scale": 4, "check-q1": 2, "check-q2": 2, "reflection": 4}
    assert sum(graded.values()) == lesson.max_score + lesson.manual_max
    assert blocks["reflection"]["solution"]
    assert all(blocks[name]["locked"] for name in ("setup", "check-scale", "check-q1"))
    assert all(block["schema_version"] == 3 for block in blocks.values() if block)


def test_files_lie_beside_the_notebook(small_course):
    small_course.write("source/02_scaling/files/picture.svg", "<svg/>")
    built(small_course)
    folder = small_course.root / "release/02_scaling"
    assert sorted(tree(folder)) == [
        "02_scaling.ipynb",
        "README.md",
        "checks/test_scale.py",
        "examples.safetensors",
        "files/picture.svg",
        "lesson.json",
        "tests/scale.py",
    ]
    facts = json.loads((folder / "lesson.json").read_text(encoding="utf-8"))
    assert facts["exercises"][0]["hidden_tests"] == 2
    assert [hint["step"] for hint in facts["exercises"][0]["hints"]] == [
        "concept",
        "pseudocode",
        "nearly code",
    ]
    assert "answer" not in facts["questions"][0]
    assert sorted(tree(small_course.root / "release/setup"))[:2] == ["README.md", "coursekit/__init__.py"]


def test_two_builds_are_equal(small_course):
    built(small_course)
    first = tree(small_course.root)
    assert [one.written for one in built(small_course)] == [(), ()]
    shutil.rmtree(small_course.root / "solutions")
    shutil.rmtree(small_course.root / "release")
    built(small_course)
    assert tree(small_course.root) == first
    assert stale(small_course) == {}


def test_nbgraders_own_command_gives_the_same_release(small_course, tmp_path):
    small_course.write("source/02_scaling/files/table.csv", "a,b\n1,2\n")
    built(small_course)
    copy = tmp_path / "copy"
    shutil.copytree(small_course.root, copy)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "02_scaling", "--force"]
    # nbgrader looks for alembic on the path
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert tree(copy / "release") == tree(small_course.root / "release")
    with sqlite3.connect(copy / "gradebook.db") as gradebook:
        points = dict(
            gradebook.execute("select base_cell.name, max_score from grade_cells join base_cell using (id)")
        )
    gradebook.close()
    assert points == {"check_scale": 4, "check_q1": 2, "check_q2": 2, "reflection": 4}


def test_jupytext_reads_a_lesson_as_a_notebook(small_course):
    text = (small_course.root / "source/02_scaling/lesson.py").read_text(encoding="utf-8")
    kinds = [cell.cell_type for cell in jupytext.reads(text, "py:percent").cells]
    assert kinds.count("markdown") == 2
    assert kinds.count("code") >= 9


@pytest.mark.parametrize(
    ("path", "old", "new", "becomes"),
    [
        ("source/02_scaling/lesson.py", "A story", "Another story", {SOLUTION: "is older than its sources"}),
        (
            "source/02_scaling/checks/test_scale.py",
            "keeps its length",
            "stays as long",
            {
                "solutions/02_scaling/checks/test_scale.py": "is older than its source",
                "solutions/02_scaling/examples.safetensors": EXAMPLES_OLD,
            },
        ),
        (
            "tests/graders/02_scaling/test_scale.py",
            '"error", 1',
            '"error", 2',
            {
                SOLUTION: "is older than its sources",
                "solutions/02_scaling/lesson.json": "is older than its source",
                "solutions/02_scaling/tests/scale.py": "is older than its source",
                "solutions/02_scaling/examples.safetensors": EXAMPLES_OLD,
            },
        ),
        (RELEASE, '"checksum"', '"sum"', None),
        (
            "release/02_scaling/README.md",
            "Hand in",
            "Do not hand in",
            {"release/02_scaling/README.md": "is not what nbgrader makes of the solution"},
        ),
    ],
)
def test_what_is_stale_is_named(small_course, path, old, new, becomes):
    built(small_course)
    content = (small_course.root / path).read_text(encoding="utf-8")
    assert old in content
    small_course.write(path, content.replace(old, new))
    assert stale(small_course) == (becomes or {RELEASE: "is not what nbgrader makes of the solution"})
    if path.startswith("release"):
        (small_course.root / path).unlink()
    built(small_course)
    assert stale(small_course) == {}


def test_a_missing_build_says_how_to_make_it(small_course):
    course = load_course(small_course.root)
    first = check(course, course.lessons)[0]
    assert str(first) == f"{SOLUTION} was never built. Run `autograder build 02 --execute`."


def test_left_over_lessons_are_named(small_course):
    built(small_course)
    small_course.write("solutions/05_old/05_old.ipynb", "{}")
    assert stale(small_course) == {"solutions/05_old": "has no source"}


def test_what_is_no_longer_made_is_taken_away(small_course):
    small_course.write("source/02_scaling/files/old.txt", "old")
    built(small_course)
    (small_course.root / "source/02_scaling/files/old.txt").unlink()
    written = built(small_course)[0].written
    assert written == (
        "solutions/02_scaling/files/old.txt",
        "release/02_scaling/files/old.txt",
    )
    assert not (small_course.root / "release/02_scaling/files").exists()


@pytest.mark.parametrize("path", [SOLUTION, RELEASE])
def test_a_notebook_edited_by_hand_is_kept(small_course, path):
    built(small_course)
    notebook = json.loads((small_course.root / path).read_text(encoding="utf-8"))
    notebook["cells"][2]["source"] = ["My own words"]
    changed = json.dumps(notebook)
    small_course.write(path, changed)
    with pytest.raises(
        EditedByHand, match=f"{path} was edited after it was built, and building would lose that"
    ):
        built(small_course)
    assert (small_course.root / path).read_text(encoding="utf-8") == changed
    assert stale(small_course) == {path: "was edited by hand"}


def test_running_a_generated_notebook_is_no_edit(small_course):
    built(small_course)
    notebook = json.loads((small_course.root / SOLUTION).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["metadata"]["trusted"] = True
        if cell["cell_type"] == "code":
            cell["execution_count"] = 7
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["kept\n"]}]
    notebook["metadata"]["language_info"]["version"] = "3.11.7"
    small_course.write(SOLUTION, json.dumps(notebook))
    small_course.edit("source/02_scaling/lesson.py", "print(len(numbers)", "print(1 + len(numbers)")
    built(small_course)
    after = cells(small_course, SOLUTION)
    assert "".join(after["use-scale"]["outputs"][0]["text"]) == "kept\n"
    assert after["demo-a-list-and-a-factor"]["outputs"] == []
    assert "trusted" not in after["use-scale"]["metadata"]


def test_a_stray_file_would_be_released(small_course):
    built(small_course)
    small_course.write("solutions/02_scaling/secret.txt", "all answers")
    with pytest.raises(EditedByHand, match=r"secret\.txt was not written by the build and would be released"):
        built(small_course)


def test_caches_are_not_released(small_course):
    built(small_course)
    small_course.write("solutions/02_scaling/checks/__pycache__/x.pyc", "")
    small_course.write("solutions/02_scaling/.ipynb_checkpoints/x.ipynb", "")
    assert stale(small_course) == {}
    built(small_course)
    assert not (small_course.root / "solutions/02_scaling/.ipynb_checkpoints").exists()


def test_a_config_that_changes_stubs_is_refused(small_course):
    with (small_course.root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.ClearSolutions.code_stub = {"python": "pass"}\n')
    with pytest.raises(BuildError, match=r"nbgrader_config\.py must leave the stubs"):
        built(small_course)
