"""``autograder collect``: an archive of a learning platform into ``submitted/<student>/<lesson>/``.

A notebook goes to the student whose id the archive names, or to nobody: what is not clear is a sentence.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Lesson, Roster, Student
from autograder.interop.lms.naming import READERS, HandedIn
from autograder.records.store import write_atomically
from autograder.submissions.archives import unpack
from autograder.submissions.handed_in import STAMP
from autograder.submissions.words import shown

_NOT_NAMED = "{name} is not called as {system} calls its files, so it is nobody's. Give the archive as it was downloaded."
_UNKNOWN = (
    "{name} belongs to {system} id {id} ({who}), and no row of {roster} has that id in the column {system}. Add "
    "it there and collect again."
)
_TWO = "{student} handed in {first} and {second}, and nothing says which is the later one. Neither was taken."
_LATE = "{student}: {system} marks this as late, and does not say when it was handed in."
_NOTHING = "{archive} holds no notebook. Give the archive as {system} lets you download it."


@dataclass
class Collected:
    """What was put where, and what was not."""

    written: dict[str, Path] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def collect(lesson: Lesson, archive: Path, system: str, roster: Roster, submitted: Path) -> Collected:
    """Put every student's notebook into ``submitted``, with ``timestamp.txt`` where the time is known.

    A later notebook of a student takes the place of an earlier one; nothing else there is touched.
    """
    done = Collected()
    with tempfile.TemporaryDirectory() as place:
        unpacked = unpack(archive, Path(place) / "archive")
        done.problems += [remark.sentence for remark in unpacked.remarks]
        found: dict[str, list[HandedIn]] = {}
        for item in READERS[system](unpacked.folder):
            if isinstance(item, Path):
                done.problems.append(_NOT_NAMED.format(name=shown(item.name), system=system.capitalize()))
                continue
            student = _student(item, system, roster)
            if student is None:
                done.problems.append(_unknown(item, system, roster))
            else:
                found.setdefault(student.id, []).append(item)
        if not found and not done.problems:
            done.problems.append(_NOTHING.format(archive=shown(archive), system=system.capitalize()))
        labels = {}
        for student, items in sorted(found.items()):
            chosen = _latest(items)
            if chosen is None:
                names = [shown(item.path.name) for item in items[:2]]
                done.problems.append(_TWO.format(student=student, first=names[0], second=names[1]))
                continue
            done.written[student] = _put(chosen, submitted / student / lesson.slug, lesson.slug)
            labels[student] = {"label": chosen.label, "id": chosen.ids[0] if chosen.ids else ""}
            if chosen.late and not chosen.moment:
                done.notices.append(_LATE.format(student=student, system=system.capitalize()))
    write_labels(submitted, lesson.slug, system, labels)
    return done


def _student(item: HandedIn, system: str, roster: Roster) -> Student | None:
    known = roster.by_system(system)
    by_id = next((known[one] for one in item.ids if one in known), None)
    if by_id is not None or not item.email:
        return by_id
    same = [s for s in roster.students if s.email and s.email.casefold() == item.email.casefold()]
    return same[0] if len(same) == 1 else None


def _unknown(item: HandedIn, system: str, roster: Roster) -> str:
    return _UNKNOWN.format(
        name=shown(item.path.name),
        system=system,
        id=shown(", ".join(item.ids) or "(none)", 60),
        who=shown(item.email or item.name, 80),
        roster=roster.where,
    )


def _latest(items: list[HandedIn]) -> HandedIn | None:
    """The one handed in last; None when that cannot be told."""
    last = max(items, key=lambda item: (item.order, item.moment))
    rivals = [item for item in items if (item.order, item.moment) == (last.order, last.moment)]
    return last if len({item.path for item in rivals}) == 1 else None


def _put(item: HandedIn, folder: Path, slug: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{slug}.ipynb"
    shutil.copyfile(item.path, target)
    if item.moment:
        write_atomically(folder / STAMP, item.moment.encode())
    else:
        (folder / STAMP).unlink(missing_ok=True)
    return target


def labels_path(submitted: Path, lesson: str, system: str) -> Path:
    """Where it is kept under which names feedback goes back."""
    return submitted / f".{system}-{lesson}.json"


def write_labels(submitted: Path, lesson: str, system: str, labels: dict[str, Any]) -> None:
    """Add the labels of these students to those of earlier archives."""
    path = labels_path(submitted, lesson, system)
    text = json.dumps({**read_labels(submitted, lesson, system), **labels}, indent=1, ensure_ascii=False)
    write_atomically(path, text.encode())


def read_labels(submitted: Path, lesson: str, system: str) -> dict[str, dict[str, str]]:
    """What :func:`write_labels` wrote; empty when nothing was collected."""
    path = labels_path(submitted, lesson, system)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
