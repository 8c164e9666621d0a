# intent: Lock one entry by a password.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: one entry's difficulty is one remark
# control: unguarded
# succeeds: stopped
import io
import zipfile

SUFFIX = "zip"
SAYS = 'locked by a password'


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


def build(place):
    data = bytearray(archive([("locked.ipynb", b"{}"), ("zip_locked_entry.ipynb", place.notebook())]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def unguarded(data, folder):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            file.extractall(folder)
    except RuntimeError:
        return {"stopped"}
    return set()
