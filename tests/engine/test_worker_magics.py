import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.worker.inside.magics import clean
from autograder.worker.inside.stubs import Stubs

CELLS = {
    "line magic": "%matplotlib inline\nx = 1",
    "shell": "!pip install captum\nx = 1",
    "double shell": "!!ls\nx = 1",
    "shell continued": "!pip install \\\n  captum \\\n  shap\nx = 1",
    "assigned shell": "files = !ls\nx = 1",
    "assigned magic": "where = %pwd\nx = 1",
    "two names": "a, b = !ls\nx = 1",
    "help after": "torch.nn?\nx = 1",
    "help twice": "torch.nn??\nx = 1",
    "help before": "?torch\nx = 1",
    "indented": "if True:\n    %precision 3\nx = 1",
    "alone in a block": "def f():\n    !ls\nx = 1",
    "inside a string": 'text = """\n%d items\n!important\nwhat?\n"""\n!ls\nx = 1',
    "inside brackets": "value = (7\n% 4\n)\n%time\nx = 1",
    "after a backslash": "value = 7 \\\n% 4\n%time\nx = 1",
    "quotes in a comment": "# don't\n!ls\nx = 1",
    "quotes in strings": 'a = "it\'s"; b = \'say "no"\'\n!ls\nx = 1',
    "escaped quote": "a = 'it\\'s'\n!ls\nx = 1",
    "hash in a string": "a = '# not a comment'\n!ls\nx = 1",
    "raw string": "a = r'\\d'\n!ls\nx = 1",
    "unicode": "größe = 'ü'\n!ls\nx = 1",
}


def without_shell_calls(tree):
    class Drop(ast.NodeTransformer):
        def visit_Expr(self, node):
            return ast.Pass() if "get_ipython" in ast.unparse(node) else node

        def visit_Assign(self, node):
            if "get_ipython" in ast.unparse(node.value):
                node.value = ast.Constant(None)
            return node

    return ast.dump(Drop().visit(tree))


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS.keys())
def test_leaves_what_the_notebook_would_run(source):
    cleaned, notes = clean(source)
    theirs = ast.parse(TransformerManager().transform_cell(source))
    assert ast.dump(ast.parse(cleaned)) == without_shell_calls(theirs)
    assert notes


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS.keys())
def test_lines_keep_their_numbers(source):
    cleaned, _ = clean(source)
    assert cleaned.split("\n").index("x = 1") == source.split("\n").index("x = 1")


@pytest.mark.parametrize("source", ["x = 7 % 4", "text = '''\n%time\n!ls\n'''", "", "# just words?"])
def test_python_stays_as_it_is(source):
    assert clean(source) == (source, [])


@pytest.mark.parametrize(
    "first", ["%%time", "%%capture out", "%%timeit -n 1", "\n%%time", "%%time\n%%capture"]
)
def test_cell_magics_that_keep_their_body(first):
    cleaned, notes = clean(first + "\nx = 1\n%pwd")
    assert ast.dump(ast.parse(cleaned)) == ast.dump(ast.parse("x = 1\npass"))
    assert notes


@pytest.mark.parametrize("first", ["%%bash", "%%html", "%%writefile a.py", "%%javascript"])
def test_cells_in_other_languages_are_left_out(first):
    cleaned, notes = clean(first + "\nx = 1")
    assert ast.parse(cleaned).body == []
    assert notes == [f"a cell that begins with {first.split()[0]} is not Python and was left out"]


def test_a_timed_statement_still_runs():
    assert ast.dump(ast.parse(clean("%time x = 1")[0])) == ast.dump(ast.parse("x = 1"))


def test_broken_python_stays_broken():
    with pytest.raises(SyntaxError):
        ast.parse(clean("def f(:\n    pass")[0])


# ------------------------------------------------------------------------------------- stubs
GIVEN = (
    'def f(x, y=1):\n    """What it does."""\n    size = len(x)\n    raise NotImplementedError("write f")\n'
)


def is_stub(source):
    return "f" in Stubs({"f": GIVEN}).untouched(ast.parse(source).body[0])


@pytest.mark.parametrize(
    "source",
    [
        GIVEN,
        "def f(x, y=1):\n    # a thought\n    size = len(x)\n\n    raise NotImplementedError('write f')",
        "def f(x):\n    raise NotImplementedError",
        "def f(x):\n    'doc'\n    pass",
        "def f(x):\n    'doc'",
        "def f(x): ...",
        "@decorated\ndef f(x): ...",
        "if True:\n    def f(x): ...",
    ],
)
def test_untouched(source):
    assert is_stub(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x",
        "def f(x):\n    return None",
        GIVEN.replace("raise", "print(size)\n    raise"),
        "f = lambda x: x",
        "def g(x): ...",
        "def f(x):\n    raise ValueError",
    ],
)
def test_touched(source):
    assert not is_stub(source)
