"""Lets grader.check("smoothgrad") play the public check of smoothgrad."""

OK_FORMAT = False

from otter.test_files import test_case

name = "smoothgrad"
points = 10


@test_case(name="smoothgrad")
def test_public(env):
    from coursekit import check

    if "smoothgrad" not in env:
        raise AssertionError("smoothgrad is not defined yet: run its cell first.")
    check(env["smoothgrad"])
