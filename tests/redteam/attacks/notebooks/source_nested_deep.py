# intent: Nest the code itself, for parsers that recurse.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: a cell that cannot be compiled is noted, and the rest runs
# control: unguarded
# succeeds: stopped
import json


def build(place):
    book = json.loads(place.notebook())
    for source in ("(" * 50_000 + ")" * 50_000, "-" * 100_000 + "1", "a" + ".b" * 50_000, "[" * 150 + "]" * 150):
        book["cells"].append({"cell_type": "code", "metadata": {}, "source": source})
    return {"source_nested_deep.ipynb": json.dumps(book).encode()}


def unguarded(data, folder):
    try:
        for cell in json.loads(data)["cells"][-4:]:
            compile(cell["source"], "cell", "exec")
    except (SyntaxError, RecursionError, MemoryError):
        return {"stopped"}
    return set()
