"""Lets grader.check("contextualised_weights") play the public check of contextualised_weights."""

OK_FORMAT = False

from otter.test_files import test_case

name = "contextualised_weights"
points = 8


@test_case(name="contextualised_weights")
def test_public(env):
    from coursekit import check

    if "contextualised_weights" not in env:
        raise AssertionError("contextualised_weights is not defined yet: run its cell first.")
    check(env["contextualised_weights"])
