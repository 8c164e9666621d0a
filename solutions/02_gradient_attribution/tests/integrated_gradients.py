"""Lets grader.check("integrated_gradients") play the public check of integrated_gradients."""

OK_FORMAT = False

from otter.test_files import test_case

name = "integrated_gradients"
points = 16


@test_case(name="integrated_gradients")
def test_public(env):
    from coursekit import check

    if "integrated_gradients" not in env:
        raise AssertionError("integrated_gradients is not defined yet: run its cell first.")
    check(env["integrated_gradients"])
