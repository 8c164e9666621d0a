"""The plugin that the bundle's ``otter_config.json`` names. Otter makes one for every submission.

Otter opens the notebook before any plugin is asked. Bytes that it cannot open (an empty file, broken JSON, a byte
order mark) can be handed to it inside a notebook that it can: :func:`wrap`.
"""

from __future__ import annotations

import base64
import binascii
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from otter.plugins import AbstractOtterPlugin
from otter.test_files import GradingResults, TestCase
from otter.test_files.abstract_test import TestCaseResult
from otter.test_files.ottr_test import OttrTestFile

from autograder.interop.desk import Desk
from autograder.interop.gradescope.results import results as as_gradescope
from autograder.interop.gradescope.run import facts_of, opened
from autograder.interop.words import when_of

_WRAPPED = "autograder_bytes"
_DOCUMENT = "autograder"
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def wrap(data: bytes) -> bytes:
    """A notebook that Otter can open, with these bytes inside."""
    return json.dumps(new_notebook(metadata={_WRAPPED: base64.b64encode(data).decode()})).encode()


def unwrap(data: bytes) -> bytes:
    """The bytes inside a wrapped notebook; any other bytes as they are."""
    if _WRAPPED.encode() not in data:
        return data
    try:
        return base64.b64decode(json.loads(data)["metadata"][_WRAPPED], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return data


class RecordResults(GradingResults):
    """Otter's results with our own document for ``results.json``: each exercise has a visibility of its own."""

    def to_gradescope_dict(self, config: Any) -> dict[str, Any]:
        """The same as ``run_autograder`` writes."""
        return self.get_plugin_data(_DOCUMENT)


class RecordPlugin(AbstractOtterPlugin):
    """The judge's record becomes Otter's results. Where there is no record, Otter's run fails and says why."""

    make_desk = staticmethod(Desk)

    def before_grading(self, config: Any) -> None:
        """Otter's first event: judge the notebook, and take away what else was handed in.

        A log of Otter's beside the notebook would be unpickled, and a module beside it imported, in the process
        that holds the points.
        """
        path = Path(self.submission_path)
        for other in path.parent.iterdir():
            if other.name not in (path.name, "tests"):
                shutil.rmtree(other) if other.is_dir() and not other.is_symlink() else other.unlink()
        config.pdf, config.token, config.grade_from_log, config.show_hidden = False, None, False, True
        _, self._lesson = opened(path.parent.parent / "source")
        desk = self.make_desk(self._lesson.root, self._lesson.slug)
        with tempfile.TemporaryDirectory() as folder:  # Otter reads its own file once more
            original = Path(folder) / path.name
            original.write_bytes(unwrap(path.read_bytes()))
            self._record = desk.record("submission", original)

    def before_execution(self, submission: NotebookNode) -> NotebookNode:
        """Nothing is run."""
        return new_notebook(metadata={"kernelspec": _KERNEL})

    def after_grading(self, results: GradingResults) -> None:
        """Put the record's points in the place of Otter's."""
        document = as_gradescope(self._record, when_of(self._lesson), facts_of(self._lesson))
        _fill(results, document)
        results.set_plugin_data(_DOCUMENT, document)
        results.__class__ = RecordResults

    def generate_report(self) -> str:
        """For the console."""
        return f"{self._lesson.slug}: {self._record.status}, {self._record.score:g} of {self._record.max_score:g}"


def _fill(results: GradingResults, document: dict[str, Any]) -> None:
    """A test file of Otter's for each exercise and question, as a container of its points."""
    results.clear_results()
    for test in document["tests"]:
        name, most = test["tags"][0], float(test["max_score"])
        case = TestCase(
            name=name, body="", hidden=False, points=most, success_message=None, failure_message=None
        )
        holder = OttrTestFile(name, name, [case], all_or_nothing=False)
        passed = test["status"] == "passed"
        holder.test_case_results = [TestCaseResult(test_case=case, message=test["output"], passed=passed)]
        results.results[name] = holder
        results.update_score(name, test["score"])
