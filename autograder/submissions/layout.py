"""The shapes in which people keep submissions, walked into candidates: who, which lesson, which file.

Nothing is opened here. Hidden files and folders (with them `.ipynb_checkpoints` and `.OTTER_LOG`) are
passed over, symbolic links are reported and never followed, every count is bounded. An archive, once it is
unpacked (`archives`), is a folder in one of these shapes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.submissions import words
from autograder.submissions.names import find_lesson, readable, without_copy_mark

MAX_ENTRIES = 50_000
MAX_BELOW = 3
"""How many folders deep a student's only notebook may lie below the student's folder."""
PASSED_OVER = {"__pycache__", "__MACOSX"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be somebody's submission. `lesson` is None where its place does not tell."""

    student: str
    path: Path
    lesson: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something on the way, as a link or an unreadable folder. `grave`: somebody's work may be missed."""

    kind: str
    sentence: str
    path: Path
    student: str | None = None
    grave: bool = True


@dataclass(slots=True)
class _Listing:
    notebooks: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    remark: Remark | None = None
    empty: bool = True


def one_file(path: Path, slugs: Sequence[str]) -> Candidate:
    """The candidate for a notebook named by itself.

    A file called like a lesson belongs to whom its folder is called after (over a folder called like a
    lesson); any other is called after its student.
    """
    stem, folder = without_copy_mark(path.stem), Path(os.path.abspath(path)).parent
    lesson = _slug(folder.name, slugs)
    if _slug(stem, slugs) or (lesson and folder.name == stem):
        owner = folder.parent if lesson else folder
        return Candidate(readable(owner.name or stem), path, _slug(stem, slugs))
    return Candidate(readable(stem), path, lesson)


def in_folder(root: Path, slugs: Sequence[str]) -> Iterator[Candidate | Remark]:
    """Candidates of a folder in any of these shapes, also mixed:

    `<student>.ipynb`, `<student>/<lesson>/<lesson>.ipynb`, `<student>/<any>.ipynb`,
    `<lesson>/<student>.ipynb`, one student's folder, one student's folder of one lesson.
    """
    name = Path(os.path.abspath(root)).name
    listing = _list(root)
    if listing.remark:
        yield listing.remark
    if listing.empty and not (listing.remark and listing.remark.kind == "cannot-open"):
        yield Remark("nothing", words.EMPTY_FOLDER.format(path=words.shown(root)), root)
    yield from _links(listing, None)
    own = _slug(name, slugs)
    if own:
        owner = readable(Path(os.path.abspath(root)).parent.name or name)
        yield from _lesson_first(listing, own, owner, slugs)
        return
    for path in listing.notebooks:
        lesson = _slug(without_copy_mark(path.stem), slugs)
        student = name if lesson else without_copy_mark(path.stem)
        yield Candidate(readable(student), path, lesson)
    for folder in listing.folders:
        lesson = _slug(folder.name, slugs)
        if lesson:
            yield from _lesson_first(_list(folder), lesson, readable(name), slugs)
        else:
            # beside notebooks, a folder without any is a stranger (images, data), not a student
            yield from _student(folder, slugs, quiet=bool(listing.notebooks))


def _lesson_first(
    listing: _Listing, lesson: str, owner: str, slugs: Sequence[str]
) -> Iterator[Candidate | Remark]:
    """A folder called like a lesson that no student's folder was seen around: one student's, or a class's."""
    named = [path for path in listing.notebooks if _slug(without_copy_mark(path.stem), slugs) == lesson]
    again = [folder for folder in listing.folders if _slug(folder.name, slugs) == lesson]
    if named or (again and not listing.notebooks):
        yield from _lesson(listing, lesson, owner, slugs, quiet=False)
        return
    for path in listing.notebooks:
        yield Candidate(readable(without_copy_mark(path.stem)), path, lesson)
    for folder in [] if listing.notebooks else listing.folders:
        yield from _lesson(_list(folder), lesson, readable(folder.name), slugs, quiet=True)


def _student(folder: Path, slugs: Sequence[str], quiet: bool) -> Iterator[Candidate | Remark]:
    """One student's folder."""
    student, listing = readable(folder.name), _list(folder)
    found = False
    if listing.remark:
        yield listing.remark
    for inner in listing.folders:
        lesson = find_lesson(inner.name, slugs)
        for item in _lesson(_list(inner), lesson, student, slugs, quiet=True) if lesson else ():
            found = found or isinstance(item, Candidate)
            yield item
    named = {path: _slug(without_copy_mark(path.stem), slugs) for path in listing.notebooks}
    loose = [path for path, lesson in named.items() if lesson is None]
    for path, lesson in named.items():
        if lesson is not None or (len(loose) == len(named) and not found):
            yield Candidate(student, path, lesson)
    if found or named:
        return
    below = _below(folder, MAX_BELOW)
    for path in below:
        yield Candidate(student, path, _slug(without_copy_mark(path.stem), slugs))
    if not below:
        yield from _links(listing, student)
        if not quiet and not listing.links:
            sentence = words.STUDENT_WITHOUT.format(
                student=words.shown(student, 80), path=words.shown(folder)
            )
            yield Remark("no-notebook", sentence, folder, student, grave=False)


def _lesson(
    listing: _Listing, lesson: str, student: str, slugs: Sequence[str], quiet: bool
) -> Iterator[Candidate | Remark]:
    """One student's folder of one lesson: the notebook called like it, else whatever notebook is there."""
    named = [path for path in listing.notebooks if _slug(without_copy_mark(path.stem), slugs) == lesson]
    beside = [path for path in listing.notebooks if path not in named]
    notes: tuple[str, ...] = ()
    if named and beside:
        others = ", ".join(words.shown(path.name, 60) for path in beside[:3])
        notes = (words.NOTE_BESIDE.format(name=words.shown(named[0].name, 60), others=others),)
    chosen = named or beside or [path for folder in listing.folders for path in _below(folder, MAX_BELOW - 1)]
    for path in chosen:
        yield Candidate(student, path, lesson, notes)
    if not chosen:
        yield from _links(listing, student)


def _below(folder: Path, depth: int) -> list[Path]:
    """Notebooks in a folder and the folders below it."""
    if depth == 0:
        return []
    listing = _list(folder, 1_000)
    return listing.notebooks or [path for inner in listing.folders for path in _below(inner, depth - 1)]


def _list(folder: Path, most: int = MAX_ENTRIES) -> _Listing:
    """What a folder holds, sorted by name."""
    listing = _Listing()
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= most:
                    sentence = words.TOO_MANY_ENTRIES.format(path=words.shown(folder), limit=f"{most:,}")
                    listing.remark = Remark("too-many", sentence, folder)
                    break
                if entry.name.startswith(".") or entry.name in PASSED_OVER:
                    continue
                listing.empty = False
                _sort_in(listing, entry)
    except OSError as error:
        sentence = words.CANNOT_OPEN.format(path=words.shown(folder), why=error.strerror)
        listing.remark = Remark("cannot-open", sentence, folder)
    for paths in (listing.notebooks, listing.folders, listing.links):
        paths.sort(key=lambda path: (path.name.casefold(), path.name))
    return listing


def _sort_in(listing: _Listing, entry: os.DirEntry[str]) -> None:
    notebook = entry.name.lower().endswith(".ipynb")
    if entry.is_symlink():
        if notebook or os.path.isdir(entry.path):
            listing.links.append(Path(entry.path))
    elif entry.is_dir(follow_symlinks=False):
        listing.folders.append(Path(entry.path))
    elif notebook:
        listing.notebooks.append(Path(entry.path))


def _links(listing: _Listing, student: str | None) -> Iterator[Remark]:
    for path in listing.links:
        sentence = words.LINK.format(path=words.shown(path))
        yield Remark("link", sentence, path, student or readable(without_copy_mark(path.stem)))


def _slug(name: str, slugs: Sequence[str]) -> str | None:
    """The lesson whose slug this is: no short forms, since a student may be called "2"."""
    return next((slug for slug in slugs if slug.casefold() == name.casefold()), None)
