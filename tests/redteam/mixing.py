"""A generator of attacks: it takes those of the suite apart, puts them together anew, and hides them."""

from __future__ import annotations

import ast
import base64

from hypothesis import strategies as st

from tests.redteam.case import Attack, attacks

SLOW = {
    "daemon_left",
    "disk_filled",
    "classmates_read",
    "dripped",
    "files_by_thousands",
    "fork_bomb",
    "memory_at_once",
    "memory_by_many",
    "memory_in_pieces",
    "memory_shared",
    "output_flooded",
    "progress_without_end",
    "sleeps",
    "stalled",
    "stuck_in_c",
    "stuck_while_loading",
    "time_out_swallowed",
    "values_by_the_million",
    "answer_too_large",
}
"""What is left out of mixtures: each takes seconds, and is ended by the same limits however it is written."""

_LAST = (
    "torch.zeros_like(x)",
    "x * 0 + float('nan')",
    "None",
    "saliency_0",
    "[x, x]",
    "x.abs() * 1e300",
    "(yield)",
)


def parts() -> list[Attack]:
    """The attacks that mixtures are made of."""
    return [attack for attack in attacks() if attack.kind in ("code", "wire") and attack.name not in SLOW]


def renamed(attack: Attack, number: int) -> str:
    """The attack's code with its ``saliency`` called ``saliency_<number>``."""
    tree = ast.parse(attack.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "saliency":
            node.name = f"saliency_{number}"
        elif isinstance(node, ast.Name) and node.id == "saliency":
            node.id = f"saliency_{number}"
    return ast.unparse(ast.fix_missing_locations(tree))


@st.composite
def mixtures(draw: st.DrawFn) -> str:
    """Code of a cell: one to three attacks in any order, called one after the other, and hidden in some way."""
    chosen = draw(st.lists(st.sampled_from(parts()), min_size=1, max_size=3, unique_by=lambda one: one.name))
    code = "import torch\n" + "\n".join(
        hidden(renamed(one, n), draw(st.integers(0, 4))) for n, one in enumerate(chosen)
    )
    order = draw(st.permutations(range(len(chosen))))
    calls = "".join(
        f"    try:\n        last = saliency_{n}(model, x, target)\n    except {draw(st.sampled_from(['Exception', 'BaseException']))}:\n"
        f"        last = {draw(st.sampled_from(_LAST))}\n"
        for n in order
    )
    keeps = draw(st.booleans())
    body = f"    last = None\n{calls}    return {'last' if keeps else 'torch.zeros_like(x)'}\n"
    if draw(st.booleans()):
        return (
            f"{code}\nclass Answerer:\n    def __call__(self, model, x, target):\n"
            + "".join(f"    {line}\n" for line in body.rstrip().split("\n"))
            + "saliency = Answerer()\n"
        )
    return f"{code}\ndef saliency(model, x, target):\n{body}"


def hidden(code: str, way: int) -> str:
    """The same code, written so that reading it tells less."""
    if way == 1:
        return f"exec(__import__('base64').b64decode({base64.b64encode(code.encode())!r}).decode())"
    if way == 2:
        return f"exec(compile({code!r}, 'reference.py', 'exec'), globals())"
    if way == 3:
        return "if True:\n" + "\n".join(f"    {line}" for line in code.split("\n"))
    if way == 4:
        return f"globals().update({{k: v for k, v in [(0, 0)] if k}}) or exec({code!r}, globals())"
    return code
