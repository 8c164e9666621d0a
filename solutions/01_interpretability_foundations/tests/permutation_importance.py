"""Lets grader.check("permutation_importance") play the public check of permutation_importance."""

OK_FORMAT = False

from otter.test_files import test_case

name = "permutation_importance"
points = 10


@test_case(name="permutation_importance")
def test_public(env):
    from coursekit import check

    if "permutation_importance" not in env:
        raise AssertionError("permutation_importance is not defined yet: run its cell first.")
    check(env["permutation_importance"])
