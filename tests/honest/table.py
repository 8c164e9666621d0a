"""Grade all honest notebooks and print their marks beside the fair ones, with what the students are told.

python tests/honest/table.py            all cases
python tests/honest/table.py crlf tabs  some
python tests/honest/table.py --keep DIR records and pages stay there

Exit code 1 when a mark is not the fair one, or a sentence is missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.records import Record, read_record, record_path

sys.path.insert(0, str(Path(__file__).parent))

from book import LESSON, ROOT, Case, cases, hand_in

_SHOWN = 4


def texts(record: Record) -> list[str]:
    """All sentences of a record that its student reads about the reading and about exercises lost."""
    lost = [e for e in record.exercises if e.score < e.max_score]
    return [*record.notes, *(f"{e.name}: {e.diagnosis} {e.next_step}" for e in lost)]


def unfair(case: Case, record: Record) -> list[str]:
    """What of a record is not as a person would have it."""
    said = "\n".join(texts(record))
    found = [f"{record.score:g} points, fair are {case.score:g}"] if record.score != case.score else []
    found += [f"does not say: {words}" for words in case.says if words not in said]
    if record.score < record.max_score and not case.says:
        found.append("loses points and the case names no sentence")
    return found


def grade(folder: Path, chosen: list[Case]) -> dict[str, Record]:
    """The records of cases by name; raises CalledProcessError when grading itself fails."""
    hand_in(folder / "in", chosen)
    command = [sys.executable, "-m", "autograder", "grade", str(folder / "in"), "--lesson", "02"]
    command += ["--out", str(folder / "out")]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {case.name: read_record(record_path(folder / "out", case.name, LESSON)) for case in chosen}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Grade the honest notebooks.")
    parser.add_argument("names", nargs="*", help="cases; all if none is named")
    parser.add_argument("--keep", type=Path, help="a new folder for notebooks, records and pages")
    options = parser.parse_args()
    chosen = [case for case in cases() if not options.names or case.name in options.names]
    with tempfile.TemporaryDirectory() as place:
        records = grade(options.keep or Path(place), chosen)
    screen = Table("case", "points", "fair", "what the student did, and what is said", box=None)
    bad = 0
    for case in chosen:
        record = records[case.name]
        wrong = unfair(case, record)
        bad += bool(wrong)
        said = texts(record)
        lines = [case.what, *(f"→ {text}" for text in said[:_SHOWN])]
        lines += [f"→ and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
        lines += [f"✗ {text}" for text in wrong]
        mark = "✗" if wrong else "✓"
        screen.add_row(f"{mark} {case.name}", f"{record.score:g}", f"{case.score:g}", "\n".join(lines))
    console = Console()
    console.print(screen)
    console.print(f"{len(chosen) - bad} of {len(chosen)} honest notebooks have their fair mark.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
