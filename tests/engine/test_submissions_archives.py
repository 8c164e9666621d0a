"""Archives of submissions: what is graded, what is left out and with which sentence, and what never happens."""

import io
import json
import stat
import tarfile
import warnings
import zipfile

import pytest

from autograder.submissions import find_submissions
from autograder.submissions.archives import unpack
from autograder.submissions.containers import Bounds

SLUG = "02_gradient_attribution"
SLUGS = ["01_foundations", SLUG]
BOOK = {"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": {"autograder": {"lesson": SLUG}}}


def book(mark="x"):
    return json.dumps({**BOOK, "mark": mark}).encode()


def zipped(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path, files, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def find(path, tmp_path, lesson=None):
    return find_submissions([path], SLUGS, lesson, tmp_path / "unpacked")


def rows(found):
    return [(one.student, one.lesson_slug) for one in found.submissions]


def sentences(path, tmp_path, **bounds):
    """The sentences of one archive, with its path cut off."""
    return [
        remark.sentence.replace(str(path), "A")
        for remark in unpack(path, tmp_path / "into", Bounds(**bounds)).remarks
    ]


def everything_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


SHAPES = {
    "notebooks side by side": {"ada.ipynb": book("a"), "ben.ipynb": book("b")},
    "nbgrader's submitted": {
        f"ada/{SLUG}/{SLUG}.ipynb": book("a"),
        f"ben/{SLUG}/{SLUG}.ipynb": book("b"),
    },
    "one folder around them": {"class/ada.ipynb": book("a"), "class/ben.ipynb": book("b")},
    "a folder for each": {"ada/work.ipynb": book("a"), "ben/my work (1).ipynb": book("b")},
    "backslashes": {"ada\\work.ipynb": book("a"), "ben\\work.ipynb": book("b")},
    "strangers beside them": {
        "ada.ipynb": book("a"),
        "ben.ipynb": book("b"),
        "grades.csv": b"x",
        "__MACOSX/._ada.ipynb": b"junk",
        ".ipynb_checkpoints/ada.ipynb": b"junk",
    },
}


@pytest.mark.parametrize("files", SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tgz", "tar.bz2"])
def test_a_class_is_found_in_an_archive_as_in_a_folder(tmp_path, files, suffix):
    path = tmp_path / f"download.{suffix}"
    if suffix == "zip":
        zipped(path, files)
    else:
        packing = {"gz": "gz", "tgz": "gz", "bz2": "bz2"}.get(suffix.rpartition(".")[2], "")
        tarred(path, files, f"w:{packing}")
    found = find(path, tmp_path)
    assert rows(found) == [("ada", SLUG), ("ben", SLUG)]
    assert (found.problems, found.notices) == ((), ())


def test_a_record_names_the_archive_and_not_where_it_was_unpacked(tmp_path):
    path = zipped(tmp_path / "class.zip", {"a/ada.ipynb": book(), "a/ben.ipynb": book("b")})
    shown = [one.shown for one in find(path, tmp_path).submissions]
    assert shown == [f"{path}/a/ada.ipynb", f"{path}/a/ben.ipynb"]


def test_one_students_archive_is_called_after_the_student(tmp_path):
    assert rows(find(zipped(tmp_path / "ada.zip", {f"{SLUG}.ipynb": book()}), tmp_path)) == [("ada", SLUG)]


def test_two_archives_at_once(tmp_path):
    paths = [zipped(tmp_path / f"{n}.zip", {f"{n}.ipynb": book(n)}) for n in ("ada", "ben")]
    found = find_submissions(paths, SLUGS, None, tmp_path / "unpacked")
    assert rows(found) == [("ada", SLUG), ("ben", SLUG)]


def test_a_student_without_a_notebook_is_named(tmp_path):
    files = {"ada/work.ipynb": book(), "ben/essay.pdf": b"%PDF", "cleo/": b""}
    path = zipped(tmp_path / "class.zip", files)
    found = find(path, tmp_path)
    assert rows(found) == [("ada", SLUG)]
    assert [str(notice) for notice in found.notices] == [
        f"ben has no notebook in {path}/ben.",
        f"cleo has no notebook in {path}/cleo.",
    ]


def test_names_in_old_and_foreign_encodings(tmp_path):
    """UTF-8 that does not say so, DOS's own, and bytes that are no UTF-8 in a tar file."""
    path = zipped(tmp_path / "a.zip", {"Zo@.ipynb": book("1"), "Bj~rn.ipynb": book("2")})
    data = path.read_bytes().replace(b"Zo@.ipynb", b"Z\xc3\xb6.ipynb").replace(b"Bj~rn", b"Bj\x94rn")
    path.write_bytes(data.replace(b"Z\xc3\xb6.ipynb", b"Z\xc3\xb6.ipynb"))
    assert [name for name, _ in rows(find(path, tmp_path))] == ["Björn", "Zö"]
    path = tarred(tmp_path / "b.tar", {"x.ipynb": book()})
    with tarfile.open(path, "w", encoding="latin-1", format=tarfile.GNU_FORMAT) as archive:
        for name in ("Zoë.ipynb", "Zoé.ipynb"):
            info = tarfile.TarInfo(name)
            info.size = len(book(name))
            archive.addfile(info, io.BytesIO(book(name)))
    found = find_submissions([path], SLUGS, None, tmp_path / "other")
    assert sorted(name for name, _ in rows(found)) == ["Zoé", "Zoë"]


OUTSIDE = ["../evil.ipynb", "a/../../evil.ipynb", "/tmp/evil.ipynb", "C:/evil.ipynb", "..\\evil.ipynb"]


@pytest.mark.parametrize("name", [*OUTSIDE, "/".join("abcdefghijk") + "/deep.ipynb", "n" * 300 + ".ipynb"])
@pytest.mark.parametrize("suffix", ["zip", "tar"])
def test_a_name_that_leads_elsewhere_is_left_out_and_the_rest_is_read(tmp_path, name, suffix):
    path = tmp_path / f"class.{suffix}"
    files = {name: book("evil"), "ada.ipynb": book()}
    zipped(path, files) if suffix == "zip" else tarred(path, files)
    before = everything_below(tmp_path)
    unpacked = unpack(path, tmp_path / "x" / "into")
    assert everything_below(unpacked.folder) == ["ada.ipynb"]
    assert set(everything_below(tmp_path)) - set(before) == {"x", "x/into", "x/into/ada.ipynb"}
    (remark,) = unpacked.remarks
    assert remark.grave
    assert remark.sentence.endswith(
        "was not read: its name leads out of the archive, or is no name for a file."
    )


def test_links_devices_and_locked_entries_are_left_out(tmp_path):
    path = tmp_path / "class.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("soft", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("disk", tarfile.BLKTYPE),
        ):
            info = tarfile.TarInfo(f"{name}.ipynb")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        folder = tarfile.TarInfo("ada")  # a link as a folder, and a file that would go through it
        folder.type, folder.linkname = tarfile.SYMTYPE, "/tmp"
        archive.addfile(folder)
        info = tarfile.TarInfo("ada/ada.ipynb")
        info.size = len(book())
        archive.addfile(info, io.BytesIO(book()))
    assert sentences(path, tmp_path) == [
        "soft.ipynb in A was not read: it is a link, and links are not followed. Put the file itself there.",
        "hard.ipynb in A was not read: it is a link, and links are not followed. Put the file itself there.",
        "pipe.ipynb in A was not read: it is no ordinary file.",
        "disk.ipynb in A was not read: it is no ordinary file.",
    ]
    assert everything_below(tmp_path / "into") == ["ada", "ada/ada.ipynb"]
    assert not (tmp_path / "into" / "ada").is_symlink()


def test_a_link_in_a_zip_is_no_link(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("ada.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "it is a link" in sentences(path, tmp_path)[0]
    assert everything_below(tmp_path / "into") == []


def test_the_same_name_twice(tmp_path):
    path = tmp_path / "class.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of what is the point here
        for name, mark in (("ada", "1"), ("ada", "2"), ("ada", "3"), ("ben", "1"), ("ben", "1")):
            archive.writestr(f"{name}.ipynb", book(mark))
    assert sentences(path, tmp_path) == [
        "ada.ipynb is in A twice, with different content, so neither was read. Unpack it yourself, keep the one "
        "that counts, and name the folder."
    ]
    assert everything_below(tmp_path / "into") == ["ben.ipynb"]


def test_a_file_and_a_folder_of_one_name(tmp_path):
    path = tarred(tmp_path / "a.tar", {"ada.ipynb": book(), "ada.ipynb/b.ipynb": book()})
    assert "is no name for a file" in sentences(path, tmp_path)[0]
    assert everything_below(tmp_path / "into") == ["ada.ipynb"]


def test_archives_inside_archives_are_named(tmp_path):
    path = zipped(tmp_path / "a.zip", {"ada/work.zip": b"PK", "ben.ipynb": book()})
    assert sentences(path, tmp_path) == [
        "ada/work.zip in A was not read: it is an archive inside an archive. Unpack it yourself and name the folder."
    ]


def test_a_bomb_costs_no_more_than_its_bound(tmp_path):
    path = zipped(tmp_path / "a.zip", {"ada.ipynb": bytes(3_000_000), "ben.ipynb": book()})
    assert path.stat().st_size < 10_000
    unpacked = unpack(path, tmp_path / "into", Bounds(file=100_000))
    assert unpacked.remarks == []
    large = tmp_path / "into" / "ada.ipynb"
    assert large.stat().st_size == 100_001  # whoever reads it says that it is too large
    assert large.stat().st_blocks * 512 < 100_000
    assert (tmp_path / "into" / "ben.ipynb").read_bytes() == book()


STOPPED = (
    "A was not read to its end: {why}. What was found before that is graded. Unpack it yourself and name the "
    "folder, or download it again."
)


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
def test_all_of_it_together_is_bounded(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    files = {f"{n}.ipynb": bytes(400_000) for n in range(5)}
    zipped(path, files) if suffix == "zip" else tarred(path, files, "w:gz")
    assert sentences(path, tmp_path, total=1_000_000) == [
        STOPPED.format(why="unpacked it has more than 0.001 GB")
    ]
    assert sum(p.stat().st_size for p in (tmp_path / "into").rglob("*")) <= 1_000_000


@pytest.mark.parametrize("suffix", ["zip", "tar"])
def test_entries_are_counted(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    files = {f"{n}.ipynb": book(str(n)) for n in range(30)}
    zipped(path, files) if suffix == "zip" else tarred(path, files)
    assert sentences(path, tmp_path, entries=20) == [
        STOPPED.format(why="it holds more than 20 files and folders")
    ]
    assert len(everything_below(tmp_path / "into")) == 20


def test_a_list_of_entries_that_is_too_long_is_not_read(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"{n}.ipynb": b"" for n in range(300)})
    why = "its list of contents is larger than any class needs"
    assert sentences(path, tmp_path, directory=4_000) == [STOPPED.format(why=why)]


def test_a_tar_header_that_promises_a_name_of_gigabytes(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 7 << 30
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    why = "its list of contents is larger than any class needs"
    assert sentences(tmp_path / "a.tar", tmp_path) == [STOPPED.format(why=why)]


def test_time_is_bounded(tmp_path):
    path = zipped(tmp_path / "a.zip", {"ada.ipynb": book()})
    assert sentences(path, tmp_path, seconds=-1) == [STOPPED.format(why="reading it takes more than -1 s")]


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tar.bz2"])
@pytest.mark.parametrize("data", [b"", b"PK", b"junk" * 1000, b"\x1f\x8b\x08junkjunkjunk", b"BZh9junk"])
def test_what_is_no_archive(tmp_path, suffix, data):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    assert sentences(path, tmp_path) == [STOPPED.format(why="it is damaged, or no archive at all")]


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tar.bz2"])
def test_a_cut_archive_says_so(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    files = {f"{n}.ipynb": book(str(n)) * 50 for n in range(4)}
    zipped(path, files) if suffix == "zip" else tarred(path, files, "w:" + suffix[4:])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert sentences(path, tmp_path)


def test_a_damaged_header_in_the_middle_is_not_passed_over_in_silence(tmp_path):
    path = tarred(tmp_path / "a.tar", {f"{n}.ipynb": book() for n in range(3)})
    data = bytearray(path.read_bytes())
    data[1024:1124] = b"\xff" * 100
    path.write_bytes(data)
    assert sentences(path, tmp_path) == [STOPPED.format(why="it is damaged, or no archive at all")]
    assert everything_below(tmp_path / "into") == ["0.ipynb"]


def test_damaged_content_is_one_students_matter(tmp_path):
    path = zipped(tmp_path / "a.zip", {"ada.ipynb": book("#" * 99), "ben.ipynb": book()}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"#" * 99, b"?" * 99))
    assert sentences(path, tmp_path) == [
        "ada.ipynb in A was not read: it is damaged. Download the archive again, or ask for the notebook."
    ]
    assert everything_below(tmp_path / "into") == ["ben.ipynb"]


def test_unusual_packing_and_passwords(tmp_path):
    path = zipped(tmp_path / "a.zip", {"ada.ipynb": book()}, zipfile.ZIP_LZMA)
    assert "it is packed in an unusual way" in sentences(path, tmp_path)[0]
    path = zipped(tmp_path / "b.zip", {"ada.ipynb": book()}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "it is locked by a password" in unpack(path, tmp_path / "other").remarks[0].sentence


def test_kinds_that_are_not_opened(tmp_path):
    path = tmp_path / "class.7z"
    path.write_bytes(b"7z")
    found = find(path, tmp_path)
    assert [str(problem) for problem in found.problems] == [
        f"{path} is an archive of a kind that is not opened (.zip, .tar, .tar.gz and .tar.bz2 are). Unpack it and "
        "name the folder."
    ]


def test_an_empty_archive(tmp_path):
    path = zipped(tmp_path / "class.zip", {})
    found = find(path, tmp_path)
    assert [problem.kind for problem in found.problems] == ["nothing"]
    assert str(path) in str(found.problems[0])
