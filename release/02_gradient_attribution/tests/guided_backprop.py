"""Lets grader.check("guided_backprop") play the public check of guided_backprop."""

OK_FORMAT = False

from otter.test_files import test_case

name = "guided_backprop"
points = 12


@test_case(name="guided_backprop")
def test_public(env):
    from coursekit import check

    if "guided_backprop" not in env:
        raise AssertionError("guided_backprop is not defined yet: run its cell first.")
    check(env["guided_backprop"])
