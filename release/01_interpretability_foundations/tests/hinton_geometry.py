"""Lets grader.check("hinton_geometry") play the public check of hinton_geometry."""

OK_FORMAT = False

from otter.test_files import test_case

name = "hinton_geometry"
points = 8


@test_case(name="hinton_geometry")
def test_public(env):
    from coursekit import check

    if "hinton_geometry" not in env:
        raise AssertionError("hinton_geometry is not defined yet: run its cell first.")
    check(env["hinton_geometry"])
