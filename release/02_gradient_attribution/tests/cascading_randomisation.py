"""Lets grader.check("cascading_randomisation") play the public check of cascading_randomisation."""

OK_FORMAT = False

from otter.test_files import test_case

name = "cascading_randomisation"
points = 12


@test_case(name="cascading_randomisation")
def test_public(env):
    from coursekit import check

    if "cascading_randomisation" not in env:
        raise AssertionError("cascading_randomisation is not defined yet: run its cell first.")
    check(env["cascading_randomisation"])
