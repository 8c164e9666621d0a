# intent: Give one's own notebook the name of somebody else's, further down in the archive.
# must: saliency pass 10, share pass 5
# invariant: I4
# layer: a name that is there twice is read by nobody
# control: unguarded
# succeeds: polluted
import io
import zipfile

SUFFIX = "zip"
SAYS = 'twice, with different content'


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


import json
import warnings


def build(place):
    other = json.dumps({"cells": []}).encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = [("victim.ipynb", place.notebook()), ("victim.ipynb", other), ("zip_name_twice.ipynb", place.notebook())]
        return archive(files)


def unguarded(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        file.extractall(folder)
    return {"polluted"} if (folder / "victim.ipynb").read_bytes() == b'{"cells": []}' else set()
