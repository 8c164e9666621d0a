"""Reading a notebook: any bytes give cells, or one sentence that says what, why and what next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import MAX_BYTES, Notebook, UnreadableNotebook, read_notebook

SAVE_AGAIN = "Open it in JupyterLab, save it there, and hand in the .ipynb file."
CLEAR = "In JupyterLab choose Edit, then Clear Outputs of All Cells, save, and hand it in again."


def code(source: object, **more: object) -> dict:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        **more,
    }


def book(*cells: object, **more: object) -> dict:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def as_bytes(tree: object) -> bytes:
    return json.dumps(tree).encode()


def read(tmp_path: Path, data: bytes) -> Notebook:
    """Through a real file."""
    path = tmp_path / "anna.ipynb"
    path.write_bytes(data)
    return read_notebook(path)


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook.code]


def refusal(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(UnreadableNotebook) as caught:
        read(tmp_path, data)
    return str(caught.value)


# ---------------------------------------------------------------- what every notebook has


def test_cells_in_order_with_what_the_build_wrote(tmp_path):
    marks = {
        "tags": ["raises-exception", 7],
        "autograder": {"role": "use", "name": "saliency"},
        "nbgrader": {"grade_id": "g1"},
    }
    text = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
    notebook = read(
        tmp_path,
        as_bytes(book(text, code("x = 1", id="abc", metadata=marks), {"cell_type": "raw", "source": "r"})),
    )
    assert [(cell.index, cell.kind) for cell in notebook.cells] == [(0, "markdown"), (1, "code"), (2, "raw")]
    (cell,) = notebook.code
    assert (cell.source, cell.id, cell.tags, cell.number) == ("x = 1", "abc", ("raises-exception",), 2)
    assert (cell.role, cell.name, cell.grade_id) == ("use", "saliency", "g1")
    assert [cell.source for cell in notebook.markdown] == ["# Title"]
    assert notebook.notes == ()


def test_bytes_and_paths_as_text_are_read_alike(tmp_path):
    data = as_bytes(book(code("x = 1")))
    assert read_notebook(data) == read(tmp_path, data) == read_notebook(str(tmp_path / "anna.ipynb"))


def test_the_lesson_its_metadata_names(tmp_path):
    assert (
        read(tmp_path, as_bytes(book(metadata={"autograder": {"lesson": "02_scaling"}}))).lesson
        == "02_scaling"
    )
    assert read(tmp_path, as_bytes(book(metadata={"autograder": ["02_scaling"]}))).lesson is None
    assert read(tmp_path, as_bytes(book(metadata=[]))).lesson is None


def test_a_notebook_without_cells_is_read(tmp_path):
    assert read(tmp_path, as_bytes(book())).cells == ()


# ---------------------------------------------------------------- forms and encodings

TEXT = "name = 'Zoë – 数'"


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-8"), ()),
        (json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-8-sig"), ()),
        (b"\xef\xbb\xbf" + json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-8-sig"), ()),
        (
            json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-16"),
            ("The file is not UTF-8; it was read as UTF-16.",),
        ),
        (
            json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-16-le"),
            ("The file is not UTF-8; it was read as UTF-16.",),
        ),
        (
            json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-16-be"),
            ("The file is not UTF-8; it was read as UTF-16.",),
        ),
        (
            json.dumps(book(code(TEXT)), ensure_ascii=False).encode("utf-32"),
            ("The file is not UTF-8; it was read as UTF-32.",),
        ),
        (as_bytes(book(code(TEXT))), ()),
        (json.dumps(book(code(TEXT)), indent=4).replace("\n", "\r\n").encode(), ()),
        (as_bytes(book(code(TEXT))) + b"\0" * 4096, ()),
        (b"\n \r\n" + as_bytes(book(code(TEXT))), ()),
    ],
    ids=[
        "utf8",
        "bom",
        "two-boms",
        "utf16",
        "utf16-le",
        "utf16-be",
        "utf32",
        "ascii",
        "crlf-json",
        "padded",
        "blank-first",
    ],
)
def test_encodings(tmp_path, data, notes):
    notebook = read(tmp_path, data)
    assert sources(notebook) == [TEXT]
    assert notebook.notes == notes


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_file_in_a_western_encoding(tmp_path, encoding):
    text = "# Zoë" if encoding == "latin-1" else "# Zoë costs 5 €"
    notebook = read(tmp_path, json.dumps(book(code(text)), ensure_ascii=False).encode(encoding))
    assert sources(notebook) == [text]
    assert notebook.notes == ("The file is not UTF-8; it was read as Windows-1252.",)


def test_a_stray_byte_in_an_output_disturbs_nothing(tmp_path):
    data = as_bytes(book(code("x = 1", outputs=["STRAY"]))).replace(b"STRAY", b"\xff\xfe")
    assert read(tmp_path, data) == read(tmp_path, as_bytes(book(code("x = 1"))))


@pytest.mark.parametrize(
    ("source", "wanted", "noted"),
    [
        (["x = 1\n", "y = 2"], "x = 1\ny = 2", False),
        ([], "", False),
        ("", "", False),
        (None, "", False),
        ("x = 1\r\ny = 2\rz = 3", "x = 1\ny = 2\nz = 3", False),
        ("if x:\n\ty = 1", "if x:\n\ty = 1", False),
        ("s = '\0'", "s = ''", True),
        ("s = '\ud800'", "s = '?'", True),
        ("s = '\ud83d\ude00'", "s = '\U0001f600'", False),
        ("\ufeffx = 1", "x = 1", True),
        (["x = 1\n", 7, "y = 2"], "x = 1\ny = 2", True),
        (["x = 1\n", None, ["a"], {"b": "c"}, "y = 2"], "x = 1\ny = 2", True),
    ],
)
def test_sources(tmp_path, source, wanted, noted):
    notebook = read(tmp_path, as_bytes(book(code(source))))
    assert sources(notebook) == [wanted]
    sentence = "Cell 1 held characters that no Python source may hold; they were replaced."
    assert notebook.notes == ((sentence,) if noted else ())


@pytest.mark.parametrize("source", [7, 1.5, True, {"text": "x = 1"}, [7, 8], [["x"]]])
def test_sources_that_are_no_text_are_left_out(tmp_path, source):
    notebook = read(tmp_path, as_bytes(book(code("a"), code(source), code("b"))))
    assert sources(notebook) == ["a", "b"]
    assert notebook.notes == ("Cell 2 holds no readable text and was left out.",)


def test_a_raw_line_break_inside_a_string_is_read(tmp_path):
    data = as_bytes(book(code("x = 1~y = 2"))).replace(b"~", b"\n")
    assert sources(read(tmp_path, data)) == ["x = 1\ny = 2"]


@pytest.mark.parametrize("cell", [None, 5, "x = 1", ["x = 1"], True, []])
def test_what_is_no_cell_is_left_out(tmp_path, cell):
    notebook = read(tmp_path, as_bytes(book(code("a"), cell, code("b"))))
    assert [(cell.index, cell.source) for cell in notebook.cells] == [(0, "a"), (2, "b")]
    assert notebook.notes == ("Cell 2 is no cell and was left out.",)


def test_missing_keys(tmp_path):
    notebook = read(
        tmp_path,
        as_bytes(
            {"cells": [{"cell_type": "code", "source": "x"}, {"source": "y"}, {"cell_type": "code"}, {}]}
        ),
    )
    assert sources(notebook) == ["x", "y", "", ""]
    assert notebook.notes == (
        "Cell 2 does not say whether it is code or text; it was read as code.",
        "Cell 4 does not say whether it is code or text; it was read as code.",
    )


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        7,
        {"tags": "x"},
        {"tags": {"a": 1}},
        {"autograder": "use"},
        {"autograder": {"role": ["use"]}},
        {"nbgrader": 5},
        {"nbgrader": {"schema_version": 99, "grade_id": {}}},
        {"autograder": {"role": "x" * 10_000}},
        {"tags": ["t" * 20_000]},
    ],
)
def test_metadata_of_any_kind(tmp_path, metadata):
    (cell,) = read(tmp_path, as_bytes(book(code("x", metadata=metadata, id=metadata)))).code
    assert (cell.source, cell.id, cell.tags, cell.role, cell.name, cell.grade_id) == (
        "x",
        None,
        (),
        None,
        None,
        None,
    )


def test_the_old_format_with_worksheets(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title", "metadata": {}},
        {
            "cell_type": "code",
            "input": ["x = 1\n", "y = 2"],
            "language": "python",
            "outputs": [],
            "collapsed": False,
        },
    ]
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    notebook = read(tmp_path, as_bytes(old))
    assert [(cell.kind, cell.source) for cell in notebook.cells] == [
        ("markdown", "Title"),
        ("code", "x = 1\ny = 2"),
    ]
    assert notebook.notes == ("The notebook is in the old format 3; its cells were read as they are.",)


def test_the_last_of_a_repeated_key_counts(tmp_path):
    assert sources(
        read(tmp_path, b'{"cells": [], "cells": [{"cell_type": "code", "source": "a", "source": "b"}]}')
    ) == ["b"]


# ---------------------------------------------------------------- size


def test_five_hundred_cells(tmp_path):
    assert sources(read(tmp_path, as_bytes(book(*(code(f"x = {n}") for n in range(500))))))[-1] == "x = 499"


def test_forty_megabytes_of_outputs(tmp_path):
    outputs = [{"data": {"image/png": "A" * 30_000_000}}, {"text": ["a line of a log\n"] * 500_000}]
    assert sources(read(tmp_path, as_bytes(book(code("x = 1", outputs=outputs))))) == ["x = 1"]


def test_outputs_of_numbers_that_json_does_not_know(tmp_path):
    assert sources(
        read(tmp_path, as_bytes(book(code("x", outputs=[float("nan"), float("inf"), [[1, 2], [3, None]]]))))
    ) == ["x"]


@pytest.mark.parametrize(
    "brackets", [b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000]
)
@pytest.mark.parametrize("place", [b'"outputs"', b'"metadata"', b'"id"', b'"attachments"'])
def test_deep_nesting_where_nobody_looks(tmp_path, brackets, place):
    data = b'{"cells": [{"cell_type": "code", "source": "x", ' + place + b": " + brackets + b"}]}"
    assert sources(read(tmp_path, data)) == ["x"]


def test_deep_nesting_in_the_place_of_a_cell_or_of_its_source(tmp_path):
    deep = b"[" * 100_000 + b"]" * 100_000
    data = (
        b'{"cells": ['
        + deep
        + b', {"cell_type": "code", "source": '
        + deep
        + b'}, {"cell_type": "code", "source": "x"}]}'
    )
    notebook = read(tmp_path, data)
    assert sources(notebook) == ["x"]
    assert len(notebook.notes) == 2


def test_a_huge_cell_is_left_out_and_the_rest_is_read(tmp_path):
    notebook = read(tmp_path, as_bytes(book(code("a"), code("#" * 1_000_001), code("b"))))
    assert sources(notebook) == ["a", "b"]
    assert notebook.notes == ("Cell 2 holds more than 1000 kB of text and was left out.",)


def test_very_much_text_is_left_out_from_there_on(tmp_path):
    notebook = read(tmp_path, as_bytes(book(*(code("#" * 900_000) for _ in range(7)))))
    assert len(notebook.code) == 5
    assert notebook.notes == (
        "The notebook holds more than 5000 kB of text; cell 6 and those after it were left out.",
    )


def test_notes_are_few(tmp_path):
    notebook = read(tmp_path, as_bytes(book(*[None] * 1000)))
    assert len(notebook.notes) == 21
    assert notebook.notes[-1] == "980 more notes of this kind were left out."


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. " + SAVE_AGAIN),
        (b"\n\n \t", "The file is empty. " + SAVE_AGAIN),
        (b"\xef\xbb\xbf", "The file is empty. " + SAVE_AGAIN),
        (b"\0" * 5000, "The file is empty. " + SAVE_AGAIN),
        (b"[1, 2]", "The file holds a JSON list, and a notebook is a JSON object with cells. " + SAVE_AGAIN),
        (
            b"[" * 200_000,
            "The file holds a JSON list, and a notebook is a JSON object with cells. " + SAVE_AGAIN,
        ),
        (b"{}", "The file is JSON, but it has no list of cells, so it is no notebook. " + SAVE_AGAIN),
        (
            b'{"cells": {}}',
            "The file is JSON, but it has no list of cells, so it is no notebook. " + SAVE_AGAIN,
        ),
        (
            b'{"cells": 7}',
            "The file is JSON, but it has no list of cells, so it is no notebook. " + SAVE_AGAIN,
        ),
        (
            b'{"worksheets": [7]}',
            "The file is JSON, but it has no list of cells, so it is no notebook. " + SAVE_AGAIN,
        ),
        (
            b"import torch\nx = 1\n",
            "The file is no notebook: it begins with 'import torch', and a notebook begins with a brace. "
            + SAVE_AGAIN,
        ),
        (
            b"\x1b[31m\xff\n",
            "The file is no notebook: it begins with '\\x1b[31m\\ufffd', and a notebook begins with a brace. "
            + SAVE_AGAIN,
        ),
        (
            b'"text"',
            "The file is no notebook: it begins with '\"text\"', and a notebook begins with a brace. "
            + SAVE_AGAIN,
        ),
        (
            b"{\n",
            "The file stops in the middle of the notebook (line 2): it was cut while being saved or copied. "
            + SAVE_AGAIN,
        ),
        (
            as_bytes(book(code("x = 1")))[:-1],
            "The file stops in the middle of the notebook (line 1): it was cut while being saved or copied. "
            + SAVE_AGAIN,
        ),
        (
            as_bytes(book(code("x = 1")))[:130],
            "The file stops in the middle of the notebook (line 1): it was cut while being saved or copied. "
            + SAVE_AGAIN,
        ),
        (
            b'{"cells": [\n{"cell_type" "code"}]}',
            "The file is no valid notebook: its JSON is broken at line 2. " + SAVE_AGAIN,
        ),
        (
            b'{"cells": [\n\n{"cell_type": "code", "source": "\\q"}]}',
            "The file is no valid notebook: its JSON is broken at line 3. " + SAVE_AGAIN,
        ),
        (
            b"<!DOCTYPE html>\n<html>",
            "The file is a web page, not a notebook. In JupyterLab choose File, then Download (not "
            "Save and Export as HTML), and hand in the .ipynb file.",
        ),
        (
            b"PK\x03\x04abc",
            "The file is a zip archive that was renamed. Unpack it and hand in the .ipynb file inside.",
        ),
        (
            b"%PDF-1.7",
            "The file is a PDF. Hand in the notebook itself, the .ipynb file, not its printed form.",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "The file is a Git LFS pointer, not the notebook it stands for. Run `git lfs pull` and "
            "hand in the real file.",
        ),
        (
            b'{"cells": [\n<<<<<<< HEAD\n{}\n=======\n]}',
            "The file holds git's marks of an unfinished merge (line 2). Finish the merge, open the "
            "notebook in JupyterLab to see that it is whole, and hand it in again.",
        ),
        (
            as_bytes(book(*[{}] * 5001)),
            "The notebook has more than 5,000 cells, which is more than are read. Delete what is not "
            "part of the lesson.",
        ),
        (
            b'{"cells": [' + b"[]," * 400_000 + b"[]]}",
            "The notebook has more than 5,000 cells, which is more than are read. Delete what is not "
            "part of the lesson.",
        ),
        (
            b"{" + b'"a":1,' * 301_000 + b'"cells": []}',
            "The file holds more nested data than any notebook needs, so reading it was stopped. " + CLEAR,
        ),
    ],
)
def test_refusals(tmp_path, data, sentence):
    assert refusal(tmp_path, data) == sentence


def test_too_large_a_file(tmp_path):
    path = tmp_path / "anna.ipynb"
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + 1_500_000)
    with pytest.raises(UnreadableNotebook) as caught:
        read_notebook(path)
    assert str(caught.value) == "The file has 102 MB, and at most 100 MB are read. " + CLEAR


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "link.ipynb").symlink_to("nowhere")
    for name, sentence in {
        "pipe.ipynb": "{} is no ordinary file but a pipe, so it is not read. Put the notebook itself there.",
        "folder.ipynb": "{} is no ordinary file but a folder, so it is not read. Put the notebook "
        "itself there.",
        "link.ipynb": "{} could not be opened (No such file or directory). Check that the file is "
        "there and that you may read it.",
    }.items():
        with pytest.raises(UnreadableNotebook) as caught:
            read_notebook(tmp_path / name)
        assert str(caught.value) == sentence.format(str(tmp_path / name))


# ---------------------------------------------------------------- properties

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
SOURCES = st.text(max_size=40) | st.lists(st.text(max_size=20), max_size=4)
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.just("code"),
        "source": SOURCES,
        "metadata": st.dictionaries(st.text(max_size=5), TREES, max_size=3),
    },
    optional={"outputs": TREES, "id": st.text(max_size=9), "attachments": TREES},
)
BOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS, max_size=4)}, optional={"metadata": TREES, "extra": TREES}
)
PARTS = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b",",
        b":",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"1e999",
        b'"cells"',
        b'"source"',
        b"null",
    ]
)


def well_formed(notebook: Notebook) -> bool:
    """Whether every text can be written, shown and handed on."""
    texts = [cell.source for cell in notebook.cells] + list(notebook.notes)
    return all(text.encode("utf-8") is not None and "\0" not in text and "\r" not in text for text in texts)


def attempt(data: bytes) -> None:
    sentence = ""
    try:
        assert well_formed(read_notebook(data))
    except UnreadableNotebook as error:
        sentence = str(error)
    assert sentence == "" or (20 < len(sentence) < 400 and sentence.isprintable())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_notebook_or_a_sentence(data):
    attempt(data)
    attempt(b'{"cells": [' + data)


@settings(max_examples=150, deadline=None)
@given(BOOKS, st.data())
def test_any_damage_gives_a_notebook_or_a_sentence(tree, data):
    whole = json.dumps(tree, indent=data.draw(st.sampled_from([None, 1]))).encode()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole)))
        whole = whole[:at] + data.draw(PARTS) + whole[at + data.draw(st.integers(0, 5)) :]
    attempt(whole)
    attempt(whole[: data.draw(st.integers(0, len(whole)))])


@settings(max_examples=150, deadline=None)
@given(BOOKS, st.sampled_from([None, 1]), st.booleans())
def test_what_was_written_is_read(tree, indent, ascii_only):
    data = json.dumps(tree, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    wanted = []
    for cell in tree["cells"]:
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").replace("\0", "")
        wanted.append(text)
    assert sources(read_notebook(data)) == wanted


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"]), max_size=60),
        max_size=5,
    )
)
def test_nbformat_reads_the_same(texts):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    data = nbformat.writes(notebook)
    theirs = [cell.source for cell in nbformat.reads(data, as_version=4).cells]
    assert sources(read_notebook(data.encode())) == theirs


def test_the_reader_starts_without_heavy_libraries():
    heavy = "{'torch', 'numpy', 'IPython', 'nbformat', 'nbconvert'}"
    program = f"import autograder.submissions, sys; sys.exit(str({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
