# intent: Make a link to another folder, then write through it.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: no link is made
# control: unguarded
# succeeds: opened
import io
import tarfile

SUFFIX = "tar"
SAYS = ''


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
    files = [special("way", tarfile.SYMTYPE, ".."), ("way/opened.txt.ipynb", place.notebook("x")), ("tar_through_a_link.ipynb", place.notebook())]
    return archive(files)


def unguarded(data, folder):
    (folder / "in").mkdir()
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        file.extractall(folder / "in", filter="fully_trusted")
    return {"opened"} if (folder / "opened.txt.ipynb").exists() else set()
