"""A class's records of lesson 02 as the judge would write them, for the tests of the reports.

Students go by names of trees. Every kind of ending occurs: full marks, one idea missed and named, an
unexplained difference, a loop that never ends, a crash, missing exercises, an unreadable file.
"""

from __future__ import annotations

import base64
import hashlib

import numpy as np
from msgspec.structs import replace

from autograder.records import (
    AnswerResult,
    ExerciseResult,
    ManualItem,
    Picture,
    Record,
    SubmissionInfo,
    TestResult,
)
from autograder.reports import CourseFacts, LessonFacts

LESSON = "02_gradient_attribution"

# exercise -> parts: (name, points, titles of the tests)
PLAN: dict[str, list[tuple[str, float, list[str]]]] = {
    "saliency": [
        (
            "value",
            5,
            ["The map of a batch with different targets", "A linear model gives |W[target]| whatever x is"],
        ),
        (
            "channel rule",
            2,
            ["The largest absolute value over the channels", "A single channel keeps its values"],
        ),
        ("no side effects", 1, ["The model and x are as before the call"]),
    ],
    "gradient_times_input": [
        ("value", 5, ["Signed, in the shape of x", "The map of a bias-free ReLU net adds up to the score"]),
        ("no side effects", 1, ["The model and x are as before the call"]),
    ],
    "integrated_gradients": [
        (
            "midpoint rule",
            6,
            [
                "The gradient is averaged at the midpoints of the steps",
                "Doubling the steps divides the completeness gap by about four",
                "Swapping x and baseline flips the sign",
            ],
        ),
        (
            "factor (x - baseline)",
            4,
            ["A feature equal to its baseline gets exactly 0", "A linear model gives w (x - b)"],
        ),
        ("batch and target", 4, ["Each row has its own target", "One baseline for all rows"]),
        (
            "errors and side effects",
            2,
            ["steps < 1 is refused with a ValueError", "The model and x are as before"],
        ),
    ],
    "smoothgrad": [
        ("noise scale", 4, ["sigma follows the range of each example", "A constant example has sigma 0"]),
        ("average", 5, ["The mean of the signed gradients", "For a quadratic score the result is exact"]),
        ("errors", 1, ["A wrong noise shape or level is refused with a ValueError"]),
    ],
    "completeness_gap": [
        ("gap", 5, ["gap is the sum minus the change", "A row does not depend on the others"]),
        ("relative", 3, ["The two cases where nothing changes"]),
    ],
    "guided_backprop": [
        ("value", 8, ["The signal is gated at every ReLU, both ways", "Without a ReLU it is the gradient"]),
        ("nested and shared", 2, ["A shared ReLU inside a residual block"]),
        ("hooks removed", 2, ["The plain gradient is as before the call"]),
    ],
    "rank_similarity": [
        ("value", 5, ["Spearman correlation row by row", "Negated maps: -1 signed, 1 absolute"]),
        ("ties", 2, ["Sparse maps with many ties"]),
        ("edge", 1, ["A constant map gives 0"]),
    ],
    "cascading_randomisation": [
        (
            "cumulative order",
            6,
            ["Layers stay replaced once replaced", "The last entry is the wholly replaced model"],
        ),
        ("selection", 3, ["`fc` does not select `fc2`"]),
        ("model preserved", 2, ["The state is bit-identical afterwards"]),
        ("error", 1, ["A layer without parameters is refused with a ValueError"]),
    ],
}

FACTS = CourseFacts(
    title="Interpretable AI",
    lessons={
        LESSON: LessonFacts(
            number="02",
            title="Gradient attribution",
            exercises={
                "saliency": "Saliency",
                "gradient_times_input": "Gradient × input",
                "integrated_gradients": "Integrated gradients",
                "smoothgrad": "SmoothGrad",
                "completeness_gap": "Completeness gap",
                "guided_backprop": "Guided backprop",
                "rank_similarity": "Rank similarity",
                "cascading_randomisation": "Cascading randomisation",
            },
        )
    },
)

QUESTIONS = [
    ("q1", "f(x) = 1 - ReLU(1 - x), x = 2, baseline 0: what is the gradient at x?", "0", "1",
     "The unit is saturated."),
    ("q2", "Doubling the steps leaves a relative gap of 30 %. What is most likely?", "'c'", "'a'",
     "IG is complete in the limit for every baseline, so the attributions and the score do not match."),
    ("q3", "Which hold for integrated gradients with any baseline?", "['a', 'b', 'd', 'e']", "['a', 'b']",
     "Completeness, dummy, linearity and implementation invariance; the baseline does matter."),
]  # fmt: skip


def picture(
    yours: np.ndarray, expected: np.ndarray, allowed: float, signed: bool, caption: str = ""
) -> Picture:
    """The judge's picture of two maps, made here from arrays."""
    reach = max(np.abs(yours).max(), np.abs(expected).max())
    low, high = (-reach, reach) if signed else (0.0, reach)

    def plane(values: np.ndarray) -> str:
        return base64.b64encode(
            np.round((values - low) / (high - low) * 255).astype(np.uint8).tobytes()
        ).decode()

    error, scale = np.abs(yours - expected), np.abs(expected).max()
    bands = (error > allowed).astype(np.uint8)
    for limit in (0.01, 0.1, 1.0):
        bands += (error > max(limit * scale, allowed)).astype(np.uint8)
    return Picture(
        height=yours.shape[0],
        width=yours.shape[1],
        low=float(low),
        high=float(high),
        signed=signed,
        yours=plane(yours),
        expected=plane(expected),
        error=base64.b64encode(bands.tobytes()).decode(),
        caption=caption,
    )


def glyph_map(seed: int, signed: bool) -> np.ndarray:
    """A map of 12 x 16 with a bright shape, as an attribution of a glyph picture looks."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rows, columns = np.mgrid[0:12, 0:16]
    ring = np.exp(-((np.hypot(rows - 4, columns - 10) - 3) ** 2))
    noise = rng.normal(0, 0.12, (12, 16))
    return ring * np.sign(np.sin(columns)) + noise if signed else np.abs(ring + noise)


def passing(name: str) -> ExerciseResult:
    """Full marks on one exercise, errors of the size of rounding."""
    rng = np.random.Generator(np.random.PCG64(len(name)))
    tests = []
    for part, points, titles in PLAN[name]:
        for title in titles:
            numeric = "ValueError" not in title and "as before" not in title
            tests.append(
                TestResult(
                    id=f"test_{len(tests)}",
                    part=part,
                    title=title,
                    points=points / len(titles),
                    score=points / len(titles),
                    status="pass",
                    max_abs_error=float(10 ** rng.uniform(-17, -14)) if numeric else None,
                    allowed=1.3e-8 if numeric else None,
                    axiom="completeness" if "completeness" in title else "",
                )
            )
    most = sum(points for _, points, _ in PLAN[name])
    return ExerciseResult(name=name, score=most, max_score=most, status="pass", tests=tests)


def ended(name: str, status: str, diagnosis: str, first: int = 0, **more) -> ExerciseResult:
    """An exercise that stopped at its test number ``first``: what ran before keeps its points."""
    full = passing(name)
    tests = []
    for index, test in enumerate(full.tests):
        if index < first:
            tests.append(test)
            continue
        own = index == first
        tests.append(
            TestResult(
                id=test.id,
                part=test.part,
                title=test.title,
                points=test.points,
                score=0.0,
                status=status if own or status == "missing" else "skipped",
                message=diagnosis if own else "",
                **(more if own else {}),
            )
        )
    score = sum(t.score for t in tests)
    return replace(full, score=score, status=status, diagnosis=diagnosis, tests=tests)


def wrong(name: str, diagnosis: str, parts: dict[str, str], mistake: str = "", **more) -> ExerciseResult:
    """An exercise whose named parts are lost (``parts``: part -> "lost" or "excused")."""
    full = passing(name)
    expected = glyph_map(3, signed=name != "saliency")
    factor = more.pop("yours", None)
    yours = factor(expected) if factor else 0.92 * expected + 0.05
    tests = []
    for test in full.tests:
        how = parts.get(test.part)
        if how is None or test.max_abs_error is None:
            tests.append(test)
            continue
        error = float(np.abs(yours - expected).max())
        tests.append(
            replace(
                test,
                status="fail",
                score=test.points if how == "excused" else 0.0,
                excused=how == "excused",
                diagnosis=diagnosis,
                mistake=mistake,
                max_abs_error=error,
                max_rel_error=error / float(np.abs(expected).max()),
                outside=float((np.abs(yours - expected) > 1.3e-8).mean()),
                worst_index=[
                    2,
                    *map(int, np.unravel_index(np.abs(yours - expected).argmax(), expected.shape)),
                ],
                message="Your map differs from the expected one in shape (4, 12, 16).",
                case="steps=7, baseline='random'",
                picture=picture(yours, expected, 1.3e-8, name != "saliency", "Row 2 of the batch, target 3."),
            )
        )
    score = sum(t.score for t in tests)
    status = "partial" if score else "fail"
    return replace(
        full, score=score, status=status, diagnosis=diagnosis, mistake=mistake, tests=tests, **more
    )


LEFT = {
    "name": "integrated_gradients",
    "diagnosis": "You take the left end of each step: use `(k + 0.5)/steps`.",
    "parts": {"midpoint rule": "lost", "factor (x - baseline)": "excused", "batch and target": "excused"},
    "mistake": "left_end",
    "next_step": "Print your `alphas` for `steps = 2`: they should be 0.25 and 0.75.",
}
SOFTMAX = {
    "name": "saliency",
    "diagnosis": "Your map shrinks as the model gets confident: differentiate the logit, not the probability.",
    "parts": {"value": "lost", "channel rule": "excused"},
    "mistake": "probability",
    "next_step": "Compare your map with the gradient of `model(x)[i, target[i]]` for one row.",
    "yours": lambda m: 0.31 * m,
}
COLUMN = {
    "name": "gradient_times_input",
    "diagnosis": "Your values differ from the expected ones; no usual mistake explains it.",
    "parts": {"value": "lost"},
    "yours": lambda m: np.where(np.arange(16)[None, :] == 5, m + 0.4, m),
}
LOOP = {
    "name": "cascading_randomisation",
    "status": "timeout",
    "diagnosis": "Stopped after 2 s (the limit of one call here; the reference needs 0.01 s).",
    "first": 2,
}
CRASH = {
    "name": "guided_backprop",
    "status": "error",
    "diagnosis": "The process of your code ended during the call: does it call `exit()` or `os._exit()`?",
    "exception": "RuntimeError: hidden input was tensor([[0.123456]])",
    "output": "debug 0.123456",
}
RAISED = {
    "name": "rank_similarity",
    "status": "error",
    "diagnosis": "`rank_similarity` raised TypeError in 4 of 4 tests.",
    "exception": "TypeError: secret 0.123456",
}
HUNGRY = {
    "name": "smoothgrad",
    "status": "memory",
    "diagnosis": "Stopped at 1024 MB (the limit of one exercise).",
}


def quiz(right: int) -> list[AnswerResult]:
    """Concept questions of which the first ``right`` are right, the rest wrong (the last one missing)."""
    found = []
    for index, (name, question, good, bad, why) in enumerate(QUESTIONS):
        status = "pass" if index < right else ("missing" if index == 2 and right == 0 else "fail")
        found.append(
            AnswerResult(
                id=name,
                question=question,
                score=4 if status == "pass" else 0,
                max_score=4,
                status=status,
                answer="" if status == "missing" else good if status == "pass" else bad,
                message=""
                if status == "pass"
                else "This is not the answer: think of what the unit does at x = 2.",
                explanation=why,
            )
        )
    return found


def reflection(text: str = "", score: float | None = None, comment: str = "") -> ManualItem:
    """The reflection of the lesson, as handed in or as marked."""
    return ManualItem(
        id="reflection",
        title="Reflection",
        max_score=8,
        text=text,
        rubric=[
            "2 points: concrete agreement or disagreement on that image (place, rank similarity)",
            "2 points: why (saturation, baseline, noise scale)",
            "2 points: a check made (completeness, randomisation) and its result",
            "2 points: wording that fits the audience and claims no causality",
        ],
        status="ungraded" if score is None else "pass" if score == 8 else "partial",
        score=score,
        comment=comment,
    )


TEXT = (
    "On the image with the second glyph saliency and SmoothGrad (10 %) agree about its place (rank "
    "similarity 0.71), while IG with the black baseline leaves its dark stroke empty, as it must: there x "
    "equals the baseline."
    "\n\nI would show the debugging team IG with two baselines and its completeness gap of 0.4 %."
)


def record(student: str, *changed: ExerciseResult, right: int = 3, **fields) -> Record:
    """One student's record: full marks but for the exercises in ``changed``."""
    by_name = {e.name: e for e in changed}
    exercises = [by_name.get(name) or passing(name) for name in PLAN]
    answers = quiz(right)
    score = sum(e.score for e in exercises) + sum(a.score for a in answers)
    made = Record(
        lesson=LESSON,
        student=student,
        submission=SubmissionInfo(
            path=f"/srv/submitted/{student}/{LESSON}/{LESSON}.ipynb",
            sha256=hashlib.sha256(student.encode("utf-8", "replace")).hexdigest(),
        ),
        score=score,
        max_score=92,
        manual_max=8,
        status="pass" if score == 92 else "partial" if score else "fail",
        duration_s=0.4,
        grader_version="0.1.0",
        seed_fingerprint="5eed" * 4,
        isolation=["bubblewrap", "pid", "seccomp"],
        exercises=exercises,
        quiz=answers,
        manual=[reflection(TEXT)],
    )
    return replace(made, **fields)


def empty(student: str, status: str, note: str) -> Record:
    """A submission of which nothing could be graded."""
    bare = record(student)
    return replace(bare, score=0, status=status, notes=[note], exercises=[], quiz=[], manual=[])


def stubs() -> list[ExerciseResult]:
    """Every exercise as released."""
    return [ended(name, "missing", "This exercise still holds the stub.") for name in PLAN]


def make_class() -> list[Record]:
    """Fourteen records with every status in them."""
    return [
        record("alder", manual=[reflection(TEXT, 7, "Clear and honest. Say how you chose the noise level.")]),
        record("ash", right=2),
        record("beech", wrong(**LEFT), notes=["Cell 9 line 2: NameError: name 'pltt' is not defined."]),
        record("birch", wrong(**LEFT), wrong(**SOFTMAX), ended(**LOOP), right=1,
               notes=["`saliency` is defined in two cells; the last one (cell 14) was graded."]),
        record("cedar", wrong(**SOFTMAX), right=2),
        record("elm", ended(**LOOP), right=2, manual=[reflection()]),
        record("fir", ended(**CRASH), ended(**HUNGRY)),
        record("hazel", *[ended(n, "missing", "No such function was found.") for n in list(PLAN)[6:]]),
        record("hornbeam", wrong(**COLUMN), wrong(**LEFT)),
        empty("juniper", "infra", "The sandbox did not start: no space left on the device. Grade it again."),
        empty("larch", "error", "This file is not a notebook: it ends in the middle of cell 7 (line 212)."),
        record("maple", wrong(**COLUMN), ended(**RAISED), right=1),
        record("oak", *stubs(), right=0, manual=[reflection()]),
        record("rowan"),
    ]  # fmt: skip
