"""Lets grader.check("linear_contributions") play the public check of linear_contributions."""

OK_FORMAT = False

from otter.test_files import test_case

name = "linear_contributions"
points = 8


@test_case(name="linear_contributions")
def test_public(env):
    from coursekit import check

    if "linear_contributions" not in env:
        raise AssertionError("linear_contributions is not defined yet: run its cell first.")
    check(env["linear_contributions"])
