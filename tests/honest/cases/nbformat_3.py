"""An old program saved the notebook in format 3."""


def case(book):
    cells = []
    for cell in book.cells:
        text = "".join(cell["source"])
        old = {"cell_type": cell["cell_type"], "metadata": {}}
        cells.append(
            old
            | (
                {"input": text, "language": "python", "outputs": [], "collapsed": False}
                if cell["cell_type"] == "code"
                else {"source": text}
            )
        )
    book.tree = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
