"""Lets grader.check("saliency") play the public check of saliency."""

OK_FORMAT = False

from otter.test_files import test_case

name = "saliency"
points = 8


@test_case(name="saliency")
def test_public(env):
    from coursekit import check

    if "saliency" not in env:
        raise AssertionError("saliency is not defined yet: run its cell first.")
    check(env["saliency"])
