"""Finding submissions: every layout people have, and one sentence for everything that is in the way."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import Found, UnreadableNotebook, find_submissions, safe_name

ONE, TWO, FIVE = SLUGS = ["01_counting", "02_scaling", "05_sorting"]


def put(path: Path, source: str = "x = 1", lesson: str | None = None, setup: str | None = None) -> Path:
    """A small notebook; `lesson` goes into its metadata, `setup` into a set-up cell."""
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []}]
    if setup:
        cells.insert(
            0,
            {
                "cell_type": "code",
                "source": f'import coursekit as kit\n\nkit.begin("{setup}")',
                "metadata": {},
            },
        )
    metadata = {"autograder": {"lesson": lesson}} if lesson else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}), encoding="utf-8")
    return path


def rows(found: Found) -> list[tuple[str, str, str]]:
    return [(s.student, s.lesson_slug, s.path.name) for s in found.submissions]


def find(path: Path, lesson: str | None = None) -> Found:
    """A search that meets no difficulty."""
    found = find_submissions([path], SLUGS, lesson)
    assert found.problems == ()
    assert found.exit_code == 0
    return found


def only_problem(*paths: Path | str, lesson: str | None = None) -> str:
    """The sentence of the only problem of a search."""
    found = find_submissions(paths, SLUGS, lesson)
    (problem,) = found.problems
    assert found.exit_code == 2
    assert str(problem) == problem.sentence
    return problem.sentence


# ---------------------------------------------------------------- layouts


def test_one_notebook(tmp_path):
    path = put(tmp_path / "anna.ipynb")
    (submission,) = find(path, "2").submissions
    assert (submission.student, submission.lesson_slug, submission.path) == ("anna", TWO, path)
    assert len(submission.sha256) == 64
    assert submission.read().code[0].source == "x = 1"


@pytest.mark.parametrize(
    "name", ["2", "02", "L02", "l2", "02_scaling", "scaling", "Scaling", "release/02_scaling/", "lesson 2"]
)
def test_a_lesson_as_people_call_it(tmp_path, name):
    assert rows(find(put(tmp_path / "anna.ipynb"), name)) == [("anna", TWO, "anna.ipynb")]


@pytest.mark.parametrize(
    ("place", "student"),
    [
        ("anna/02_scaling/02_scaling.ipynb", "anna"),
        ("anna/02_scaling.ipynb", "anna"),
        ("anna/02_scaling (1).ipynb", "anna"),
        ("02_scaling/anna.ipynb", "anna"),
        ("02_scaling/anna (2).ipynb", "anna"),
        ("02_scaling/anna-Copy1.ipynb", "anna"),
        ("02_scaling/anna.IPYNB", "anna"),
    ],
)
def test_one_notebook_whose_place_tells_whose_it_is(tmp_path, place, student):
    assert rows(find(put(tmp_path / place))) == [(student, TWO, Path(place).name)]


def test_a_folder_of_one_notebook_per_student(tmp_path):
    for name in ("zoe", "Anna", "bert"):
        put(tmp_path / f"{name}.ipynb")
    assert [row[0] for row in rows(find(tmp_path, "02"))] == ["Anna", "bert", "zoe"]


def test_the_layout_of_nbgrader(tmp_path):
    for student in ("anna", "bert"):
        put(tmp_path / student / TWO / f"{TWO}.ipynb")
        put(tmp_path / student / FIVE / f"{FIVE}.ipynb")
    assert rows(find(tmp_path)) == [
        (s, slug, f"{slug}.ipynb") for s in ("anna", "bert") for slug in (TWO, FIVE)
    ]
    assert rows(find(tmp_path, "5")) == [(s, FIVE, f"{FIVE}.ipynb") for s in ("anna", "bert")]


def test_a_students_only_notebook_may_have_any_name(tmp_path):
    put(tmp_path / "anna" / TWO / "my work.ipynb")
    put(tmp_path / "bert" / "final.ipynb", lesson=TWO)
    put(tmp_path / "cleo" / "homework" / "week 2" / "final.ipynb", setup=TWO)
    put(tmp_path / "dora" / TWO / TWO / f"{TWO}.ipynb")
    put(tmp_path / "emil" / "L02" / "x.ipynb")
    assert rows(find(tmp_path)) == [
        ("anna", TWO, "my work.ipynb"),
        ("bert", TWO, "final.ipynb"),
        ("cleo", TWO, "final.ipynb"),
        ("dora", TWO, f"{TWO}.ipynb"),
        ("emil", TWO, "x.ipynb"),
    ]


def test_one_students_folder(tmp_path):
    put(tmp_path / "anna" / TWO / f"{TWO}.ipynb")
    put(tmp_path / "anna" / f"{FIVE}.ipynb")
    assert rows(find(tmp_path / "anna")) == [("anna", TWO, f"{TWO}.ipynb"), ("anna", FIVE, f"{FIVE}.ipynb")]
    assert rows(find(tmp_path / "anna" / TWO)) == [("anna", TWO, f"{TWO}.ipynb")]


def test_a_folder_per_lesson(tmp_path):
    put(tmp_path / TWO / "anna.ipynb")
    put(tmp_path / FIVE / "anna.ipynb")
    put(tmp_path / ONE / "bert" / "work.ipynb")
    assert rows(find(tmp_path)) == [
        ("anna", TWO, "anna.ipynb"),
        ("anna", FIVE, "anna.ipynb"),
        ("bert", ONE, "work.ipynb"),
    ]
    assert rows(find(tmp_path / TWO)) == [("anna", TWO, "anna.ipynb")]


def test_several_paths_and_the_same_twice(tmp_path):
    anna, bert = put(tmp_path / TWO / "anna.ipynb"), put(tmp_path / TWO / "bert.ipynb", "y = 1")
    found = find_submissions([anna, str(tmp_path / TWO), bert], SLUGS)
    assert [row[0] for row in rows(found)] == ["anna", "bert"]
    assert found.problems == ()


def test_a_relative_path(tmp_path, monkeypatch):
    put(tmp_path / "anna" / TWO / f"{TWO}.ipynb")
    monkeypatch.chdir(tmp_path / "anna" / TWO)
    assert rows(find(Path("."))) == rows(find(Path(f"{TWO}.ipynb"))) == [("anna", TWO, f"{TWO}.ipynb")]


def test_a_course_of_one_lesson_needs_no_name(tmp_path):
    found = find_submissions([put(tmp_path / "anna.ipynb")], [TWO])
    assert rows(found) == [("anna", TWO, "anna.ipynb")]


def test_what_is_passed_over(tmp_path):
    put(tmp_path / "anna" / TWO / f"{TWO}.ipynb")
    put(tmp_path / "anna" / TWO / ".ipynb_checkpoints" / f"{TWO}-checkpoint.ipynb")
    put(tmp_path / "anna" / TWO / "checks" / "notes.ipynb")
    put(tmp_path / ".trash" / TWO / f"{TWO}.ipynb")
    put(tmp_path / "__MACOSX" / TWO / f"{TWO}.ipynb")
    put(tmp_path / "anna" / TWO / f"._{TWO}.ipynb")
    (tmp_path / "anna" / TWO / ".OTTER_LOG").write_bytes(b"\x80\x04")
    (tmp_path / "anna" / TWO / f"{TWO}.html").write_text("page")
    (tmp_path / "anna" / TWO / "data.csv").symlink_to("nowhere")
    (tmp_path / "grades.csv").write_text("")
    found = find(tmp_path)
    assert rows(found) == [("anna", TWO, f"{TWO}.ipynb")]
    assert found.notices == ()


def test_strange_folders_beside_a_class_of_notebooks(tmp_path):
    put(tmp_path / "anna.ipynb", lesson=TWO)
    (tmp_path / "images").mkdir()
    found = find(tmp_path)
    assert rows(found) == [("anna", TWO, "anna.ipynb")]
    assert found.notices == ()


def test_other_notebooks_beside_the_one_of_the_right_name_are_named(tmp_path):
    put(tmp_path / "anna" / TWO / f"{TWO}.ipynb")
    put(tmp_path / "anna" / TWO / "scratch.ipynb")
    (submission,) = find(tmp_path).submissions
    assert submission.read().notes == (
        f"{TWO}.ipynb was read; other notebooks beside it were not: scratch.ipynb.",
    )


def test_a_student_without_a_notebook_is_a_notice(tmp_path):
    put(tmp_path / "anna" / TWO / f"{TWO}.ipynb")
    (tmp_path / "bert" / TWO).mkdir(parents=True)
    found = find(tmp_path)
    assert rows(found) == [("anna", TWO, f"{TWO}.ipynb")]
    assert [(n.student, n.sentence) for n in found.notices] == [
        ("bert", f"bert has no notebook in {tmp_path / 'bert'}.")
    ]


def test_a_notebook_that_cannot_be_read_is_a_submission_all_the_same(tmp_path):
    (tmp_path / "anna.ipynb").write_bytes(b"\xff\xfe\x00")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "bert.ipynb")
    for submission in find(tmp_path, "2").submissions:
        with pytest.raises(UnreadableNotebook):
            submission.read()
        assert (submission.sha256 == "") == (submission.student == "bert")


def test_a_notebook_handed_in_for_another_lesson_says_so(tmp_path):
    (submission,) = find(put(tmp_path / "anna" / TWO / f"{TWO}.ipynb", lesson=FIVE)).submissions
    assert submission.read().notes == (
        f"The notebook says it belongs to lesson {FIVE}, but it was handed in for {TWO}.",
    )


# ---------------------------------------------------------------- two files, two names


@pytest.mark.parametrize(
    "copy", ["anna (1).ipynb", "anna-Copy1.ipynb", "anna - Copy.ipynb", "anna copy 2.ipynb"]
)
def test_two_files_for_one_student(tmp_path, copy):
    first, second = put(tmp_path / copy, "x = 2"), put(tmp_path / "anna.ipynb")
    put(tmp_path / "bert.ipynb")
    found = find_submissions([tmp_path], SLUGS, "2")
    assert [row[0] for row in rows(found)] == ["bert"]
    (problem,) = found.problems
    assert (problem.kind, problem.student, found.exit_code) == ("two-files", "anna", 2)
    paths = sorted([first, second], key=lambda p: p.name)
    assert problem.sentence == (
        f"anna handed in two notebooks for lesson {TWO}: {paths[0]} and {paths[1]}. "
        "Keep the one that counts and grade again."
    )


def test_more_files_for_one_student(tmp_path):
    folder = tmp_path / "anna" / TWO
    for n in range(3):
        put(folder / f"try {n}.ipynb", f"x = {n}")
    assert only_problem(tmp_path) == (
        f"anna handed in 3 notebooks for lesson {TWO}, among them {folder / 'try 0.ipynb'} and "
        f"{folder / 'try 1.ipynb'}. "
        "Keep the one that counts and grade again."
    )


def test_two_files_in_two_places(tmp_path):
    put(tmp_path / "a" / TWO / "anna.ipynb")
    put(tmp_path / "b" / "anna" / TWO / f"{TWO}.ipynb", "x = 2")
    assert only_problem(tmp_path / "a" / TWO, tmp_path / "b").startswith(
        f"anna handed in two notebooks for lesson {TWO}: "
    )


def test_two_files_of_the_same_bytes_are_one(tmp_path):
    put(tmp_path / "anna.ipynb")
    put(tmp_path / "anna (1).ipynb")
    assert len(find(tmp_path, "2").submissions) == 1


def test_a_second_download_alone_is_the_students_notebook(tmp_path):
    put(tmp_path / "anna (1).ipynb")
    put(tmp_path / "bert" / TWO / f"{TWO} (3).ipynb")
    assert rows(find(tmp_path, "2")) == [("anna", TWO, "anna (1).ipynb"), ("bert", TWO, f"{TWO} (3).ipynb")]


@pytest.mark.parametrize("names", [("Anna", "anna"), ("a b", "a_b"), ("Zo\u00eb", "Zoe\u0308")])
def test_two_names_that_would_share_a_folder(tmp_path, names):
    first, second = (put(tmp_path / f"{name}.ipynb", f"x = '{name}'") for name in names)
    put(tmp_path / "carl.ipynb")
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system does not tell the names apart")
    found = find_submissions([tmp_path], SLUGS, "2")
    assert [row[0] for row in rows(found)] == ["carl"]
    (problem,) = found.problems
    assert problem.kind == "same-folder"
    words = set(problem.sentence.replace(" and ", " ").split(" "))
    assert problem.sentence.startswith("The students ")
    assert " would share the output folder " in problem.sentence
    assert problem.sentence.endswith(" and grade again.")
    assert {str(first), str(second)} <= words or " " in names[0]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("anna", "anna"),
        ("Mary Ann O'Neil", "Mary_Ann_O_Neil"),
        ("Zoë 数", "Zoë_数"),
        ("a@b.org", "a@b.org"),
        ("..", "student"),
        ("", "student"),
        ("../../etc", "_.._etc"),
        ("a\\b:c*d", "a_b_c_d"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("CON", "_CON"),
        ("nul.x", "_nul.x"),
        ("a\u202eb\x1b[0m", "a_b__0m"),
        ("=1+1", "_1+1"),
    ],
)
def test_names_of_output_folders(name, folder):
    assert safe_name(name) == folder


def test_long_names_stay_apart():
    first, second = safe_name("ä" * 200 + "1"), safe_name("ä" * 200 + "2")
    assert first != second
    assert max(len(first.encode()), len(second.encode())) <= 100


def test_a_name_that_is_no_text(tmp_path):
    try:
        put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/zo\xeb.ipynb")))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (submission,) = find(tmp_path, "2").submissions
    assert (submission.student, submission.folder) == ("zo\ufffd", "zo_")
    assert submission.read().code[0].source == "x = 1"


# ---------------------------------------------------------------- links


def test_links_are_not_followed(tmp_path):
    secret = put(tmp_path / "outside" / "secret.ipynb")
    put(tmp_path / "class" / "anna.ipynb")
    (tmp_path / "class" / "bert.ipynb").symlink_to(secret)
    (tmp_path / "class" / "cleo").symlink_to(secret.parent)
    found = find_submissions([tmp_path / "class"], SLUGS, "2")
    assert [row[0] for row in rows(found)] == ["anna"]
    assert [(p.kind, p.student) for p in found.problems] == [("link", "bert"), ("link", "cleo")]
    assert found.problems[0].sentence == (
        f"{tmp_path / 'class' / 'bert.ipynb'} is a symbolic link, and links inside a folder of "
        f"submissions are not "
        "followed. Put the file itself there."
    )


def test_links_deeper_down(tmp_path):
    secret = put(tmp_path / "outside" / TWO / f"{TWO}.ipynb")
    for name in ("anna", "bert", "cleo"):
        (tmp_path / "class" / name / "L02").mkdir(parents=True)
    (tmp_path / "class" / "anna" / "L02" / "work.ipynb").symlink_to(secret)
    (tmp_path / "class" / "bert" / TWO).symlink_to(secret.parent)
    (tmp_path / "class" / "cleo" / "L02" / "loop").symlink_to(tmp_path / "class")
    put(tmp_path / "class" / "cleo" / "L02" / "work.ipynb")
    found = find_submissions([tmp_path / "class"], SLUGS)
    assert [row[0] for row in rows(found)] == ["cleo"]
    assert [(p.kind, p.student) for p in found.problems] == [("link", "anna"), ("link", "bert")]


def test_a_link_that_was_named_itself_is_followed(tmp_path):
    put(tmp_path / "real" / "anna.ipynb")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert rows(find(tmp_path / "link", "2")) == [("anna", TWO, "anna.ipynb")]


# ---------------------------------------------------------------- nothing to grade


def test_no_such_path(tmp_path):
    put(tmp_path / "submitted" / "anna.ipynb")
    assert (
        only_problem(tmp_path / "submited")
        == f"There is no file or folder {tmp_path / 'submited'}. Did you mean submitted?"
    )
    assert only_problem(tmp_path / "zzz") == f"There is no file or folder {tmp_path / 'zzz'}. Check the path."
    assert (
        only_problem(tmp_path / "no" / "way")
        == f"There is no file or folder {tmp_path / 'no' / 'way'}. Check the path."
    )
    assert only_problem("a\0b") == "There is no file or folder a\\x00b. Check the path."


def test_an_empty_folder(tmp_path):
    (tmp_path / ".ipynb_checkpoints").mkdir()
    assert (
        only_problem(tmp_path)
        == f"{tmp_path} is empty: there is nothing to grade. Name the folder that holds the notebooks."
    )


def test_a_folder_without_notebooks(tmp_path):
    (tmp_path / "anna").mkdir()
    (tmp_path / "readme.txt").write_text("hello")
    assert only_problem(tmp_path) == (
        f"{tmp_path} holds no notebook. Looked for <student>.ipynb, <student>/<lesson>/<lesson>.ipynb "
        f"and one notebook "
        "in each student's folder."
    )


@pytest.mark.parametrize("flat", [True, False])
def test_a_folder_of_another_lesson(tmp_path, flat):
    for student in ("anna", "bert"):
        put(
            tmp_path / f"{student}.ipynb" if flat else tmp_path / student / FIVE / f"{FIVE}.ipynb",
            lesson=FIVE,
        )
    assert only_problem(tmp_path, lesson="2") == (
        f"{tmp_path} holds no notebook of lesson {TWO}: what is there belongs to {FIVE} (2). "
        "Name that lesson instead (--lesson 05), or another folder."
    )


def test_one_notebook_of_another_lesson_among_others(tmp_path):
    put(tmp_path / "anna.ipynb", lesson=TWO)
    stray = put(tmp_path / "bert.ipynb", lesson=FIVE)
    found = find_submissions([tmp_path], SLUGS, "2")
    assert [row[0] for row in rows(found)] == ["anna"]
    assert [(p.kind, p.student, p.sentence) for p in found.problems] == [
        (
            "other-lesson",
            "bert",
            f"{stray} is a notebook of lesson {FIVE}, not of {TWO}. Hand in the notebook of {TWO}, or "
            f"grade {FIVE}.",
        )
    ]


def test_a_notebook_that_was_named_is_graded_as_what_it_was_named(tmp_path):
    (submission,) = find(put(tmp_path / "anna.ipynb", lesson=FIVE), "2").submissions
    assert submission.lesson_slug == TWO


def test_no_such_lesson(tmp_path):
    path = put(tmp_path / "anna.ipynb")
    assert (
        only_problem(path, lesson="02_scalign") == "There is no lesson 02_scalign. Did you mean 02_scaling?"
    )
    assert (
        only_problem(path, lesson="7")
        == "There is no lesson 7. There are: 01_counting, 02_scaling, 05_sorting."
    )


def test_nothing_says_which_lesson(tmp_path):
    put(tmp_path / "anna.ipynb")
    assert (
        only_problem(tmp_path)
        == f"Nothing says which lesson {tmp_path / 'anna.ipynb'} belongs to. Name it: --lesson NN."
    )
    put(tmp_path / "bert.ipynb")
    assert only_problem(tmp_path) == f"Nothing says which lesson {tmp_path} belongs to. Name it: --lesson NN."


def test_what_is_no_notebook(tmp_path):
    (tmp_path / "work.py").write_text("x = 1")
    (tmp_path / "class.zip").write_bytes(b"PK")
    assert only_problem(tmp_path / "work.py") == (
        f"{tmp_path / 'work.py'} is no notebook (.ipynb), no folder and no archive. Name a notebook, the folder "
        f"that holds the notebooks, or the archive that was downloaded."
    )
    assert only_problem(tmp_path / "class.zip") == (
        f"{tmp_path / 'class.zip'} is an archive, and archives are not opened here. Unpack it and name the folder."
    )


def test_one_bad_path_does_not_stop_the_others(tmp_path):
    anna = put(tmp_path / "anna.ipynb")
    found = find_submissions([tmp_path / "zzz", anna], SLUGS, "2")
    assert (rows(found), len(found.problems)) == ([("anna", TWO, "anna.ipynb")], 1)


# ---------------------------------------------------------------- properties

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_every_name_makes_a_safe_folder(name):
    folder = safe_name(name)
    assert 0 < len(folder.encode("utf-8")) <= 101
    assert folder == Path(folder).name
    assert folder[0] not in ".-"
    assert folder.isprintable()
    assert " " not in folder


@settings(max_examples=60, deadline=None)
@given(st.sets(NAMES, min_size=1, max_size=6))
def test_no_notebook_of_a_class_is_lost_silently(names):
    with tempfile.TemporaryDirectory() as folder:
        put_names = []
        for number, name in enumerate(sorted(names)):
            try:
                put(Path(folder, f"{name}.ipynb"), f"x = {number}")
            except OSError:
                continue
            put_names.append(name)
        found = find_submissions([folder], SLUGS, "2")
        for problem in (*found.problems, *found.notices):
            assert problem.sentence.isprintable()
        kept = {submission.path.name for submission in found.submissions}
        for name in put_names:
            hidden = name.startswith(".")
            assert hidden or f"{name}.ipynb" in kept or found.problems
        assert len({submission.folder.casefold() for submission in found.submissions}) == len(
            found.submissions
        )
