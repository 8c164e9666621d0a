"""Lets grader.check("decision_rule") play the public check of decision_rule."""

OK_FORMAT = False

from otter.test_files import test_case

name = "decision_rule"
points = 12


@test_case(name="decision_rule")
def test_public(env):
    from coursekit import check

    if "decision_rule" not in env:
        raise AssertionError("decision_rule is not defined yet: run its cell first.")
    check(env["decision_rule"])
