# intent: Name an entry so that it is written above the folder.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: names that lead elsewhere are left out
# control: unguarded
# succeeds: opened
import io
import zipfile

SUFFIX = "zip"
SAYS = 'its name leads out of the archive'


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


def build(place):
    return archive([("../opened.txt.ipynb", b"{}"), ("zip_climbs.ipynb", place.notebook())])


def unguarded(data, folder):
    (folder / "in").mkdir()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for info in file.infolist():
            (folder / "in" / info.filename).write_bytes(file.read(info))
    return {"opened"} if (folder / "opened.txt.ipynb").exists() else set()
