"""Find submissions: whose, of which lesson, which file; and one sentence on what is in the way."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.submissions import words
from autograder.submissions.archives import is_archive, unpack, without_suffix
from autograder.submissions.files import Unreadable, read_file
from autograder.submissions.layout import Candidate, Remark, in_folder, one_file
from autograder.submissions.names import UnknownLesson, collision_key, lesson_called, nearest, safe_name
from autograder.submissions.notebook import Notebook, lesson_said, read_notebook


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's notebook for one lesson. `student` is the name as given; `folder` is fit for a path."""

    student: str
    lesson_slug: str
    path: Path
    sha256: str
    """Of the file's bytes; "" when it cannot be read, which `read` explains."""
    notes: tuple[str, ...] = ()
    origin: str = ""
    """Where it came from, when `path` is only where it was unpacked."""

    @property
    def shown(self) -> str:
        """Its place as people know it."""
        return self.origin or str(self.path)

    @property
    def folder(self) -> str:
        """The student's name as a folder's name."""
        return safe_name(self.student)

    def read(self) -> Notebook:
        """The notebook, with notes on a lesson that is not the expected one. Raises `UnreadableNotebook`."""
        notebook = read_notebook(self.path)
        notes = self.notes + notebook.notes
        if notebook.lesson and notebook.lesson != self.lesson_slug:
            said = words.shown(notebook.lesson, 80)
            notes += (words.NOTE_OTHER_LESSON.format(said=said, lesson=self.lesson_slug),)
        return dataclasses.replace(notebook, notes=notes)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not graded, in one sentence.

    `kind` is one of no-such-path, not-a-submission, archive, nothing, other-lessons, unknown-lesson, which-
    lesson, two-files, same-folder, other-lesson, link, cannot-open, too-many, no-notebook.
    """

    kind: str
    sentence: str
    path: Path | None = None
    student: str | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Found:
    """Submissions to grade, sorted by student and lesson; problems; and notices, which are no fault of the
    call.
    """

    submissions: tuple[Submission, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> int:
        """2 when there is a problem, though the rest is graded; else 0."""
        return 2 if self.problems else 0


def find_submissions(
    paths: Iterable[str | Path],
    lesson_slugs: Sequence[str],
    lesson: str | None = None,
    unpack_into: Path | None = None,
) -> Found:
    """All submissions in notebooks, folders and archives, of all lessons or of one.

    Never raises for what lies there: each difficulty is a `Problem`, and the rest is found.

    Args:
        paths: of the call.
        lesson_slugs: of the course.
        lesson: the only lesson that is wanted, as people call it.
        unpack_into: an empty folder for what archives hold, which must stay until the submissions are read;
            without one, archives are a problem.
    """
    search = _Search(list(lesson_slugs), unpack_into)
    if lesson is not None:
        try:
            search.wanted = lesson_called(lesson, lesson_slugs)
        except UnknownLesson as error:
            return Found(problems=(Problem("unknown-lesson", str(error)),))
    for path in paths:
        search.path(Path(path))
    return search.found()


class _Search:
    """What has been found so far."""

    def __init__(self, slugs: list[str], unpack_into: Path | None) -> None:
        self.slugs = slugs
        self.unpack_into = unpack_into
        self.unpacked: dict[Path, Path] = {}
        self.wanted: str | None = None
        self.submissions: list[Submission] = []
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.seen: set[str] = set()

    def path(self, path: Path) -> None:
        """Add what one path of the call holds."""
        here = words.shown(path)
        lower = path.name.lower()
        try:
            exists, folder = path.exists(), path.is_dir()
        except (OSError, ValueError):
            exists = folder = False
        if not exists:
            self._problem(
                "no-such-path", words.NO_SUCH_PATH.format(path=here, hint=_nearby(path)).rstrip(), path
            )
        elif folder:
            self._folder(path)
        elif lower.endswith(".ipynb"):
            self._add([one_file(path, self.slugs)], path, trusted=True)
        elif is_archive(path):
            self._archive(path)
        else:
            self._problem("not-a-submission", words.NOT_A_SUBMISSION.format(path=here), path)

    def found(self) -> Found:
        """The result, after two files of one student and two students of one folder were taken out."""
        kept = list(self._single(self.submissions))
        kept = list(self._apart(kept))
        kept.sort(key=lambda s: (s.student.casefold(), s.student, s.lesson_slug))
        return Found(tuple(kept), tuple(self.problems), tuple(self.notices))

    def _archive(self, path: Path) -> None:
        """An archive's notebooks: a folder like any other, once they are unpacked."""
        if self.unpack_into is None:
            self._problem("archive", words.ARCHIVE_PATH.format(path=words.shown(path)), path)
            return
        # called as the archive is, in a folder called as its own: the names of both may say whose it is
        whole = path.resolve()
        place = self.unpack_into / f"{len(self.unpacked):05d}" / (whole.parent.name or "archive")
        into = place / (without_suffix(path.name) or "archive")
        self.unpacked[into] = path
        unpacked = unpack(path, into)
        for remark in unpacked.remarks:
            self._remark(remark)
        if unpacked.count or not unpacked.remarks:
            self._folder(unpacked.root)

    def _origin(self, path: Path) -> str:
        """Where an unpacked file came from; "" for any other."""
        for folder, archive in self.unpacked.items():
            if path.is_relative_to(folder):
                return f"{archive}/{path.relative_to(folder)}".removesuffix("/.")
        return ""

    def _folder(self, path: Path) -> None:
        candidates: list[Candidate] = []
        before = len(self.problems)
        for item in in_folder(path, self.slugs):
            if isinstance(item, Candidate):
                candidates.append(item)
            else:
                self._remark(item)
        if candidates:
            self._add(candidates, path, trusted=False)
        elif len(self.problems) == before:
            self._problem("nothing", words.NO_NOTEBOOKS.format(path=words.shown(path)), path)

    def _add(self, candidates: list[Candidate], root: Path, trusted: bool) -> None:
        """Candidates of one path, as submissions. `trusted`: the call named the file itself."""
        others: Counter[str] = Counter()
        strays: list[Problem] = []
        unclear: list[Candidate] = []
        before = len(self.submissions)
        for candidate in candidates:
            place = os.path.realpath(candidate.path)
            if place in self.seen:
                continue
            certain = self.wanted if trusted and self.wanted else candidate.lesson
            if certain and self.wanted not in (None, certain):
                others[certain] += 1
                continue
            self.seen.add(place)
            sha256, said = self._look(candidate.path, certain)
            lesson = certain or said or self.wanted or (self.slugs[0] if len(self.slugs) == 1 else None)
            if lesson is None:
                unclear.append(candidate)
            elif self.wanted not in (None, lesson):
                others[lesson] += 1
                strays.append(_stray(candidate, lesson, self.wanted))
            else:
                origin = self._origin(candidate.path)
                self.submissions.append(
                    Submission(candidate.student, lesson, candidate.path, sha256, candidate.notes, origin)
                )
        if unclear:
            named = unclear[0].path if len(unclear) == 1 else root
            self._problem("which-lesson", words.WHICH_LESSON.format(path=words.shown(named)), named)
        if len(self.submissions) > before:
            self.problems += strays
        elif others and not unclear:
            self._problem("other-lessons", self._others(others, root), root)

    def _look(self, path: Path, certain: str | None) -> tuple[str, str | None]:
        """The file's digest, and the lesson its metadata names where the place does not tell."""
        try:
            data = read_file(path)
        except Unreadable:
            return "", None
        said = None if certain else lesson_said(data)
        return hashlib.sha256(data).hexdigest(), said if said in self.slugs else None

    def _single(self, submissions: list[Submission]) -> Iterator[Submission]:
        """One submission per student and lesson; copies with the same bytes count once."""
        groups: dict[tuple[str, str], dict[object, Submission]] = defaultdict(dict)
        for submission in submissions:
            group = groups[submission.student, submission.lesson_slug]
            group.setdefault(submission.sha256 or submission.path, submission)
        for (student, lesson), group in groups.items():
            if len(group) == 1:
                yield from group.values()
                continue
            first, second, *more = group.values()
            sentence = (words.MORE_FILES if more else words.TWO_FILES).format(
                student=words.shown(student, 80),
                lesson=lesson,
                count=len(group),
                first=words.shown(first.shown),
                second=words.shown(second.shown),
            )
            self._problem("two-files", sentence, first.path, student)

    def _apart(self, submissions: list[Submission]) -> Iterator[Submission]:
        """Submissions of students whose output folders differ on every file system."""
        groups: dict[str, list[Submission]] = defaultdict(list)
        for submission in submissions:
            groups[collision_key(submission.student)].append(submission)
        for group in groups.values():
            first = group[0]
            other = next((s for s in group if s.student != first.student), None)
            if other is None:
                yield from group
                continue
            sentence = words.SAME_FOLDER.format(
                first=words.shown(first.student, 80),
                second=words.shown(other.student, 80),
                folder=first.folder,
                path_one=words.shown(first.shown),
                path_two=words.shown(other.shown),
            )
            self._problem("same-folder", sentence, first.path, first.student)

    def _others(self, others: Counter[str], root: Path) -> str:
        listed = ", ".join(f"{slug} ({n})" for slug, n in others.most_common(5))
        first = others.most_common(1)[0][0]
        return words.OTHER_LESSONS.format(
            path=words.shown(root), lesson=self.wanted, others=listed, first=first.split("_", 1)[0]
        )

    def _problem(self, kind: str, sentence: str, path: Path | None, student: str | None = None) -> None:
        self.problems.append(Problem(kind, self._as_known(sentence), path, student))

    def _as_known(self, sentence: str) -> str:
        """A sentence in which archives stand in the place of the folders they were unpacked into."""
        for folder, archive in self.unpacked.items():
            sentence = sentence.replace(words.shown(folder), words.shown(archive))
        return sentence

    def _remark(self, remark: Remark) -> None:
        problem = Problem(remark.kind, self._as_known(remark.sentence), remark.path, remark.student)
        (self.problems if remark.grave else self.notices).append(problem)


def _stray(candidate: Candidate, other: str, lesson: str) -> Problem:
    sentence = words.OTHER_LESSON_FILE.format(path=words.shown(candidate.path), other=other, lesson=lesson)
    return Problem("other-lesson", sentence, candidate.path, candidate.student)


def _nearby(path: Path) -> str:
    """A hint at what lies where a path that does not exist was looked for."""
    try:
        names = [name for name in os.listdir(Path(os.path.abspath(path)).parent) if not name.startswith(".")]
    except (OSError, ValueError):
        return "Check the path."
    hint = nearest(path.name, [n for n in names if n.lower().endswith(".ipynb") or "." not in n])
    return hint if hint.startswith("Did you mean") else "Check the path."
