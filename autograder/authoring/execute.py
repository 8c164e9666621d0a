"""Running a solution notebook from top to bottom, and making its outputs small and free of chance."""

from __future__ import annotations

import base64
import copy
import io
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.authoring.errors import CellFailed
from autograder.authoring.files import read_notebook
from autograder.authoring.kernel import client, environment
from autograder.authoring.notebook import Notebook, as_bytes, explanations, source
from autograder.course import Lesson

MAX_BYTES = 600_000
"""The size that an executed solution may have."""
COLOURS = 128
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


def execute_notebook(
    notebook: Notebook, folder: Path, lesson: str, progress: Progress | None = None
) -> Notebook:
    """A copy of the notebook with the outputs of its code cells, run in `folder`.

    Raises CellFailed when a cell raises, writes to stderr, shows an object's address or a picture without
    alternative text, or when the whole is too large.
    """
    import nbformat

    ran = nbformat.from_dict(copy.deepcopy(notebook))
    for cell in ran.cells:
        cell.source = source(cell)
        # A solution must not raise anywhere: the tag is for learners' notebooks.
        cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    total = sum(cell.cell_type == "code" for cell in ran.cells)
    _run(ran, folder, total, lesson, progress)
    done = copy.deepcopy(notebook)
    for old, new in zip(done["cells"], ran.cells, strict=True):
        if old["cell_type"] == "code":
            old["execution_count"] = new.execution_count
            # Outputs that the build itself wrote (explanations) stay below what the cell shows.
            old["outputs"] = [_small(dict(output)) for output in _merged(new.outputs)] + old["outputs"]
    size = len(as_bytes(done))
    if size > MAX_BYTES:
        raise CellFailed(
            lesson, [f"The executed notebook has {size:,} bytes, more than {MAX_BYTES:,}. {_largest(done)}"]
        )
    return done


def run_solution(lesson: Lesson, target: Path) -> tuple[Path, float]:
    """Run the lesson's solution in a copy of its folder at `target`. Returns the notebook and the seconds.

    What was at `target` is replaced. Raises CellFailed when a cell raises.
    """
    start = time.monotonic()
    notebook = read_notebook(lesson.solution_notebook)
    if notebook is None:
        raise CellFailed(lesson.slug, [f"{lesson.solution_notebook} is no notebook. Build it again."])
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(lesson.solution_folder, target)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = explanations(cell)
    path = target / lesson.solution_notebook.name
    path.write_bytes(as_bytes(execute_notebook(notebook, target, lesson.slug)))
    return path, time.monotonic() - start


def rehearse(
    notebook: Notebook,
    released: Mapping[str, str],
    folder: Path,
    lesson: str,
    progress: Progress | None = None,
) -> None:
    """Run the notebook as a learner meets it, with the sources in `released` (by cell id), and keep nothing.

    Raises CellFailed when Run All would stop: a cell that is no check shows a traceback.
    """
    import nbformat

    ran = nbformat.from_dict(copy.deepcopy(notebook))
    for cell in ran.cells:
        cell.source = released.get(cell.id, source(cell))
    total = sum(cell.cell_type == "code" for cell in ran.cells)
    _run(ran, folder, total, lesson, progress, released)


def _run(
    notebook: Any,
    folder: Path,
    total: int,
    lesson: str,
    progress: Progress | None,
    released: Mapping[str, str] | None = None,
) -> None:
    number = 0
    what = "running its solution" if released is None else "running it unsolved"
    with tempfile.TemporaryDirectory() as scratch, _kernel(notebook, folder, scratch) as runner:
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            number += 1
            if progress:
                progress(f"{lesson}: {what}", number, total)
            try:
                runner.execute_cell(cell, index)
            except Exception as error:  # a dead kernel or a cell that never ends
                raise CellFailed(
                    lesson, [f"{_place(index, cell)} could not be run: {_first_line(error)}"]
                ) from None
            found = list(_faults(cell) if released is None else _tracebacks(cell))
            if found:
                raise CellFailed(lesson, [f"{_place(index, cell)} {fault}" for fault in found])


@contextmanager
def _kernel(notebook: Any, folder: Path, scratch: str) -> Iterator[Any]:
    runner = client(notebook, str(folder), scratch)
    with runner.setup_kernel(env=environment(scratch)):
        yield runner


def _faults(cell: Any) -> Iterator[str]:
    """What a solution's cell must not show."""
    for output in cell.outputs:
        if output.output_type == "error":
            last = _ANSI.sub("", "\n".join(output.get("traceback", [])))[-1500:]
            yield f"raised {output.ename}: {output.evalue}\n{last}".rstrip()
        elif output.output_type == "stream" and output.name == "stderr":
            yield f"wrote to stderr (a warning?): {output.text.strip()[-400:]!r}. Repair what it says."
        elif output.output_type in ("display_data", "execute_result"):
            if _ADDRESS.search(str(output.data.get("text/plain", ""))):
                yield (
                    f"shows an object's address ({output.data['text/plain']!r}), which differs in each "
                    "run. End its last line with ';' or give it a name."
                )
            if "image/png" in output.data and not _alt(output.metadata):
                yield 'shows a picture without alternative text. Give alt="..." to the kit\'s plot.'


def _tracebacks(cell: Any) -> Iterator[str]:
    """What a learner's cell must not show while exercises are unwritten. A failing check is no traceback."""
    for output in cell.outputs:
        if output.output_type == "error" and len(output.get("traceback", [])) != 1:
            yield (
                f"shows a traceback while the exercises are unwritten ({output.ename}: {output.evalue}). Let the "
                "cell depend only on what stands before it and on the functions it names in its text."
            )


def _alt(metadata: Any) -> str:
    return str(metadata.get("image/png", {}).get("alt") or metadata.get("alt") or "").strip()


def _merged(outputs: list[Any]) -> list[Any]:
    """Streams that follow one another as one output: how they were cut is chance."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _small(output: dict[str, Any]) -> dict[str, Any]:
    """The output with its picture as a palette PNG."""
    data = output.get("data")
    if data and "image/png" in data:
        output["data"] = {**data, "image/png": palette_png(data["image/png"])}
    return output


def palette_png(encoded: str) -> str:
    """A base64 PNG with at most COLOURS colours and no time stamp; the original where that is smaller."""
    from PIL import Image

    raw = base64.b64decode(encoded)
    with Image.open(io.BytesIO(raw)) as picture:
        flat = Image.new("RGB", picture.size, "white")
        rgba = picture.convert("RGBA")
        flat.paste(rgba, mask=rgba.getchannel("A"))
    out = io.BytesIO()
    flat.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    small = out.getvalue() if out.tell() < len(raw) else raw
    return base64.b64encode(small).decode()


def _largest(notebook: Notebook) -> str:
    sizes = [(len(str(cell.get("outputs", ""))), index, cell) for index, cell in enumerate(notebook["cells"])]
    sizes.sort(key=lambda entry: -entry[0])
    named = ", ".join(f"{_place(index, cell)} ({size:,})" for size, index, cell in sizes[:3])
    return f"The largest: {named}. Show fewer or smaller pictures."


def _place(index: int, cell: Any) -> str:
    first = next((line for line in source(cell).split("\n") if line.strip()), "")
    return f"Cell {index + 1} [{cell['id']}] ({first[:60]})"


def _first_line(error: Exception) -> str:
    return (str(error).strip().split("\n") or [""])[0] or type(error).__name__
