"""Both passes of ``nbgrader autograde`` read their notebooks here, whatever bytes they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from traitlets import Any as AnyTrait
from traitlets import default

from autograder.course import Course, Lesson, load_course
from autograder.interop.desk import Desk
from autograder.interop.nbgrader.canonical import canonical
from autograder.submissions import Notebook, UnreadableNotebook, read_notebook


class AnyBytesExporter(NotebookExporter):
    """Named in ``nbgrader_config.py`` as ``c.Autograde.exporter_class``.

    nbgrader makes one for a whole class, so that what is made once lives here: the course, the release's cells
    and the judge, which begins with a notebook as soon as nbgrader opens it.
    """

    course = AnyTrait(help="The course around nbgrader's root.")
    desks = AnyTrait(help="The judges, by lesson.")
    releases = AnyTrait(help="The released notebooks, by lesson: as nbformat and as the engine read them.")

    @default("course")
    def _course(self) -> Course:
        return load_course(Path(self.parent.coursedir.root))

    @default("desks")
    def _desks(self) -> dict[str, Desk]:
        return {}

    @default("releases")
    def _releases(self) -> dict[str, tuple[NotebookNode, Notebook]]:
        return {}

    def lesson(self, resources: dict[str, Any]) -> Lesson:
        """The lesson that nbgrader is at."""
        return self.course.find_lesson(resources["nbgrader"]["assignment"])

    def desk(self, lesson: Lesson) -> Desk:
        """The lesson's judge."""
        if lesson.slug not in self.desks:
            self.desks[lesson.slug] = Desk(lesson.root, lesson.slug)
        return self.desks[lesson.slug]

    def handed_in(self, resources: dict[str, Any]) -> Path:
        """The file that a student handed in: the one of the right name, else the only other notebook."""
        where, directory = resources["nbgrader"], self.parent.coursedir
        folder = Path(directory.root) / directory.format_path(
            directory.submitted_directory, where["student"], where["assignment"]
        )
        right = folder / f"{where['notebook']}.ipynb"
        if not os.path.lexists(right) and folder.is_dir():
            others = sorted(path for path in folder.iterdir() if path.suffix == ".ipynb")
            right = others[0] if len(others) == 1 else right
        return right

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **kw: Any
    ) -> tuple[str, ResourcesDict]:
        """The release's notebook with the student's code; never raises for what the file holds."""
        resources = ResourcesDict() if resources is None else resources
        path = Path(filename)
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        lesson = self.lesson(resources)
        if self._is_handed_in(path, resources):
            path = self.handed_in(resources)
            self.desk(lesson).ask_ahead(resources["nbgrader"]["student"], path)
        nodes, release = self._release(lesson)
        try:
            student = read_notebook(path)
        except UnreadableNotebook:
            student = None  # said on the page, in the second pass
        return self.from_notebook_node(canonical(nodes, release, student), resources, **kw)

    def _is_handed_in(self, path: Path, resources: dict[str, Any]) -> bool:
        where, directory = resources["nbgrader"], self.parent.coursedir
        folder = directory.format_path(directory.submitted_directory, where["student"], where["assignment"])
        return Path(os.path.abspath(path)).parent == Path(os.path.abspath(folder))

    def _release(self, lesson: Lesson) -> tuple[NotebookNode, Notebook]:
        if lesson.slug not in self.releases:
            data = lesson.release_notebook.read_bytes()
            self.releases[lesson.slug] = (
                nbformat.reads(data.decode("utf-8"), as_version=4),
                read_notebook(data),
            )
        return self.releases[lesson.slug]
