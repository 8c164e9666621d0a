# intent: Name an entry by an absolute path.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: names that lead elsewhere are left out
# control: unguarded
# succeeds: opened
import io
import tarfile

SUFFIX = "tar"
SAYS = 'its name leads out of the archive'


def archive(files):
    """Files, or ready TarInfo objects without content."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as file:
        for name, content in files:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return data.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def build(place):
    return archive([(str(place.root / "opened.txt.ipynb"), b"{}"), ("tar_absolute.ipynb", place.notebook())])


def unguarded(data, folder):
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        target = folder / file.getmembers()[0].name  # an absolute path wins
    return {"opened"} if not target.is_relative_to(folder) else set()
