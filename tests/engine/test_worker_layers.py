"""Layers that are switched off one by one: what each stops is possible without it, and only for tests."""

import inspect
import os
import socket
from pathlib import Path

import pytest

from autograder.worker import Zygote, bubblewrap
from autograder.worker.layers import LAYERS
from coursekit.calling import Answer

NO_SANDBOX = "no bubblewrap on this machine: apt install bubblewrap"

PROBE = """
import os, resource
def f(path, port):
    status = dict(line.split(None, 1) for line in open("/proc/self/status") if len(line.split(None, 1)) == 2)
    seen = {
        "pids": len([name for name in os.listdir("/proc") if name.isdigit()]),
        "file": os.path.exists(path),
        "user": os.getuid(),
        "capabilities": int(status["CapBnd:"], 16),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "descriptors": len(os.listdir("/proc/self/fd")),
        "variables": "PLANTED" in os.environ,
        "host": os.uname().nodename,
    }
    try:
        import captum
        seen["captum"] = True
    except ImportError:
        seen["captum"] = False
    try:
        import socket
        connection = socket.socket()
        seen["socket"] = True
        connection.connect(("127.0.0.1", port))
        seen["network"] = True
    except OSError as error:
        seen.setdefault("socket", False)
        seen["network"] = False
    return seen
"""


def look(without, planted):
    """What a worker sees with these layers left out, and the zygote's own word about it."""
    if bubblewrap.program() is None:
        if os.environ.get("REQUIRE_REAL") == "1":
            pytest.fail(NO_SANDBOX)
        pytest.skip(NO_SANDBOX)
    with Zygote(light=True, without=without) as zygote, zygote.session() as session:
        cells = [{"index": 0, "source": PROBE}]
        reply = session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 9.0}, wall_s=20)
        assert reply["failed"] == []
        call = {"op": "call", "name": "f", "args": list(planted), "kwargs": {}}
        answer = Answer.from_tree(session.request(call, wall_s=20))
        assert answer.error is None, answer.error
        return answer.value, zygote


@pytest.fixture
def planted(monkeypatch):
    """A variable, the path of a file, and the port of a server of this machine."""
    monkeypatch.setenv("PLANTED", "yes")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield __file__, server.getsockname()[1]


@pytest.mark.parametrize(
    ("without", "sign", "expected"),
    [
        ("files", "file", (False, True)),
        ("packages", "captum", (False, True)),
        ("pid", "pids", (1, 3)),
        ("rlimits", "memory", (None, -1)),
        ("environment", "variables", (False, True)),
        ("seccomp", "socket", (False, True)),
        ("seccomp", "network", (False, False)),
        ("seccomp net", "network", (False, True)),
    ],
)
def test_without_a_layer_what_it_stops_is_possible(planted, without, sign, expected):
    all_on, _ = look((), planted)
    seen, zygote = look(without.split(), planted)
    for found, wanted in zip((all_on[sign], seen.get(sign)), expected, strict=True):
        assert wanted is None or found == wanted
    assert set(zygote.layers) & set(without.split()) == set()
    assert zygote.notice.startswith("A TEST, layers switched off: ")


def test_users_capabilities_and_descriptors(planted):
    with_all, zygote = look((), planted)
    assert with_all["user"] != 0
    assert with_all["capabilities"] == 0
    assert zygote.notice == ""
    assert look(["uid"], planted)[0]["user"] == 0
    assert look(["capabilities"], planted)[0]["capabilities"] != 0
    assert look(["descriptors"], planted)[0]["descriptors"] > with_all["descriptors"]


def test_an_unknown_layer_is_refused():
    with pytest.raises(ValueError, match=r"^no layer is called firewall, moat; there are bubblewrap, files"):
        Zygote(without=["moat", "firewall"])


def test_nothing_but_an_argument_reaches_the_switch():
    """Of the engine only the zygote takes it: no command, no variable, no file."""
    root = Path(inspect.getsourcefile(Zygote)).resolve().parents[1]
    callers = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "without=" in path.read_text(encoding="utf-8") and "worker" not in path.parts
    ]
    assert callers == []
    assert set(LAYERS) >= {"files", "pid", "seccomp"}
