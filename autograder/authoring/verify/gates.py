"""The gates: what must hold of every grader. Each takes a trial of all variants on one seed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from autograder.authoring.verify.result import Gate
from autograder.authoring.verify.trial import Trial
from coursekit.checks.smallest import MOST_NUMBERS

LEAST_MISTAKES = 5
LEAST_ALTERNATIVES = 2
FAR = 100.0
"""A mistake must be unlike the reference by so many tolerances in some case."""
NEAR = 0.1
"""A legitimate variant may use at most this share of a tolerance."""
PROBED_SHARE = Fraction(1, 5)
"""At most this share of an exercise may rest on probes, which run beside the student's code."""


def gates_of(trial: Trial) -> list[Gate]:
    """Every gate of one exercise that can be judged on one seed."""
    rules = (
        _stub,
        _reference,
        _mistakes_enough,
        _mistakes_named,
        _mistakes_lose,
        _mistakes_far,
        _mistakes_apart,
        _sentences,
        _parts_lost,
        _tests_needed,
        _alternatives,
        _tolerances,
        _junk,
        _independent,
        _kit,
        _public,
        _small,
        _probes,
        _points,
    )
    return [_gate(rule, trial) for rule in rules]


def _gate(rule, trial: Trial) -> Gate:
    figures: list[str] = []
    problems = list(dict.fromkeys(rule(trial, figures)))
    return Gate(name=rule.__doc__, passed=not problems, figure="".join(figures[:1]), problems=problems)


def on_all_seeds(gates: list[list[Gate]], scores: list[dict[str, float]]) -> list[Gate]:
    """The gates of one exercise as they hold on every seed, and whether scores depend on the seed.

    Args:
        gates: those of each seed, the public one first: its figures are shown.
        scores: on each seed, those of :func:`scores_of`.
    """
    merged = []
    for of_one in zip(*gates, strict=True):
        problems = list(dict.fromkeys(problem for gate in of_one for problem in gate.problems))
        figure = next((gate.figure for gate in of_one if gate.figure), "")
        merged.append(Gate(name=of_one[0].name, passed=not problems, figure=figure, problems=problems))
    return [*merged, _alike_on_all_seeds(scores)]


def scores_of(trial: Trial) -> dict[str, float]:
    """What every mistake and every independent solution scores."""
    pairs = zip(trial.grader.mistakes, trial.mistakes, strict=True)
    scores = {mistake.name: result.score for mistake, result in pairs}
    return scores | {name: result.score for name, result in trial.independent.items()}


def _alike_on_all_seeds(scores: list[dict[str, float]]) -> Gate:
    found = {name: {of_one[name] for of_one in scores} for name in scores[0]}
    problems = [
        f"{name!r} scores {', '.join(f'{score:g}' for score in sorted(some))}, as the seed has it: "
        "choose inputs on which it always fails the same tests"
        for name, some in found.items()
        if len(some) > 1
    ]
    return Gate(name="same on all seeds", passed=not problems, figure=str(len(found)), problems=problems)


def _stub(trial: Trial, figures: list[str]) -> Iterator[str]:
    """stub scores 0"""
    result = trial.stub
    figures.append(f"{result.score:g}")
    if result.score:
        yield f"the stub scores {result.score:g}"


def _reference(trial: Trial, figures: list[str]) -> Iterator[str]:
    """reference scores full"""
    result = trial.reference
    figures.append(f"{result.score:g}/{result.max_score:g}")
    if result.score != result.max_score:
        yield f"the reference scores {result.score:g} of {result.max_score:g}: {result.diagnosis}"
    for case, problem in trial.sick_further_on():
        yield f"the reference fails {case} on inputs that a diagnosis asks for: {problem}"


def _mistakes_enough(trial: Trial, figures: list[str]) -> Iterator[str]:
    """mistakes declared"""
    figures.append(str(len(trial.grader.mistakes)))
    if len(trial.grader.mistakes) < LEAST_MISTAKES:
        yield f"{len(trial.grader.mistakes)} mistakes are declared, at least {LEAST_MISTAKES} are needed"


def _mistakes_named(trial: Trial, figures: list[str]) -> Iterator[str]:
    """mistakes named"""
    named = 0
    for mistake, result in zip(trial.grader.mistakes, trial.mistakes, strict=True):
        if result.mistake == mistake.name and result.diagnosis == mistake.says:
            named += 1
        else:
            yield f"{mistake.name!r} is diagnosed as {result.diagnosis or 'right'!r}"
    figures.append(f"{named}/{len(trial.mistakes)}")


def _mistakes_lose(trial: Trial, figures: list[str]) -> Iterator[str]:
    """own part lost"""
    right = 0
    for mistake, result in zip(trial.grader.mistakes, trial.mistakes, strict=True):
        lost = trial.lost(result)
        if lost == {mistake.part.name}:
            right += 1
        else:
            yield f"{mistake.name!r} of {mistake.part.name!r} loses {', '.join(sorted(lost)) or 'nothing'}"
    figures.append(f"{right}/{len(trial.mistakes)}")


def _mistakes_far(trial: Trial, figures: list[str]) -> Iterator[str]:
    """weakest mistake"""
    weakest = float("inf")
    for index, mistake in enumerate(trial.grader.mistakes):
        distance = trial.distance(index)
        weakest = min(weakest, distance)
        if distance < FAR:
            yield f"{mistake.name!r} is unlike the reference by {distance:.3g} tolerances only"
    figures.append(f"{weakest:.0e} tol")


def _mistakes_apart(trial: Trial, figures: list[str]) -> Iterator[str]:
    """mistakes differ"""
    pairs = trial.alike()
    figures.append(str(len(pairs)))
    for one, other in pairs:
        yield f"{one!r} and {other!r} answer alike in every case"


def _sentences(trial: Trial, figures: list[str]) -> Iterator[str]:
    """sentences fit"""
    mistakes = trial.grader.mistakes
    for mistake in mistakes:
        if not mistake.about:
            yield f"{mistake.says!r} lacks about=..., the words of it that name the idea"
        elif not mistake.mentions(mistake.says):
            yield f"{mistake.about!r} is not what {mistake.says!r} speaks about"
        for other in mistakes:
            if other is not mistake and mistake.about and mistake.mentions(other.says):
                yield f"{mistake.about!r} fits {other.says!r} as well: choose words of one sentence alone"
    figures.append(str(len({m.says for m in mistakes})))


def _parts_lost(trial: Trial, figures: list[str]) -> Iterator[str]:
    """parts at stake"""
    at_stake = {mistake.part.name for mistake in trial.grader.mistakes}
    figures.append(f"{len(at_stake)}/{len(trial.grader.parts)}")
    for part in trial.grader.parts:
        if part.name not in at_stake:
            yield f"no mistake loses the part {part.name!r}"


def _tests_needed(trial: Trial, figures: list[str]) -> Iterator[str]:
    """no idle test"""
    witnesses = trial.witnesses()
    figures.append(f"{sum(map(bool, witnesses.values()))}/{len(witnesses)}")
    for name, seen in witnesses.items():
        if not seen:
            yield f"without {name} no wrong variant would keep its part: give it a mistake that only it sees"


def _alternatives(trial: Trial, figures: list[str]) -> Iterator[str]:
    """alternatives full"""
    figures.append(str(len(trial.alternatives)))
    if len(trial.alternatives) < LEAST_ALTERNATIVES:
        yield f"{len(trial.alternatives)} alternatives are declared, at least {LEAST_ALTERNATIVES} are needed"
    for name, result in trial.alternatives.items():
        if result.score != result.max_score:
            yield f"the alternative {name} scores {result.score:g} of {result.max_score:g}: {result.diagnosis}"


def _tolerances(trial: Trial, figures: list[str]) -> Iterator[str]:
    """tolerances"""
    used = trial.floor()
    figures.append(f"{used:.0e} tol")
    if used > NEAR:
        yield f"a legitimate variant uses {used:.2g} of a tolerance; at most {NEAR:g} may be used"
    for name in trial.unnoticed():
        yield f"{name} lets an answer pass that is off by float32's rounding: its tolerance is too loose"


def _junk(trial: Trial, figures: list[str]) -> Iterator[str]:
    """junk scores 0"""
    figures.append(str(len(trial.junk)))
    for name, result in trial.junk.items():
        if result.score:
            yield f"{name} scores {result.score:g}"


def _independent(trial: Trial, figures: list[str]) -> Iterator[str]:
    """independent solutions"""
    wrong = {n: r for n, r in trial.independent.items() if n.startswith("wrong_")}
    right = {n: r for n, r in trial.independent.items() if n.startswith("right_")}
    figures.append(f"{len(right)} + {len(wrong)}")
    if len(right) < 2 or len(wrong) < 5:
        yield "at least two right and five wrong independent solutions are needed"
    for name, result in right.items():
        if result.score != result.max_score:
            yield f"{name} scores {result.score:g} of {result.max_score:g}: {result.diagnosis}"
    for name, result in wrong.items():
        if trial.parts_of_independents[name] not in trial.lost(result):
            yield f"{name} keeps the part {trial.parts_of_independents[name]!r}"


def _kit(trial: Trial, figures: list[str]) -> Iterator[str]:
    """no answer in the kit"""
    figures.append(str(len(trial.kit)))
    for name, result in trial.kit.items():
        if result.score == result.max_score:
            yield f"coursekit.{name} does this exercise"


def _public(trial: Trial, figures: list[str]) -> Iterator[str]:
    """public checks name"""
    figures.append(f"{trial.named_publicly}/{len(trial.grader.mistakes)}")
    if 2 * trial.named_publicly < len(trial.grader.mistakes):
        yield f"public checks name {trial.named_publicly} of {len(trial.grader.mistakes)} mistakes, half are needed"


def _small(trial: Trial, figures: list[str]) -> Iterator[str]:
    """small cases tell"""
    found = trial.small_cases
    if found is None:
        figures.append("none declared")
        return
    figures.append(f"{found.seen}/{len(trial.grader.mistakes)}")
    for size, draw, error in found.refused:
        yield f"the reference refuses the small case of size {size}, draw {draw}: {error}"
    if found.numbers > MOST_NUMBERS:
        yield f"an argument of the smallest case holds {found.numbers} numbers, at most {MOST_NUMBERS} can be read"
    if 3 * found.seen < len(trial.grader.mistakes):
        yield f"small cases tell {found.seen} of {len(trial.grader.mistakes)} mistakes from the reference, a third is needed"


def _probes(trial: Trial, figures: list[str]) -> Iterator[str]:
    """points on probes"""
    share = trial.probed()
    figures.append(f"{float(share):.0%}")
    if share > PROBED_SHARE:
        yield f"{float(share):.0%} of the points rest on probes, at most {float(PROBED_SHARE):.0%} may"


def _points(trial: Trial, figures: list[str]) -> Iterator[str]:
    """parts add up"""
    total = trial.grader.points
    figures.append(str(total))
    if total != trial.declared_points:
        yield f"the parts add up to {total}, the course reads {trial.declared_points} in the grader's text"
