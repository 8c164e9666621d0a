"""What every rung with a wall around the files promises, asked from inside a worker beside another worker.

Run as they are, these tests use the best rung of this machine; tests/engine/test_rungs.py runs them again where
rungs 2 and 1 are the best there is.
"""

import errno
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.worker import Limits, WorkerDied, Zygote
from coursekit.calling import Answer

ROOT = Path(__file__).resolve().parents[2]

PROBE = r'''
import ctypes, os, resource, signal, socket, sys

libc = ctypes.CDLL(None, use_errno=True)


def tried(action, *arguments):
    """What came of it: the result, or the error's name."""
    try:
        return action(*arguments)
    except BaseException as error:
        return type(error).__name__


def read(path):
    with open(path, "rb") as file:
        return len(file.read(100))


def write(path):
    with open(path, "w") as file:
        file.write("x")
    return "written"


def reach(files, folders, pids, signals):
    """What can be opened, listed and done to other processes."""
    done = {}
    for path in files:
        done["read", path] = tried(read, path)
        done["append", path] = tried(lambda: open(path, "a").close())
        done["truncate", path] = tried(os.truncate, path, 0)
        done["remove", path] = tried(os.remove, path)
        done["link", path] = tried(os.link, path, "stolen")
        done["rename", path] = tried(os.rename, path, "stolen")
    for folder in folders:
        done["list", folder] = tried(lambda: len(os.listdir(folder)))
        done["make", folder] = tried(write, os.path.join(folder, "made.txt"))
    for pid in pids:
        for number in signals:
            done["kill", pid, int(number)] = tried(os.kill, pid, number)
        for name in ("mem", "maps", "environ", "cmdline"):
            done["read", f"/proc/{pid}/{name}"] = tried(read, f"/proc/{pid}/{name}")
        done["fd", pid] = tried(lambda: len(os.listdir(f"/proc/{pid}/fd")))
        done["root", pid] = tried(lambda: len(os.listdir(f"/proc/{pid}/root/")))
        done["prlimit", pid] = tried(resource.prlimit, pid, resource.RLIMIT_NOFILE, (0, 0))
        done["priority", pid] = tried(os.setpriority, os.PRIO_PROCESS, pid, 19)
        done["processor", pid] = tried(os.sched_setaffinity, pid, [0])
        for request in (16, 0x4206):  # ATTACH, SEIZE
            done["trace", pid, request] = libc.ptrace(request, pid, 0, 0) == 0
    return {" ".join(map(str, key)): value for key, value in done.items() if denied(value) is False}


def denied(value):
    return value is False or value in ("PermissionError", "FileNotFoundError", "ProcessLookupError", "OSError")


def sockets():
    kinds = [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK]
    return [tried(socket.socket, family, kind) for family in kinds for kind in (1, 2, 3)]


def undo():
    """Whether it can free itself of its parent, be hidden, or get at what it gave up."""
    return [
        libc.prctl(1, 0, 0, 0, 0),      # PDEATHSIG
        libc.prctl(4, 0, 0, 0, 0),      # DUMPABLE
        libc.prctl(36, 1, 0, 0, 0),     # CHILD_SUBREAPER
        libc.unshare(0x10000000),
        libc.mount(b"none", b"/", b"tmpfs", 0, b""),
        libc.chroot(b"."),
        libc.setresuid(0, 0, 0) if os.getuid() else -1,
        libc.personality(0x0040000),
        libc.syscall(425, 8, 0),        # io_uring_setup
        libc.syscall(319, b"x", 0),     # memfd_create
        libc.shmget(0, 4096, 0o1666),
    ]


def library(folder):
    sys.path.insert(0, folder)
    try:
        import captum
        return captum.__file__
    except ImportError:
        return "absent"


def meddle(path):
    for action in (lambda: os.chmod(path, 0), lambda: os.utime(path, (0, 0)), lambda: os.chown(path, 1, 1)):
        tried(action)


def leave_behind():
    """A process without parent and session of its own; returns how many were started."""
    started = 0
    for _ in range(3):
        try:
            child = os.fork()
        except OSError:
            return started
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    pass
            os._exit(0)
        os.waitpid(child, 0)
        started += 1
    return started


def crowd():
    """Many threads that want the processor; the priority of this one after a while, and what renicing back gives."""
    import threading
    import time
    stop = []
    for _ in range(20):
        threading.Thread(target=lambda: [None for _ in iter(lambda: bool(stop), True)], daemon=True).start()
    end = time.monotonic() + 20
    while os.getpriority(os.PRIO_PROCESS, 0) < 19 and time.monotonic() < end:
        time.sleep(0.05)
    stop.append(1)
    return os.getpriority(os.PRIO_PROCESS, 0), tried(os.setpriority, os.PRIO_PROCESS, 0, 0)


def fill(size, count, hidden):
    import time
    kept = []
    try:
        for number in range(count):
            file = open(f"{number}.bin", "wb")
            file.write(b"x" * size)
            file.flush()
            if hidden:
                os.unlink(f"{number}.bin")
                kept.append(file)
            else:
                file.close()
        time.sleep(5)
    except OSError as error:
        return error.errno
    return "filled"
'''


@pytest.fixture(scope="module")
def zygote(rung):
    if rung == 0:
        pytest.xfail("rung 0 has no wall around the files, and says so")
    with Zygote(top=rung, light=True) as started:
        assert started.rung == rung
        yield started


@pytest.fixture
def session(zygote):
    with zygote.session(Limits(wall_s=120)) as started:
        yield load(started)


def load(session):
    cells = [{"index": 0, "source": PROBE}]
    assert (
        session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 9.0}, wall_s=30)["failed"]
        == []
    )
    return session


def ask(session, name, *arguments, wall_s=60):
    call = {"op": "call", "name": name, "args": list(arguments), "kwargs": {}}
    answer = Answer.from_tree(session.request(call, wall_s=wall_s))
    assert answer.error is None, answer.error
    return answer.value


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found + [pid for child in found for pid in descendants(child)]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids, seconds=20):
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return [pid for pid in pids if alive(pid)] == []


def test_nothing_of_the_machine_and_of_other_processes_is_reached(zygote, session, tmp_path):
    secret = tmp_path / "hidden_grader.py"
    secret.write_text("x" * 50)
    secret.chmod(0o666)
    files = [secret, ROOT / "reference_impl" / "gradient_attribution.py", ROOT / "course.toml", "/etc/passwd"]
    folders = [tmp_path, ROOT, "/", "/tmp", "/home", "/etc", "/proc/1"]
    with zygote.session() as sibling:
        load(sibling)
        if zygote._folder is not None:
            theirs = sorted((Path(zygote._folder.path) / "scratch").iterdir())
            (theirs[-1] / "kept.txt").write_text("another submission's")
            files.append(theirs[-1] / "kept.txt")
            folders += [theirs[-1], theirs[-1].parent, zygote._folder.path]
        pids = [os.getpid(), zygote._process.pid, *descendants(zygote._process.pid)]
        own = first_process(zygote, session) if zygote.rung < 3 else None
        others = [pid for pid in pids if pid != own]
        if zygote.rung == 3:  # these are its own there
            folders = [folder for folder in folders if folder not in ("/", "/etc", "/proc/1")]
        assert (
            ask(session, "reach", [str(f) for f in files], [str(f) for f in folders], others, [0, 19, 9])
            == {}
        )
        assert ask(sibling, "tried", "x") == "TypeError"  # it answers: nobody has stopped it
    assert secret.read_text() == "x" * 50


def first_process(zygote, session):
    """The process of ``session``, as this process sees it: the oldest of the workers."""
    return min(descendants(zygote._process.pid))


def test_the_same_questions_find_what_is_its_own(session):
    """The positive control: what it may reach, they do reach."""
    assert ask(session, "tried", "x") == "TypeError"
    assert ask(session, "write", "own.txt") == "written"
    found = ask(session, "reach", ["own.txt"], ["."], [], [])
    assert {"read own.txt", "append own.txt", "rename own.txt", "list .", "make ."} & set(found) >= {
        "read own.txt",
        "append own.txt",
        "list .",
        "make .",
    }


def test_without_the_wall_the_same_questions_find_it(rung, tmp_path):
    """And so do they outside, where the layers that stop them are switched off."""
    secret = tmp_path / "hidden_grader.py"
    secret.write_text("x" * 50)
    secret.chmod(0o666)
    off = {"files"} if rung == 3 else {"landlock"}
    off |= {"landlock", "seccomp", "uid", "pid", "processes"}
    with Zygote(top=rung, light=True, without=off) as zygote, zygote.session() as session:
        pids = [zygote._process.pid]
        found = ask(
            load(session),
            "reach",
            [str(secret)],
            [str(tmp_path), "/"],
            pids if zygote.rung < 3 else [1, 2],
            [0],
        )
        assert {f"read {secret}", f"list {tmp_path}"} <= set(found)
        assert any(name.startswith("kill") for name in found)


def test_no_socket_is_made(session):
    assert set(ask(session, "sockets")) <= {"PermissionError", "AttributeError"}


def test_nothing_that_was_given_up_comes_back(session):
    assert set(ask(session, "undo")) == {-1}


def test_an_absent_library_cannot_be_put_back(session):
    import captum

    assert ask(session, "library", str(Path(captum.__file__).parents[1])) == "absent"


def test_rights_times_and_owner_of_a_file_outside_stay(session, tmp_path):
    file = tmp_path / "graded.csv"
    file.write_text("a,b")
    before = file.stat()
    ask(session, "meddle", str(file))
    after = file.stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (before.st_mode, before.st_mtime, before.st_uid)


@pytest.mark.parametrize(
    ("size", "count", "hidden"),
    [(8 << 20, 20, False), (10, 20_000, False), (8 << 20, 20, True)],
    ids=["large files", "many files", "large files without a name"],
)
def test_a_full_disk_ends_the_exercise_alone(zygote, session, size, count, hidden):
    if "disk" in zygote.layers:
        with pytest.raises(WorkerDied) as caught:
            ask(session, "fill", size, count, hidden)
        assert caught.value.reason == "disk"
        assert caught.value.detail == "stopped because it wrote more than 64 MB, or too many files"
    else:
        assert ask(session, "fill", size, count, hidden) == errno.ENOSPC
    with zygote.session() as fresh:
        assert ask(load(fresh), "tried", "x") == "TypeError"


def test_many_threads_give_way_to_other_submissions(zygote, session):
    assert ask(session, "crowd") == (19, "PermissionError")
    with zygote.session() as other:
        assert ask(load(other), "tried", "x") == "TypeError"
        assert os.getpriority(os.PRIO_PROCESS, zygote._process.pid) < 19


def test_what_was_left_behind_ends_with_the_session(zygote):
    with zygote.session() as session:
        started = ask(load(session), "leave_behind")
        assert started == (0 if "processes" in zygote.layers else 3)
        family = descendants(zygote._process.pid)
    assert gone([pid for pid in family if pid not in descendants(zygote._process.pid)])
    assert len(descendants(zygote._process.pid)) == (2 if zygote.rung == 3 else 0)


@pytest.mark.parametrize("victim", ["judge", "zygote"])
def test_no_process_outlives_a_kill(rung, victim, tmp_path):
    probe = tmp_path / "probe.py"
    probe.write_text(PROBE)
    mark = secrets.token_hex(4)
    script = f"""
import sys, time
from pathlib import Path
from autograder.worker import Zygote
zygote = Zygote(top={rung}, light=True)
zygote.start()
session = zygote.session()
cells = [{{"index": 0, "source": Path({str(probe)!r}).read_text() + "\\nleave_behind()"}}]
session.request({{"op": "load", "cells": cells, "stubs": {{}}, "statement_s": 60.0}}, wall_s=100)
print("{mark}", zygote._process.pid, flush=True)
sys.stdin.readline()
zygote.close()
print("closed", flush=True)
time.sleep(100)
"""
    judge = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        word, pid = judge.stdout.readline().split()
        assert word == mark
        family = [int(pid), *descendants(int(pid))]
        assert len(family) >= (5 if rung > 1 else 2)
        if victim == "judge":
            judge.send_signal(signal.SIGKILL)
        else:
            os.kill(family[1] if rung == 3 else int(pid), signal.SIGKILL)
            judge.stdin.write("\n")
            judge.stdin.flush()
            assert judge.stdout.readline() == "closed\n"
        assert gone(family)
    finally:
        judge.kill()
        judge.wait()
        judge.stdin.close()
        judge.stdout.close()
