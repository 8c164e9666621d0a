# intent: Pack a link to a file of the grader's.
# must: saliency pass 10, share pass 5
# invariant: I1
# layer: no link is made or followed
# control: unguarded
# succeeds: leak
import io
import tarfile

SUFFIX = "tar"
SAYS = 'it is a link'


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
    secret = str(place.root / "course/tests/graders/01_attacked/test_saliency.py")
    return archive([special("secret.ipynb", tarfile.SYMTYPE, secret), ("tar_link_to_a_secret.ipynb", place.notebook())])


def unguarded(data, folder):
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        file.extractall(folder, filter="fully_trusted")
    return {"leak"} if "CNRYhidden" in (folder / "secret.ipynb").read_text() else set()
