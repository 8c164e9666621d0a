"""Drives a folder of submissions through one route, in one process: what each got, as JSON.

    python tests/engine/route_drivers.py otter|gradescope BUNDLE SUBMISSIONS LESSON

The judge is kept over the notebooks, and everything else is as it is for a single one.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from autograder.interop.desk import Desk


class Kept:
    """One desk for all, in the place of one for each notebook."""

    def __init__(self) -> None:
        self.desk: Desk | None = None

    def __call__(self, root: Path, lesson: str) -> Desk:
        self.desk = self.desk or Desk(root, lesson)
        return self.desk


def gradescope(bundle: Path, notebook: Path, keep: Kept) -> dict[str, Any]:
    """The harness of Gradescope: a folder laid out as theirs."""
    from autograder.interop.gradescope.run import main

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        for name in ("source", "submission", "results"):
            (base / name).mkdir()
        zipfile.ZipFile(bundle).extractall(base / "source")
        shutil.copy(notebook, base / "submission")
        code = main(base, keep)
        return {"code": code, **json.loads((base / "results" / "results.json").read_text())}


def otter(bundle: Path, notebook: Path, keep: Kept) -> dict[str, Any]:
    """`otter run`; bytes that Otter cannot open are handed to it once more, wrapped."""
    from otter.run import main

    from autograder.interop.otter import plugin

    plugin.RecordPlugin.make_desk = staticmethod(keep)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / notebook.name
        for wrapped in (False, True):
            data = notebook.read_bytes()
            copy.write_bytes(plugin.wrap(data) if wrapped else data)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    main(str(copy), autograder=str(bundle), output_dir=folder, no_logo=True)
            except Exception as error:
                if wrapped:
                    raise
                print(f"{notebook.parent.parent.name}: {type(error).__name__}", file=sys.stderr)
                continue
            return {"wrapped": wrapped, **json.loads((Path(folder) / "results.json").read_text())}
    raise AssertionError


def drive(route: str, bundle: Path, submissions: Path, lesson: str) -> dict[str, Any]:
    """Every student's result on the route."""
    keep = Kept()
    with tempfile.TemporaryDirectory() as folder:
        # the first notebook's course goes with its folder, so the judge gets one of its own
        zipfile.ZipFile(bundle).extractall(folder)
        keep(Path(folder) / "course", lesson)
        found = {}
        for student in sorted(submissions.iterdir()):
            notebook = student / lesson / f"{lesson}.ipynb"
            found[student.name] = globals()[route](bundle, notebook, keep)
        keep.desk.close()
    return found


if __name__ == "__main__":
    route, bundle, submissions, lesson = sys.argv[1:]
    if route not in ("otter", "gradescope"):
        raise SystemExit(__doc__)
    json.dump(drive(route, Path(bundle), Path(submissions), lesson), sys.stdout)
