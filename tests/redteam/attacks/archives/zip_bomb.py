# intent: Pack 300 MB of zeros into 300 kB.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: what is unpacked is bounded, entry by entry
# control: unguarded
# succeeds: accepted
import io
import zipfile

SUFFIX = "zip"
SAYS = ''


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


def build(place):
    return archive([("bomb.ipynb", bytes(300_000_000)), ("zip_bomb.ipynb", place.notebook())])


def unguarded(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {"accepted"} if len(file.read("bomb.ipynb")) == 300_000_000 else set()
