# intent: Write one's own points, roles and results into the metadata.
# must: saliency fail 0, share pass 5
# invariant: I3
# layer: points stand in the grader alone
# control: unguarded
# succeeds: marks
import json


def build(place):
    book = json.loads(place.notebook("def saliency(model, x, target):\n    return x * 0\n"))
    claims = {"grade": True, "points": 10, "score": 10, "grade_id": "saliency", "locked": True, "schema_version": 3}
    book["metadata"]["grade"] = {"score": 17, "max_score": 17}
    for cell in book["cells"]:
        cell["metadata"]["nbgrader"] = {**claims, "solution": False, "task": False}
        cell["metadata"]["autograder"] = {"role": "check", "name": "saliency", "passed": True, "score": 10}
    return {"points_claimed.ipynb": json.dumps(book).encode()}


def unguarded(data, folder):
    cells = json.loads(data)["cells"]
    return {"marks"} if cells[0]["metadata"]["nbgrader"]["score"] == 10 else set()
