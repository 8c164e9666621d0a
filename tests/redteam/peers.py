"""The control for what the judge's design stops: attacks graded as other graders do it, in one process.

As a process of its own (:func:`main`) it answers lines of JSON ``{"attack": path, "style": word, "folder": path}``, one grading
each, in processes forked from one that has loaded torch and IPython. In each of them a *kernel* (IPython's own
shell) runs the student's cells and then the tests as further cells, in the same names; it collects its results
and pickles them for the *grader* that has started it. Nothing of the engine is used.

What is weak here is what was measured on real graders (docs/security.md): it is a demonstration, and the
attacks are the project's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import signal
import sys
import time
import unittest
from pathlib import Path

from tests.redteam.course import TOKENS

SOFT_SECONDS, HARD_SECONDS = 2, 5
POINTS = 10
_CORE = "import numpy as np\nimport torch\nfrom torch import nn\n"

REFERENCE = f'''
def reference(model, x, target):
    """{TOKENS["reference"]}"""
    y = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(model(y)[torch.arange(len(y)), target].sum(), y)[0].abs()
'''
_GIVEN = """
# {token}
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3)).double()
x = torch.randn(4, 5, dtype=torch.float64)
target = torch.tensor([0, 2, 1, 0])
expected = reference(model, x, target)
got = saliency(model, x, target)
""".replace("{token}", TOKENS["hidden test"])
_LIVE = _GIVEN.replace(
    "expected = reference(model, x, target)\ngot = saliency(model, x, target)\n", ""
).rstrip()
_LIVE += "\ngot = saliency(model, x, target)\nexpected = reference(model, x, target)\n"
_ALLCLOSE = "assert torch.allclose(got, expected)\n"

TESTS = {
    "allclose": _GIVEN + _ALLCLOSE,
    "equal": _GIVEN + "assert got == expected\n",
    "not_greater": _GIVEN + "if (got - expected).abs().max() > 1e-6:\n    raise AssertionError\n",
    "builtins": _GIVEN
    + "assert all(abs(a - b) < 1e-6 for a, b in zip(got.flatten().tolist(), expected.flatten().tolist()))\n",
    "live": _LIVE + _ALLCLOSE,
    "random": _LIVE.replace(
        "model = ",
        "weights = [torch.randn(7, 5, dtype=torch.float64), torch.randn(3, 7, dtype=torch.float64)]\nmodel = ",
    ).replace("\nx =", "\nmodel[0].weight.data, model[2].weight.data = weights\nx =")
    + _ALLCLOSE,
    "helper": _LIVE.replace("torch.nn.Sequential(", "make_model(") + _ALLCLOSE,
}
HONEST = """
def saliency(model, x, target):
    y = x.detach().clone().requires_grad_(True)
    gradient = torch.autograd.grad(model(y)[torch.arange(len(y)), target].sum(), y)[0]
    sizes = torch.zeros(x.shape)
    sizes += gradient.abs()
    assert torch.get_num_threads() == 1
    return sizes
"""
_COARSE = _GIVEN + "assert (got - expected).abs().max() < 1e-5\n"
_HELPER = """
def make_model(*layers):
    return torch.nn.Sequential(*layers)
"""


class Result:
    """What one test gave."""

    def __init__(self, name: str, passed: bool) -> None:
        self.name, self.passed, self.value = name, passed, None


def main() -> None:
    """Answer until standard input ends."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    torch.set_num_threads(1)
    torch.autograd.grad(
        torch.ones(1, requires_grad=True).sum(), torch.ones(1, requires_grad=True), allow_unused=True
    )
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}), colors="nocolor")
    shell.run_cell(_CORE, store_history=True)
    _limit(resource.RLIMIT_AS, 8 << 30)
    _limit(resource.RLIMIT_CORE, 0)
    for line in sys.stdin:
        task = json.loads(line)
        print(
            json.dumps(grade(shell, Path(task["attack"]).read_text(), task["style"], Path(task["folder"]))),
            flush=True,
        )


def grade(shell, attack: str, style: str, folder: Path) -> dict:
    """Signs of success of one attack, graded so."""
    os.chdir(folder)
    reading, writing = os.pipe()
    grader = os.fork()
    if grader == 0:
        os.setsid()
        os.close(reading)
        with contextlib.suppress(BaseException):
            os.write(writing, json.dumps(_grader(shell, attack, style)).encode())
        os._exit(0)
    os.close(writing)
    said = _read(reading, HARD_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    try:
        outcome = json.loads(said)
    except ValueError:  # the grader has ended, or waits for ever
        return {"signs": ["stopped"], "text": ""}
    opened = folder / "opened.txt"
    if opened.exists() and int(opened.read_text()) == outcome["grader"]:
        outcome["signs"].append("opened")
    return outcome


def _grader(shell, attack: str, style: str) -> dict:
    """The process that starts a kernel and believes it."""
    with open("output.txt", "wb") as output:
        kernel = os.fork()
        if kernel == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (the process ends with it)
            try:
                _kernel(shell, attack, style)
            except SystemExit as left:
                os._exit(left.code or 0)
            except BaseException:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
    text = Path("output.txt").read_text(errors="replace")
    signs = ["reached"] if "REACHED" in text else []
    if any(token in text for token in TOKENS.values()):
        signs.append("leak")
    try:
        with open("results.pkl", "rb") as file:
            results = pickle.load(file)  # what is to be shown: it runs what it reads
    except (OSError, EOFError, pickle.UnpicklingError):
        results = []
        if status != 0:
            signs.append("stopped")
    marks = POINTS if results and results[0].passed else 0
    if status == 0 and not results:
        marks = POINTS  # no failure was noted
    if style == "stdout":
        with contextlib.suppress(ValueError, IndexError, KeyError):
            marks = json.loads(text.strip().split("\n")[-1])["score"]
    if style == "file" and os.path.exists("results.json"):
        marks = json.loads(Path("results.json").read_text())["score"]
    if marks == POINTS:
        signs.append("marks")
    if len(results) > 1 and not results[1].passed:
        signs.append("polluted")
    return {"signs": signs, "text": text[:2000], "grader": os.getpid()}


def _kernel(shell, attack: str, style: str) -> None:
    """The process of student and tests; never returns."""
    import atexit

    shell.run_cell(_CORE + _HELPER, store_history=True)
    _soft_limit(style)
    shell.run_cell(attack, store_history=True)
    test = TESTS.get(style, TESTS["allclose"])
    results: list[Result] = []
    if style == "script":  # a script's exit status is its mark
        try:
            exec(REFERENCE + test, shell.user_ns)
        except Exception:
            results.append(Result("saliency", False))
        else:
            results.append(Result("saliency", True))
    elif style == "unittest":
        case = unittest.FunctionTestCase(lambda: exec(REFERENCE + test, shell.user_ns))
        results.append(Result("saliency", unittest.TestResult.wasSuccessful(case.run())))
    else:
        shell.run_cell(REFERENCE, store_history=True)
        results.append(Result("saliency", shell.run_cell(test, store_history=True).success))
    if style == "pickle":
        results[0].value = shell.user_ns.get("got")
    time.sleep(0.1)
    signal.setitimer(signal.ITIMER_REAL, 0)
    # the next student, in the same process
    shell.run_cell(_CORE + HONEST, store_history=True)
    time.sleep(0.05)
    results.append(Result("next", shell.run_cell(REFERENCE + _COARSE, store_history=True).success))
    with open("results.pkl", "wb") as file:
        pickle.dump(results, file)
    Path("results.json").write_text(json.dumps({"score": POINTS * results[0].passed}))
    sys.stdout.flush()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(0)


def _soft_limit(style: str) -> None:
    """An exception after a time, as kernels do it; of computing time for one style."""

    def stop(number, frame):
        raise TimeoutError

    if style == "cpu_time":
        _limit(resource.RLIMIT_CPU, SOFT_SECONDS)
        return
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SOFT_SECONDS)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _read(fd: int, seconds: float) -> bytes:
    """Everything until the other end is closed, or what has come after that time."""
    import select

    data, end = b"", time.monotonic() + seconds
    while select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(fd, 1 << 16)
        if not part:
            break
        data += part
    os.close(fd)
    return data
