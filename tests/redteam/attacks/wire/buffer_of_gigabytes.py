# intent: Announce an array of 8 GB and send none.
# must: saliency error|timeout 0, share pass 5
# invariant: I2
# layer: the decoder bounds all arrays together
# control: wire bounds
# succeeds: stopped
import os
import sys
import time

import torch

from coursekit import wire


def number_of_the_request():
    """The number that the judge waits for stands in the harness's own variables."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run" and "number" in frame.f_locals:
            return frame.f_locals["number"]
        frame = frame.f_back
    return 0


def answer(value, **changes):
    tree = {"value": value, "error": None, "kind": "Tensor", "requires_grad": False, "changed": [], "wall_s": 0.001}
    return {**tree, "cpu_s": 0.001, "output": "", "trace": [], **changes}


def send(data):
    data = memoryview(data)
    while data:
        data = data[os.write(3, data) :]


def reply(number, *values, **changes):
    """A reply to one call and to many alike."""
    answers = [answer(value, **changes) for value in values]
    return wire.pack_bytes({"id": number, "reply": {**answers[0], "ok": True, "answers": answers}})


import msgspec


def saliency(model, x, target):
    header = msgspec.msgpack.encode([["T", "float64", [1 << 30], 0, False], [8 << 30]])
    send(len(header).to_bytes(4, "little") + header)
    time.sleep(100)
