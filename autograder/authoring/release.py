"""A release folder, made by nbgrader's own preprocessors from a solution folder, without its database."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

from autograder.authoring.errors import BuildError
from autograder.course import Course, Lesson

CONFIG = "nbgrader_config.py"


def make_release(course: Course, lesson: Lesson, out: Path) -> Path:
    """Write ``out/<slug>`` from the course's ``solutions/<slug>``; equal to ``nbgrader generate_assignment``.

    The working directory changes while nbgrader runs, and comes back. Raises BuildError in nbgrader's words.
    """
    logger, lines = _logger()
    here = os.getcwd()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of nbgrader and what it imports; ours are seen elsewhere
            _convert(course, lesson, out, logger)
    except Exception as error:
        said = "; ".join(lines) or f"{type(error).__name__}: {error}"
        raise BuildError(lesson.slug, [f"nbgrader could not make the release: {said}"]) from error
    finally:
        os.chdir(here)
    return out / lesson.slug


def _convert(course: Course, lesson: Lesson, out: Path, logger: logging.Logger) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config, PyFileConfigLoader

    config = Config()
    if (course.root / CONFIG).exists():
        # Stubs, delimiters and headers count: the same file that the nbgrader command reads.
        config.merge(PyFileConfigLoader(CONFIG, path=str(course.root)).load_config())
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = str(out.resolve())
    config.CourseDirectory.assignment_id = lesson.slug
    directory = CourseDirectory(config=config, log=logger)
    converter = GenerateAssignment(coursedir=directory, config=config, log=logger)
    converter.no_database = converter.force = True
    # SaveCells is the only one that opens the gradebook, and it changes no cell.
    converter.preprocessors = [one for one in converter.preprocessors if one is not SaveCells]
    converter.start()


def _logger() -> tuple[logging.Logger, list[str]]:
    """A logger that keeps errors for our message and prints nothing."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(" ".join(record.getMessage().split())[:300])

    logger = logging.Logger("autograder.release", logging.ERROR)
    logger.addHandler(Keep())
    return logger, lines
