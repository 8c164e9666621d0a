# intent: Hand in a link to a file of the grader's.
# must: record none -1
# invariant: I1
# layer: links are not followed
# control: unguarded
# succeeds: leak
LINK = "course/tests/graders/01_attacked/test_saliency.py"


def build(place):
    return {"link_to_the_grader.ipynb": place.root / LINK}


def unguarded(data, folder):
    (folder / "it.ipynb").symlink_to(data)
    return {"leak"} if "CNRYhidden" in (folder / "it.ipynb").read_text() else set()
