"""Every released lesson in a real JupyterLab, as a student has it: stubs first, then pasted solutions.

``LAB_IMAGES=folder pytest tests/engine/test_in_jupyterlab.py`` keeps the pictures there.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.parent.name for path in ROOT.glob("release/*/lesson.json"))

_spec = importlib.util.spec_from_file_location("jupyter_lab", ROOT / "tests" / "jupyter_lab.py")
jupyter_lab = importlib.util.module_from_spec(_spec)
sys.modules["jupyter_lab"] = jupyter_lab
_spec.loader.exec_module(jupyter_lab)


def shown(cell: dict) -> str:
    """All that a cell's outputs say, HTML without its tags."""
    text = ""
    for output in cell["outputs"]:
        data = output.get("data", {})
        html = re.sub("<[^>]+>", " ", "".join(data.get("text/html", "")))
        text += html + "".join(output.get("text", "")) + " ".join(output.get("traceback", []))
    return " ".join(text.split())


def by_role(notebook: dict, role: str) -> list[dict]:
    return [c for c in notebook["cells"] if c["metadata"].get("autograder", {}).get("role") == role]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_goes_from_stubs_to_solutions(lesson, tmp_path):
    facts = json.loads((ROOT / "release" / lesson / "lesson.json").read_text())
    names = [one["name"] for one in facts["exercises"]]
    with jupyter_lab.browser() as chromium:
        home = jupyter_lab.student_environment(tmp_path, ROOT / "release", lesson)
        path = home.folder / lesson / f"{lesson}.ipynb"
        with jupyter_lab.lab(home) as server:
            notebook = server.open(chromium, f"{lesson}/{lesson}.ipynb")
            notebook.run_all()
            untouched = notebook.save()
            picture(notebook, f"{lesson}-stubs")
            for cell in untouched["cells"]:
                if cell["cell_type"] == "code" and cell["source"]:
                    assert cell["execution_count"], f"Run All stopped before {cell['id']}"
            checks = {c["metadata"]["autograder"]["name"]: shown(c) for c in by_role(untouched, "check")}
            for name in names:
                assert f"{name}: 0 of " in checks[name]
                assert "This function is not written yet" in checks[name]
                assert "Try next: Read the docstring" in checks[name]
                assert "Traceback" not in checks[name]
            notebook.page.close()

            solved = paste_solutions(path, lesson)
            notebook = server.open(chromium, f"{lesson}/{lesson}.ipynb")
            notebook.run_all()
            done = notebook.save()
            picture(notebook, f"{lesson}-solved")
    assert len(solved) >= len(names)
    checks = {c["metadata"]["autograder"]["name"]: shown(c) for c in by_role(done, "check")}
    for name in names:
        found = re.match(rf"{name}: (\d+) of (\d+) public checks pass", checks[name])
        assert found, checks[name]
        assert found[1] == found[2], checks[name]
        assert "hidden check" in checks[name]
    for cell in done["cells"]:
        if cell["cell_type"] == "code":
            assert "Traceback" not in shown(cell), shown(cell)
            assert all(output["output_type"] != "error" for output in cell["outputs"]), shown(cell)


def paste_solutions(path: Path, lesson: str) -> list[str]:
    """Put the solution's code into the cells that a learner fills in; the ids of those cells."""
    solution = json.loads((ROOT / "solutions" / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    ours = {cell["id"]: cell for cell in solution["cells"]}
    filled = []
    for cell in notebook["cells"]:
        if cell["metadata"].get("autograder", {}).get("role") in ("exercise", "question"):
            cell["source"] = ours[cell["id"]]["source"]
            filled.append(cell["id"])
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return filled


def picture(notebook, name: str) -> None:
    """What the first check looks like, where pictures are asked for."""
    folder = os.environ.get("LAB_IMAGES")
    card = notebook.page.locator('section[aria-label^="Check of"]').first
    card.scroll_into_view_if_needed(timeout=60_000)
    assert card.is_visible()
    if folder:
        notebook.page.screenshot(path=str(Path(folder) / f"{name}.png"))
