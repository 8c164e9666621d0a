# intent: Put half of a surrogate pair into the code and the metadata.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: text is made encodable before it is used
# control: unguarded
# succeeds: stopped
import json


def build(place):
    book = json.loads(place.notebook())
    book["metadata"]["title"] = "\ud800"
    for cell in book["cells"]:
        cell["metadata"]["note"] = "\udfff"
        if cell["cell_type"] == "code":
            cell["source"] = "".join(cell["source"]) + "\n# \ud800"
    return {"lone_surrogates.ipynb": json.dumps(book).encode()}


def code_of(data):
    return "".join("".join(cell["source"]) for cell in json.loads(data)["cells"])


def unguarded(data, folder):
    try:
        (folder / "copy.py").write_text(code_of(data), encoding="utf-8")
    except UnicodeEncodeError:
        return {"stopped"}
    return set()
