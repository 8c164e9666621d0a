"""What students do with libraries, files, threads and processes works behind every layer, on every rung."""

import inspect
import textwrap

import pytest

from autograder.worker import Limits, Zygote
from coursekit.calling import Answer


# ------------------------------------------------------------------------- each runs in a worker; what it returns
def numpy_arrays_and_their_files():
    import numpy as np

    a = np.random.default_rng(0).normal(size=(120, 120))
    np.linalg.svd(a), np.linalg.eig(a), np.fft.fft2(a)
    np.save("a.npy", a), np.savez("b.npz", a=a), np.savetxt("c.txt", a[:3])
    shared = np.memmap("m.dat", dtype="f4", mode="w+", shape=(10, 10))
    shared[:] = 1
    shared.flush()
    same = [np.load("a.npy"), np.load("a.npy", mmap_mode="r"), np.load("b.npz")["a"]]
    return all(np.array_equal(a, other) for other in same) and np.loadtxt("c.txt").shape == (3, 120)


def torch_training_and_its_files():
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 2)
    )
    x, y = torch.rand(8, 1, 8, 8), torch.randint(0, 2, (8,))
    optimiser = torch.optim.Adam(net.parameters())
    for inputs, targets in DataLoader(TensorDataset(x, y), batch_size=4, shuffle=True):
        torch.nn.functional.cross_entropy(net(inputs), targets).backward()
        optimiser.step()
    torch.save(net.state_dict(), "net.pt")
    net.load_state_dict(torch.load("net.pt"))
    torch.set_num_threads(4)
    large = torch.ones(900, 900)
    total = (large @ large).sum().item()
    torch.set_num_threads(1)
    torch.autograd.functional.jacobian(lambda v: (v**2).sum(), torch.ones(3))
    torch.fx.symbolic_trace(net)
    with torch.profiler.profile():
        torch.ones(3).sum()
    return total == 900.0**3


def models_of_scikit_learn():
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_breast_cancer, load_digits
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    x, y = load_breast_cancer(return_X_y=True)
    x, y = x[:120], y[:120]
    for model in (LogisticRegression(max_iter=5000), SVC(), HistGradientBoostingClassifier(max_iter=3)):
        model.fit(x, y).predict(x)
    forest = RandomForestClassifier(10, n_jobs=2).fit(x, y)
    permutation_importance(forest, x, y, n_repeats=2, n_jobs=2)
    KMeans(3, n_init=2).fit(x), PCA(2).fit_transform(x), load_digits()
    return len(cross_val_score(DecisionTreeClassifier(), x, y, n_jobs=-1)) == 5


def tables_of_pandas():
    import pandas as pd

    table = pd.DataFrame({"a": [1, 2, 3], "t": pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin")})
    table.to_csv("d.csv.gz"), table.to_json("d.json"), table.to_pickle("d.pkl"), table.describe()
    return list(pd.read_csv("d.csv.gz").a) == [1, 2, 3] == list(pd.read_pickle("d.pkl").a)


def plots_in_every_format():
    import matplotlib.pyplot as plt
    import numpy as np
    from PIL import Image

    figure, axes = plt.subplots(1, 2)
    axes[0].imshow(np.eye(8))
    axes[1].set_title(r"$\alpha^2$")
    for kind in ("png", "pdf", "svg", "jpg"):
        figure.savefig("p." + kind)
    plt.show()
    plt.close("all")
    return Image.open("p.png").size[0] > 100


def methods_of_scipy():
    import numpy as np
    import scipy.fft
    import scipy.integrate
    import scipy.io
    import scipy.optimize
    import scipy.sparse
    import scipy.stats

    scipy.io.savemat("s.mat", {"a": np.ones(3)})
    scipy.fft.fft(np.ones((4, 999)), workers=2)
    scipy.stats.norm.rvs(size=3, random_state=0)
    found = scipy.optimize.minimize(lambda v: (v**2).sum(), np.ones(3))
    return bool(found.fun < 1e-6) and scipy.io.loadmat("s.mat")["a"].shape == (1, 3)


def files_and_folders():
    import gzip
    import os
    import pathlib
    import shutil
    import sqlite3
    import tempfile
    import zipfile

    folder = pathlib.Path("folder/below")
    folder.mkdir(parents=True)
    (folder / "f.txt").write_text("x")
    (folder / "f.txt").rename(folder / "g.txt")
    os.symlink("g.txt", folder / "link")
    os.chmod(folder / "g.txt", 0o600)
    os.utime(folder / "g.txt")
    shutil.copytree("folder", "copy")
    shutil.copy2(folder / "g.txt", "z")
    shutil.make_archive("archive", "zip", "folder")
    shutil.rmtree("copy")
    os.replace("z", "y")
    os.remove("y")
    for made in (tempfile.TemporaryFile, tempfile.NamedTemporaryFile):
        with made() as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    with tempfile.TemporaryDirectory() as temporary, open(temporary + "/a", "w") as file:
        file.write("x" * 100)
        file.truncate(3)
    with gzip.open("g.gz", "wb") as file:
        file.write(b"x")
    with zipfile.ZipFile("z.zip", "w") as file:
        file.writestr("a", "b")
    with sqlite3.connect("db.sqlite") as database:
        database.execute("create table t(a)")
    return sorted(os.listdir("folder/below")) == ["g.txt", "link"]


def threads_and_asyncio():
    import asyncio
    import concurrent.futures
    import queue
    import threading

    async def later():
        await asyncio.sleep(0.01)
        return 1

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        squares = list(pool.map(lambda v: v * v, range(5)))
    waiting = queue.Queue()
    timer = threading.Timer(0.01, waiting.put, [2])
    timer.start()
    return [*squares, asyncio.run(later()), waiting.get(timeout=5)] == [0, 1, 4, 9, 16, 1, 2]


def the_machine_and_the_clock():
    import datetime
    import os
    import platform
    import resource
    import time
    import uuid
    import zoneinfo

    time.sleep(0.01)
    values = [
        time.process_time(),
        time.thread_time(),
        os.cpu_count(),
        os.getppid(),
        len(os.sched_getaffinity(0)),
    ]
    values += [
        platform.platform(),
        uuid.uuid4(),
        os.urandom(3),
        resource.getrusage(resource.RUSAGE_SELF),
        os.times(),
    ]
    return datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")).year > 2000 and len(values) == 10


def signals_pipes_and_waiting():
    import os
    import select
    import signal
    import time

    heard = []
    signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(0.05)
    signal.raise_signal(signal.SIGALRM)
    os.kill(os.getpid(), signal.SIGALRM)
    end, begin = os.pipe()
    os.write(begin, b"x")
    with select.epoll() as several:
        several.register(end)
        return len(heard) == 3 and bool(several.poll(1)) and bool(select.select([end], [], [], 1)[0])


def memory_by_every_means():
    import mmap

    import numpy as np
    import torch

    pieces = [bytearray(1 << 20) for _ in range(50)]
    array = np.zeros(10**7)
    array[:] = 1
    with mmap.mmap(-1, 1 << 20) as area:
        area.madvise(mmap.MADV_DONTNEED)
        area.resize(1 << 21)
    return len(pieces) == 50 and torch.ones(10**6).sum().item() == 1e6


def bars_displays_and_profiles():
    import cProfile
    import traceback
    import warnings

    from IPython.display import HTML, display
    from tqdm.auto import tqdm

    display(HTML("<b>x</b>"))
    cProfile.Profile().runcall(sum, [1, 2])
    warnings.warn("careful", stacklevel=1)
    try:
        return 1 / 0
    except ZeroDivisionError:
        return "ZeroDivisionError" in traceback.format_exc() and sum(tqdm(range(3))) == 3


def processes():
    import os
    import subprocess
    import sys

    child = os.fork()
    if child == 0:
        os._exit(3)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = subprocess.run([sys.executable, "-S", "-c", "print(1)"], capture_output=True, check=True).stdout
    return status == 3 and text == b"1\n"


# ------------------------------------------------------------------------------------------------------- the tests
WORK = [
    value for value in list(globals().values()) if inspect.isfunction(value) and value.__module__ == __name__
]
WITHOUT_PROCESSES = [work for work in WORK if work is not processes]


@pytest.fixture(scope="module")
def zygote(rung):
    with Zygote(top=rung) as started:
        assert "seccomp" in started.layers
        yield started


def run(session, work):
    source = textwrap.dedent(inspect.getsource(work))
    cells = [{"index": 0, "source": source}]
    reply = session.request({"op": "load", "cells": cells, "stubs": {}, "statement_s": 9.0}, wall_s=60)
    assert reply["failed"] == []
    call = {"op": "call", "name": work.__name__, "args": [], "kwargs": {}}
    return Answer.from_tree(session.request(call, wall_s=120))


@pytest.mark.parametrize("work", WITHOUT_PROCESSES, ids=lambda work: work.__name__)
def test_honest_work_is_let_through(zygote, work):
    with zygote.session(Limits(wall_s=240)) as session:
        answer = run(session, work)
        assert (answer.value, answer.error) == (True, None)


def test_processes_where_they_can_all_be_ended(zygote):
    with zygote.session(Limits(wall_s=240)) as session:
        answer = run(session, processes)
        if "processes" in zygote.layers:  # refused at once, and in words
            assert answer.error.name == "PermissionError"
        else:
            assert (answer.value, answer.error) == (True, None)
