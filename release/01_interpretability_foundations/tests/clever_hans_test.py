"""Lets grader.check("clever_hans_test") play the public check of clever_hans_test."""

OK_FORMAT = False

from otter.test_files import test_case

name = "clever_hans_test"
points = 12


@test_case(name="clever_hans_test")
def test_public(env):
    from coursekit import check

    if "clever_hans_test" not in env:
        raise AssertionError("clever_hans_test is not defined yet: run its cell first.")
    check(env["clever_hans_test"])
