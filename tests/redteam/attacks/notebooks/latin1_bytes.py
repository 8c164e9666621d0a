# intent: Put one byte of latin-1 into a comment.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: every encoding that editors write is read
# control: unguarded
# succeeds: stopped
import json


def build(place):
    data = place.notebook("def saliency(model, x, target):\n    # caf@\n" + BODY)
    return {"latin1_bytes.ipynb": data.replace(b"caf@", b"caf\xe9")}


BODY = """\
    y = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(y)[torch.arange(len(y)), target].sum(), y)[0].abs()
"""


def unguarded(data, folder):
    try:
        json.loads(data)
    except UnicodeDecodeError:
        return {"stopped"}
    return set()
