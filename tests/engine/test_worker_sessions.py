"""The worker through a real zygote, in the sandbox and as a plain process."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.worker import IsolationUnavailable, Limits, WorkerDied, Zygote, bubblewrap, isolation_layers
from coursekit import wire
from coursekit.calling import Answer


@pytest.fixture(scope="module")
def zygote(rung):
    with Zygote(top=rung) as started:
        assert started.rung == rung
        yield started


@pytest.fixture
def session(zygote):
    with zygote.session(Limits(wall_s=30)) as started:
        yield started


def load(session, *sources, **options):
    cells = [{"index": number, "source": source} for number, source in enumerate(sources)]
    return session.request(
        {"op": "load", "cells": cells, "stubs": {"f": "def f(x): ..."}, **options}, wall_s=20
    )


def call(session, *args, name="f", wall_s=10.0, options=None, **kwargs):
    message = {"op": "call", "name": name, "args": list(args), "kwargs": kwargs, "options": options or {}}
    return Answer.from_tree(session.request(message, wall_s=wall_s))


def answer(session, source, *args, **options):
    assert load(session, source)["failed"] == []
    return call(session, *args, **options)


def death(session, source, *args, wall_s=10.0):
    with pytest.raises(WorkerDied) as caught:
        answer(session, source, *args, wall_s=wall_s)
    assert session.closed
    return caught.value


# ------------------------------------------------------------------------------------- calls
def test_answers_are_exact(session):
    x = torch.tensor([1.0, 2.5, -0.1], dtype=torch.float64)
    got = answer(session, "def f(x, n=1):\n    return x * n", x, n=3)
    assert torch.equal(got.value, x * 3)
    assert got.value.dtype == torch.float64


def test_state_stays_between_calls_of_a_session(session):
    load(session, "count = []\ndef f(x):\n    count.append(x)\n    return len(count)")
    assert [call(session, 0).value for _ in range(3)] == [1, 2, 3]


def test_state_of_another_session_is_invisible(zygote):
    source = "import torch, builtins\ndef f(x):\n    old = getattr(torch, 'planted', None)\n    torch.planted = x\n    return old"
    with zygote.session() as first, zygote.session() as second:
        assert [answer(first, source, 1).value, call(first, 2).value] == [None, 1]
        assert answer(second, source, 3).value is None


def test_map_answers_one_by_one(session):
    load(session, "def f(x, k=1):\n    return 6 / x * k")
    message = {"op": "map", "name": "f", "calls": [[[2], {}], [[0], {}], [[3], {"k": 5}, {"grad": False}]]}
    answers = [Answer.from_tree(tree) for tree in session.request(message, wall_s=10)["answers"]]
    assert [got.value for got in answers] == [3.0, None, 10.0]
    assert answers[1].error.name == "ZeroDivisionError"


def test_one_unsendable_answer_of_a_map_spoils_no_other(session):
    load(session, "def f(x):\n    return x if x else object()")
    message = {"op": "map", "name": "f", "calls": [[[1], {}], [[0], {}], [[2], {}]]}
    answers = [Answer.from_tree(tree) for tree in session.request(message, wall_s=10)["answers"]]
    assert [got.value for got in answers] == [1, None, 2]
    assert "object" in answers[1].error.message


def test_arguments_may_come_packed(session):
    load(session, "def f(x, k):\n    return x * k")
    packed = wire.pack_bytes([[torch.ones(2)], {"k": 3}])
    reply = session.request({"op": "call", "name": "f", "payload": packed, "options": {}}, wall_s=5)
    assert Answer.from_tree(reply).value.tolist() == [3.0, 3.0]


def test_kept_objects_are_the_same_object(session):
    load(session, "seen = []\ndef f(x):\n    seen.append(x)\n    return seen[0] is x, len(seen)")
    session.request({"op": "keep", "id": 7, "value": np.arange(3.0)}, wall_s=5)
    assert call(session, wire.Handle(7)).value == (True, 1)
    assert call(session, wire.Handle(7)).value == (True, 2)
    assert call(session, np.arange(3.0)).value == (False, 3)
    session.request({"op": "drop"}, wall_s=5)
    assert "no longer kept" in call(session, wire.Handle(7)).error.message


def test_generators_start_anew_before_each_call(session):
    load(
        session,
        "import torch, random, numpy as np\ndef f():\n    return float(torch.rand(())), random.random(), np.random.rand()",
    )
    assert call(session).value == call(session).value


def test_grad_option(session):
    load(session, "import torch\ndef f():\n    return torch.is_grad_enabled()")
    assert [call(session).value, call(session, options={"grad": False}).value] == [True, False]


def test_printed_text_comes_with_the_answer(session):
    reply = load(session, "print('while loading')\ndef f():\n    print('while called')")
    assert reply["output"] == "while loading\n"
    assert call(session).output == "while called\n"


def test_a_file_can_be_written_and_read(session):
    source = "def f(x):\n    open('a.txt', 'w').write(x)\n    return open('a.txt').read()"
    assert answer(session, source, "text").value == "text"


def test_threads_and_late_imports_work(session):
    source = """
import threading
def f(x):
    import sklearn.neighbors, scipy.signal, torch.utils.data, json, decimal
    out = []
    thread = threading.Thread(target=lambda: out.append(torch.ones(3).sum().item()))
    thread.start(); thread.join()
    return out[0]
import torch
"""
    assert answer(session, source, 0).value == 3.0


# ------------------------------------------------------------------------------------- errors that are answers
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise ValueError('no good')", "ValueError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(BaseException): pass\n    raise Odd", "Odd"),
        ("return f(x)", "RecursionError"),
        ("return input('name? ')", "RuntimeError"),
        ("import numpy; return numpy.ones(10**13)", "MemoryError"),
        ("import torch; return torch.ones(10**13)", "RuntimeError"),
        ("return open('/etc/shadow-of-nothing')", "FileNotFoundError"),
        ("import captum", "ModuleNotFoundError"),
        ("return x.nothing", "AttributeError"),
    ],
)
def test_an_exception_is_an_answer(session, body, error):
    got = answer(session, f"def f(x):\n    {body}", 1)
    assert got.error.name == error
    assert call(session, 1).error.name == error


def test_input_says_why(session):
    assert "nobody to answer" in answer(session, "def f():\n    return input()").error.message


def test_absent_libraries_say_why(session):
    message = answer(session, "def f():\n    import shap").error.message
    assert message.startswith("shap is not available while your work is graded")


def test_an_error_names_the_students_own_lines(session):
    got = answer(session, "def f(x):\n    half = x / 2\n    return half / 0", 1)
    assert got.error.lines == ("line 3: return half / 0",)


def test_an_exception_whose_text_fails(session):
    source = "class Odd(Exception):\n    def __str__(self): raise SystemExit\ndef f():\n    raise Odd"
    got = answer(session, source)
    assert got.error is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("object()", "object"),
        ("lambda: 1", "function"),
        ("{1, 2}", "set"),
        ("10 ** 40", "64 bits"),
        ("loop", "levels deep"),
        ("torch.eye(3).to_sparse()", "sparse"),
        ("torch.ones(40, 1024, 1024)", "160.0 MB; at most 64 MB"),
        ("list(range(5 * 10**5))", "more than 400000 values"),
        ("'x' * (5 << 20)", "at most 4194304"),
    ],
)
def test_a_value_that_cannot_travel_is_an_answer(session, value, words):
    got = answer(session, f"import torch\nloop = []\nloop.append(loop)\ndef f():\n    return {value}")
    assert got.error.name == "UnsendableAnswer"
    assert words in got.error.message


def test_objects_that_lie_come_back_plain(session):
    source = """
import numpy as np
class Always(np.ndarray):
    def __eq__(self, other): return True
class Text(str):
    def __eq__(self, other): return True
def f():
    return np.zeros(2).view(Always)
"""
    got = answer(session, source)
    assert type(got.value) is np.ndarray


def test_nothing_is_ever_unpickled(session):
    source = """
class Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit",)
def f():
    return [Evil()]
"""
    assert answer(session, source).error.name == "UnsendableAnswer"


def test_a_function_that_is_not_there(session):
    load(session, "x = 1")
    assert call(session).error.name == "NameError"


def test_a_message_that_cannot_be_sent_leaves_the_session_alive(session):
    load(session, "def f(x): return 1")
    with pytest.raises(wire.WireError):
        call(session, object())
    assert call(session, 1).value == 1


# ------------------------------------------------------------------------------------- endings
@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        ("while True: pass", "timeout", "stopped after 1 s"),
        ("import time; time.sleep(60)", "timeout", "stopped after 1 s"),
        (
            "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
            "timeout",
            "1 s",
        ),
        ("import os; os._exit(0)", "crash", "exit status 0"),
        ("import os; os._exit(97)", "crash", "exit status 97"),
        ("import ctypes; ctypes.string_at(0)", "crash", "SIGSEGV"),
        ("import os; os.abort()", "crash", "ended by SIG"),
        ("import os\n    while True: os.write(1, b'x' * 65536)", "output", "more than 8 MB"),
        ("import os; os.write(3, b'\\0' * 64)", "protocol", "no valid answer"),
        ("import os; os.write(3, b'\\xff' * 64)", "protocol", "no valid answer"),
        ("import os; os.close(3)", "crash", "ended"),
        (
            "import os; os.write(3, b'\\0\\0')\n    import time; time.sleep(60)",
            "timeout",
            "stopped after 1 s",
        ),
    ],
)
def test_endings(session, body, reason, words):
    died = death(session, f"def f():\n    {body}", wall_s=1.0)
    assert died.reason == reason
    assert words in died.detail


def test_the_next_session_is_fresh(zygote):
    with zygote.session() as first:
        death(first, "def f():\n    import os; os._exit(3)")
    with zygote.session() as second:
        assert answer(second, "def f(x):\n    return x", 5).value == 5


def test_nothing_is_answered_after_the_end(session):
    death(session, "def f():\n    import os; os._exit(3)")
    with pytest.raises(WorkerDied, match="the session is closed"):
        call(session)


def test_the_cpu_limit(zygote):
    with zygote.session(Limits(cpu_s=1)) as session:
        died = death(session, "def f():\n    while True: pass")
    assert (died.reason, died.detail) == ("cpu", "stopped after 1 s of computing")


def test_the_sessions_own_wall_limit(zygote):
    with zygote.session(Limits(wall_s=1)) as session:
        died = death(session, "import time\ndef f():\n    time.sleep(60)")
    assert (died.reason, died.detail) == ("timeout", "stopped after 1 s")


def test_small_pieces_of_memory_end_in_an_answer(zygote):
    with zygote.session(Limits(memory_mb=200)) as session:
        got = answer(session, "def f():\n    held = []\n    while True: held.append(bytearray(1 << 24))")
    assert got.error.name == "MemoryError"


def test_memory_of_many_processes(zygote):
    source = """
import os, time
def f():
    for _ in range(4):
        if os.fork() == 0:
            held = bytearray(150 << 20)
            held[::4096] = b"x" * len(held[::4096])
            time.sleep(60)
    time.sleep(60)
"""
    if zygote.rung < 2:  # no process can be started, so there are not many
        with zygote.session() as session:
            assert answer(session, source).error.name == "PermissionError"
        return
    with zygote.session(Limits(memory_mb=200)) as session:
        died = death(session, source, wall_s=30)
    assert (died.reason, died.detail) == ("memory", "stopped because it held more than 200 MB of memory")


def test_a_fork_bomb_ends_with_the_session(zygote):
    source = """
import os
def f():
    count = 0
    try:
        while count < 1000:
            if os.fork() == 0:
                os.setsid()
                while True: pass
            count += 1
    except OSError:
        return count
"""
    with zygote.session() as session:
        if zygote.rung < 2:
            assert answer(session, source).value == 0
        else:
            assert 8 < answer(session, source).value < 32
    assert not busy_processes(zygote)


def busy_processes(zygote):
    """How many processes of the zygote's are left, besides the sandbox itself and the zygote."""
    return len(descendants(zygote._process.pid)) - (2 if zygote.rung == 3 else 0)


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found + [pid for child in found for pid in descendants(child)]


def test_printing_much_is_cut_but_not_fatal(session):
    got = answer(session, "def f():\n    for _ in range(20000): print('x' * 100)\n    return 1")
    assert got.value == 1
    assert len(got.output) <= 4000
    reply = load(session, "import os\nfor _ in range(200): os.write(1, b'y' * 1000)")
    assert reply["output"] == "y" * 65536


def test_a_forged_reply_needs_the_requests_number(session):
    source = """
from coursekit import wire
import os
def f():
    for part in wire.pack({"id": 1, "reply": {"ok": True}}):
        os.write(3, bytes(part))
    return 1
"""
    died = death(session, source)
    assert (died.reason, "another request" in died.detail) == ("protocol", True)


def test_bytes_after_a_reply_are_found(session):
    source = """
import threading, time, os
def f():
    threading.Thread(target=lambda: (time.sleep(0.3), os.write(3, b"abc"))).start()
    return 1
"""
    assert answer(session, source).value == 1
    time.sleep(0.6)
    with pytest.raises(WorkerDied, match="bytes that answer no request"):
        call(session)


def test_the_ending_says_what_was_used(zygote):
    with zygote.session() as session:
        answer(session, "import torch\ndef f():\n    held = torch.ones(1 << 25)\n    return 1")
    ending = session.close()
    assert ending.reason == "closed"
    assert 100 < ending.peak_mb < 300
    assert ending.cpu_s > 0


# ------------------------------------------------------------------------------------- loading
def test_statements_run_one_by_one(session):
    reply = load(
        session, "a = 1\nb = a / 0\nc = 3", "def f(:\n  pass", "def f(x):\n    return a, c", "undefined_name"
    )
    assert [(entry["cell"], entry["line"], entry["error"]) for entry in reply["failed"]] == [
        (0, 2, "ZeroDivisionError"),
        (1, 1, "SyntaxError"),
        (3, 1, "NameError"),
    ]
    assert reply["failed"][2]["text"] == "name 'undefined_name' is not defined"
    assert call(session, 0).value == (1, 3)


def test_the_line_of_a_failure_is_the_innermost_of_the_cell(session):
    reply = load(session, "def g():\n    return 1 / 0\n\ng()")
    assert (reply["failed"][0]["line"], reply["failed"][0]["error"]) == (2, "ZeroDivisionError")


@pytest.mark.parametrize("leave", ["exit()", "quit()", "import sys; sys.exit(3)", "raise SystemExit"])
def test_leaving_does_not_leave(session, leave):
    reply = load(session, leave + "\ndef f(x):\n    return x")
    assert reply["failed"][0]["error"] == "SystemExit"
    assert reply["defined"] == {"f": "filled"}


def test_a_slow_statement_is_stopped_and_the_rest_goes_on(session):
    reply = load(session, "while True:\n    pass\ndef f(x):\n    return x", statement_s=0.3)
    (failed,) = reply["failed"]
    assert (failed["error"], failed["text"]) == ("TimeoutError", "this statement was stopped after 0.3 s")
    assert reply["defined"] == {"f": "filled"}


def test_a_statement_that_cannot_be_stopped_is_named_and_can_be_skipped(zygote):
    stubborn = "x = 1\nwhile True:\n    try:\n        while True: sum(range(99))\n    except BaseException: pass\ndef f(x):\n    return x"
    message = {
        "op": "load",
        "cells": [{"index": 4, "source": stubborn}],
        "stubs": {"f": ""},
        "statement_s": 0.2,
    }
    with zygote.session() as session, pytest.raises(WorkerDied) as caught:
        session.request(message, wall_s=1.5)
    assert (caught.value.reason, caught.value.progress) == ("timeout", [4, 1])
    with zygote.session() as session:
        reply = session.request({**message, "skip": [[4, 1]]}, wall_s=5)
        assert reply["defined"] == {"f": "filled"}
        assert reply["notes"] == [
            "cell 4, line 2: this statement did not end in an earlier attempt and was left out"
        ]


def test_a_crash_while_loading_names_the_statement(session):
    with pytest.raises(WorkerDied) as caught:
        load(session, "x = 1", "y = 2\nimport os; os._exit(0)")
    assert (caught.value.reason, caught.value.progress) == ("crash", [1, 2])


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("f = lambda x: x", "filled"),
        ("class f:\n    pass", "filled"),
        ("import functools\n@functools.lru_cache\ndef f(x):\n    return x", "filled"),
        ("class C:\n    def __call__(self, x): return x\nf = C()", "filled"),
        ("if True:\n    def f(x):\n        return x", "filled"),
        ("from math import sqrt as f", "filled"),
        ("def f(x): ...", "stub"),
        ("def f(x):\n    'doc'\n    raise NotImplementedError('write me')", "stub"),
        ("f = 3", "not callable"),
        ("g = 3", None),
        ("def f(x):\n    return x\ndel f", None),
    ],
)
def test_what_counts_as_filled(session, source, status):
    reply = load(session, source)
    assert reply["defined"].get("f") == status
    assert ("f" in reply["cell_of"]) == (status is not None)


FILLED, STUB = "def f(x):\n    return {}", "def f(x):\n    raise NotImplementedError"


def test_a_stub_never_replaces_a_filled_definition(session):
    reply = load(session, FILLED.format(1), STUB)
    assert (reply["defined"], reply["cell_of"]) == ({"f": "filled"}, {"f": 0})
    assert reply["notes"] == ["cell 1 holds an untouched stub of f: the definition in cell 0 counts"]
    assert call(session, 0).value == 1


def test_a_filled_definition_replaces_a_stub_quietly(session):
    reply = load(session, STUB, FILLED.format(1))
    assert (reply["defined"], reply["cell_of"], reply["notes"]) == ({"f": "filled"}, {"f": 1}, [])


def test_the_last_filled_definition_wins_with_a_note(session):
    reply = load(session, FILLED.format(1), FILLED.format(2))
    assert reply["cell_of"] == {"f": 1}
    assert reply["notes"] == ["f is defined in cell 0 and again in cell 1: the last definition counts"]
    assert call(session, 0).value == 2


def test_notebook_lines_are_left_out(session):
    reply = load(
        session, "%matplotlib inline\n!pip install captum\ndef f(x):\n    return x", "%%bash\nrm -rf /", "f?"
    )
    assert (reply["failed"], reply["defined"]) == ([], {"f": "filled"})
    assert reply["notes"][0] == "cell 0: '%matplotlib inline' was left out"
    assert call(session, 4).value == 4


def test_future_imports_hold_in_later_cells(session):
    source = "def f(x: NotDefined = 1) -> AlsoNot:\n    return f.__annotations__['x']"
    assert load(session, "from __future__ import annotations\nx = 1", source)["failed"] == []
    assert call(session).value == "NotDefined"


def test_the_module_is_main(session):
    source = """
from dataclasses import dataclass
import inspect, typing
@dataclass
class Point:
    x: "int"
def f():
    assert __name__ == "__main__"
    typing.get_type_hints(Point)
    return inspect.getsource(Point.__init__.__class__ and f).splitlines()[0], __name__
if __name__ == "__main__":
    reached = True
"""
    got = answer(session, source)
    assert got.value == ("def f():", "__main__")


def test_a_notebooks_own_checks_do_nothing(session):
    source = "import coursekit as kit\nfrom coursekit import check\ncheck(print)\nkit.check(print)"
    assert load(session, source)["failed"] == []


def test_display_and_the_shell_do_nothing(session):
    source = "display(1)\nget_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().events.register('x', print)\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.close('all')"
    assert load(session, source)["failed"] == []


@pytest.mark.parametrize(
    "source", ["\0", "x = (" * 200, "\ud800 = 1", "[" * 5000, "x = 1\r\ny = 2\rz = x + y"]
)
def test_odd_cells_are_noted_at_most(session, source):
    reply = load(session, source, "def f(x):\n    return x")
    assert reply["defined"] == {"f": "filled"}


def test_what_a_submission_breaks_is_its_own(session):
    source = """
import sys, torch
torch.allclose = lambda *a: True
sys.setrecursionlimit(60)
sys.stdout = None
def f(x):
    return x
"""
    load(session, source)
    assert call(session, 1).value == 1


# ------------------------------------------------------------------------------------- zygotes
def test_layers_are_named(zygote):
    wanted = {
        3: {"bubblewrap", "files", "pid", "mount", "ipc", "uts", "net", "uid", "capabilities", "seccomp"},
        2: {"landlock", "uid", "capabilities", "seccomp", "sweep", "disk"},
        1: {"landlock", "capabilities", "seccomp", "processes", "disk"},
        0: {"disk"},
    }
    assert wanted[zygote.rung] | {"rlimits", "descriptors", "environment", "memory"} <= set(zygote.layers)
    beginning = {
        3: "",
        2: "LESS ISOLATED, rung 2 of 3: ",
        1: "LESS ISOLATED, rung 1 of 3: ",
        0: "NOT ISOLATED: ",
    }
    assert zygote.notice.startswith(beginning[zygote.rung])
    assert bool(zygote.notice) == (zygote.rung < 3)


def test_layers_can_be_asked_for_without_loading():
    assert "rlimits" in isolation_layers("plain")


def test_strict_refuses_less(monkeypatch):
    monkeypatch.setattr(bubblewrap, "program", lambda: None)
    with pytest.raises(IsolationUnavailable, match=r"bubblewrap is not installed\..*apt install bubblewrap"):
        Zygote("strict", light=True).start()


def test_best_takes_what_there_is_and_says_so(monkeypatch):
    monkeypatch.setattr(bubblewrap, "program", lambda: None)
    with Zygote(light=True) as zygote:
        assert zygote.rung in (1, 2)  # with Landlock, as everywhere where these tests run
        assert zygote.notice.startswith(
            f"LESS ISOLATED, rung {zygote.rung} of 3: Bubblewrap is not installed."
        )
        assert "apt install bubblewrap" in zygote.notice


def test_a_sandbox_that_does_not_start_is_reported(monkeypatch, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "program", lambda: str(broken))
    with pytest.raises(IsolationUnavailable, match="No permissions to create new namespace"):
        Zygote("strict", light=True).start()


def test_an_unknown_isolation():
    with pytest.raises(ValueError, match="best, strict, plain"):
        Zygote("loose")


def test_many_sessions_at_once(zygote):
    sessions = [zygote.session() for _ in range(6)]
    values = [
        answer(session, "def f(x):\n    return x * x", number).value
        for number, session in enumerate(sessions)
    ]
    assert values == [0, 1, 4, 9, 16, 25]
    assert {session.close().reason for session in sessions} == {"closed"}
    assert not busy_processes(zygote)


def test_a_zygote_that_was_killed_is_started_again(rung):
    with Zygote(top=rung, light=True) as zygote:
        with zygote.session() as session:
            for pid in [zygote._process.pid, *descendants(zygote._process.pid)]:
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(WorkerDied) as caught:
                load(session, "x = 1")
            assert caught.value.reason == "infra"
        zygote._process.wait()
        assert not zygote.alive
        with zygote.session() as session:
            assert load(session, "x = 1")["ok"]


def test_a_session_needs_a_zygote_that_runs():
    with pytest.raises(RuntimeError, match=r"call start\(\) first"):
        Zygote("plain").session()


def test_a_zygote_outlives_the_thread_that_started_it(rung):
    zygote = Zygote(top=rung, light=True)
    try:
        thread = threading.Thread(target=zygote.start)
        thread.start()
        thread.join()
        time.sleep(0.2)
        with zygote.session() as session:
            assert load(session, "x = 1")["ok"]
    finally:
        zygote.close()


def test_loading_can_go_on_in_the_background():
    zygote = Zygote("plain")
    try:
        zygote.start(wait=False)
        assert "rlimits" in zygote.layers
        with zygote.session() as session:
            assert load(session, "import torch")["failed"] == []
    finally:
        zygote.close()


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_nothing_is_left_when_the_judge_is_killed(rung, busy):
    script = f"""
import threading
from autograder.worker import Zygote
zygote = Zygote(top={rung}, light=True)
zygote.start()
session = zygote.session()
cells = [{{"index": 0, "source": "while True: pass" if {busy} else "x = 1"}}]
message = {{"op": "load", "cells": cells, "stubs": {{}}, "statement_s": 100.0}}
threading.Thread(target=lambda: session.request(message, wall_s=100), daemon=True).start()
import time
time.sleep(1)
print(zygote._process.pid, zygote._folder.path if zygote._folder else "-", flush=True)
time.sleep(100)
"""
    judge = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with judge:
        first, folder = judge.stdout.readline().split()
        first = int(first)
        family = [first, *descendants(first)]
        assert len(family) >= 2
        judge.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(map(alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in family if alive(pid)] == []
    assert not Path(folder).exists()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
