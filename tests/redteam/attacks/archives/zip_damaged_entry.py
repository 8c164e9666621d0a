# intent: Damage the content of one entry.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: one entry's difficulty is one remark
# control: unguarded
# succeeds: stopped
import io
import zipfile

SUFFIX = "zip"
SAYS = 'it is damaged'


def archive(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            file.writestr(name, content)
    return data.getvalue()


def build(place):
    data = archive([("damaged.ipynb", b"#" * 40_000), ("zip_damaged_entry.ipynb", place.notebook())])
    at = data.index(b"damaged.ipynb") + 20
    return data[:at] + b"\xff\x00\xff" + data[at + 3 :]


def unguarded(data, folder):
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            file.extractall(folder)
    except (zipfile.BadZipFile, zlib.error):
        return {"stopped"}
    return set()
