# intent: Put 60 000 entries into an archive.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: the number of entries is bounded
# control: unguarded
# succeeds: accepted
import io
import zipfile

SUFFIX = "zip"
SAYS = 'it holds more than 50,000 files'


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


def build(place):
    files = [("zip_entries_by_thousands.ipynb", place.notebook()), *((f"{n}.txt", b"") for n in range(60_000))]
    return archive(files)


def unguarded(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {"accepted"} if len(file.namelist()) > 60_000 else set()
