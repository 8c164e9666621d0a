"""Lets grader.check("completeness_gap") play the public check of completeness_gap."""

OK_FORMAT = False

from otter.test_files import test_case

name = "completeness_gap"
points = 8


@test_case(name="completeness_gap")
def test_public(env):
    from coursekit import check

    if "completeness_gap" not in env:
        raise AssertionError("completeness_gap is not defined yet: run its cell first.")
    check(env["completeness_gap"])
