# intent: Answer a question with a call, for readers that evaluate answers.
# must: saliency pass 10, q1 error 0
# invariant: I6
# layer: answers are read as literals
# control: unguarded
# succeeds: opened
import json


CODE = "__import__('pathlib').Path('opened.txt').write_text('x') and 'b'"


def build(place):
    book = json.loads(place.notebook())
    for cell in book["cells"]:
        if "q1 = ..." in "".join(cell["source"]):
            cell["source"] = "q1 = " + CODE
    return {"answer_runs_code.ipynb": json.dumps(book).encode()}


def unguarded(data, folder):
    import os

    os.chdir(folder)
    cell = next(c for c in json.loads(data)["cells"] if "".join(c["source"]).startswith("q1 = "))
    eval(cell["source"].removeprefix("q1 = "))
    return {"opened"} if (folder / "opened.txt").exists() else set()
