"""Lets grader.check("knn_explanation") play the public check of knn_explanation."""

OK_FORMAT = False

from otter.test_files import test_case

name = "knn_explanation"
points = 12


@test_case(name="knn_explanation")
def test_public(env):
    from coursekit import check

    if "knn_explanation" not in env:
        raise AssertionError("knn_explanation is not defined yet: run its cell first.")
    check(env["knn_explanation"])
