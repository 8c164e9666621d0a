"""The wall between student code and everything worth stealing, seen from the student's side.

Random tokens are planted wherever a grader keeps something. A graded function then reads every file it can
open, /proc, its descriptors, sockets and its whole address space. It must find what was planted on its own
side (or the search itself would be worthless) and nothing else.
"""

import os
import secrets
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.worker import Limits, Zygote, bubblewrap
from coursekit.calling import Answer

NO_SANDBOX = "no bubblewrap on this machine: apt install bubblewrap"
ROOT = Path(__file__).resolve().parents[2]
PREFIX = "CNRY"
TELLING = r"reference_impl|/graders|/submi|/solutions|/autograder|/records?/|/judge|/release/"

PROBE = r'''
import ctypes, os, re, socket

PATTERN = re.compile(b"CN" + b"RY[0-9a-f]{32}")
WIDE = 1 << 22


HOST, SHOWN = [], set()


def search(data, place, found):
    for path in HOST:
        if path in data and place in ("proc", "links", "names"):
            SHOWN.add(place)
    for token in PATTERN.findall(data):
        found.setdefault(token.decode(), set()).add(place)


def read(path, found, place):
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            search(file.read(WIDE) or b"", place, found)
            if size > WIDE:
                file.seek(-65536, 2)
                search(file.read() or b"", place, found)
    except (OSError, ValueError):
        return False
    return True


def files(found):
    """Every path but /proc: how many could be read, their names, and which ones could be written."""
    names, writable, count = [], [], 0
    for folder, below, inside in os.walk("/"):
        if folder == "/":
            below.remove("proc")
        names.append(folder)
        search(os.fsencode("\n".join([folder, *inside])), "names", found)
        try:
            with open(folder + "/.probe", "w"):
                writable.append(folder)
            os.unlink(folder + "/.probe")
        except OSError:
            pass
        for name in inside:
            path = os.path.join(folder, name)
            names.append(path)
            if os.path.islink(path):
                search(os.fsencode(os.readlink(path)), "names", found)
            if not os.path.isfile(path):
                continue  # devices hold nothing
            count += read(path, found, "files")
            try:
                os.close(os.open(path, os.O_WRONLY))
                writable.append(path)
            except OSError:
                pass
    return count, names, writable


def processes(found):
    seen = []
    for folder, below, inside in os.walk("/proc"):
        if folder == "/proc":
            seen = sorted(name for name in below if name.isdigit())
        if "/task/" in folder and folder.count("/") > 4:
            below.clear()
        for name in inside:
            path = os.path.join(folder, name)
            if name in ("kmsg", "kpagecount", "kpageflags", "kpagecgroup", "kcore", "pagemap", "mem", "clear_refs"):
                continue
            if os.path.islink(path):
                try:
                    search(os.fsencode(os.readlink(path)), "links", found)
                except OSError:
                    pass
            elif os.path.isfile(path):
                read(path, found, "proc")
    return seen


def descriptors(found):
    kinds = {}
    for fd in range(64):
        try:
            kinds[fd] = os.readlink(f"/proc/self/fd/{fd}").split(":")[0]
        except OSError:
            continue
        if kinds[fd] == "socket":
            for_reading = socket.socket(fileno=os.dup(fd))
            try:
                search(for_reading.recv(WIDE, socket.MSG_PEEK | socket.MSG_DONTWAIT), "descriptors", found)
            except OSError:
                pass
            for_reading.close()
        elif kinds[fd] == "pipe" and fd > 2:
            os.set_blocking(fd, False)
            try:
                search(os.read(fd, WIDE), "descriptors", found)
            except OSError:
                pass
    return kinds


def network(ports, found):
    opened = []
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                connection = socket.socket(getattr(socket, family), kind)
                opened.append(family)
                connection.settimeout(1)
                connection.connect(("127.0.0.1", ports[0]))
                search(connection.recv(1000), "network", found)
            except (OSError, TypeError, AttributeError):
                pass
    return opened


def memory(found):
    """Everything readable in this process's own address space; returns how many bytes."""
    total = 0
    for line in open("/proc/self/maps"):
        span, rights, *_, name = line.split(None, 5) if len(line.split(None, 5)) == 6 else [*line.split(), ""]
        if not rights.startswith("r") or name.startswith(("[v", "/dev/")):
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        if name.startswith("/"):  # mapped from a file, which was read already; what follows its end is no memory
            continue
        for position in range(start, end, WIDE):
            chunk = ctypes.string_at(position, min(WIDE + 64, end - position))
            search(chunk, "memory", found)
            total += len(chunk)
    return total


def others():
    """What can be done to other processes."""
    done = []
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in range(2, 400):
        try:
            os.kill(pid, 0)
            done.append(f"kill {pid}")
        except OSError:
            pass
        if libc.ptrace(16, pid, 0, 0) == 0:
            done.append(f"ptrace {pid}")
    for path in ("/proc/1/root", "/proc/self/root/..", "/proc/1/cwd/../.."):
        try:
            if "var" in os.listdir(path):
                done.append(path)
        except OSError:
            pass
    return done


def f(ports, paths, telling, hidden):
    HOST.extend(os.fsencode(path) for path in hidden)
    found = {}
    count, names, writable = files(found)
    return {
        "pids": processes(found),
        "descriptors": descriptors(found),
        "opened": network(ports, found),
        "others": others(),
        "bytes": memory(found),
        "found": {token: sorted(places) for token, places in found.items()},
        "shown": sorted(SHOWN),
        "files": count,
        "tops": os.listdir("/opt/packages"),
        "telling": [name for name in names if re.search(telling, name) and "/opt/packages/" not in name],
        "kit": [name for name in names if name.startswith(("/opt/packages/coursekit", "/opt/packages/worker_"))],
        "writable": writable,
        "reachable": [path for path in paths if os.path.exists(path)],
        "environment": dict(os.environ),
        "who": [os.getuid(), os.geteuid(), os.getgroups()],
        "rights": [line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))],
    }
'''

# Tokens on the student's own side: put together only while it runs.
OWN = """
import os, sys
halves = {halves}
heap = ["".join(half) for half in halves[:1]]
open("own.txt", "w").write("".join(halves[1]))
os.environ["OWN"] = "".join(halves[2])
end, begin = os.pipe()
os.write(begin, "".join(halves[3]).encode())
"""


def token():
    return PREFIX + secrets.token_hex(16)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with something to steal in every place, and the tokens by place."""
    root = tmp_path_factory.mktemp("course")
    places = {
        "reference": "reference_impl/scaling.py",
        "hidden test": "tests/graders/02_scaling/test_scale.py",
        "seed": "seed.toml",
        "other submission": "submitted/ada/02_scaling/02_scaling.ipynb",
        "record": "out/ada/02_scaling/record.json",
        "home": "home/.ssh/id_ed25519",
    }
    tokens = {place: token() for place in [*places, "environment", "descriptor", "network", "sibling"]}
    for place, path in places.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{place} = '{tokens[place]}'\n")
        target.chmod(0o644)
    for folder in root.rglob("*"):
        if folder.is_dir():
            folder.chmod(0o755)
    return SimpleNamespace(root=root, tokens=tokens, files=[root / path for path in places.values()])


@pytest.fixture(scope="module")
def listener(course):
    """A server on this machine that tells its token to whoever connects."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(course.tokens["network"].encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture(scope="module")
def report(course, listener):
    """What a graded function found, while another submission is being graded too."""
    if bubblewrap.program() is None:
        if os.environ.get("REQUIRE_REAL") == "1":
            pytest.fail(NO_SANDBOX)
        pytest.skip(NO_SANDBOX)
    held = os.open(course.files[0], os.O_RDONLY)
    os.set_inheritable(held, True)
    os.environ["AUTOGRADER_SEED"] = course.tokens["environment"]
    own = [token() for _ in range(4)]
    halves = [(text[:10], text[10:]) for text in own]
    repository = [
        ROOT,
        ROOT / "reference_impl",
        ROOT / "tests",
        ROOT / "source",
        ROOT / "autograder",
        ROOT / "course.toml",
    ]
    paths = [
        str(path) for path in [*course.files, *repository, "/etc/passwd", "/home", "/root/.bashrc", "/tmp"]
    ]
    try:
        with (
            Zygote("strict") as zygote,
            zygote.session() as sibling,
            zygote.session(Limits(wall_s=280)) as session,
        ):
            secret = course.tokens["sibling"]
            load(sibling, f"open('other.txt', 'w').write('{secret}')\nkept = '{secret}' * 100")
            load(session, OWN.format(halves=halves), PROBE)
            message = {
                "op": "call",
                "name": "f",
                "args": [[listener], paths, TELLING, [str(ROOT), str(course.root)]],
                "kwargs": {},
            }
            answer = Answer.from_tree(session.request(message, wall_s=270))
    finally:
        del os.environ["AUTOGRADER_SEED"]
        os.close(held)
    assert answer.error is None, answer.error
    return SimpleNamespace(own=own, **answer.value)


def load(session, *sources):
    cells = [{"index": number, "source": source} for number, source in enumerate(sources)]
    reply = session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 10.0}, wall_s=60)
    assert reply["failed"] == []


def test_the_search_finds_what_is_on_its_own_side(report):
    """The positive control: a token of its own in memory, in a file, in the environment and in a pipe."""
    heap, file, environment, pipe = report.own
    assert "memory" in report.found[heap]
    assert "files" in report.found[file]
    assert "memory" in report.found[environment]
    assert "descriptors" in report.found[pipe]
    assert report.files > 3000
    assert report.bytes > 100e6


def test_nothing_planted_elsewhere_is_found(report, course):
    names = {text: place for place, text in course.tokens.items()}
    assert {names[text]: places for text, places in report.found.items() if text in names} == {}


def test_nothing_else_with_such_a_mark_is_found(report):
    assert set(report.found) == set(report.own)


def test_no_path_of_the_course_or_the_machine_exists(report):
    assert report.reachable == []


def test_no_path_of_the_machine_shows(report):
    assert report.shown == []


def test_of_the_repository_only_the_kit_and_the_harness_are_there(report):
    assert report.telling == []
    assert "/opt/packages/coursekit/wire.py" in report.kit
    assert "/opt/packages/worker_inside/harness.py" in report.kit
    outside = {path.name for path in (ROOT / "autograder" / "worker").glob("*.py")} - {
        "__init__.py",
        "zygote.py",
    }
    inside = [name for name in report.kit if name.startswith("/opt/packages/worker_")]
    assert {Path(name).name for name in inside} & outside == set()


def test_libraries_that_do_exercises_are_not_there(report):
    tops = {name.lower().partition("-")[0].partition(".")[0] for name in report.tops}
    banned = (
        "captum shap lime fairlearn networkx skimage statsmodels pytest _pytest nbgrader otter transformers"
    )
    assert tops & set(banned.split()) == set()
    assert {"torch", "numpy", "scipy", "pandas", "sklearn", "matplotlib", "msgspec"} <= tops


def test_only_the_scratch_folder_can_be_written(report):
    elsewhere = [path for path in report.writable if not path.startswith(("/scratch", "/dev/shm"))]
    assert elsewhere == []
    assert "/scratch" in report.writable


def test_no_socket_can_be_opened(report):
    assert report.opened == []


def test_it_is_alone(report):
    assert report.pids == ["1"]
    assert report.others == []


def test_it_holds_no_files_but_its_own(report):
    inherited = {fd: kind for fd, kind in report.descriptors.items() if fd < 4}
    assert inherited == {0: "/dev/null", 1: "pipe", 2: "pipe", 3: "socket"}
    assert all(kind in ("pipe", "/proc/1/fd") for fd, kind in report.descriptors.items() if fd >= 4)


def test_it_has_no_rights(report):
    assert 0 not in report.who[:2]
    rights = dict(line.split() for line in report.rights)
    assert {name for name in rights if name.startswith("Cap") and int(rights[name], 16)} == set()
    assert len(rights) == 7
    assert rights["NoNewPrivs:"] == "1"


def test_the_environment_tells_nothing(report):
    ours = set(bubblewrap.ENVIRONMENT) | {"OWN", "PWD", "LC_CTYPE"}
    libraries = ("KMP_", "MPL", "TORCH", "PYTORCH")
    assert {name for name in report.environment if not name.startswith(libraries)} <= ours
    assert not any(str(ROOT) in value for value in report.environment.values())
