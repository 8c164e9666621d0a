"""Lets grader.check("surrogate_fidelity") play the public check of surrogate_fidelity."""

OK_FORMAT = False

from otter.test_files import test_case

name = "surrogate_fidelity"
points = 10


@test_case(name="surrogate_fidelity")
def test_public(env):
    from coursekit import check

    if "surrogate_fidelity" not in env:
        raise AssertionError("surrogate_fidelity is not defined yet: run its cell first.")
    check(env["surrogate_fidelity"])
