"""What is fuzzed, and what must hold for any bytes: the readers of notebooks, archives and messages."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from autograder.submissions import UnreadableNotebook, read_answers, read_notebook, student_cells
from autograder.submissions.archives import unpack
from autograder.submissions.containers import Bounds
from coursekit import wire
from coursekit.calling import Answer

SMALL = Bounds(entries=200, directory=100_000, file=100_000, total=1_000_000, seconds=20)
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tar.bz2")


def notebook(data: bytes) -> None:
    """A notebook or a sentence, and what is read of it goes on to be used."""
    try:
        book = read_notebook(data)
    except UnreadableNotebook:
        return
    answers = read_answers(book, ["q1"])
    assert answers["q1"].state in ("answered", "unanswered", "missing", "problem")
    for cell in student_cells(book, book):
        cell.source.encode("utf-8")
    for note in book.notes:
        note.encode("utf-8")


def archive(data: bytes) -> None:
    """The first byte chooses the kind. Nothing is raised, and nothing but plain files lies in the folder alone."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        path = root / f"a{SUFFIXES[data[0] % len(SUFFIXES) if data else 0]}"
        path.write_bytes(data[1:])
        unpacked = unpack(path, root / "into", SMALL)
        assert {one.name for one in root.iterdir()} == {path.name, "into"}
        files = [one for one in unpacked.folder.rglob("*") if not one.is_dir()]
        assert all(
            one.is_file() and not one.is_symlink() for one in unpacked.folder.rglob("*") if one in files
        )
        assert sum(one.stat().st_blocks * 512 for one in files) <= SMALL.total + 4096 * len(files)
        assert all(remark.sentence.isprintable() for remark in unpacked.remarks)


def message(data: bytes) -> None:
    """A value of the decoder's own making or a refusal, and so for an answer."""
    try:
        value = wire.unpack_bytes(data, wire.Bounds(header=1 << 16, total=1 << 16, nodes=5_000))
    except wire.WireError:
        return
    with contextlib.suppress(wire.WireError):
        Answer.from_tree(value)


def seeds(target: str) -> list[bytes]:
    """Valid bytes to begin with."""
    import io
    import json
    import tarfile
    import zipfile

    import numpy as np
    import torch

    cell = {"cell_type": "code", "id": "a", "metadata": {"tags": ["x"]}, "source": ["q1 = [1, 'a']\n", "f()"]}
    book = json.dumps(
        {"cells": [cell, cell], "metadata": {"autograder": {"lesson": "x"}}, "nbformat": 4}
    ).encode()
    if target == "notebook":
        old = json.dumps(
            {"worksheets": [{"cells": [{"input": "q1 = 2", "cell_type": "code"}]}], "nbformat": 3}
        )
        return [book, old.encode(), book.decode().encode("utf-16"), b"\xef\xbb\xbf" + book]
    if target == "archive":
        zipped, plain = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("ada/a.ipynb", book)
            file.writestr("b.ipynb", book * 5)
        with tarfile.open(fileobj=plain, mode="w") as file:
            info = tarfile.TarInfo("ada/" + "n" * 120 + ".ipynb")
            info.size = len(book)
            file.addfile(info, io.BytesIO(book))
        import bz2
        import gzip

        tar = plain.getvalue()
        return [b"\0" + zipped.getvalue(), b"\1" + tar, b"\2" + gzip.compress(tar), b"\3" + bz2.compress(tar)]
    answer = Answer(value=[torch.ones(2, 3), np.arange(3.0), {"a": (1, None, "é", float("nan"))}]).to_tree()
    return [wire.pack_bytes(answer), wire.pack_bytes([b"x", -1, True, np.array(["a"])])]


TARGETS = {"notebook": notebook, "archive": archive, "message": message}
