"""Lets grader.check("rank_similarity") play the public check of rank_similarity."""

OK_FORMAT = False

from otter.test_files import test_case

name = "rank_similarity"
points = 8


@test_case(name="rank_similarity")
def test_public(env):
    from coursekit import check

    if "rank_similarity" not in env:
        raise AssertionError("rank_similarity is not defined yet: run its cell first.")
    check(env["rank_similarity"])
