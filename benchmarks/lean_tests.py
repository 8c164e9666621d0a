"""The tests of a lean notebook: what another autograder runs inside the student's process.

This file, the graders and `expected.bin` lie beside the notebook that is graded. Tests, inputs,
comparisons and points are those of the hidden graders; what the reference answers is recorded, and the
student's function is called directly, without a process or an encoding between.
"""

import importlib.util
from fractions import Fraction
from pathlib import Path

import torch

from coursekit import calling, wire
from coursekit.checks.play import case_rng, play, tests_of

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected.bin"
torch.set_num_threads(1)


class _Direct:
    """The student's function in this process."""

    def __init__(self, function):
        self.function, self.kept = function, []

    def call(self, call):
        args, kwargs = call.values
        return calling.call(self.function, [self.own(v) for v in args], kwargs, call.options)

    def keep(self, value):
        self.kept.append(value)
        return wire.Handle(len(self.kept) - 1)

    def own(self, value):
        return self.kept[value.number] if isinstance(value, wire.Handle) else value


class _Recorded:
    """The reference's answers in the order in which the test asks for them."""

    def __init__(self, values):
        self.values = iter(values)

    def call(self, call):
        return calling.Answer(value=next(self.values))


class Exercise:
    """The tests of one exercise, with their points."""

    def __init__(self, name):
        known = wire.unpack_bytes(EXPECTED.read_bytes())
        self.name, self.lesson, self.seed = name, known["lesson"], known["seed"]
        self.expected = known["exercises"][name]
        spec = importlib.util.spec_from_file_location(f"lean_{name}", HERE / f"grader_{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.tests = tests_of(module, "hidden")

    def worth(self, test):
        return Fraction(test.part.points, sum(other.part is test.part for other in self.tests))

    def passes(self, test, function):
        """Whether every case of the test passes."""
        for case in test.cases:
            rng = case_rng(self.seed, self.lesson, self.name, case.id)
            recorded = _Recorded(self.expected[case.id])
            if not play(test, case, self.name, _Direct(function), recorded, rng).passed:
                return False
        return True


def points(name, function):
    """What a function earns in an exercise."""
    exercise = Exercise(name)
    return float(sum(exercise.worth(test) for test in exercise.tests if exercise.passes(test, function)))


def demand(name, test_name, function):
    """Raise AssertionError unless the test passes."""
    exercise = Exercise(name)
    test = next(test for test in exercise.tests if test.name == test_name)
    assert exercise.passes(test, function), test.title
