"""Plants 64 canaries, one for each kind of secret in each place, and searches for them from inside a worker.

    python -m tests.redteam.canaries worker|process

Prints what was found as JSON. ``process`` searches from an ordinary process of the grader's, in place of a worker.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograder.worker import Limits, Zygote
from coursekit.calling import Answer
from tests.redteam.probe import OWN, ROOTS, SEARCH

KINDS = (
    "reference",
    "expected value",
    "hidden test",
    "tolerance",
    "seed",
    "other submission",
    "record",
    "key of the instructor's",
)
PLACES = (
    "a file that everybody may read",
    "a name of a folder",
    "the grader's environment",
    "an open file of the grader's",
    "the grader's memory",
    "a neighbour's memory",
    "a neighbour's scratch folder",
    "a process's arguments, and a server of this machine",
)
OWN_PLACES = ("memory", "files", "environment", "descriptors", "names")
CANARIES = [(kind, place) for kind in KINDS for place in PLACES]


def token() -> str:
    return "CNRY" + secrets.token_hex(16)


@contextmanager
def serving(text: str) -> Iterator[int]:
    """A server that tells ``text`` to whoever connects; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    continue
                with connection:
                    connection.sendall(text.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            thread.join()


@contextmanager
def planted(tokens: dict[tuple[str, str], str]) -> Iterator[SimpleNamespace]:
    """Everything but what a neighbour holds."""
    at = {place: [tokens[kind, place] for kind in KINDS] for place in PLACES}
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="canaries-")))
        root.chmod(0o755)
        for kind in KINDS:
            file = root / f"{kind.replace(' ', '_')}.txt"
            file.write_text(tokens[kind, PLACES[0]])
            file.chmod(0o644)
            (root / tokens[kind, PLACES[1]]).mkdir()
            os.environ[f"SECRET_{kind.upper().replace(' ', '_')}"] = tokens[kind, PLACES[2]]
            stack.callback(os.environ.pop, f"SECRET_{kind.upper().replace(' ', '_')}")
            held = root / f"held_{len(kind)}_{kind[0]}"
            held.write_text(tokens[kind, PLACES[3]])
            fd = os.open(held, os.O_RDONLY)
            os.set_inheritable(fd, True)
            held.unlink()  # the descriptor alone leads to it
            stack.callback(os.close, fd)
        kept = [bytearray(text.encode()) for text in at[PLACES[4]]]
        waiting = [sys.executable, "-c", "import sys; sys.stdin.read()", *at[PLACES[7]]]
        process = stack.enter_context(subprocess.Popen(waiting, stdin=subprocess.PIPE))
        port = stack.enter_context(serving(" ".join(at[PLACES[7]])))
        yield SimpleNamespace(port=port, kept=kept, neighbour=at[PLACES[5]], scratch=at[PLACES[6]])
        process.stdin.close()


def run_cells(session, *sources: str) -> None:
    cells = [{"index": number, "source": source} for number, source in enumerate(sources)]
    reply = session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 10.0}, wall_s=60)
    assert reply["failed"] == []


def of_a_worker() -> dict[str, Any]:
    """What the search finds in a worker on this machine's best rung, while a neighbour is being graded."""
    tokens = {canary: token() for canary in CANARIES}
    own = [token() for _ in OWN_PLACES]
    halves = [(text[:9], text[9:]) for text in own]
    with (
        planted(tokens) as secret,
        Zygote("best") as zygote,
        zygote.session(Limits(wall_s=280)) as neighbour,
        zygote.session(Limits(wall_s=280)) as session,
    ):
        scratch = " ".join(secret.scratch)
        run_cells(neighbour, f"kept = {secret.neighbour!r}", f"open('mine', 'w').write({scratch!r})")
        run_cells(session, OWN.format(halves=halves), SEARCH)
        message = {"op": "call", "name": "f", "args": [secret.port], "kwargs": {}}
        answer = Answer.from_tree(session.request(message, wall_s=270))
        rung, reasons = zygote.rung, zygote.reasons
    if answer.error is not None:
        raise RuntimeError(str(answer.error))
    return _report(tokens, {**answer.value, "rung": rung, "reasons": reasons, "own": own})


def of_a_process() -> dict[str, Any]:
    """What the same search finds from a process that the grader starts as it starts any other."""
    tokens = {canary: token() for canary in CANARIES}
    with planted(tokens) as secret:
        code = f"{SEARCH}\nimport json\nprint(json.dumps(f({secret.port})))\n"
        # one folder is enough to show it
        code = code.replace(ROOTS, repr([tempfile.gettempdir()])).replace('open("/proc/self/maps")', "[]", 1)
        code = code.replace("in sys.path if", "in () if")
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, close_fds=False, check=True
        )
    return _report(tokens, {**json.loads(done.stdout), "rung": None, "reasons": [], "own": []})


def _report(tokens: dict[tuple[str, str], str], found: dict[str, Any]) -> dict[str, Any]:
    """Canaries by their places in lists; tokens are of no use to anybody else."""
    known = found["found"]
    return {
        **{key: found[key] for key in ("files", "bytes", "rung", "reasons")},
        "canaries": [CANARIES.index(canary) for canary, text in tokens.items() if text in known],
        "own": [known.get(text, []) for text in found["own"]],
        "others": sorted(set(known) - set(tokens.values()) - set(found["own"])),
    }


if __name__ == "__main__":
    print(json.dumps(of_a_worker() if sys.argv[1] == "worker" else of_a_process()))
