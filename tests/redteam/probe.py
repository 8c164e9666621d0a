"""What a graded function can find: it reads everything it can read, and says where which token was.

The text is a student's code: it runs in the worker. It goes through every folder that it can list (from the root,
and from every folder that its own maps and paths name), every file of /proc, its descriptors, its sockets, the
machine's ports, and all of its memory.
"""

ROOTS = (
    '["/", os.getcwd(), os.path.dirname(os.getcwd()), "/tmp", "/home", "/root", "/var", "/etc", "/dev/shm"]'
)
"""Where to begin; what is mapped and what can be imported leads further."""

SEARCH = r'''
import ctypes
import gc
import os
import re
import socket
import sys

PATTERN = re.compile(b"CN" + b"RY[0-9a-f]{32}")
WIDE = 1 << 22
HELD = ("kmsg", "kpagecount", "kpageflags", "kpagecgroup", "kcore", "pagemap", "mem", "clear_refs")


def search(data, place, found):
    for token in PATTERN.findall(data):
        found.setdefault(token.decode(), set()).add(place)


def read(path, found, place):
    """Begin and end of a file; whether it could be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            search(file.read(WIDE) or b"", place, found)
            if os.fstat(file.fileno()).st_size > WIDE:
                file.seek(-65536, 2)
                search(file.read() or b"", place, found)
    except (OSError, ValueError):
        return False
    return True


def roots():
    """Where to begin: folders that can be listed may lie below one that cannot."""
    named = set(@ROOTS@)
    named |= {path for path in sys.path if path.startswith("/")}
    for line in open("/proc/self/maps"):
        path = line.split(None, 5)[5:] or [""]
        if path[0].startswith("/"):
            named.add(os.path.dirname(path[0].strip()))
    return sorted(named)


def files(found):
    count, seen = 0, set()
    for root in roots():
        for folder, below, inside in os.walk(root):
            below[:] = [name for name in below if os.path.join(folder, name) not in ("/proc", "/sys")]
            if folder in seen:
                below.clear()
                continue
            seen.add(folder)
            search(os.fsencode("\n".join([folder, *below, *inside])), "names", found)
            for name in inside:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    search(os.fsencode(os.readlink(path)), "names", found)
                if os.path.isfile(path):
                    count += read(path, found, "files")
    return count


def processes(found):
    numbers = [name for name in ls("/proc") if name.isdigit()] or ["self"]
    numbers += [str(number) for number in range(1, 3000)]
    for number in dict.fromkeys(numbers):
        for name in ("cmdline", "environ", "maps", "status", "mountinfo", "mounts", "comm", "cgroup", "stat"):
            read(f"/proc/{number}/{name}", found, "processes")
        for name in ("cwd", "root", "exe"):
            try:
                search(os.fsencode(os.readlink(f"/proc/{number}/{name}")), "processes", found)
            except OSError:
                pass
        for name in ls(f"/proc/{number}/fd"):
            if os.path.isfile(f"/proc/{number}/fd/{name}"):  # whoever opens a pipe waits
                read(f"/proc/{number}/fd/{name}", found, "processes")
    for folder, below, inside in os.walk("/proc"):
        below[:] = [name for name in below if not name.isdigit() and name not in ("self", "thread-self")]
        for name in inside:
            if name not in HELD and os.path.isfile(os.path.join(folder, name)):
                read(os.path.join(folder, name), found, "processes")


def ls(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def descriptors(found):
    for fd in range(64):
        try:
            mode = os.fstat(fd).st_mode >> 12
        except OSError:
            continue
        if mode == 0o14:
            try:
                with socket.socket(fileno=os.dup(fd)) as connection:
                    search(connection.recv(WIDE, socket.MSG_PEEK | socket.MSG_DONTWAIT), "descriptors", found)
            except OSError:
                pass
        elif mode == 0o1 and fd > 2:
            try:
                os.set_blocking(fd, False)
                search(os.read(fd, WIDE), "descriptors", found)
            except OSError:
                pass
        elif mode == 0o10:
            try:
                search(os.pread(fd, WIDE, 0), "descriptors", found)
            except OSError:
                pass


def network(port, found):
    for family, address in ((socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(address)
                search(connection.recv(10_000), "network", found)
        except OSError:
            pass


def memory(found):
    total = 0
    for line in open("/proc/self/maps"):
        parts = line.split(None, 5)
        name = parts[5].strip() if len(parts) == 6 else ""
        if not parts[1].startswith("r") or name.startswith(("[v", "/")):
            continue  # what is mapped from a file was read already
        start, end = (int(part, 16) for part in parts[0].split("-"))
        for position in range(start, end, WIDE):
            chunk = ctypes.string_at(position, min(WIDE + 64, end - position))
            search(chunk, "memory", found)
            total += len(chunk)
    for thing in gc.get_objects():
        if type(thing) in (list, tuple, dict):
            for item in list(thing if type(thing) is not dict else thing.values())[:2000]:
                if type(item) in (str, bytes) and len(item) < 10_000:
                    search(item.encode("utf-8", "replace") if type(item) is str else item, "memory", found)
    return total


def f(port):
    found = {}
    count = files(found)
    processes(found)
    descriptors(found)
    network(port, found)
    total = memory(found)
    for name, value in os.environ.items():
        search(os.fsencode(name + value), "environment", found)
    return {"files": count, "bytes": total, "found": {token: sorted(places) for token, places in found.items()}}
'''.replace("@ROOTS@", ROOTS)

OWN = """
# Tokens of the probe's own side, put together only while it runs: the search must find them.
import os
halves = {halves}
heap = ["".join(halves[0])]
open("own.txt", "w").write("".join(halves[1]))
os.environ["OWN"] = "".join(halves[2])
end, begin = os.pipe()
os.write(begin, "".join(halves[3]).encode())
os.mkdir("".join(halves[4]))
"""
