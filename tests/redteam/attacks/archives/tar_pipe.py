# intent: Pack a pipe.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: only ordinary files are unpacked
# control: unguarded
# succeeds: opened
import io
import tarfile

SUFFIX = "tar"
SAYS = 'it is no ordinary file'


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
    return archive([special("pipe.ipynb", tarfile.FIFOTYPE), ("tar_pipe.ipynb", place.notebook())])


def unguarded(data, folder):
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        file.extractall(folder, filter="fully_trusted")
    return {"opened"} if (folder / "pipe.ipynb").is_fifo() else set()
