"""What a lesson must keep to be built. Each rule yields sentences that say where, what and what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.authoring.names import borrowed_names, foreign_names
from autograder.authoring.stubs import OPEN
from autograder.course import CourseError, Exercise, Lesson
from autograder.course.errors import shown
from autograder.course.markers import HINT_STEPS
from autograder.course.sources import Module, read_module

RESERVED = (
    "BEGIN SOLUTION",
    "END SOLUTION",
    "BEGIN HIDDEN TESTS",
    "END HIDDEN TESTS",
    "BEGIN MARK SCHEME",
    "END MARK SCHEME",
    "AUTOTEST",
)
"""Words that nbgrader acts upon wherever they stand in a cell."""
_NOT_IN_CHECKS = ("autograder", "reference_impl")
_GRADERS_ONLY = ("Part", "alternative", "forbid", "limits")
_CHECKS_ONLY = ("family",)
_IGNORED = ("__pycache__", ".ipynb_checkpoints")


def problems(lesson: Lesson) -> list[str]:
    """Everything that keeps the lesson from being built, in the order an author would look for it."""
    found: list[str] = []
    unfinished = list(_unfinished(lesson))
    if unfinished:
        return unfinished
    for rule in (_header, _files, _order, _borrowed, _headings, _quiz, _words):
        try:
            found += rule(lesson)
        except CourseError as error:
            found.append(str(error))
    try:
        exercises = lesson.exercises
    except CourseError:
        exercises = ()
    for exercise in exercises:
        for rule in (_hints, _prediction, _grader, _checks, _reference):
            try:
                found += rule(exercise)
            except CourseError as error:
                found.append(str(error))
    return list(dict.fromkeys(found))


def _unfinished(lesson: Lesson) -> Iterator[str]:
    """What `autograder new` left to be written; nothing else is worth saying before that is done."""
    folders = (lesson.checks_folder, lesson.graders_folder)
    paths = [lesson.lesson_file, lesson.quiz_file, lesson.reference_file]
    for path in paths + [path for folder in folders for path in sorted(folder.glob("*.py"))]:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        open_ones = [(n, line) for n, line in enumerate(text.split("\n"), 1) if OPEN in line]
        if open_ones:
            number, line = open_ones[0]
            yield (
                f"{shown(path, lesson.root)} is unfinished in {len(open_ones)} lines, the first is line "
                f"{number}: {line.strip()[:60]!r}. Write what stands between ‹ and ›."
            )


def _header(lesson: Lesson) -> Iterator[str]:
    where = shown(lesson.lesson_file, lesson.root)
    if lesson.number in lesson.card.prerequisites:
        yield f"{where}, header: the lesson is its own prerequisite. Take {lesson.number} out."


def _files(lesson: Lesson) -> Iterator[str]:
    """Only known files in the lesson's folder, and no checks, grader or reference without its exercise."""
    known = {"lesson.py", "quiz.toml", "checks", "files"}
    for path in sorted(lesson.source_folder.iterdir()):
        if path.name not in known and path.name not in _IGNORED:
            yield (
                f"{shown(path, lesson.root)} is not part of a lesson. Put files that learners need under "
                "files/, or take it away."
            )
    names = {exercise.name for exercise in lesson.exercises}
    for folder in (lesson.checks_folder, lesson.graders_folder):
        for path in sorted(folder.glob("test_*.py")):
            if path.stem.removeprefix("test_") not in names:
                yield (
                    f"{shown(path, lesson.root)} belongs to no exercise. Add its [exercise] marker to "
                    "lesson.py, or delete the file."
                )
    for name in lesson.reference.functions:
        if name not in names:
            yield (
                f"{lesson.reference.where}: the function {name} is no exercise of the lesson. Add its "
                "marker to lesson.py, or move it into coursekit."
            )


def _order(lesson: Lesson) -> Iterator[str]:
    where = shown(lesson.lesson_file, lesson.root)
    setups = lesson.text.of_kind("setup")
    if len(setups) != 1:
        yield f"{where}: there must be one [setup] cell, not {len(setups)}."
    first = next((block for block in lesson.text.blocks if block.kind != "markdown"), None)
    if setups and first is not setups[0]:
        yield f"{where}, line {first.line}: a cell stands before [setup], which holds the imports. Move it."
    seen: set[str] = set()
    for block in lesson.text.blocks:
        if block.kind == "exercise":
            seen.add(block.words[0])
        elif block.kind == "use":
            for name in block.words:
                lesson.exercise(name)
                if name not in seen:
                    yield f"{where}, line {block.line}: {name} is used before its exercise. Move it down."


def _borrowed(lesson: Lesson) -> Iterator[str]:
    """A learner who is stuck on one exercise can go on with the next."""
    where = shown(lesson.lesson_file, lesson.root)
    for one in borrowed_names(lesson):
        yield (
            f"{where}, line {one.user.line}: {one.name} is made only in the [{one.maker.kind}] cell of line "
            f"{one.maker.line}, which does nothing while {' or '.join(one.maker.words)} is missing. Make it in "
            "a cell without a marker, or again in this one."
        )


def _headings(lesson: Lesson) -> Iterator[str]:
    """One title, and no level left out: screen readers and tables of contents go by them."""
    where = shown(lesson.lesson_file, lesson.root)
    before = 1
    for block in lesson.text.of_kind("markdown"):
        fenced = False
        for offset, line in enumerate(block.text.split("\n"), 1):
            fenced ^= line.lstrip().startswith("```")
            found = None if fenced else re.match(r"(#{1,6}) ", line)
            if found is None:
                continue
            level, place = len(found[1]), f"{where}, line {block.line + offset}"
            if level == 1:
                yield (
                    f"{place}: the lesson's title is the only heading of the first level, and the build "
                    "writes it. Begin this one with '## '."
                )
            elif level > before + 1:
                yield (
                    f"{place}: a heading of level {level} follows one of level {before}. Begin it with "
                    f"'{'#' * (before + 1)} '."
                )
            before = max(level, 2)


def _quiz(lesson: Lesson) -> Iterator[str]:
    where = shown(lesson.lesson_file, lesson.root)
    asked = [block.words[0] for block in lesson.text.of_kind("question")]
    for question in lesson.questions:
        if asked.count(question.id) != 1:
            yield (
                f"{where}: the question {question.id} of quiz.toml has {asked.count(question.id)} markers. "
                f"Write '# %% [question] {question.id}' once."
            )
    for name in sorted(set(asked) & {exercise.name for exercise in lesson.exercises}):
        yield f"{where}: {name} is a question and an exercise. Rename the question in quiz.toml."
    for block in lesson.text.of_kind("question"):
        if block.words[0] not in {question.id for question in lesson.questions}:
            yield (
                f"{where}, line {block.line}: quiz.toml has no question {block.words[0]!r}. Write it there "
                "or delete the marker."
            )
    markers = len(lesson.text.of_kind("reflection"))
    if markers != (lesson.reflection is not None):
        yield (
            f"{where}: there are {markers} [reflection] markers, and quiz.toml has "
            f"{'a' if lesson.reflection else 'no'} [reflection] table. One of each belongs together."
        )
    cards = len(lesson.text.of_kind("flashcards"))
    if cards > 1 or (cards and not lesson.flashcards):
        yield f"{where}: {cards} [flashcards] markers for {len(lesson.flashcards)} cards in quiz.toml."


def _words(lesson: Lesson) -> Iterator[str]:
    """No file that ends up in a cell may hold a word on which nbgrader acts."""
    for path in (lesson.lesson_file, lesson.quiz_file, lesson.reference_file):
        if not path.exists():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            word = next((word for word in RESERVED if word in line), None)
            if word is not None:
                yield (
                    f"{shown(path, lesson.root)}, line {number}: nbgrader acts upon the words {word!r} "
                    "wherever they stand. Solution markers come from the build and hidden tests live in "
                    "tests/graders: reword the line."
                )


def _hints(exercise: Exercise) -> Iterator[str]:
    missing = [step for step in HINT_STEPS if step not in {hint.step for hint in exercise.hints}]
    if missing:
        lines = ", ".join(f"'# hint {step}: ...'" for step in missing)
        where = shown(exercise.lesson.lesson_file, exercise.lesson.root)
        yield f"{where}, line {exercise.marker.line}: {exercise.name} lacks hints. Add {lines}."


def _prediction(exercise: Exercise) -> Iterator[str]:
    """A prediction is worth making when it is seen beside the result."""
    lesson = exercise.lesson
    where, call = shown(lesson.lesson_file, lesson.root), f'kit.outcome("{exercise.name}"'
    shows = [block for block in lesson.text.blocks if call in block.text]
    uses = [block for block in shows if block.kind == "use" and exercise.name in block.words]
    if exercise.predict_kind and not uses:
        yield (
            f"{where}, line {exercise.marker.line}: {exercise.name} has a {exercise.predict_kind} predicted, and no "
            f"[use] {exercise.name} cell shows what came of it. Write {call}, value) there."
        )
    if not exercise.predict_kind and shows:
        yield (
            f"{where}, line {shows[0].line}: {call}, ...) stands beside no prediction. Write '# predict sign: ...' "
            f"(or shape, magnitude) under the marker of {exercise.name}."
        )


def _grader(exercise: Exercise) -> Iterator[str]:
    where = shown(exercise.grader_file, exercise.lesson.root)
    if not exercise.grader_file.exists():
        yield f"{where} is missing: the exercise {exercise.name} has no hidden grader. Write it."
        return
    if exercise.parts and not exercise.hidden_tests:
        yield f"{where} holds no test. Write functions whose names begin with test_."
    module = read_module(exercise.grader_file, exercise.lesson.root)
    for line, name in _imported(module):
        if name in _CHECKS_ONLY:
            yield (
                f"{module.where}, line {line}: {name} belongs in the public checks "
                f"({shown(exercise.checks_file, exercise.lesson.root)}): learners see the smallest case."
            )


def _checks(exercise: Exercise) -> Iterator[str]:
    root = exercise.lesson.root
    if not exercise.checks_file.exists():
        yield (
            f"{shown(exercise.checks_file, root)} is missing: the exercise {exercise.name} has no public "
            "checks. Write them."
        )
        return
    module = read_module(exercise.checks_file, root)
    for line, name in _imported(module):
        if name.split(".")[0] in _NOT_IN_CHECKS or name in _GRADERS_ONLY:
            yield (
                f"{module.where}, line {line}: public checks are shipped to learners and may "
                f"not import {name}. Parts, mistakes, alternatives and limits belong in the hidden grader."
            )


def _imported(module: Module) -> Iterator[tuple[int, str]]:
    """Line and name of every module that a file imports, and of every name that it takes from coursekit.checks."""
    for node in ast.walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [
                node.module or "",
                *(alias.name for alias in node.names if node.module == "coursekit.checks"),
            ]
        for name in names:
            yield node.lineno, name


def _reference(exercise: Exercise) -> Iterator[str]:
    _ = exercise.watched  # raises where a name is no text
    for name in foreign_names(exercise):
        yield (
            f"{exercise.lesson.reference.where}, line {exercise.text.line}: {exercise.name} uses {name}, "
            "which is neither an argument nor imported at the top of the file. A reference uses only its "
            "arguments, the imports and coursekit, because the notebook's cell holds nothing else."
        )
