"""Lets grader.check("gradient_times_input") play the public check of gradient_times_input."""

OK_FORMAT = False

from otter.test_files import test_case

name = "gradient_times_input"
points = 6


@test_case(name="gradient_times_input")
def test_public(env):
    from coursekit import check

    if "gradient_times_input" not in env:
        raise AssertionError("gradient_times_input is not defined yet: run its cell first.")
    check(env["gradient_times_input"])
