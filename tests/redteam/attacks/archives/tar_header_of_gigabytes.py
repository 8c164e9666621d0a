# intent: Announce a file name of 7 GB behind honest work.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: what is read at once is bounded
# control: unguarded
# succeeds: stopped
import io
import tarfile

SUFFIX = "tar"
SAYS = 'larger than any class needs'


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
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 7 << 30
    honest = archive([("tar_header_of_gigabytes.ipynb", place.notebook())]).rstrip(b"\0")
    honest += bytes(-len(honest) % 512)
    return honest + info.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)


def unguarded(data, folder):
    asked = []

    class Counting(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    try:
        tarfile.open(fileobj=Counting(data)).getmembers()
    except tarfile.TarError:
        pass
    return {"stopped"} if max(asked) >= 7 << 30 else set()
