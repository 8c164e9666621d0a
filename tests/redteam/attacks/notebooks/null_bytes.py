# intent: Put null bytes between the letters of the code.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: characters that no source may hold are taken out, with a note
# control: unguarded
# succeeds: stopped
import json


def build(place):
    book = json.loads(place.notebook())
    for cell in book["cells"]:
        if "def saliency" in cell["source"]:
            cell["source"] = cell["source"].replace("scores", "sco\0res")
    return {"null_bytes.ipynb": json.dumps(book).encode()}


def unguarded(data, folder):
    book = json.loads(data)
    try:
        for cell in book["cells"]:
            if "def saliency" in cell["source"]:
                compile(cell["source"], "cell", "exec")
    except (ValueError, SyntaxError):
        return {"stopped"}
    return set()
