"""The command line as it is used: real processes, a real class, and whatever a class hands in."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.records import read_record

ANSI = "\x1b["


def run(*arguments, cwd, **environment):
    """The command, finished: exit code, output and errors as text."""
    env = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "AUTOGRADER_SEED_FILE", "COLUMNS")}
    env |= {"NO_COLOR": "1", "COLUMNS": "100"} | environment
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


# ------------------------------------------------------------------------------------------- a class
HOSTILE = """
import os, sys, threading
def shares(counts):
    held = [name for name in sys.modules if "reference_impl" in name or "judge" in name or name == "pytest"]
    sys.stdout.write('{"task": 0, "record": {"score": 19}}\\n')
    os.write(1, b'{"task": 0, "record": {"score": 19}}\\n')
    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
    if held:
        raise KeyError("found " + repr(held))
    return counts
"""


def hand_in(tiny, course, folder):
    right = tiny.RIGHT
    answers = {"q1": "0.25", "q2": '"a"', "reflection": "In elections."}
    wrong = right["shares"].replace("counts.sum(axis=1, keepdims=True)", "counts.sum()")
    class_of = {
        "ada": tiny.notebook(course, right, **answers),
        "ben": tiny.notebook(course, {**right, "shares": wrong}, q1="1/3", q2='"b"'),
        "cleo": tiny.notebook(
            course,
            {
                "shares": "def shares(counts):\n    return counts * 3 + 1",
                "smooth": "def smooth(values, width):\n    return 2 * values",
            },
        ),
        "dan": tiny.notebook(course),
        "eve": tiny.notebook(
            course,
            {**right, "smooth": "def smooth(values, width):\n    while True:\n        pass"},
            **answers,
        ),
        "fay": tiny.notebook(
            course, {**right, "shares": "import os\ndef shares(counts):\n    os._exit(0)"}, **answers
        ),
        "gus": tiny.notebook(
            course,
            {
                "shares": "def shares(counts):\n    raise ValueError('canary ' + repr(counts))",
                "smooth": "def smooth(values, width):\n    print('canary', values)\n    return {'canary': values}",
            },
        ),
        "hal": tiny.notebook(course, {**right, "shares": HOSTILE}, **answers),
        "ida": "this is no notebook",
        "jon": tiny.notebook(
            course,
            {"a cell": "while True:\n    pass", "another": "undefined_name\nprint(1", **right},
            **answers,
        ),
    }
    folder.mkdir()
    for student, text in class_of.items():
        (folder / f"{student}.ipynb").write_text(text, encoding="utf-8")
    return folder


class Class:
    """What grading the whole class left."""

    def __init__(self, result, out):
        self.result, self.out = result, out

    def record(self, student):
        return read_record(self.out / student / "01_tiny" / "record.json")

    def page(self, student):
        return (self.out / student / "01_tiny" / "feedback.html").read_text(encoding="utf-8")

    def exercise(self, student, name):
        return next(e for e in self.record(student).exercises if e.name == name)


@pytest.fixture(scope="module")
def class_of(tiny, tiny_course, tmp_path_factory):
    folder = hand_in(tiny, tiny_course, tmp_path_factory.mktemp("in") / "class")
    out = tmp_path_factory.mktemp("out")
    return Class(run("grade", folder, "--out", out, cwd=tiny_course), out)


@pytest.mark.slow
def test_a_class_with_a_true_record_for_every_file_is_a_success(class_of):
    assert class_of.result.returncode == 0, class_of.result.stderr
    assert class_of.result.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "status", "score", "exercises"),
    [
        ("ada", "pass", 19, ("pass", "pass")),
        ("ben", "partial", 5 + 6, ("partial", "pass")),
        ("cleo", "fail", 0, ("fail", "fail")),
        ("dan", "missing", 0, ("missing", "missing")),
        ("eve", "partial", 9 + 4, ("pass", "timeout")),
        ("fay", "partial", 6 + 4, ("error", "pass")),
        ("gus", "fail", 0, ("fail", "fail")),
        ("ida", "error", 0, ("missing", "missing")),
        ("jon", "pass", 19, ("pass", "pass")),
    ],
)
def test_the_record_of_each_student(class_of, student, status, score, exercises):
    record = class_of.record(student)
    assert (record.status, record.score) == (status, score)
    assert tuple(exercise.status for exercise in record.exercises) == exercises
    assert (record.lesson, record.student, record.max_score, record.manual_max) == ("01_tiny", student, 19, 4)
    assert [exercise.name for exercise in record.exercises] == ["shares", "smooth"]
    assert [(answer.id, answer.max_score) for answer in record.quiz] == [("q1", 2.0), ("q2", 2.0)]
    assert re.fullmatch(r"[0-9a-f]{64}", record.submission.sha256)
    assert record.submission.path.endswith(f"{student}.ipynb")
    assert re.fullmatch(r"[0-9a-f]{16}", record.grader_version)
    assert re.fullmatch(r"[0-9a-f]{12}", record.seed_fingerprint)
    assert record.isolation
    assert record.duration_s > 0
    earned = sum(exercise.score for exercise in record.exercises) + sum(a.score for a in record.quiz)
    assert earned == record.score
    for exercise in record.exercises:
        assert sum(test.score for test in exercise.tests) == exercise.score
        assert sum(test.points for test in exercise.tests) == exercise.max_score


@pytest.mark.slow
def test_a_declared_mistake_is_named_and_only_its_part_is_lost(class_of):
    shares = class_of.exercise("ben", "shares")
    assert shares.diagnosis == "You divide by the sum of the whole table: each row has its own."
    lost = {test.part for test in shares.tests if not test.score}
    assert lost == {"rows"}
    assert [test.excused for test in shares.tests] == [False, False, True, False, False]


@pytest.mark.slow
def test_a_loop_is_stopped_and_says_its_limit(class_of):
    smooth = class_of.exercise("eve", "smooth")
    assert [test.status for test in smooth.tests] == ["timeout", "skipped", "skipped"]
    assert smooth.tests[0].message == "stopped after 2 s (limit of one call of this exercise)"
    assert smooth.next_step == "Look for a loop that does not end, or for work that could be done once."


@pytest.mark.slow
def test_leaving_the_process_is_no_pass(class_of):
    shares = class_of.exercise("fay", "shares")
    assert shares.tests[0].message == "the process ended itself with exit status 0"
    assert shares.score == 0


@pytest.mark.slow
def test_a_hostile_function_finds_nothing_and_earns_nothing(class_of):
    record, shares = class_of.record("hal"), class_of.exercise("hal", "shares")
    assert shares.score == 0
    assert not any("found" in test.exception for test in shares.tests)
    assert record.score == 6 + 4  # the other exercise and the answers are its own


@pytest.mark.slow
def test_an_unreadable_file_has_a_record_that_says_why(class_of):
    record = class_of.record("ida")
    assert record.notes[0].startswith("The file is no notebook: it begins with 'this is no notebook'")
    assert {test.status for exercise in record.exercises for test in exercise.tests} == {"missing"}


@pytest.mark.slow
def test_cells_that_do_not_run_are_noted_and_the_rest_is_graded(class_of):
    notes = " ".join(class_of.record("jon").notes)
    assert "SyntaxError" in notes
    assert re.search(r"stopped|time", notes)


@pytest.mark.slow
def test_concept_answers_are_read_and_marked(class_of):
    right, wrong = class_of.record("ada").quiz, class_of.record("ben").quiz
    assert [(a.score, a.status) for a in right] == [(2.0, "pass"), (2.0, "pass")]
    assert [(a.score, a.status) for a in wrong] == [(0.0, "fail"), (0.0, "fail")]
    assert wrong[1].message == "Each row by itself."
    assert [a.status for a in class_of.record("dan").quiz] == ["missing", "missing"]


@pytest.mark.slow
def test_the_reflection_waits_for_a_person(class_of):
    (item,) = class_of.record("ada").manual
    assert (item.text, item.status, item.score) == ("In elections.", "ungraded", None)
    assert class_of.record("dan").manual[0].status == "missing"


@pytest.mark.slow
def test_what_a_call_wrote_is_in_the_record_and_on_no_page(class_of):
    assert "canary" in class_of.exercise("gus", "shares").tests[0].exception
    assert "canary" in class_of.exercise("gus", "smooth").tests[0].output
    page = class_of.page("gus")
    assert "canary" not in page
    assert "Every row is divided by its own sum" in page
    assert "EXPLAINED" not in page


@pytest.mark.slow
def test_everybody_has_a_page_and_the_class_has_its_files(class_of):
    for student in ("ada", "ida", "hal"):
        assert "<html" in class_of.page(student)
    rows = list(csv.DictReader(io.StringIO((class_of.out / "grades.csv").read_text())))
    assert [row["student"] for row in rows] == [
        "ada",
        "ben",
        "cleo",
        "dan",
        "eve",
        "fay",
        "gus",
        "hal",
        "ida",
        "jon",
    ]
    assert (rows[1]["score"], rows[1]["shares"], rows[1]["questions"], rows[1]["status"]) == (
        "11",
        "5",
        "0",
        "partial",
    )
    assert "You divide by the sum of the whole table" in (class_of.out / "report.html").read_text()


@pytest.mark.slow
def test_the_table_is_plain_words(class_of):
    text = class_of.result.stdout
    assert ANSI not in text
    assert "10 notebooks" in text
    assert re.search(r"ben +11/19 +58 % .*partial", text)
    for word in ("pass", "partial", "fail", "timeout", "missing", "error"):
        assert word in text
    assert f"{class_of.out}/report.html" in text.replace("\n", "")


@pytest.mark.slow
def test_reports_are_made_again_from_the_records(class_of, tiny_course, tmp_path):
    import shutil

    out = tmp_path / "out"
    shutil.copytree(class_of.out, out)
    before = {path: (out / path).read_bytes() for path in ("grades.csv", "report.html")}
    for path in before:
        (out / path).unlink()
    assert run("report", out, cwd=tiny_course).returncode == 0
    assert {path: (out / path).read_bytes() for path in before} == before
    result = run("feedback", out, "--when", "after_due", "--json", cwd=tiny_course)
    assert result.returncode == 0
    assert len(json.loads(result.stdout)["written"]) == 10
    assert "EXPLAINED" in (out / "ada" / "01_tiny" / "feedback.html").read_text()
    (out / "ben" / "01_tiny" / "record.json").write_text("{")
    said = " ".join(run("report", out, cwd=tiny_course).stdout.split())
    assert "is not a record of this course" in said


# ------------------------------------------------------------------------------------------- one notebook
@pytest.mark.slow
def test_json_is_one_document_and_a_class_has_its_own_seed(tiny, tiny_course, tmp_path, class_of):
    notebook = tmp_path / "Zoë.ipynb"
    notebook.write_text(tiny.notebook(tiny_course, tiny.RIGHT, q1="0.25"), encoding="utf-8")
    (tmp_path / "seed").write_text("98765")
    result = run(
        "grade",
        notebook,
        tmp_path / "nowhere",
        "--lesson",
        "L01",
        "--json",
        "--out",
        tmp_path / "out",
        cwd=tiny_course,
        AUTOGRADER_SEED_FILE=str(tmp_path / "seed"),
    )
    assert result.returncode == 2, result.stderr  # the second path is wrong, and the first is graded
    document = json.loads(result.stdout)
    (record,) = document["records"]
    assert (record["student"], record["score"]) == ("Zoë", 17)
    assert document["problems"] == [f"There is no file or folder {tmp_path}/nowhere. Check the path."]
    assert record["seed_fingerprint"] != class_of.record("ada").seed_fingerprint
    assert record["grader_version"] == class_of.record("ada").grader_version


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hidden", "code", "exit_code"),
    [(False, None, 0), (True, "def smooth(values, width):\n    return values * 0.5", 1)],
)
def test_a_learner_checks_one_notebook(tiny, tiny_course, tmp_path, hidden, code, exit_code):
    notebook = tmp_path / "work.ipynb"
    filled = {**tiny.RIGHT, **({"smooth": code} if code else {})}
    notebook.write_text(tiny.notebook(tiny_course, filled, q1="0.25", q2='"a"'), encoding="utf-8")
    result = run("check", notebook, *(["--hidden"] if hidden else []), "--json", cwd=tiny_course)
    assert result.returncode == exit_code, result.stderr
    record = json.loads(result.stdout)
    shown = {
        test.get("visibility", "hidden") for exercise in record["exercises"] for test in exercise["tests"]
    }
    assert shown == {"hidden" if hidden else "public"}
    assert record["status"] == ("partial" if hidden else "pass")
    assert record["max_score"] == (19 if hidden else 6)  # a point for each exercise's public checks
    assert not (tiny_course / "out").exists()


# ------------------------------------------------------------------------------------------- wrong calls
@pytest.fixture(scope="module")
def places(tiny, tiny_course, tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("no notebook")
    (folder / "class.zip").write_bytes(b"PK")
    text = tiny.notebook(tiny_course)
    for place in ("first/ada.ipynb", "second/ada.ipynb", "one.ipynb"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text + " " * len(place))
    (folder / "second" / "ben.ipynb").write_text(tiny.notebook(tiny_course, tiny.RIGHT))
    return folder


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "one.ipynb", "--lesson", "9"], "There is no lesson '9'. Lessons: 01_tiny."),
        (["grade", "one.ipynb", "--lesson", "tyny"], "There is no lesson 'tyny'. Did you mean"),
        (["grade", "empty"], "empty is empty: there is nothing to grade."),
        (["grade", "gone"], "There is no file or folder"),
        (["grade", "notes.txt"], "notes.txt is no notebook (.ipynb), no folder and no archive."),
        (
            ["grade", "class.zip"],
            "class.zip was not read to its end: it is damaged, or no archive at all.",
        ),
        (["check", "9"], "There is no lesson '9'. Lessons: 01_tiny."),
        (["check", "1"], "is not there. Begin with: autograder start 01"),
        (["report", "gone"], "gone is no folder. Name the folder that `autograder grade --out` wrote."),
        (["report", "empty"], "empty holds no records. Grade into it: autograder grade PATH --out"),
        (["start", "shares"], "There is no lesson 'shares'."),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(places, tiny_course, arguments, says):
    command, target, *rest = arguments
    there = places / target if (places / target).exists() or target == "gone" else target
    result = run(command, there, *rest, cwd=tiny_course)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stdout == ""
    assert result.stderr.startswith("autograder: ")
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_outside_a_course_that_is_said(tmp_path, places):
    result = run("grade", places / "one.ipynb", cwd=tmp_path)
    assert result.returncode == 2
    assert "No course was found" in result.stderr
    assert "Change into the course's folder and try again." in result.stderr


def test_options_that_do_not_exist_are_a_wrong_call(tiny_course, places):
    assert run("grade", places / "one.ipynb", "--isolation", "weak", cwd=tiny_course).returncode == 2
    assert run("grade", cwd=tiny_course).returncode == 2
    assert run("frobnicate", cwd=tiny_course).returncode == 2


def test_a_lesson_is_copied_once_and_never_overwritten(tiny, tmp_path):
    course = tiny.build_course(tmp_path / "course")
    assert run("start", "tiny", cwd=course).returncode == 0
    notebook = course / "work" / "01_tiny" / "01_tiny.ipynb"
    notebook.write_text("mine")
    result = run("start", "01", cwd=course)
    assert result.returncode == 0
    assert "is there already; nothing was changed." in result.stdout.replace("\n", " ")
    assert notebook.read_text() == "mine"


# ------------------------------------------------------------------------------------------- the machine
@pytest.mark.slow
def test_two_files_of_one_student_are_not_graded_and_the_rest_is(places, tiny_course, tmp_path):
    both = (places / "first", places / "second")
    result = run("grade", *both, "--out", tmp_path, "--isolation", "plain", cwd=tiny_course)
    assert result.returncode == 2
    text = " ".join(result.stdout.split())
    assert "ada handed in two notebooks for lesson 01_tiny" in text
    assert "NOT ISOLATED: You asked for no sandbox." in text
    assert not (tmp_path / "ada").exists()
    assert read_record(tmp_path / "ben" / "01_tiny" / "record.json").score == 15


def test_strict_isolation_that_cannot_be_had_is_the_machines_fault(tiny_course, places, tmp_path):
    path = tmp_path / "bin"
    path.mkdir()
    result = run(
        "grade",
        places / "one.ipynb",
        "--isolation",
        "strict",
        "--out",
        tmp_path / "out",
        cwd=tiny_course,
        PATH=str(path),
    )
    assert result.returncode == 3
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("autograder: 01_tiny: the judge could not start: bubblewrap is not installed.")
    assert "--isolation best" in last
    assert not (tmp_path / "out").exists()


def test_a_grader_that_is_at_fault_is_said_and_grades_nobody(tiny, tmp_path):
    course = tiny.build_course(tmp_path / "course")
    path = course / "tests" / "graders" / "01_tiny" / "test_smooth.py"
    path.write_text(
        path.read_text().replace("assert got == 6", "assert got == 7 + 0")
    )  # of another size: bytecode is kept by size and second
    notebook = tmp_path / "ada.ipynb"
    notebook.write_text(tiny.notebook(course, tiny.RIGHT))
    result = run("grade", notebook, "--out", tmp_path / "out", cwd=course)
    assert result.returncode == 3
    says = (
        "the grader of smooth fails its own reference in test_length: 6 values for 9 values and windows of 4"
    )
    assert says in result.stderr
    assert not (tmp_path / "out").exists()


def judges_of(parent):
    """Process ids of the judges that a command has started."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            above = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if b"autograder.judge.process" in words and above == parent:
            found.append(int(place.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_judge_that_is_killed_costs_nobody_points(tiny, tiny_course, tmp_path):
    slow = "import time\ndef shares(counts):\n    time.sleep(1.5)\n    return counts"
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ada.ipynb").write_text(tiny.notebook(tiny_course, tiny.RIGHT))
    (folder / "ben.ipynb").write_text(tiny.notebook(tiny_course, {**tiny.RIGHT, "shares": slow}))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--out", str(out), "--jobs", "1"]
    started = subprocess.Popen(
        command,
        cwd=tiny_course,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    killed = set()
    deadline = time.monotonic() + 200
    while started.poll() is None and time.monotonic() < deadline:
        if (out / "ada" / "01_tiny" / "record.json").exists():  # ada is graded: whoever judges now judges ben
            for judge in set(judges_of(started.pid)) - killed:
                os.kill(judge, signal.SIGKILL)
                killed.add(judge)
        time.sleep(0.02)
    output, errors = started.communicate(timeout=60)
    assert started.returncode == 3, errors
    assert len(killed) >= 2
    assert read_record(out / "ada" / "01_tiny" / "record.json").score == 15
    ben = read_record(out / "ben" / "01_tiny" / "record.json")
    assert (ben.status, ben.notes[-1]) == (
        "infra",
        "This notebook could not be graded, through no fault of its own. It costs no points.",
    )
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO((out / "grades.csv").read_text()))}
    assert (rows["ben"]["status"], rows["ben"]["score"]) == ("infra", "")
    assert "ben: could not be graded, through no fault of its own" in " ".join(output.split())


# ------------------------------------------------------------------------------------------- the first screen
@pytest.mark.parametrize(
    "arguments", [["--help"], ["grade", "--help"], ["verify", "--help"], ["check", "-h"]]
)
def test_help_is_plain_and_waits_for_nothing_heavy(tiny_course, arguments):
    code = (
        "import sys\nfrom autograder.cli import main\nsys.argv[0] = 'autograder'\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'numpy', 'pandas', 'nbformat', 'IPython', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    env = os.environ | {"NO_COLOR": "1", "TERM": "dumb"}
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        cwd=tiny_course,
    )
    assert result.returncode == 0, result.stderr
    assert "Usage: autograder" in result.stdout
    assert ANSI not in result.stdout


def test_every_command_is_listed_with_a_sentence(tiny_course):
    text = run("--help", cwd=tiny_course).stdout
    for command in (
        "build",
        "verify",
        "new",
        "grade",
        "feedback",
        "report",
        "start",
        "check",
        "solve",
        "doctor",
    ):
        assert re.search(rf"\b{command}\s+[A-Z]\w+", text), command


def test_both_packages_are_imported_without_torch():
    code = "import sys, autograder, coursekit, autograder.cli, autograder.judge.batch\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
