"""How often a wrong answer that nobody declared is explained: every declared mistake, its own declaration taken away.

    python scripts/diagnosis.py [LESSON ...]

For each mistake it says whether its own sentence is found, and what is said once its declaration is gone: another
mistake's sentence that reproduces every failing answer, a transform, or only what was seen (a shape, a type, an
error). Each sentence is then held to two further inputs that the diagnosis did not use. Exit code 1 when a mistake
is not named by its own sentence, when less than half are explained without it, or when a sentence was false.
"""

from __future__ import annotations

import copy
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FRESH_SEEDS = (3, 4)
"""Added to the seed: the diagnosis itself uses 0, 1 and 2."""
_SEEN = (
    "the shape is",
    "the dtype is",
    "was asked, you returned",
    "not finite",
    "Your function raised",
    "was promised",
)


@dataclass
class Found:
    """What was found of one exercise."""

    mistakes: int = 0
    named: int = 0
    explained: int = 0
    seen: int = 0
    false: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)


def without(player: Any, index: int) -> Any:
    """The player as it were without one declared mistake; what is known of the others is shared."""
    grader = copy.copy(player.grader)
    grader.mistakes = [m for i, m in enumerate(player.grader.mistakes) if i != index]
    grader.__dict__["expected"] = player.grader.expected
    grader.__dict__["wrong"] = [w for i, w in enumerate(player.grader.wrong) if i != index]
    other = copy.copy(player)
    other.grader = grader
    return other


def of_exercise(player: Any) -> Found:
    """Every declared mistake of one exercise, with and without its declaration."""
    from autograder.judge.exercise import grade_exercise

    found = Found(mistakes=player.count)
    for index, mistake in enumerate(player.grader.mistakes):
        answerer = player.grader.wrong[index][1]
        result = grade_exercise(player, answerer)
        found.named += result.diagnosis == mistake.says
        left_out = without(player, index)
        result = grade_exercise(left_out, answerer)
        said = [t.diagnosis for t in result.tests if t.diagnosis]
        if result.mistake or said:
            found.explained += 1
            if not _holds(left_out, answerer, result):
                found.false.append(f"{mistake.name}: {result.diagnosis}")
        elif any(word in t.message for t in result.tests for word in _SEEN) or any(
            t.status == "fail" and t.max_abs_error is None and t.message for t in result.tests
        ):
            found.seen += 1
        else:
            found.unexplained.append(mistake.name)
    return found


def _holds(player: Any, answerer: Any, result: Any) -> bool:
    """Whether what was said is true of inputs that the diagnosis did not use."""
    from coursekit.checks.play import same_answers
    from coursekit.checks.transforms import explanations

    keys = {key[1].id: key for key in player.baseline}
    for test in result.tests:
        if test.case not in keys or not (test.diagnosis or result.mistake):
            continue
        key = keys[test.case]
        for extra in FRESH_SEEDS:
            outcome = player.play(key, answerer, extra)
            if result.mistake:
                index = next(i for i, m in enumerate(player.grader.mistakes) if m.name == result.mistake)
                wrong = player.wrong(index, key, extra)
                if outcome.passed != wrong.passed or (
                    not outcome.passed and not same_answers(outcome, wrong)
                ):
                    return False
            elif outcome.comparison is not None and not outcome.passed:
                start = _key_of(test.diagnosis)
                kinds = explanations(outcome.comparison.got, outcome.comparison.want)
                if not any(_key_of(kind.says) == start for kind in kinds):
                    return False
    return True


def _key_of(sentence: str) -> str:
    """A transform's sentence without its numbers."""
    return "".join(letter for letter in sentence if not letter.isdigit() and letter not in ".e-+")


def main(wanted: list[str]) -> int:
    """Print a table of the lessons; see the module's text for the exit code."""
    import torch

    from autograder.course import load_course
    from autograder.judge.player import Player
    from autograder.judge.suite import load_suite

    torch.set_num_threads(1)
    course = load_course(Path(__file__).resolve().parents[1])
    lessons = [course.find_lesson(one) for one in wanted] or list(course.lessons)
    total, rows = Found(), {}
    for lesson in lessons:
        names = [one.name for one in lesson.exercises]
        suite = load_suite(lesson.root, lesson.slug, names, course.seed)
        for name, grader in suite.graders.items():
            one = rows[f"{lesson.label} {name}"] = of_exercise(Player(grader, suite.seed))
            for kind in ("mistakes", "named", "explained", "seen"):
                setattr(total, kind, getattr(total, kind) + getattr(one, kind))
            total.false += one.false
            print(
                f"{lesson.label} {name}: {one.named} of {one.mistakes} named; without their declaration "
                f"{one.explained} explained, {one.seen} told by what was seen, {len(one.unexplained)} by numbers alone",
                flush=True,
            )
    share = total.explained / total.mistakes
    told = (total.explained + total.seen) / total.mistakes
    summary = {
        "mistakes": total.mistakes,
        "named": total.named,
        "explained_without_declaration": round(share, 3),
        "explained_or_seen": round(told, 3),
        "false": total.false,
    }
    print(json.dumps(summary, indent=1, ensure_ascii=False))
    return int(total.named < total.mistakes or told < 0.5 or bool(total.false))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
