"""Each attack again, without the layer that stops it: it must succeed, or nothing was shown.

Five ways of taking a layer away, by the first word of an attack's ``control``:

``peer STYLE``      the judge's design: student and tests in one process (:mod:`tests.redteam.peers`)
``layer NAME ...``  layers of the sandbox, switched off in a real zygote
``rung NUMBER``     a lower rung of the ladder, which does not have that layer
``wire WHAT ...``   what the judge's end of the wire checks, switched off in a real session
``unguarded``       a reader or writer without the care; the attack's own file has it
"""

from __future__ import annotations

import inspect
import itertools
import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.redteam.case import Attack
from tests.redteam.course import ROOT, TOKENS
from tests.redteam.grading import Place, end_outliving, outliving

SET_UP = "import numpy as np\nimport torch\nfrom torch import nn\n"
PORT = 48765


class Controls:
    """Plays attacks without their layers. A context manager: servers and zygotes are started when needed."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = tempfile.TemporaryDirectory(prefix="redteam-control-")
        self._numbers = itertools.count()
        self._peers: subprocess.Popen | None = None
        self._held: int | None = None
        self._zygote: Any = None
        self._without: tuple[Any, ...] = ()

    def __enter__(self) -> Controls:
        return self

    def __exit__(self, *_: object) -> None:
        if self._peers is not None:
            self._peers.stdin.close()
            self._peers.wait()
            self._peers.stdout.close()
            os.close(self._held)
        if self._zygote is not None:
            self._zygote.close()
        self._folder.cleanup()

    def signs(self, attack: Attack) -> set[str]:
        """The signs of success that the attack shows without its layer."""
        how, *words = attack.control.split()
        return getattr(self, f"_{how}")(attack, *words)

    def folder(self) -> Path:
        """A fresh folder."""
        path = Path(self._folder.name) / str(next(self._numbers))
        path.mkdir()
        return path

    # ------------------------------------------------------------------------------------- peers
    def _peer(self, attack: Attack, style: str) -> set[str]:
        return set(self.ask_peer(attack.path, style)["signs"])

    def ask_peer(self, source: Path, style: str) -> dict[str, Any]:
        """What a grader in one process makes of a file of code."""
        if self._peers is None:
            self._start_peers()
        task = {"attack": str(source), "style": style, "folder": str(self.folder())}
        self._peers.stdin.write(json.dumps(task) + "\n")
        self._peers.stdin.flush()
        return json.loads(self._peers.stdout.readline())

    def _start_peers(self) -> None:
        classmate = Path(self._folder.name) / "ada.ipynb"
        classmate.write_text(TOKENS["classmate"])
        self._held = os.open(classmate, os.O_RDONLY)
        environment = {
            **os.environ,
            "HOME": str(self._place.root / "home"),
            "HIDDEN_TOKEN": TOKENS["environment"],
            "OMP_NUM_THREADS": "1",
        }
        self._peers = subprocess.Popen(
            [sys.executable, "-c", "from tests.redteam.peers import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=ROOT,
            pass_fds=[self._held],
        )

    # ------------------------------------------------------------------------------------- sandbox
    def zygote(self, without: tuple[str, ...], top: int = 3) -> Any:
        """A zygote without those layers; the one before is closed, and one like it is used again."""
        from autograder.worker import Zygote

        if self._without != (top, *without) or not self._zygote.alive:
            if self._zygote is not None:
                self._zygote.close()
            self._zygote = Zygote("strict" if top == 3 else "best", without=without, top=top)
            self._without = (top, *without)
            self._zygote.start()
        return self._zygote

    def _rung(self, attack: Attack, top: str) -> set[str]:
        return _played(self.zygote((), int(top)), attack)

    def _layer(self, attack: Attack, *words: str) -> set[str]:
        zygote = self.zygote(tuple(word for word in words if word != "twice"))
        signs: set[str] = set()
        with _listener():
            for _ in range(2 if "twice" in words else 1):
                signs |= _played(zygote, attack)
        if outliving():
            signs.add("outlived")
        end_outliving()
        return signs

    # ------------------------------------------------------------------------------------- wire
    def _wire(self, attack: Attack, *words: str) -> set[str]:
        """The exchange with what ``words`` name taken out of the judge's end."""
        return self._exchange(attack, words)

    def checked_wire(self, attack: Attack) -> set[str]:
        """The same exchange with everything in its place."""
        return self._exchange(attack, ())

    def _exchange(self, attack: Attack, words: tuple[str, ...]) -> set[str]:
        folder, here = self.folder(), os.getcwd()
        zygote = self.zygote(())
        os.chdir(folder)
        try:
            with pytest.MonkeyPatch.context() as patch:
                signs = _exchanged(zygote, attack, words, patch)
        finally:
            os.chdir(here)
        if (folder / "opened.txt").exists():
            signs.add("opened")
        return signs

    # ------------------------------------------------------------------------------------- readers
    def _unguarded(self, attack: Attack) -> set[str]:
        module, folder = attack.module(), self.folder()
        here = os.getcwd()
        try:
            if attack.kind == "code":
                return module.unguarded(folder)
            built = module.build(self._place)
            return module.unguarded(next(iter(built.values())) if isinstance(built, dict) else built, folder)
        finally:
            os.chdir(here)


def problem() -> tuple[Any, Any, Any, Any]:
    """A model, an input, targets, and the right answer."""
    import torch

    from coursekit import mlp
    from coursekit.rng import Rng

    model, x, target = mlp([5, 7, 3], "tanh", 5), Rng(6).normal(4, 5), torch.tensor([0, 2, 1, 0])
    y = x.clone().requires_grad_(True)
    right = torch.autograd.grad(model(y)[torch.arange(4), target].sum(), y)[0].abs()
    return model, x, target, right


def load(session: Any, code: str) -> None:
    """Run the set-up and one cell of code."""
    cells = [{"index": 0, "source": SET_UP}, {"index": 1, "source": code}]
    session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 10.0}, wall_s=30)


def call(arguments: tuple[Any, ...]) -> dict[str, Any]:
    """The request of one call."""
    return {"op": "call", "name": "saliency", "args": list(arguments), "kwargs": {}, "options": {}}


def _played(zygote: Any, attack: Attack) -> set[str]:
    """One submission of the attack in a session of its own."""
    import torch

    from autograder.worker import Limits, WorkerDied
    from coursekit.calling import Answer

    model, x, target, right = problem()
    signs = set()
    with zygote.session(Limits(wall_s=40)) as session:
        try:
            load(session, attack.text)
            reply = session.request(call((model, x, target)), wall_s=12)
        except WorkerDied:
            return {"stopped"}
        answer = Answer.from_tree(reply)
        said = f"{answer.output} {answer.error} {reply['printed']}"
        if "REACHED" in said:
            signs.add("reached")
        if any(token in said for token in TOKENS.values()):
            signs.add("leak")
        got = answer.value
        if isinstance(got, torch.Tensor) and got.shape == x.shape and torch.allclose(got.double(), right):
            signs.add("marks")
    return signs


def _exchanged(zygote: Any, attack: Attack, words: tuple[str, ...], patch: pytest.MonkeyPatch) -> set[str]:
    """Two calls of the attack's function: what the judge's end of the wire makes of what comes back."""
    from autograder.worker import Limits, WorkerDied
    from coursekit import wire
    from coursekit.calling import Answer

    model, x, target, _ = problem()
    patient = "wall" in attack.control
    wall_s = 20.0 if attack.succeeds == "accepted" else 4.0 if "wall" in words else 1.5
    with zygote.session(Limits(wall_s=60)) as session:
        load(session, attack.text)
        for word in words:
            _CARELESS[word](patch)
        began = time.monotonic()
        try:
            for _ in range(2):
                reply = session.request(call((model, x, target)), wall_s=wall_s)
                time.sleep(0.1)
                if reply.get("answers") is not None:  # the harness sends none with one call
                    try:
                        Answer.from_tree({**answer_fields(), **reply})
                    except wire.WireError:
                        return set()
                    return {"accepted"}
        except WorkerDied as death:
            waited = time.monotonic() - began > (3.0 if patient else 1.4)
            return {"stopped"} if death.reason == "timeout" and waited else set()
        except Exception:  # nobody who grades a class expects it here
            return {"stopped"}
    return set()


def answer_fields() -> dict[str, Any]:
    """Fields of an answer, for a reply that has too few."""
    from coursekit.calling import Answer

    return Answer().to_tree()


@contextmanager
def _listener() -> Iterator[None]:
    """A server on this machine's own network."""
    with socket.create_server(("127.0.0.1", PORT)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    continue
                with connection:
                    connection.sendall(b"hello")

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        done.set()
        thread.join()


# ------------------------------------------------------------------------------------------ careless ends
def _no_number(patch: pytest.MonkeyPatch) -> None:
    """Any reply is the reply."""
    from autograder.worker import session

    text = inspect.getsource(session.Session._reply).replace(' or frame.get("id") != number', "")
    assert text != inspect.getsource(session.Session._reply)
    names = dict(vars(session))
    exec("from __future__ import annotations\nclass Careless:\n" + text, names)
    patch.setattr(session.Session, "_reply", names["Careless"]._reply)


def _no_silence(patch: pytest.MonkeyPatch) -> None:
    """What lies in the socket is left for the next request."""
    from autograder.worker.session import Session

    patch.setattr(Session, "_expect_silence", lambda self: None)


def _no_bounds(patch: pytest.MonkeyPatch) -> None:
    """A reply may be as large, as deep and as wide as it likes, and hold models."""
    from autograder.worker import session
    from coursekit import wire

    wide = wire.Bounds(1 << 40, 1 << 40, 1 << 40, rank=64, depth=10**6, objects=True)
    patch.setattr(session, "of_replies", lambda megabytes: wide)


def _no_errors(patch: pytest.MonkeyPatch) -> None:
    """Nobody expects bytes that mean nothing."""
    from autograder.worker import session
    from coursekit import wire

    class Other(Exception):
        pass

    patch.setattr(session, "wire", SimpleNamespace(**{**vars(wire), "WireError": Other}))


def _with_pickle(patch: pytest.MonkeyPatch) -> None:
    """A reply is a pickle."""
    from coursekit import wire

    def unpack(read, bounds=None, resolve=None):
        return pickle.loads(bytes(read(int.from_bytes(read(4), "little"))))

    patch.setattr(wire, "unpack", unpack)


def _with_resolve(patch: pytest.MonkeyPatch) -> None:
    """A reply may name what the judge keeps."""
    from coursekit import wire

    usual = wire.unpack
    patch.setattr(
        wire, "unpack", lambda read, bounds=None, resolve=None: usual(read, bounds, lambda number: "kept")
    )


def _no_fields(patch: pytest.MonkeyPatch) -> None:
    """An answer's fields are taken as they come."""
    from coursekit.calling import Answer

    patch.setattr(
        Answer,
        "from_tree",
        lambda tree: Answer(**{k: v for k, v in tree.items() if k not in ("answers", "ok", "printed")}),
    )


_CARELESS = {
    "number": _no_number,
    "silence": _no_silence,
    "bounds": _no_bounds,
    "errors": _no_errors,
    "pickle": _with_pickle,
    "resolve": _with_resolve,
    "fields": _no_fields,
    "wall": lambda patch: None,
    "late": lambda patch: None,
}
